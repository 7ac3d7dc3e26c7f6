"""How a person may be reached: points by hand, consents by creditor, merges; one row and the frame agree."""

from datetime import date, timedelta

import polars as pl
import pytest

from aldia.access.actors import member
from aldia.access.permissions import NotAllowed
from aldia.db.partitions import cut
from aldia.ledger import services as ledger
from aldia.parties import facts, selectors, services
from aldia.parties.models import Party
from tests.rooms.parties.conftest import NOW, Source

TODAY = date(2026, 11, 21)


@pytest.fixture
def ana(erp: Source) -> Party:
    erp.tells({"customer_id": "1", "name": "Ana Sosa", "country": "AR", "kind": "PERSON"})
    return erp.party("Ana Sosa")


def _creditor(erp: Source, key: str) -> int:
    return ledger.ensure_creditor(actor=erp.actor, key=key, name=key, now=NOW).pk


def _add(erp: Source, party: Party, kind: str, value: str, **more: object) -> int:
    draft = services.PointDraft(kind, value, **more)
    return services.add_point(actor=erp.actor, party_id=party.pk, point=draft, now=NOW).pk


def _out(
    erp: Source,
    party: Party,
    channel: str,
    creditor: int | None = None,
    *,
    granted: bool = False,
    minutes: int = 0,
) -> None:
    services.record_consent(
        actor=erp.actor, party_id=party.pk, creditor_id=creditor, channel=channel, is_granted=granted, evidence="desk",
        now=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


def test_points_are_kept_in_one_form(erp: Source, ana: Party) -> None:
    _add(erp, ana, "PHONE", "11 4321-5678")
    _add(erp, ana, "EMAIL", " Ana@Correo.test ")
    values = {row.kind: row.value for row in selectors.points(erp.actor, ana.pk)}
    assert values == {"PHONE": "+541143215678", "EMAIL": "ana@correo.test"}
    assert [hit.id for hit in selectors.search(erp.actor, "43215678")] == [ana.pk]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("EMAIL", "ana@"), ("EMAIL", "a b@c.de"), ("PHONE", "12"), ("PHONE", "hola"), ("ADDRESS", "")],
)
def test_a_bad_point_is_refused_in_words(erp: Source, ana: Party, kind: str, value: str) -> None:
    with pytest.raises(services.BadPoint) as refusal:
        _add(erp, ana, kind, value)
    assert len(str(refusal.value)) > 20


def test_sms_and_whatsapp_need_a_phone_known_to_be_mobile(erp: Source, ana: Party) -> None:
    _add(erp, ana, "PHONE", "+54 11 4321-5678")
    org = erp.actor.organisation_id
    assert selectors.best_point(org, ana.pk, None, "call") is not None
    assert selectors.best_point(org, ana.pk, None, "whatsapp") is None
    _add(erp, ana, "PHONE", "+55 11 96123-4567")
    assert selectors.best_point(org, ana.pk, None, "whatsapp").value == "+5511961234567"


def test_a_point_of_one_creditor_serves_only_that_one(erp: Source, ana: Party) -> None:
    uno, dos = _creditor(erp, "uno"), _creditor(erp, "dos")
    _add(erp, ana, "EMAIL", "solo@uno.test", creditor_id=uno)
    org = erp.actor.organisation_id
    assert selectors.best_point(org, ana.pk, uno, "email") is not None
    assert selectors.best_point(org, ana.pk, dos, "email") is None


def test_a_point_can_be_changed_and_retired_but_not_doubled(erp: Source, ana: Party) -> None:
    first, second = _add(erp, ana, "EMAIL", "a@a.test"), _add(erp, ana, "EMAIL", "b@b.test")
    with pytest.raises(services.BadPoint):
        services.change_point(actor=erp.actor, point_id=second, value="a@a.test", now=NOW)
    services.change_point(actor=erp.actor, point_id=second, label="Pagos", position=0, now=NOW)
    services.retire_point(actor=erp.actor, point_id=first, now=NOW)
    assert selectors.best_point(erp.actor.organisation_id, ana.pk, None, "email").label == "Pagos"
    with pytest.raises(services.UnknownPoint):
        services.retire_point(actor=erp.actor, point_id=999_999, now=NOW)
    with pytest.raises(NotAllowed):
        services.retire_point(
            actor=member(erp.actor.organisation_id, user_id=1, role="AUDITOR"), point_id=second, now=NOW
        )


def test_the_latest_word_on_each_channel_holds(erp: Source, ana: Party) -> None:
    uno, dos = _creditor(erp, "uno"), _creditor(erp, "dos")
    org = erp.actor.organisation_id
    _out(erp, ana, "email", uno)
    assert selectors.opted_out(org, ana.pk, uno) == {"email"}
    assert selectors.opted_out(org, ana.pk, dos) == frozenset()
    _out(erp, ana, "all", minutes=1)
    assert len(selectors.opted_out(org, ana.pk, dos)) == 6
    _out(erp, ana, "email", uno, granted=True, minutes=2)
    assert "email" not in selectors.opted_out(org, ana.pk, uno)
    assert "email" in selectors.opted_out(org, ana.pk, dos)


def test_the_frame_says_what_each_row_says(erp: Source, ana: Party) -> None:
    uno, dos = _creditor(erp, "uno"), _creditor(erp, "dos")
    erp.tells({"customer_id": "2", "name": "Luis"}, {"customer_id": "3", "name": "Eva"})
    people = [ana, erp.party("Luis"), erp.party("Eva")]
    _add(erp, people[0], "PHONE", "+55 11 96123-4567")
    _add(erp, people[1], "EMAIL", "l@l.test", creditor_id=dos)
    _add(erp, people[2], "ADDRESS", "Mitre 1")
    _out(erp, people[0], "sms", uno)
    _out(erp, people[1], "all")
    services.merge(actor=erp.actor, party_id=people[2].pk, into_id=people[0].pk, now=NOW)
    pairs = pl.DataFrame(
        [(party.pk, creditor) for party in people for creditor in (uno, dos)],
        schema=["party_id", "creditor_id"],
        orient="row",
    )
    frame = facts.reach_frame(erp.actor.organisation_id, pairs=pairs, as_of=TODAY)
    assert frame.height == 6
    for row in frame.iter_rows(named=True):
        out = selectors.opted_out(erp.actor.organisation_id, row["party_id"], row["creditor_id"])
        for channel in facts.CHANNELS:
            point = selectors.best_point(
                erp.actor.organisation_id, row["party_id"], row["creditor_id"], channel
            )
            assert row[f"out_{channel}"] == (channel in out), (row, channel)
            assert row[f"can_{channel}"] == (point is not None and channel not in out), (row, channel)


def test_the_people_frame_has_one_row_a_party_in_its_partition(erp: Source, ana: Party) -> None:
    erp.tells({"customer_id": "2", "name": "Luis"})
    _add(erp, ana, "EMAIL", "a@a.test")
    _out(erp, ana, "call", _creditor(erp, "uno"))
    rows = facts.people_frame(erp.actor.organisation_id, as_of=TODAY)
    assert rows["has_email"].to_list() == [True, False]
    assert rows["opted_out"].to_list() == [["call"], []]
    parts = [
        facts.people_frame(erp.actor.organisation_id, as_of=TODAY, partition=part)
        for part in cut(rows["party_id"], 1)
    ]
    assert [part["party_id"][0] for part in parts] == rows["party_id"].to_list()


def test_a_merge_is_a_pointer_that_can_be_taken_back(erp: Source, ana: Party) -> None:
    erp.tells({"customer_id": "2", "name": "Ana M. Sosa", "email": "a@a.test"})
    other = erp.party("Ana M. Sosa")
    services.merge(actor=erp.actor, party_id=other.pk, into_id=ana.pk, now=NOW)
    assert [row.value for row in selectors.points(erp.actor, ana.pk)] == ["a@a.test"]
    with pytest.raises(services.UnableToMerge):
        services.merge(actor=erp.actor, party_id=ana.pk, into_id=other.pk, now=NOW)
    services.unmerge(actor=erp.actor, party_id=other.pk, now=NOW)
    assert selectors.points(erp.actor, ana.pk) == []
    with pytest.raises(services.NotMerged):
        services.unmerge(actor=erp.actor, party_id=other.pk, now=NOW)
