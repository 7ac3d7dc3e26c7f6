"""What decide() does on small portfolios that a person can check by eye."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import aldia.strategy
from aldia.domain.calendars import Calendar
from aldia.engine.contact_rules import DayCap, DayPolicy
from aldia.engine.decide import decide
from aldia.engine.frames import FrameError, Frames
from aldia.engine.rules import RuleError
from aldia.engine.strategy import Strategy
from aldia.engine.strategy_reading import load_strategy
from tests.engine.portfolios import (
    AS_OF,
    WORDS,
    default_case,
    default_document,
    default_person,
    frames_of,
    notice,
)

CATALOGUE = Path(aldia.strategy.__file__).parent / "catalogue"
B2B = load_strategy(json.loads((CATALOGUE / "b2b_invoices.json").read_text(encoding="utf-8")))
OPEN = {"none": DayPolicy()}


def due(days: int) -> date:
    """The due date of a document that is so many days past due."""
    return AS_OF - timedelta(days=days)


def run(frames: Frames, strategy: Strategy = B2B, policies: Any = OPEN, as_of: date = AS_OF) -> pl.DataFrame:
    return decide(frames, strategy, {"ar": Calendar()}, policies, as_of=as_of)


def notices(decisions: pl.DataFrame) -> list[tuple[Any, ...]]:
    return decisions.filter(action="notice").select("subject_id", "step", "state", "reason").rows()


def one_document(days: int, *, since: date = AS_OF, **more: Any) -> Frames:
    case, document = (
        default_case(1, managed_since=since),
        default_document(11, 1, due(days), managed_since=since),
    )
    return frames_of([case], [document], [default_person(1)], **more)


def as_taken(decisions: pl.DataFrame) -> list[dict[str, Any]]:
    names = ("strategy", "step", "subject_kind", "subject_id", "cycle", "attempt", "anchor_on", "state")
    return decisions.select(names).to_dicts()


@pytest.mark.parametrize(
    ("days", "step"),
    [(-4, None), (-3, "predue"), (-1, "predue"), (0, "due"), (2, "due"), (3, "soft"), (9, "soft"), (10, "reminder"),
     (29, "reminder"), (30, "firm"), (59, "firm"), (60, "final_offer"), (1100, "final_offer")],
)  # fmt: skip
def test_a_document_is_at_its_current_step_and_never_at_a_burst_of_old_ones(
    days: int, step: str | None
) -> None:
    case = default_case(1, managed_since=AS_OF)
    frames = frames_of([case], [default_document(11, 1, due(days))], [default_person(1)])
    assert [row[1] for row in notices(run(frames))] == ([step] if step else [])


def test_the_same_night_again_decides_nothing_new() -> None:
    first = run(one_document(4))
    again = run(one_document(4, taken=as_taken(first)))
    assert notices(first) == [(11, "soft", "take", "due")]
    assert notices(again) == []


def test_a_new_version_of_the_texts_sends_nothing_again() -> None:
    first = run(one_document(4))
    corrected = load_strategy(B2B.document | {"version": 2})
    assert notices(run(one_document(4, taken=as_taken(first)), corrected)) == []


def test_what_was_withheld_comes_out_when_it_can_and_ends_as_missed_when_it_cannot() -> None:
    closed = {"none": DayPolicy(closed=frozenset({"email"}))}
    night = run(one_document(-3), policies=closed)
    assert notices(night) == [(11, "predue", "withheld", "closed_day")]
    taken = as_taken(night)
    assert notices(run(one_document(-2, taken=taken))) == [(11, "predue", "take", "due")]
    lapsed = [row for row in notices(run(one_document(0, since=due(30), taken=taken))) if row[1] == "predue"]
    assert lapsed == [(11, "predue", "missed", "lapsed")]


def test_what_fell_due_and_lapsed_before_aldia_managed_it_is_not_missed() -> None:
    def missed(since: date) -> list[str]:
        return run(one_document(12, since=since)).filter(state="missed")["step"].to_list()

    assert missed(due(0)) == []
    assert missed(due(9)) == ["soft"]
    assert missed(due(30)) == ["predue", "due", "soft"]


def test_a_hold_stops_its_case_or_its_document_and_lets_promise_messages_through() -> None:
    case = default_case(1, promise_state="open", promise_due_on=AS_OF + timedelta(days=1))
    documents = [default_document(11, 1, due(4)), default_document(12, 1, due(5))]
    on_one = {"case_id": 1, "document_id": 11, "kind": "dispute", "until_on": None}
    promise = {"case_id": 1, "document_id": None, "kind": "promise", "until_on": AS_OF + timedelta(days=1)}
    person = default_person(1)
    assert set(notices(run(frames_of([case], documents, [person], holds=[on_one, promise])))) == {
        (1, "promise_reminder", "take", "due"),
        (11, "soft", "withheld", "hold"),
        (12, "soft", "withheld", "hold"),
    }
    kinds = run(frames_of([case], documents, [person], holds=[on_one])).filter(step="soft")
    assert kinds.select("state", "reason_args").rows() == [("withheld", '{"kind":"dispute"}'), ("take", "{}")]


def test_a_second_promise_of_the_same_cycle_has_its_own_reminder() -> None:
    def night(promised_on: date, **more: Any) -> pl.DataFrame:
        case = default_case(1, promise_state="open", promise_due_on=promised_on)
        return run(frames_of([case], [], [default_person(1)], **more), as_of=promised_on - timedelta(days=1))

    first = night(AS_OF)
    second = night(AS_OF + timedelta(days=20), taken=as_taken(first))
    assert first["attempt"].to_list() == [1]
    assert second.select("step", "attempt").rows() == [("promise_reminder", 2)]


@pytest.mark.covers("S3-1b")
def test_the_channel_falls_back_to_one_that_reaches_the_person() -> None:
    def channel(**person: Any) -> tuple[Any, ...]:
        frames = frames_of(
            [default_case(1)], [default_document(11, 1, due(4))], [default_person(1, **person)]
        )
        return run(frames).filter(action="notice").select("channel", "state", "reason").row(0)

    assert channel(can=("email", "whatsapp")) == ("email", "take", "due")
    assert channel(can=("sms",)) == ("sms", "take", "fallback")
    assert channel(can=("email", "sms"), out_email=True) == ("sms", "take", "fallback")
    assert channel(can=("email",), out_email=True) == (None, "withheld", "opted_out")
    assert channel(can=("letter",)) == (None, "withheld", "unreachable")


def test_a_channel_that_needs_consent_is_passed_over_without_it() -> None:
    def channel(**person: Any) -> tuple[Any, ...]:
        case = default_case(1, policy="asking")
        frames = frames_of([case], [default_document(11, 1, due(4))], [default_person(1, **person)])
        policies = {"asking": DayPolicy(opt_in=frozenset({"email", "sms"}))}
        return (
            run(frames, policies=policies).filter(action="notice").select("channel", "state", "reason").row(0)
        )

    assert channel(can=("email",), yes_email=True) == ("email", "take", "due")
    assert channel(can=("email", "whatsapp")) == ("whatsapp", "take", "fallback")
    assert channel(can=("email", "sms"), yes_sms=True) == ("sms", "take", "fallback")
    assert channel(can=("email",)) == (None, "withheld", "no_consent")
    assert channel(can=("email",), out_email=True) == (None, "withheld", "opted_out")


def test_documents_of_a_case_share_one_message_per_step() -> None:
    documents = [default_document(number, 1, due(days)) for number, days in ((11, 4), (12, 5), (13, 12))]
    found = run(frames_of([default_case(1)], documents, [default_person(1)])).filter(action="notice")
    assert found.select("subject_id", "group").rows() == [
        (11, "1:soft:email"), (12, "1:soft:email"), (13, "1:reminder:email"),
    ]  # fmt: skip


@pytest.mark.covers("S2-25", "S3-36b")
def test_one_person_has_one_budget_over_all_cases_and_the_stronger_message_goes_first() -> None:
    policies = {"none": DayPolicy(caps=(DayCap("LAW-1", 1, AS_OF),))}
    cases = [default_case(1, party_id=7), default_case(2, party_id=7)]
    documents = [
        default_document(11, 1, due(4)),
        default_document(12, 1, due(5)),
        default_document(21, 2, due(31)),
    ]
    found = run(frames_of(cases, documents, [default_person(7)]), policies=policies)
    assert notices(found) == [
        (11, "soft", "withheld", "cap"), (12, "soft", "withheld", "cap"), (21, "firm", "take", "due"),
    ]  # fmt: skip
    assert found.filter(reason="cap")["reason_args"][0] == '{"rule":"LAW-1","max":1}'


@pytest.mark.parametrize(("days_ago", "state"), [(0, "withheld"), (6, "withheld"), (7, "take")])
@pytest.mark.covers("S2-25")
def test_what_was_sent_before_counts_within_the_window_of_the_cap(days_ago: int, state: str) -> None:
    policies = {"none": DayPolicy(caps=(DayCap("WEEK", 1, AS_OF - timedelta(days=6)),))}
    sent = {
        "party_id": 1,
        "case_id": None,
        "creditor_id": 1,
        "channel": "sms",
        "on": due(days_ago),
        "is_contact": False,
    }
    found = run(one_document(4, contacts=[sent]), policies=policies)
    assert notices(found)[0][2] == state


@pytest.mark.covers("S3-52")
def test_a_case_changes_stage_and_works_at_once_in_the_new_one() -> None:
    case = default_case(1, dpd=40, overdue=2_000_00, arrears_since=due(40))
    found = run(frames_of([case], [], [default_person(1)]))
    assert found.select("action", "step", "target", "reason_args").rows() == [
        ("stage", "stage:late", "late", '{"from":"early"}'),
        ("task", "call_old", "call", "{}"),
    ]
    settled = frames_of([case | {"stage": "late"}], [], [], taken=as_taken(found))
    assert run(settled).is_empty()


@pytest.mark.parametrize(
    ("overdue", "dpd", "called"),
    [(5_000_00, 5, True), (4_999_99, 5, False), (1_000_00, 20, True), (999_99, 29, False)],
)
def test_a_call_is_asked_for_by_amount_and_age(overdue: int, dpd: int, called: bool) -> None:
    case = default_case(1, dpd=dpd, overdue=overdue, arrears_since=due(dpd), days_since_contact=1)
    found = run(frames_of([case], [], []))
    assert found["target"].to_list() == (["call"] if called else [])


def test_business_days_are_counted_over_the_calendar_of_the_case() -> None:
    step = {"key": "a", "name": WORDS, "grain": "document", "anchor": "due_on", "offset": 2, "unit": "business",
            "action": notice("email")}  # fmt: skip
    words = {"format": 1, "key": "s", "version": 1, "name": WORDS, "description": WORDS}
    strategy = load_strategy(words | {"stages": [{"key": "early", "name": WORDS, "steps": [step]}]})
    friday = date(2026, 11, 20)
    frames = frames_of([default_case(1)], [default_document(11, 1, friday)], [default_person(1)])
    tuesday = friday + timedelta(days=4)
    assert run(frames, strategy, as_of=tuesday - timedelta(days=1)).is_empty()
    assert run(frames, strategy, as_of=tuesday)["due_on"].to_list() == [tuesday]
    holiday = {"ar": Calendar(holidays=frozenset({tuesday}))}
    assert decide(frames, strategy, holiday, OPEN, as_of=tuesday).is_empty()


def test_a_frame_that_breaks_its_schema_is_named_with_its_column() -> None:
    frames = one_document(4)
    without = Frames(
        frames.cases.drop("policy"),
        frames.documents,
        frames.people,
        frames.contacts,
        frames.taken,
        frames.holds,
    )
    with pytest.raises(FrameError, match="frame cases: missing columns policy"):
        run(without)
    wrong = frames_of([default_case(1, policy="unheard")])
    with pytest.raises(FrameError, match="'unheard', which was not given"):
        run(wrong)
    empty = frames_of([default_case(1, dpd=None)])
    with pytest.raises(FrameError, match=r"column dpd \(.*\): empty in 1 rows, first in row 0"):
        run(empty)
    twice = frames_of([default_case(1), default_case(1)])
    with pytest.raises(FrameError, match="1 rows repeat the key case_id"):
        run(twice)


def test_an_amount_finer_than_a_currency_of_the_night_is_refused_not_rounded() -> None:
    stage = {"key": "early", "name": WORDS, "entry": "overdue > 5.5", "steps": []}
    words = {"format": 1, "key": "s", "version": 1, "name": WORDS, "description": WORDS}
    strategy = load_strategy(words | {"stages": [stage]})
    with pytest.raises(RuleError, match="too_fine"):
        run(frames_of([default_case(1, currency="CLP")]), strategy)
