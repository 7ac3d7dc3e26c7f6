"""The days ahead when nobody answers: decide() night after night over the same portfolio, each day a day older."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import polars as pl

from aldia.domain.calendars import Calendar
from aldia.engine.contact_rules import DayPolicy
from aldia.engine.decide import decide
from aldia.engine.frames import DECISIONS, Frames
from aldia.engine.rolling import after_night, next_morning
from aldia.engine.strategy import Strategy

Law = Callable[[date], tuple[Mapping[str, Calendar], Mapping[str, DayPolicy]]]
"""The calendars and contact policies of a day, by their keys."""

_IDENTITY = ["step", "subject_kind", "subject_id", "cycle", "attempt", "anchor_on"]


def forecast(frames: Frames, strategy: Strategy, law: Law, *, as_of: date, days: int) -> pl.DataFrame:
    """The decisions of so many nights from ``as_of`` on (``frames.DECISIONS`` and `on`), with no payment and no answer.

    A withheld act is told when it begins or its reason changes, as a run does. Raises what ``decide`` raises.
    """
    found = [DECISIONS.empty().with_columns(on=pl.lit(None, pl.Date))]
    before = DECISIONS.empty()
    for ahead in range(days):
        on = as_of + timedelta(days=ahead)
        if ahead:
            frames = next_morning(frames, as_of=on)
        calendars, policies = law(on)
        rows = decide(frames, strategy, calendars, policies, as_of=on)
        found.append(_news(rows, before).with_columns(on=pl.lit(on)))
        before = rows.filter(pl.col("state") == "withheld")
        frames = after_night(frames, rows, as_of=on)
    return pl.concat(found)


def _news(rows: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Without the acts that were withheld yesterday for the same reason."""
    keys = [*_IDENTITY, "state", "reason"]
    return rows.join(before.select(keys), on=keys, how="anti", nulls_equal=True)
