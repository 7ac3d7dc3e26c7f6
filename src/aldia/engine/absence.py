"""Why a step did nothing about a case or document: the first of its tests that does not hold, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from aldia.domain.calendars import Calendar
from aldia.domain.money import exponent_of
from aldia.engine.night import anchor_column
from aldia.engine.rules import matches
from aldia.engine.strategy import Step, Strategy


@dataclass(frozen=True, slots=True)
class Absence:
    """`code`: no_date, not_yet, over, other_stage or condition; `told` has its day or stage."""

    code: str
    told: Mapping[str, Any] = field(default_factory=dict)


def why_not(
    row: Mapping[str, Any], strategy: Strategy, step: Step, calendars: Mapping[str, Calendar], *, as_of: date
) -> Absence | None:
    """Return the first test that keeps a step from this row of facts (with calendar, stage, currency); None when all hold.

    The same tests as `decide`, in the order in which a person would ask them: when, in which stage, for whom.
    """
    anchor = row.get(anchor_column(step.grain, step.anchor))
    if anchor is None:
        return Absence("no_date", {"anchor": step.anchor})
    calendar = calendars[row["calendar"]]
    due = _moved(anchor, step.offset, step.unit, calendar)
    if due > as_of:
        return Absence("not_yet", {"on": due})
    later = strategy.next_offset(step)
    ends = [] if later is None else [_moved(anchor, later, step.unit, calendar)]
    if step.lateness is not None:
        ends.append(due + timedelta(days=step.lateness + 1))
    if ends and min(ends) <= as_of:
        return Absence("over", {"on": min(ends)})
    if step.stage and row["stage"] != step.stage:
        return Absence("other_stage", {"stage": step.stage})
    if not matches(step.condition, row, exponent=exponent_of(row["currency"])):
        return Absence("condition")
    return None


def _moved(day: date, offset: int, unit: str, calendar: Calendar) -> date:
    return day + timedelta(days=offset) if unit == "calendar" else calendar.add_business_days(day, offset)
