"""Alarms: each rule at its edges, and the same identity every day that it holds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from aldia.domain.alarms import LABELS, AlarmFacts, AlarmKind, Dated, Thresholds, due_alarms

FRIDAY = date(2026, 11, 20)
LIMITS = Thresholds(large_debt_minor={"USD": 100_000})
CALM = AlarmFacts("C1")


def kinds(facts: AlarmFacts, as_of: date = FRIDAY, limits: Thresholds = LIMITS) -> list[AlarmKind]:
    return [alarm.kind for alarm in due_alarms(facts, limits, as_of)]


def at(days: int, minor: int = 0, currency: str = "USD") -> tuple[Dated, ...]:
    return (Dated("X", FRIDAY + timedelta(days=days), minor, currency),)


def test_a_calm_case_raises_nothing() -> None:
    assert kinds(CALM) == []


@pytest.mark.covers("S1-13c")
@pytest.mark.parametrize(
    ("kind", "fires", "silent"),
    [
        (AlarmKind.PROMISE_DUE, {"open_promises": at(0)}, {"open_promises": at(1)}),
        (AlarmKind.PROMISE_DUE, {"open_promises": at(0)}, {"open_promises": at(-1)}),
        (AlarmKind.PROMISE_BROKEN, {"broken_promises": at(-1)}, {"broken_promises": at(0)}),
        (AlarmKind.PLAN_INSTALMENT_MISSED, {"missed_instalments": at(-1)}, {"missed_instalments": at(0)}),
        (AlarmKind.DISPUTE_UNANSWERED, {"disputes": at(-1)}, {"disputes": at(0)}),
        (AlarmKind.NEAR_PRESCRIPTION, {"documents": at(90)}, {"documents": at(91)}),
        (AlarmKind.NEAR_PRESCRIPTION, {"documents": at(-400)}, {"documents": at(91)}),
        (AlarmKind.TASK_OVERDUE, {"tasks": at(-1)}, {"tasks": at(0)}),
        (AlarmKind.CHEQUE_DUE, {"cheques": at(3)}, {"cheques": at(4)}),
        (AlarmKind.LARGE_NEW_DEBT, {"new_debts": at(-3, 100_000)}, {"new_debts": at(-4, 100_000)}),
        (AlarmKind.LARGE_NEW_DEBT, {"new_debts": at(0, 100_000)}, {"new_debts": at(0, 99_999)}),
        (AlarmKind.LARGE_NEW_DEBT, {"new_debts": at(0, 100_000)}, {"new_debts": at(0, 10**9, "CLP")}),
        (AlarmKind.LARGE_NEW_DEBT, {"new_debts": at(0, 100_000)}, {"new_debts": at(1, 100_000)}),
    ],
)
def test_each_rule_fires_at_its_edge(
    kind: AlarmKind, fires: dict[str, tuple[Dated, ...]], silent: dict[str, tuple[Dated, ...]]
) -> None:
    assert kinds(replace(CALM, **fires)) == [kind]  # type: ignore[arg-type]
    assert kinds(replace(CALM, **silent)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("overdue", "contact", "fires"),
    [(15, None, True), (14, None, False), (40, 15, True), (40, 14, False), (5, 40, False)],
)
def test_silence_counts_from_the_later_of_contact_and_falling_overdue(
    overdue: int, contact: int | None, fires: bool
) -> None:
    last = None if contact is None else FRIDAY - timedelta(days=contact)
    facts = AlarmFacts("C1", overdue_since=FRIDAY - timedelta(days=overdue), last_contact_on=last)
    assert (kinds(facts) == [AlarmKind.NO_CONTACT]) is fires


def test_nothing_overdue_makes_silence_no_alarm() -> None:
    assert kinds(AlarmFacts("C1", last_contact_on=date(2020, 1, 1))) == []


def test_the_identity_is_the_same_on_every_day_that_it_holds() -> None:
    facts = replace(CALM, tasks=at(-1), overdue_since=FRIDAY - timedelta(days=30))
    today = {alarm.identity for alarm in due_alarms(facts, LIMITS, FRIDAY)}
    later = {alarm.identity for alarm in due_alarms(facts, LIMITS, FRIDAY + timedelta(days=3))}
    assert today == later
    assert len(today) == 2


def test_days_are_negative_while_the_date_is_to_come() -> None:
    (alarm,) = due_alarms(replace(CALM, cheques=at(3, 500)), LIMITS, FRIDAY)
    assert (alarm.days, alarm.minor, alarm.currency, alarm.subject) == (-3, 500, "USD", "X")


def test_every_kind_has_its_words() -> None:
    assert set(LABELS) == set(AlarmKind)
