"""Segments: who is in them now, who was on a past day, what they share, and a rule tried while it is written."""

from datetime import date, timedelta

import pytest

from aldia.access.actors import member
from aldia.access.permissions import NotAllowed
from aldia.cases import selectors as cases
from aldia.strategy import selectors, services
from aldia.strategy.models import SegmentMember
from tests.beginnings import beginning
from tests.rooms.strategy.conftest import BEGIN, NOW, World, one_world

pytestmark = pytest.mark.django_db
LATER = BEGIN + timedelta(days=5)


def save(world: World, key: str, rule: str, on: date = BEGIN) -> None:
    services.save_segment(actor=world.actor, key=key, name=key.title(), rule=rule, clock=world.clock(on))


def inside(world: World, key: str, on: date | None = None) -> set[str]:
    ids = {row["case_id"] for row in selectors.segment_cases(world.actor, key, on=on)}
    return {who for who, case_id in world.clients.items() if case_id in ids}


def three_who_owe() -> World:
    """Two with large debts, one late and one not, and one with a small and old one."""
    world = one_world()
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    world.owes("luis", 800_000, due=BEGIN + timedelta(days=3))
    world.owes("rosa", 1_000, due=BEGIN - timedelta(days=40))
    world.opens()
    return world


owing = beginning(three_who_owe)


@pytest.mark.covers("S3-31", "S4-31a")
def test_a_segment_tells_who_was_in_it_on_a_past_day(owing: World) -> None:
    save(owing, "grandes", "overdue >= 5000")
    assert inside(owing, "grandes") == {"ana"}
    owing.pays("ana", 900_000, on=LATER)
    owing.lives(LATER)
    assert inside(owing, "grandes") == {"luis"}
    assert inside(owing, "grandes", BEGIN) == {"ana"}
    assert inside(owing, "grandes", BEGIN - timedelta(days=1)) == set()
    count, rows = selectors.segment_members(owing.actor, "grandes", on=BEGIN, as_of=LATER)
    assert (count, [row.name for row in rows]) == (1, ["Ana"])
    page = selectors.segment_page(owing.actor, "grandes", as_of=LATER, language="es")
    assert page.sizes == ((BEGIN, 1), (LATER, 1))
    assert page.since == BEGIN


def test_keeping_segments_twice_on_a_day_changes_nothing_and_a_corrected_rule_counts_from_its_day(
    owing: World,
) -> None:
    save(owing, "viejos", "dpd > 1")
    before = list(
        SegmentMember.objects.of(owing.organisation).values_list("case_id", "entered_on", "left_on")
    )
    assert services.keep_segments(actor=owing.actor, as_of=BEGIN) == 1
    assert (
        list(SegmentMember.objects.of(owing.organisation).values_list("case_id", "entered_on", "left_on"))
        == before
    )
    save(owing, "viejos", "dpd > 30")
    assert inside(owing, "viejos", BEGIN) == inside(owing, "viejos") == {"rosa"}


def test_segments_tell_what_they_share(owing: World) -> None:
    save(owing, "mora", "dpd > 0")
    save(owing, "grandes", "total >= 5000")
    save(owing, "lejos", "region = 'zz'")
    page = selectors.segment_page(owing.actor, "mora", as_of=BEGIN, language="es")
    assert page.segment.count == 2
    assert [(other.key, other.shared, other.count) for other in page.overlaps] == [("grandes", 1, 2)]


@pytest.mark.covers("S2-21", "S4-45a")
def test_the_list_of_clients_is_narrowed_to_a_segment(owing: World) -> None:
    save(owing, "grandes", "total >= 5000")
    among = selectors.segment_cases(owing.actor, "grandes")
    page = cases.case_list(owing.actor, cases.CaseQuery(as_of=BEGIN, filter=cases.CaseFilter(among=among)))
    assert {row.name for row in page.rows} == {"Ana", "Luis"}
    assert page.count == 2
    with pytest.raises(cases.BadFilter):
        cases.CaseFilter.from_data({"among": "1"})


def test_a_rule_is_tried_while_it_is_written(owing: World) -> None:
    told = selectors.try_rule(owing.actor, "total >= 5000", of="segment", as_of=BEGIN, language="es")
    assert (told.count, told.total, {row.name for row in told.sample}) == (2, 3, {"Ana", "Luis"})
    assert told.explained == "saldo total es 5.000 o más"
    refused = selectors.try_rule(owing.actor, "total >= 'mil'", of="segment", as_of=BEGIN, language="es")
    assert refused.refusal == "Columna 10: «saldo total» es dinero y se compara con un texto. Escribe 1000."
    warned = selectors.try_rule(owing.actor, "region <> 'x'", of="case", as_of=BEGIN, language="es")
    assert "puede estar vacío" in warned.warnings[0]


def test_a_strategy_names_a_segment_and_keeps_its_rule_as_it_was_published(owing: World) -> None:
    save(owing, "grandes", "total >= 5000")
    row = next(card for card in selectors.strategies(owing.actor) if card.key == "b2b_invoices")
    draft = selectors.strategy(owing.actor, row.key, as_of=BEGIN, language="es").draft
    first, *rest = draft["always"]
    document = {**draft, "always": [{**first, "condition": "segment('grandes')"}, *rest]}
    version = services.publish(
        actor=owing.actor, strategy_id=row.id, document=document, note="", clock=owing.clock(BEGIN)
    )
    assert version.document["segments"] == {"grandes": "total >= 5000"}
    save(owing, "grandes", "total >= 9")
    view = selectors.strategy(owing.actor, row.key, as_of=BEGIN, language="es")
    assert "está en el segmento «grandes»" in view.stages[0].steps[0].explained
    assert view.versions[0].document["segments"] == {"grandes": "total >= 5000"}


def test_a_supervisor_sees_segments_and_does_not_save_them(owing: World) -> None:
    save(owing, "mora", "dpd > 0")
    supervisor = member(owing.organisation.pk, user_id=1, role="SUPERVISOR")
    assert [row.key for row in selectors.segments(supervisor, as_of=BEGIN, language="es")] == ["mora"]
    with pytest.raises(NotAllowed):
        services.save_segment(actor=supervisor, key="x", name="X", rule="TRUE", clock=owing.clock(BEGIN))
    services.delete_segment(actor=owing.actor, key="mora", now=NOW)
    assert not SegmentMember.objects.of(owing.organisation).exists()
    with pytest.raises(services.UnknownSegment):
        services.delete_segment(actor=owing.actor, key="mora", now=NOW)
