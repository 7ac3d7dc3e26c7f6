"""The offer on the client's own page: read, accepted with a tick, sealed; nothing of it needs JavaScript."""

import pytest
from django.test import Client
from django.utils import timezone

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.contact import services as contact
from aldia.domain.negotiation import Band, Level, NegotiationPolicy
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as reads
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Acceptance, Agreement
from tests.rooms.contact.conftest import TUESDAY, Post, make_post

pytestmark = pytest.mark.usefixtures("dist")
RULES = NegotiationPolicy(bands=(Band(0, "*", 20, 10),), levels=(Level("MANAGER", 100, 6),))


@pytest.fixture
def post(db: None) -> Post:
    made = make_post()
    access_services.move_clock(actor=made.actor, to=TUESDAY, now=timezone.now())
    made.organisation.refresh_from_db()
    clock = access.clock_of(made.organisation, timezone.now())
    draft = outcomes.NegotiationDraft("", "De la casa", RULES)
    outcomes.save_negotiation_policy(actor=made.actor, draft=draft, clock=clock)
    lines = ledger.documents(made.actor, case_id=made.case_id, as_of=clock.as_of, is_open=True)
    asked = outcomes.AgreementDraft(lines[0].currency, 3, clock.as_of)
    outcomes.propose_agreement(actor=made.actor, case_id=made.case_id, draft=asked, clock=clock)
    return made


@pytest.fixture
def token(post: Post) -> str:
    made, _link = contact.make_link(
        organisation_id=post.organisation.pk, case_id=post.case_id, party_id=post.party_id, origin="test:1", now=timezone.now()
    )  # fmt: skip
    return made


@pytest.mark.enforces("MX-REQ-03")
def test_it_is_read_and_accepted_once_with_a_seal_and_a_paper(client: Client, post: Post, token: str) -> None:
    address = f"/p/{token}/acuerdo/"
    assert client.get(address).status_code == 302  # verified first
    assert client.post(address, {"read": "1"}).status_code == 302
    assert not Acceptance.objects.of(post.organisation).exists()
    client.post(f"/p/{token}/verificar/", {"digits": "5678"})
    assert "Tenemos una propuesta para ti" in client.get(f"/p/{token}/cuenta/").content.decode()
    page = client.get(address)
    assert "<script" not in page.content.decode()
    version = page.context["version"]
    assert "Marca que lo leíste" in client.post(address, {"version": version}).content.decode()
    assert "El texto cambió" in client.post(address, {"version": "otra", "read": "1"}).content.decode()
    assert not Acceptance.objects.of(post.organisation).exists()
    for _twice in range(2):
        assert client.post(address, {"version": version, "read": "1"}).status_code in (200, 302)
    seal = Acceptance.objects.of(post.organisation).get()
    row = Agreement.objects.of(post.organisation).get()
    assert (row.state, seal.how, seal.link_id is not None, len(seal.address_hash)) == (
        "active",
        "portal",
        True,
        64,
    )
    assert outcomes.is_genuine(seal, row.text)
    assert "127.0.0.1" not in seal.address_hash
    assert len(reads.promises_of_case(post.actor, post.case_id)) == 3
    assert client.get(f"/p/{token}/acuerdo.pdf").content.startswith(b"%PDF")


def test_an_offer_whose_time_is_over_is_not_shown(client: Client, post: Post, token: str) -> None:
    Agreement.objects.of(post.organisation).update(valid_until_on=TUESDAY.replace(year=TUESDAY.year - 1))
    client.post(f"/p/{token}/verificar/", {"digits": "5678"})
    assert client.get(f"/p/{token}/acuerdo/").url.endswith("/cuenta/")  # type: ignore[attr-defined]
