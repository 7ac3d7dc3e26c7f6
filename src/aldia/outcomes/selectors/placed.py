"""Complaints while a case was placed with an agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from aldia.db.frames import read_frame

if TYPE_CHECKING:
    from aldia.access.actors import Actor

_SCHEMA: Final = {
    "dispute_id": pl.Int64, "case_id": pl.Int64, "debtor_name": pl.String, "team_id": pl.Int64, "opened_on": pl.Date,
    "reason": pl.String, "state": pl.String,
}  # fmt: skip
_COMPLAINTS: Final = """
    SELECT d.id, c.account_id, c.debtor_name, p.team_id, d.opened_on, d.reason, d.state
    FROM outcomes_dispute AS d
    JOIN cases_placement AS p ON p.case_id = d.case_id
    JOIN cases_case AS c ON c.account_id = d.case_id
    WHERE d.organisation_id = %s AND d.state <> 'cancelled' AND d.opened_on >= %s AND d.opened_on < %s
      AND d.opened_on >= p.placed_on AND (p.ended_on IS NULL OR d.opened_on < p.ended_on)
    ORDER BY d.opened_on DESC, d.id DESC
"""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A dispute that was opened while an agency had the case."""

    dispute_id: int
    case_id: int
    debtor_name: str
    team_id: int
    opened_on: date
    reason: str
    state: str


def placed_complaints(
    actor: Actor, *, from_on: date, to_on: date, team_id: int | None = None
) -> list[Complaint]:
    """Return the complaints opened over [from_on, to_on) in cases that an agency had that day, the newest first.

    Nothing for whoever sees only a part of the organisation.
    """
    if actor.is_limited:
        return []
    frame = read_frame(_COMPLAINTS, [actor.organisation_id, from_on, to_on], _SCHEMA)
    if team_id is not None:
        frame = frame.filter(pl.col("team_id") == team_id)
    return [Complaint(*row) for row in frame.iter_rows()]
