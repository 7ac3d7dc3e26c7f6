"""When a step is due and until when, over whole columns."""

from collections.abc import Mapping
from typing import Literal

import polars as pl

from aldia.domain.calendars import Calendar, YearNotCovered
from aldia.engine.strategy import Step, Strategy

DUE, END = "due_at", "ends_at"


def with_window(
    rows: pl.LazyFrame, strategy: Strategy, step: Step, calendars: Mapping[str, Calendar]
) -> pl.LazyFrame:
    """The rows with ``due_at`` and ``ends_at`` (exclusive; empty means without end), from their column anchor_on.

    Business days need the column calendar.
    """
    due = shifted(step.offset, step.unit, calendars)
    later = strategy.next_offset(step)
    ends = [] if later is None else [shifted(later, step.unit, calendars)]
    rows = rows.with_columns(due.alias(DUE))
    if step.lateness is not None:
        ends.append(_plus_days(pl.col(DUE), step.lateness + 1))
    end = pl.min_horizontal(ends) if ends else pl.lit(None, pl.Date)
    return rows.with_columns(end.alias(END))


def shifted(offset: int, unit: str, calendars: Mapping[str, Calendar]) -> pl.Expr:
    """The column anchor_on moved by so many days; the row's calendar counts the business ones."""
    anchor = pl.col("anchor_on")
    if unit == "calendar":
        return _plus_days(anchor, offset)
    found = pl.lit(None, pl.Date)
    for key, calendar in calendars.items():
        found = (
            pl.when(pl.col("calendar") == key)
            .then(_plus_business_days(anchor, offset, calendar))
            .otherwise(found)
        )
    return found


def _plus_days(column: pl.Expr, days: int) -> pl.Expr:
    return (column.cast(pl.Int32) + days).cast(pl.Date)


def _plus_business_days(column: pl.Expr, count: int, calendar: Calendar) -> pl.Expr:
    week_mask = [weekday not in calendar.closed_weekdays for weekday in range(7)]
    # a closed day counts from the open day on its other side, so that Saturday + 1 is Monday, as in domain.calendars
    roll: Literal["forward", "backward"] = "forward" if count <= 0 else "backward"
    return column.dt.add_business_days(
        count, week_mask=week_mask, holidays=sorted(calendar.holidays), roll=roll
    )


def check_years(anchors: pl.Series, calendars: Mapping[str, Calendar]) -> None:
    """Raise YearNotCovered when a calendar does not reach the years of the anchors: counting on would skip holidays."""
    years = anchors.drop_nulls().dt.year()
    if not len(years):
        return
    needed = set(years.unique().to_list())
    for key, calendar in calendars.items():
        short = sorted(needed - calendar.years) if calendar.years is not None else []
        if short:
            raise YearNotCovered(
                f"calendar {key} does not cover {short[0]}: ask for it with the years {short}"
            )
