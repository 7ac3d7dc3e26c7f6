"""Promises to pay: when one is kept, part kept or broken; and the preview of a payment plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from aldia.domain.money import split
from aldia.domain.periods import ONE_DAY, add_months
from aldia.domain.spoken_dates import UnreadableDate, read_date

__all__ = [
    "BadTerms", "Every", "Instalment", "PromiseState", "PromiseStatus", "PromiseTerms", "UnreadableDate",
    "evaluate", "read_date", "split_plan", "step_date",
]  # fmt: skip


class BadTerms(ValueError):
    """Terms that no payment could keep or break, or a plan that cannot be made."""


class PromiseStatus(StrEnum):
    """OPEN until decided; KEPT; PARTIAL: the last day passed with something, not enough; BROKEN: with nothing."""

    OPEN = "open"
    KEPT = "kept"
    PARTIAL = "partial"
    BROKEN = "broken"

    @property
    def is_failed(self) -> bool:
        """True when the last day passed without enough money."""
        return self in (PromiseStatus.PARTIAL, PromiseStatus.BROKEN)


@dataclass(frozen=True, slots=True)
class PromiseTerms:
    """What was promised, in minor units, by when; a shortfall up to the tolerance still keeps it.

    Raises BadTerms: the amount must be positive, the tolerance smaller than it, the grace not negative.
    """

    amount_minor: int
    due_on: date
    tolerance_minor: int = 0
    grace_days: int = 0

    def __post_init__(self) -> None:
        if self.amount_minor <= 0:
            raise BadTerms(f"a promise is for a positive amount, found {self.amount_minor}")
        if not 0 <= self.tolerance_minor < self.amount_minor:
            raise BadTerms(f"the tolerance is 0 to {self.amount_minor - 1}, found {self.tolerance_minor}")
        if self.grace_days < 0:
            raise BadTerms(f"the grace is 0 days or more, found {self.grace_days}")

    @property
    def needed_minor(self) -> int:
        """The least that keeps it: amount minus tolerance."""
        return self.amount_minor - self.tolerance_minor

    @property
    def last_on(self) -> date:
        """The last day on which a payment counts: due date plus grace."""
        return self.due_on + timedelta(days=self.grace_days)


@dataclass(frozen=True, slots=True)
class PromiseState:
    """The state as of a day, what was paid towards it, and since when it is decided (None while open)."""

    status: PromiseStatus
    kept_minor: int
    decided_on: date | None


def evaluate(
    terms: PromiseTerms, made_on: date, payments: Iterable[tuple[date, int]], as_of: date
) -> PromiseState:
    """The state of a promise as of a day.

    Payments dated from ``made_on`` to the due date plus grace count, none after ``as_of``. A reversed payment
    is left out by the caller, or passed again as a negative amount with the payment's own date.
    Promise of 1000 due the 10th, grace 2: 600 on the 9th and 400 on the 12th -> KEPT, decided the 12th;
    600 only -> OPEN until the 12th, PARTIAL from the 13th; nothing -> BROKEN from the 13th.
    """
    last_counted = min(terms.last_on, as_of)
    counted = sorted((on, minor) for on, minor in payments if made_on <= on <= last_counted)
    paid = sum(minor for _on, minor in counted)
    if paid >= terms.needed_minor:
        return PromiseState(PromiseStatus.KEPT, paid, _reached_on(counted, terms.needed_minor))
    if as_of <= terms.last_on:
        return PromiseState(PromiseStatus.OPEN, paid, None)
    status = PromiseStatus.PARTIAL if paid > 0 else PromiseStatus.BROKEN
    return PromiseState(status, paid, terms.last_on + ONE_DAY)


def _reached_on(counted: list[tuple[date, int]], needed_minor: int) -> date:
    """The day since which the running sum has stayed at or above what is needed."""
    by_day: dict[date, int] = {}
    for on, minor in counted:
        by_day[on] = by_day.get(on, 0) + minor
    running, reached = 0, None
    for on, minor in by_day.items():
        running += minor
        reached = (reached or on) if running >= needed_minor else None
    assert reached is not None  # the caller checked the sum
    return reached


class Every(StrEnum):
    """The step between instalments."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One line of a plan; number 0 is the down payment."""

    number: int
    due_on: date
    amount_minor: int


def split_plan(
    total_minor: int,
    parts: int,
    first_on: date,
    every: Every,
    *,
    down_payment_minor: int = 0,
    down_on: date | None = None,
) -> tuple[Instalment, ...]:
    """The preview of an interest-free plan; its lines always add up to the total.

    ``split_plan(100_00, 3, 31 Jan, MONTH)`` -> 33.34 on 31 Jan, 33.33 on 28 Feb, 33.33 on 31 Mar.
    A down payment, when there is one, is line 0 on ``down_on``. Raises BadTerms.
    """
    rest = total_minor - down_payment_minor
    if parts < 1 or rest < parts:
        raise BadTerms(
            f"a plan needs 1 part or more of at least one minor unit, found {parts} parts of {rest}"
        )
    if down_payment_minor < 0 or (down_payment_minor > 0 and (down_on is None or down_on > first_on)):
        raise BadTerms("a down payment is positive and dated on or before the first instalment")
    lines = [
        Instalment(number, step_date(first_on, every, number - 1), minor)
        for number, minor in enumerate(split(rest, parts), start=1)
    ]
    if down_payment_minor and down_on is not None:
        lines.insert(0, Instalment(0, down_on, down_payment_minor))
    return tuple(lines)


def step_date(first_on: date, every: Every, times: int) -> date:
    """The day so many steps after the first; a month without that day takes its last."""
    if every is Every.MONTH:
        return add_months(first_on, times)
    return first_on + timedelta(days=times * (7 if every is Every.WEEK else 14))
