"""The night asks for the consent that the gate will ask for: what it orders is not stopped later for want of it."""

from datetime import timedelta

import pytest

from aldia.contact import law
from aldia.ledger import selectors as ledger
from aldia.parties import services as parties
from tests.rooms.strategy.conftest import BEGIN, NOW, instant, make_world

WISHED = ("email", "whatsapp", "sms")  # of every notice of the shipped strategy on its third day


@pytest.mark.covers("S3-1b", "S3-55")
@pytest.mark.parametrize("granted", ["", "email", "sms", "all"])
@pytest.mark.parametrize("country", ["AR", "CO", "US"])
def test_the_night_and_the_gate_ask_for_the_same_consent(db: None, country: str, granted: str) -> None:
    world = make_world("uno", country=country)
    case_id = world.client("ana", phone_e164="+5491140000000", phone_is_mobile=True)
    _portfolio, creditor_id, party_id = ledger.account_of(world.actor, case_id)
    if granted:
        parties.record_consent(
            actor=world.actor, party_id=party_id, creditor_id=creditor_id, channel=granted, is_granted=True,
            evidence="contrato", now=NOW,
        )  # fmt: skip
    world.owes("ana", 50_000, due=BEGIN - timedelta(days=3))
    world.opens()
    about = law.matter(world.organisation.pk, case_id, on=BEGIN)
    may = [channel for channel in WISHED if not _lacks_consent(about, channel)]
    world.runs()
    decision = next(one for one in world.decisions if one.action == "notice")
    assert decision.channel == (may[0] if may else "")
    assert (decision.reason == "no_consent") == (not may)
    assert [order.channel for order in world.orders] == may[:1]


def _lacks_consent(about: law.Matter, channel: str) -> bool:
    verdict = law.ask(about, channel=channel, at=instant(BEGIN), is_automated=True)
    return any(reason.code == "no_consent" for reason in verdict.reasons)
