"""Sentences of the life cycles about arrears: pauses granted and ended, ranges by loan and by instalment.

A range is set by the night, which leaves a paused loan alone, and by whatever moves money; amounts and days are those of the day asked.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from aldia.domain.ageing import Bucket, Buckets
from aldia.domain.loans.arrears import (
    Arrears,
    BadPause,
    Pause,
    arrears_by_bucket,
    arrears_of,
    resumed,
    with_pause,
)
from aldia.domain.loans.book import Book
from aldia.domain.loans.events import Disbursed, InterestRecounted
from aldia.ops.conformance.checks import Checks
from aldia.ops.conformance.loans.steps import Rows, Scenario, cents, day

NONE = "NO_DELINQUENCY"
GRACE = 3  # days before a loan counts as late; an instalment counts from its first day
_ENDS = (3, 30, 60, 90, 120, 150, 180, 240)
_NAMES = (1, 3, 30, 60, 90, 120, 150, 180, 240)
RANGES = Buckets((
    Bucket(NONE, None, 0),
    *(
        Bucket(f"RANGE_{name}", first + 1, last)
        for name, first, last in zip(_NAMES, (0, *_ENDS), (*_ENDS, None), strict=True)
    ),
))  # fmt: skip


class Watch:
    """The pauses of a scenario's loan, and the ranges as they were last set."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.pauses: tuple[Pause, ...] = ()
        self.actions: list[tuple[str, date, date | None]] = []
        self.range = NONE
        self.by_range: dict[str, int] = {}

    @property
    def today(self) -> date:
        return self.scenario.today

    def arrears(self) -> Arrears:
        """The arrears of today; none before money is handed out."""
        book = self._book()
        return arrears_of(book, self.today, grace_days=GRACE, pauses=self.pauses) if book else Arrears()

    def classify(self) -> None:
        """Set the ranges of today."""
        book = self._book()
        self.range = RANGES.bucket_of(self.arrears().days)
        self.by_range = arrears_by_bucket(book, self.today, RANGES, pauses=self.pauses) if book else {}

    def night(self) -> None:
        """What the night does: count interest anew where the scenario says so; set the ranges, unless the loan is paused."""
        if self.scenario.recounts_at_night and self._book():
            self.scenario.events.append(InterestRecounted(key=self.scenario.key(), on=self.today))
        if not any(pause.holds(self.today) for pause in self.pauses):
            self.classify()

    def act(self, action: str, since: date, until: date | None) -> None:
        """Grant a pause or end the one that runs. Raises BadPause."""
        book = self._book()
        if book is None or book.is_written_off or book.overpaid_minor or not book.open_minor:
            raise BadPause("only a loan that is owed can be paused")
        if since < min(entry.on for entry in book.entries if entry.kind == "disbursement"):
            raise BadPause("a pause does not begin before the loan")
        if action == "PAUSE" and until is not None:
            self.pauses = with_pause(self.pauses, Pause(since, until))
        elif action == "RESUME" and until is None and since == self.today:
            self.pauses = resumed(self.pauses, since)
        else:
            raise BadPause("a pause has an end; an end is of today and has none")
        self.actions.append((action, since, until))
        if since < self.today:
            self.classify()

    def _book(self) -> Book | None:
        standing = self.scenario.standing()
        return self.scenario.book() if any(isinstance(event, Disbursed) for event in standing) else None


def step(checks: Checks, watch: Watch, at: str, text: str, rows: Rows) -> int | None:
    """How much was compared where the sentence is about arrears, else None."""
    for pattern, act in _DEEDS:
        if found := re.fullmatch(pattern, text):
            act(watch, *found.groups())
            return 0
    for pattern, compare in _EXPECTATIONS:
        if found := re.fullmatch(pattern, text):
            compare(checks, watch, at, rows, *found.groups())
            return 1
    return None


def _optional(text: str | None) -> date | None:
    return day(text) if text and text != "null" else None


def _act(watch: Watch, action: str, since: str, until: str | None) -> None:
    watch.act(action, day(since), _optional(until))


def _refused(
    checks: Checks, watch: Watch, at: str, rows: Rows, action: str | None, since: str, until: str | None
) -> None:
    try:
        watch.act(action or "", day(since), _optional(until))
    except BadPause:
        return
    checks.add(f"{at}.{action or 'action'}", "refused", "done")


def _actions(checks: Checks, watch: Watch, at: str, rows: Rows) -> None:
    told = [(row["action"], day(row["startDate"]), _optional(row["endDate"])) for row in rows]
    checks.same(f"{at}.actions", told, watch.actions)


def _pauses(checks: Checks, watch: Watch, at: str, rows: Rows) -> None:
    told = [tuple(row.values()) for row in rows]
    ours = [(pause.holds(watch.today), pause.since, pause.until) for pause in watch.pauses]
    checks.same(f"{at}.pauses", [(on == "true", day(a), day(b)) for on, a, b in told], ours)


def _range(checks: Checks, watch: Watch, at: str, rows: Rows, name: str, since: str) -> None:
    late_on = watch.arrears().late_on if watch.range != NONE else None
    told = (name, date.fromisoformat(since) if since else None)
    checks.same(f"{at}.range", told, (watch.range, late_on))


def _range_name(checks: Checks, watch: Watch, at: str, rows: Rows, name: str) -> None:
    checks.same(f"{at}.range", name, watch.range)


def _by_loan(checks: Checks, watch: Watch, at: str, rows: Rows) -> None:
    name, minor, late_on, days, past_due = rows[0].values()
    ours = watch.arrears()
    told = (name, cents(minor), _optional(late_on), int(days), int(past_due))
    checks.same(f"{at}.loan", told, (watch.range, ours.minor, ours.late_on, ours.days, ours.past_due_days))


def _by_instalment(checks: Checks, watch: Watch, at: str, rows: Rows) -> None:
    told: dict[str, Any] = {name: cents(minor) for _, name, minor in (tuple(row.values()) for row in rows)}
    checks.same(f"{at}.by instalment", told, watch.by_range)


def _none(checks: Checks, watch: Watch, at: str, rows: Rows) -> None:
    checks.same(f"{at}.by instalment", {}, watch.by_range)


_ACTION = r'.*nitiate a DELINQUENCY (PAUSE|RESUME)(?: by loanExternalId)? with startDate: "([^"]+)"(?: and endDate: "([^"]+)")?'
_REFUSED = (
    r"Initiating a (?:DELINQUENCY (PAUSE|RESUME)|delinquency-action) .*results an error"
    r' - startDate: "([^"]+)"(?:, endDate: "([^"]+)")?'
)
_DEEDS: list[tuple[str, Callable[..., None]]] = [
    (_ACTION, _act),
    (r"Admin runs .*(?:COB|Delinquency Classification) job.*", Watch.night),
]
_EXPECTATIONS: list[tuple[str, Callable[..., None]]] = [
    (_REFUSED, _refused),
    (r"Delinquency-actions have the following data", _actions),
    (r"Loan Delinquency pause periods has the following data", _pauses),
    (r'Admin checks that delinquency range is: "([^"]+)" and has delinquentDate "([^"]*)"', _range),
    (r'LoanAccountDelinquencyRangeDataV\d+ has delinquencyRange field with value "([^"]+)"', _range_name),
    (r"Loan has the following LOAN level delinquency data", _by_loan),
    (r"Loan has the following INSTALLMENT level delinquency data", _by_instalment),
    (r"INSTALLMENT level delinquency is null", _none),
]
