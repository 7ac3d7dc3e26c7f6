"""Who works what: queue, reservations, holders, absences, gestures over many."""

from datetime import timedelta

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aldia.access import services as access
from aldia.access.models import Membership
from aldia.access.permissions import NotAllowed
from aldia.cases import selectors, services
from aldia.cases.models import BulkAction, Case, Hold, StageChange
from aldia.cases.rules import QUEUE_SETTING
from aldia.cases.selectors import CaseFilter, CaseQuery
from aldia.domain.periods import EmptyPeriod
from aldia.ledger import services as ledger
from tests.beginnings import beginning
from tests.rooms.cases.conftest import NOW, TODAY, Room, make_room


def eight_clients() -> Room:
    """Eight clients, each owing more than the one before."""
    room = make_room("uno")
    for number in range(8):
        room.owes(f"c{number}", (number + 1) * 500_00, days_late=20)
    room.refresh()
    return room


eight = beginning(eight_clients)


def _give(room: Room, who: str, user_id: int | None) -> None:
    services.assign(
        actor=room.boss, case_ids=[room.clients[who]], user_id=user_id, team_id=None, as_of=TODAY, now=NOW
    )


@pytest.mark.covers("S3-88")
def test_the_queue_is_by_points_with_reasons_and_leaves_out_what_waits(eight: Room) -> None:
    services.set_next_step(
        actor=eight.ana, case_id=eight.clients["c7"], text="Llamar", on=TODAY + timedelta(days=2), now=NOW
    )
    hold = services.HoldDraft("manual", TODAY, TODAY + timedelta(days=1))
    services.place_hold(actor=eight.system, case_id=eight.clients["c6"], hold=hold, now=NOW)
    _give(eight, "c5", eight.luis.user_id)
    rows = selectors.queue(eight.ana, eight.clock())
    assert [row.case_id for row in rows] == [eight.clients[f"c{n}"] for n in (4, 3, 2, 1, 0)]
    assert rows[0].reasons and rows[0].reasons[0].points > 0
    assert selectors.next_case(eight.ana, eight.clock(), after=eight.clients["c4"]) == eight.clients["c3"]


def test_a_taken_case_is_nobody_elses_next_until_it_expires(eight: Room) -> None:
    first = services.take_next(actor=eight.ana, clock=eight.clock())
    assert first == eight.clients["c7"]
    assert services.take_next(actor=eight.luis, clock=eight.clock()) == eight.clients["c6"]
    with pytest.raises(services.AlreadyReserved) as refusal:
        services.reserve(actor=eight.luis, case_id=first, now=NOW)
    assert refusal.value.by == eight.ana.user_id
    later = NOW + timedelta(minutes=16)
    assert services.reserve(actor=eight.luis, case_id=first, now=later).reserved_by_id == eight.luis.user_id
    assert services.release_reservation(actor=eight.luis, case_id=first) is True


@pytest.mark.covers("S2-15", "S3-22")
def test_the_rule_gives_everybody_a_share_and_is_stable(eight: Room) -> None:
    for number in range(8, 40):
        eight.owes(f"c{number}", 500_00, days_late=20)
    eight.refresh()
    assert services.assign_by_rule(actor=eight.system, as_of=TODAY, now=NOW) == 40
    holders = dict(Case.objects.of(eight.organisation).values_list("pk", "holder_id"))
    assert set(holders.values()) == {eight.ana.user_id, eight.luis.user_id}
    assert services.assign_by_rule(actor=eight.system, as_of=TODAY, now=NOW) == 0
    assert selectors.totals_drift(eight.organisation.pk) == []


@pytest.mark.parametrize("role", ["SUPERVISOR", "ADMINISTRATOR"])
def test_whoever_works_alone_in_the_house_is_given_its_cases(eight: Room, role: str) -> None:
    members = Membership.objects.of(eight.organisation)
    members.exclude(user_id=eight.boss.user_id).update(is_active=False)
    members.filter(user_id=eight.boss.user_id).update(role=role, team_id=None)
    assert services.assign_by_rule(actor=eight.system, as_of=TODAY, now=NOW) == 8
    assert set(Case.objects.of(eight.organisation).values_list("holder_id", flat=True)) == {
        eight.boss.user_id
    }


@pytest.mark.covers("S2-15", "S3-22")
def test_an_absent_holder_is_covered_by_the_stand_in_or_the_rule(eight: Room) -> None:
    services.assign_by_rule(actor=eight.system, as_of=TODAY, now=NOW)
    _give(
        eight, "c0", eight.ana.user_id
    )  # eight cases may all fall to one of two: their shares follow the ids
    ana = Membership.objects.of(eight.organisation).get(user_id=eight.ana.user_id)
    luis = Membership.objects.of(eight.organisation).get(user_id=eight.luis.user_id)
    held = Case.objects.of(eight.organisation).filter(holder_id=eight.ana.user_id).count()
    assert held
    away = {"from_on": TODAY, "until_on": TODAY + timedelta(days=5), "now": NOW}
    access.set_absence(actor=eight.boss, membership_id=ana.pk, stand_in_id=luis.pk, **away)
    assert services.assign_by_rule(actor=eight.system, as_of=TODAY, now=NOW) == 0
    assert len(selectors.queue(eight.luis, eight.clock())) == 8
    assert len(selectors.queue(eight.luis, eight.clock(TODAY + timedelta(days=5)))) == 8 - held
    access.set_absence(actor=eight.boss, membership_id=ana.pk, stand_in_id=None, **away)
    assert services.assign_by_rule(actor=eight.system, as_of=TODAY, now=NOW) == held


@pytest.mark.covers("S3-22")
def test_a_hand_over_moves_every_open_case_and_tells_it(eight: Room) -> None:
    _give(eight, "c1", eight.ana.user_id)
    moved = services.hand_over(
        actor=eight.boss, from_user_id=eight.ana.user_id, to_user_id=eight.luis.user_id, as_of=TODAY, now=NOW
    )
    assert moved == 1
    last = selectors.history(eight.boss, eight.clients["c1"])[0]
    assert (last.before, last.after) == (f"user:{eight.ana.user_id}", f"user:{eight.luis.user_id}")


def test_nobody_gives_a_case_to_nobody_or_to_a_stranger(eight: Room) -> None:
    with pytest.raises(services.NotAHolder):
        services.assign(actor=eight.boss, case_ids=[1], user_id=None, team_id=None, as_of=TODAY, now=NOW)
    with pytest.raises(services.NotAHolder):
        services.assign(actor=eight.boss, case_ids=[1], user_id=987654, team_id=None, as_of=TODAY, now=NOW)
    with pytest.raises(NotAllowed):
        services.assign(
            actor=eight.ana, case_ids=[1], user_id=eight.ana.user_id, team_id=None, as_of=TODAY, now=NOW
        )


@pytest.mark.parametrize(
    ("kind", "params"),
    [("assign", {}), ("stage", {"stage": "late"}), ("hold", {"ends_on": "2026-12-01"}), ("send", {})],
)
def test_a_gesture_does_what_its_preview_said_and_is_undone(
    eight: Room, kind: str, params: dict[str, object]
) -> None:
    if kind == "assign":
        params = {"user_id": eight.luis.user_id}
    query = CaseQuery(TODAY, CaseFilter(min_overdue_minor=2_000_00))
    preview = selectors.bulk_preview(eight.boss, query)
    assert (preview.cases, preview.overdue_minor) == (5, {"USD": 15_000_00})
    before = _state(eight)
    action = services.bulk(
        actor=eight.boss, kind=kind, params=params, selection=query, token=preview.token, as_of=TODAY, now=NOW
    )
    assert action.cases == 5
    assert (_state(eight) == before) is (kind == "send")
    assert services.undo_bulk(actor=eight.boss, bulk_id=action.pk, as_of=TODAY, now=NOW) == 5
    assert _state(eight) == before
    assert selectors.totals_drift(eight.organisation.pk) == []
    with pytest.raises(services.BulkUndone):
        services.undo_bulk(actor=eight.boss, bulk_id=action.pk, as_of=TODAY, now=NOW)


def _state(room: Room) -> tuple[list[object], int]:
    rows = (
        Case.objects.of(room.organisation).order_by("pk").values_list("pk", "stage", "holder_id", "team_id")
    )
    return list(rows), Hold.objects.of(room.organisation).filter(released_at__isnull=True).count()


def test_a_gesture_over_a_selection_that_changed_is_refused(eight: Room) -> None:
    preview = selectors.bulk_preview(eight.boss, CaseQuery(TODAY))
    eight.owes("nuevo", 10_00, days_late=3)
    eight.refresh()
    with pytest.raises(services.BulkRefused, match="9"):
        services.bulk(
            actor=eight.boss, kind="stage", params={"stage": "late"}, selection=CaseQuery(TODAY), token=preview.token,
            as_of=TODAY, now=NOW,
        )  # fmt: skip
    assert not BulkAction.objects.of(eight.organisation).exists()


def test_an_undo_leaves_alone_what_somebody_changed_since(eight: Room) -> None:
    ids = [eight.clients["c0"], eight.clients["c1"]]
    token = selectors.bulk_preview(eight.boss, ids).token
    action = services.bulk(
        actor=eight.boss,
        kind="stage",
        params={"stage": "late"},
        selection=ids,
        token=token,
        as_of=TODAY,
        now=NOW,
    )
    services.change_stage(actor=eight.boss, case_id=ids[0], stage="legal", as_of=TODAY, now=NOW)
    assert services.undo_bulk(actor=eight.boss, bulk_id=action.pk, as_of=TODAY, now=NOW) == 1
    assert eight.case("c0").stage == "legal"


def test_a_stage_change_is_kept_once(eight: Room) -> None:
    key = eight.clients["c0"]
    assert (
        services.change_stage(
            actor=eight.ana, case_id=key, stage="early", as_of=TODAY, now=NOW, reason="regla"
        )
        is True
    )
    assert services.change_stage(actor=eight.ana, case_id=key, stage="early", as_of=TODAY, now=NOW) is False
    assert StageChange.objects.of(eight.organisation).filter(case_id=key, field="stage").count() == 1
    with pytest.raises(services.UnknownCase):
        services.change_stage(actor=eight.ana, case_id=999_999, stage="early", as_of=TODAY, now=NOW)


def test_a_pause_that_ends_before_it_starts_is_refused_twice(eight: Room) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(EmptyPeriod):
        services.HoldDraft("manual", TODAY, TODAY)
    with pytest.raises(IntegrityError, match="hold_ends_after_start"), transaction.atomic():
        Hold.objects.create(
            organisation=eight.organisation, case=eight.case("c0"), kind="manual", starts_on=TODAY,
            ends_on=TODAY - timedelta(days=1), placed_by="x", placed_at=NOW,
        )  # fmt: skip


def test_holds_of_a_source_are_released_together(eight: Room) -> None:
    draft = services.HoldDraft("promise", TODAY, TODAY + timedelta(days=4), source="promise:7")
    services.place_holds(
        actor=eight.system, holds={eight.clients["c0"]: draft, eight.clients["c1"]: draft}, now=NOW
    )
    assert services.release_holds_of(actor=eight.system, source="promise:7", now=NOW) == 2
    assert services.release_holds_of(actor=eight.system, source="promise:7", now=NOW) == 0


def test_commitments_and_work_move_the_points(eight: Room) -> None:
    key = eight.clients["c0"]
    before = eight.case("c0").priority
    services.set_commitments(
        actor=eight.system, case_id=key, as_of=TODAY, promise_state="broken", promise_due_on=TODAY
    )
    assert eight.case("c0").priority == before + 20
    services.record_work(
        actor=eight.ana, case_id=key, as_of=TODAY, at=NOW, is_contact=True, outcome="no_answer"
    )
    case = eight.case("c0")
    assert (case.priority, case.last_outcome, case.last_contact_at) == (before, "no_answer", NOW)
    assert eight.refresh().changed == 0


def test_a_persons_plan_survives_the_night(eight: Room) -> None:
    on = TODAY + timedelta(days=3)
    services.set_next_step(
        actor=eight.ana, case_id=eight.clients["c0"], text="Llamar a Nélida", on=on, at=NOW, now=NOW
    )
    eight.refresh(TODAY + timedelta(days=1))
    case = eight.case("c0")
    assert (case.next_step, case.next_on, case.next_at) == ("Llamar a Nélida", on, NOW)


def test_the_card_tells_the_case(eight: Room) -> None:
    services.add_note(actor=eight.ana, case_id=eight.clients["c0"], body="Pagan los jueves", now=NOW)
    card = selectors.case(eight.ana, eight.clients["c0"], as_of=TODAY)
    assert (card.name, card.dpd, card.bucket, card.overdue_minor) == ("C0", 20, "1-30", 500_00)
    assert card.balances[0].ageing["1-30"].open_minor == 500_00
    assert card.priority.score == eight.case("c0").priority
    assert selectors.notes(eight.ana, eight.clients["c0"])[0].body == "Pagan los jueves"
    with pytest.raises(services.EmptyNote):
        services.add_note(actor=eight.ana, case_id=eight.clients["c0"], body="  ", now=NOW)
    with pytest.raises(services.EmptyStep):
        services.set_next_step(actor=eight.ana, case_id=eight.clients["c0"], text=" ", on=TODAY, now=NOW)


def test_the_database_keeps_a_closed_case_dated_and_a_balance_single(eight: Room) -> None:
    from django.db import IntegrityError, transaction

    from aldia.cases.models import CaseBalance

    case = eight.case("c0")
    with pytest.raises(IntegrityError, match="closed_case_has_a_date"), transaction.atomic():
        Case.objects.of(eight.organisation).filter(pk=case.pk).update(is_open=False)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        CaseBalance.objects.create(organisation=eight.organisation, case=case, currency="USD")
    assert connection.vendor == "sqlite" or "case_balance_once" in str(refusal.value)


def _by_worth(room: Room, **worth: int) -> None:
    """The queue by what a minute brings, in units of each case's own currency."""
    access.change_settings(actor=room.system, now=NOW, settings={QUEUE_SETTING: True})
    for who, minor in worth.items():
        Case.objects.of(room.organisation).filter(pk=room.clients[who]).update(worth_minor=minor)


def test_the_queue_goes_by_what_a_minute_brings_when_so_said_and_its_pages_leave_nobody_out(
    eight: Room,
) -> None:
    _by_worth(eight, c0=900, c1=900, c2=300, c3=1_000)
    room, clock = eight, eight.clock()
    order = [room.clients[f"c{n}"] for n in (3, 0, 1, 2, 4, 5, 6, 7)]
    assert [row.case_id for row in selectors.queue(room.ana, clock)] == order
    for place, case_id in enumerate(order):
        rest = selectors.queue(room.ana, clock, after=case_id, limit=2)
        assert [row.case_id for row in rest] == order[place + 1 : place + 3]
    assert services.take_next(actor=room.ana, clock=clock) == order[0]


def test_minutes_in_other_money_are_compared_at_the_rate_of_the_day_or_wait_last(eight: Room) -> None:
    creditor = ledger.ensure_creditor(actor=eight.system, key="propia", name="Propia", now=NOW)
    for key, money in (("soles", "PEN"), ("yenes", "JPY")):
        portfolio = ledger.ensure_portfolio(
            actor=eight.system, creditor_id=creditor.pk, key=key, name=key, currency=money, now=NOW
        )
        who = [f"{key}{n}" for n in range(3)]
        eight.portfolio_id, home = portfolio.pk, eight.portfolio_id
        for name in who:
            eight.owes(name, 400_00, days_late=20, currency=money)
        eight.portfolio_id = home
    rate = pl.DataFrame([{"currency": "PEN", "quote": "USD", "on": TODAY, "rate": "0.25"}])
    ledger.record_rates(actor=eight.system, rates=rate, source="test", clock=eight.clock())
    eight.refresh()
    _by_worth(
        eight, c0=200, c1=101, c2=100, soles0=401, soles1=400, soles2=0, yenes0=1, yenes1=9_000, yenes2=9_000
    )
    by_key = {case_id: name for name, case_id in eight.clients.items()}
    order = [by_key[row.case_id] for row in selectors.queue(eight.ana, eight.clock())]
    assert [name for name in order if name not in {"c3", "c4", "c5", "c6", "c7", "soles2"}] == [
        "c0", "c1", "soles0", "c2", "soles1", "yenes1", "yenes2", "yenes0",
    ]  # fmt: skip
    for place, name in enumerate(order):
        rest = selectors.queue(eight.ana, eight.clock(), after=eight.clients[name])
        assert [by_key[row.case_id] for row in rest] == order[place + 1 :]


@pytest.mark.parametrize("by_worth", [True, False])
def test_the_queue_walks_an_index_and_sorts_nothing(eight: Room, by_worth: bool) -> None:
    if by_worth:
        _by_worth(eight, c0=5)
    with CaptureQueriesContext(connection) as asked:
        selectors.next_cases(eight.ana, eight.clock(), after=eight.clients["c0"])
    reads = [each["sql"] for each in asked.captured_queries if "LIMIT 500" in each["sql"]]
    assert len(reads) == 2
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # eight rows are read faster without any index
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        for sql, index in zip(reads, ("case_of_holder", "case_of_team"), strict=True):
            cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{sql}")
            plan = "\n".join(str(row) for row in cursor.fetchall())
            assert index + ("_by_worth" if by_worth else "") in plan
            assert "TEMP B-TREE" not in plan and "Sort" not in plan
