"""What strategies, indicators and the history of a case read."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from aldia.access.actors import debtor
from aldia.cases import services as cases
from aldia.cases.models import Case
from aldia.engine.frames import CASES
from aldia.outcomes import facts, selectors
from aldia.outcomes import services as outcomes
from tests.rooms.outcomes.conftest import MONDAY, Desk, clock_on

FRIDAY = date(2026, 3, 6)
TOMORROW = MONDAY + timedelta(days=1)


def fact(desk: Desk, on: date, partition: tuple[int, int] | None = None) -> dict[str, object]:
    rows = facts.outcome_facts(desk.organisation.pk, as_of=on, partition=partition)
    return rows.row(0, named=True) if rows.height else {}


def test_facts_have_the_names_and_types_of_the_vocabulary(desk: Desk) -> None:
    desk.log("no_answer")
    frame = facts.outcome_facts(desk.organisation.pk, as_of=MONDAY)
    asked = {name: dtype for name, dtype in CASES.dtypes.items() if name in facts.of_cases.FACTS}
    assert len(asked) == len(facts.of_cases.FACTS) - 1  # all but the currency of the promise
    assert {name: frame.schema[name] for name in asked} == asked


def test_a_case_without_anything_has_no_row(desk: Desk) -> None:
    assert fact(desk, MONDAY) == {}


def test_facts_tell_the_promise_as_it_stood_that_day(desk: Desk) -> None:
    desk.log("promise", amount="10", due_on=FRIDAY)
    desk.settle(clock_on(date(2026, 3, 9)))

    before, after = fact(desk, FRIDAY), fact(desk, date(2026, 3, 9))
    assert (before["promise_state"], before["promise_due_on"], before["promise_amount"]) == (
        "open",
        FRIDAY,
        10_00,
    )
    assert (after["promise_state"], after["promises_broken_12m"]) == ("broken", 1)
    assert fact(desk, date(2027, 3, 9))["promises_broken_12m"] == 0


def test_facts_of_disputes_plans_tasks_and_the_last_outcome(desk: Desk) -> None:
    desk.log("plan", amount="90", parts="3", first_on=FRIDAY)
    desk.log("dispute", reason="other")
    undone = desk.log("no_answer")
    outcomes.undo_outcome(actor=desk.ana, outcome_id=undone.pk, clock=desk.clock)

    row = fact(desk, MONDAY + timedelta(days=4))
    assert (row["plan_state"], row["dispute_open"], row["days_in_dispute"]) == ("open", True, 4)
    assert (row["last_outcome"], row["last_outcome_on"], row["tasks_open"]) == ("dispute", MONDAY, 0)


def test_partitions_share_out_the_cases(desk: Desk) -> None:
    desk.log("promise", amount="10", due_on=FRIDAY)
    party = Case.objects.of(desk.organisation).get(pk=desk.case_id).party_id
    parts = [fact(desk, MONDAY, part) for part in ((0, party - 1), (party, party), (party + 1, 2**63 - 1))]
    assert parts == [{}, fact(desk, MONDAY), {}]


def test_activity_counts_what_stands(desk: Desk) -> None:
    desk.log("no_answer")
    desk.log("no_answer")
    desk.log("note", note="nada")
    outcomes.log_outcome(
        actor=desk.ana,
        case_id=desk.case_id,
        draft=outcomes.OutcomeDraft(
            type_key="informed", channel="email", answers={}, client_id="in", is_inbound=True, seconds=60
        ),
        clock=desk.clock,
    )
    undone = desk.log("refuses")
    outcomes.undo_outcome(actor=desk.ana, outcome_id=undone.pk, clock=desk.clock)

    frame = facts.activity_frame(desk.organisation.pk, from_on=MONDAY, to_on=TOMORROW)
    assert frame.select("channel", "outcome", "attempts", "contacts", "right_party", "seconds").rows() == [
        ("call", "no_answer", 2, 0, 0, 0),
        ("email", "informed", 0, 1, 1, 60),
    ]
    assert frame["user_id"].unique().to_list() == [desk.ana.user_id]
    assert facts.activity_frame(desk.organisation.pk, from_on=TOMORROW, to_on=FRIDAY).is_empty()


def test_promises_made_or_decided_in_the_window(desk: Desk) -> None:
    desk.log("promise", amount="10", due_on=FRIDAY)
    party_id = desk.case().party_id
    outcomes.make_promise(
        actor=debtor(desk.organisation.pk, party_id=party_id), case_id=desk.case_id, amount_minor=500, currency="USD",
        due_on=FRIDAY, clock=desk.clock,
    )  # fmt: skip
    desk.pay(500, FRIDAY)
    desk.settle(clock_on(FRIDAY))

    made = facts.promise_frame(desk.organisation.pk, from_on=MONDAY, to_on=TOMORROW)
    decided = facts.promise_frame(desk.organisation.pk, from_on=FRIDAY, to_on=FRIDAY + timedelta(days=1))
    assert made.select("user_id", "state", "amount_minor").rows() == [
        (desk.ana.user_id, "cancelled", 1000),
        (None, "kept", 500),
    ]
    assert decided.select("state", "kept_minor", "decided_on", "portfolio_id").rows() == [
        ("kept", 500, FRIDAY, desk.portfolio.pk)
    ]


@pytest.mark.covers("S1-11b")
def test_the_dates_that_clients_give_feed_the_forecast(desk: Desk) -> None:
    desk.log("informed", expected_on="2026-03-10")
    desk.log("refuses", expected_on="2026-03-12")
    desk.log("promise", amount="10", due_on=FRIDAY)

    frame = facts.expected_frame(desk.organisation.pk, from_on=MONDAY, to_on=date(2026, 4, 1))

    assert frame.select("on", "source", "amount_minor").rows() == [
        (FRIDAY, "promise", 1000),
        (date(2026, 3, 12), "estimate", None),
    ]


def history(desk: Desk) -> list[selectors.Event]:
    desk.log("informed", note="paga el viernes", who="Nélida")
    undone = desk.log("refuses", clock=clock_on(MONDAY, 13))
    outcomes.undo_outcome(actor=desk.ana, outcome_id=undone.pk, clock=clock_on(MONDAY, 13))
    cases.add_note(
        actor=desk.ana, case_id=desk.case_id, body="mandó el comprobante", now=clock_on(TOMORROW).now
    )
    outcomes.make_promise(
        actor=debtor(desk.organisation.pk, party_id=desk.case().party_id), case_id=desk.case_id, amount_minor=100, currency="USD",
        due_on=FRIDAY, clock=clock_on(TOMORROW, 14),
    )  # fmt: skip
    desk.settle(clock_on(date(2026, 3, 9)))
    return selectors.timeline(desk.ana, desk.case_id)


@pytest.mark.covers("S0-3d", "S0-3b")
def test_the_history_tells_everything_newest_first_with_author_and_time(desk: Desk) -> None:
    receipt = selectors.Event(
        datetime(2026, 3, 10, tzinfo=UTC),
        "receipt",
        "coin",
        "Cobro",
        minor=5,
        currency="USD",
        subject="receipt:1",
    )
    events = history(desk)

    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)
    told = {(event.kind, event.title, event.actor_label) for event in events}
    assert ("outcome", "Informado, sin compromiso", "Ana") in told
    assert ("note", "Nota", "Ana") in told
    assert ("promise", "No cumplió su promesa", "aldia") in told
    assert any(event.kind == "promise" and event.actor_label == "El cliente" for event in events)
    assert [event.outcome for event in events if event.is_void] == ["refuses"]
    assert next(event for event in events if event.outcome == "informed").detail == "Nélida · paga el viernes"
    assert selectors.timeline(desk.ana, desk.case_id, extra=[receipt])[0].title == "Cobro"


@pytest.mark.covers("S0-3d", "S4-4")
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (selectors.TimelineFilter(channel="call"), lambda event: event.channel == "call"),
        (selectors.TimelineFilter(outcome="informed"), lambda event: event.outcome == "informed"),
        (
            selectors.TimelineFilter(from_on=TOMORROW),
            lambda event: event.at >= datetime(2026, 3, 3, 3, tzinfo=UTC),
        ),
        (
            selectors.TimelineFilter(to_on=TOMORROW),
            lambda event: event.at < datetime(2026, 3, 3, 3, tzinfo=UTC),
        ),
        (selectors.TimelineFilter(kinds=("note",)), lambda event: event.kind == "note"),
        (selectors.TimelineFilter(author="system"), lambda event: event.actor == "system"),
    ],
)
def test_the_history_is_filtered(desk: Desk, filters: selectors.TimelineFilter, kept: object) -> None:
    every = history(desk)
    chosen = selectors.timeline(desk.ana, desk.case_id, filters)
    assert chosen == [event for event in every if kept(event)]
    assert 0 < len(chosen) < len(every)


def test_the_history_of_another_organisation_is_refused(desk: Desk) -> None:
    with pytest.raises(LookupError):
        selectors.timeline(desk.ana, 999_999)


def test_promises_as_a_list(desk: Desk) -> None:
    desk.log("plan", amount="90", parts="3", first_on=FRIDAY)
    first = selectors.promises(desk.ana, limit=2)
    rest = selectors.promises(desk.ana, cursor=first.next_cursor, limit=2)
    assert [row.due_on for row in (*first.rows, *rest.rows)] == [FRIDAY, date(2026, 4, 6), date(2026, 5, 6)]
    assert rest.next_cursor is None
    assert selectors.open_promise(desk.ana, desk.case_id) == first.rows[0]
    assert len(selectors.promises_of_case(desk.ana, desk.case_id)) == 3
    window = selectors.CommitmentFilter(from_on=FRIDAY, to_on=date(2026, 4, 6), owner_id=desk.ana.user_id)
    assert len(selectors.promises(desk.ana, window).rows) == 1


def test_frames_of_an_empty_organisation_are_empty_with_their_columns(desk: Desk) -> None:
    window = {"from_on": MONDAY, "to_on": TOMORROW}
    frames = [facts.activity_frame(desk.organisation.pk, **window), facts.promise_frame(desk.organisation.pk, **window),
              facts.expected_frame(desk.organisation.pk, **window)]  # fmt: skip
    assert all(isinstance(frame, pl.DataFrame) and frame.is_empty() and frame.width for frame in frames)
