"""What was recovered while cases were placed with an agency, and what it keeps of it: receipt by receipt, and in total."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from aldia.db.frames import read_frame

if TYPE_CHECKING:
    from aldia.access.actors import Actor

_SCHEMA: Final = {
    "receipt_id": pl.Int64, "case_id": pl.Int64, "debtor_name": pl.String, "team_id": pl.Int64, "on": pl.Date, "currency": pl.String,
    "amount_minor": pl.Int64, "commission_hundredths": pl.Int64,
}  # fmt: skip
_RECOVERED: Final = """
    SELECT r.id, c.account_id, c.debtor_name, p.team_id, r."on", r.currency, r.amount_minor, p.commission_hundredths
    FROM payments_receipt AS r
    JOIN cases_placement AS p ON p.case_id = r.account_id AND p.organisation_id = r.organisation_id
    JOIN cases_case AS c ON c.account_id = r.account_id
    WHERE r.organisation_id = %s AND r.state <> 'REVERSED' AND r."on" >= %s AND r."on" < %s
      AND r."on" >= p.placed_on AND (p.ended_on IS NULL OR r."on" < p.ended_on)
    ORDER BY r."on" DESC, r.id DESC
"""


@dataclass(frozen=True, slots=True)
class Recovered:
    """One receipt of a case that an agency had that day, and its commission as agreed when it was placed."""

    receipt_id: int
    case_id: int
    debtor_name: str
    team_id: int
    on: date
    currency: str
    amount_minor: int
    commission_minor: int


def recovered(actor: Actor, *, from_on: date, to_on: date, team_id: int | None = None) -> list[Recovered]:
    """Return what was recovered over [from_on, to_on), the newest first, by every agency or one. An agency sees its own alone,
    and whoever else is limited, nothing."""
    if actor.is_limited:
        team_id = actor.agency_id
        if team_id is None:
            return []
    frame = read_frame(_RECOVERED, [actor.organisation_id, from_on, to_on], _SCHEMA)
    if team_id is not None:
        frame = frame.filter(pl.col("team_id") == team_id)
    found = []
    for row in frame.iter_rows():
        found.append(
            Recovered(row[0], row[1], row[2], row[3], row[4], row[5], row[6], commission_of(row[6], row[7]))
        )
    return found


def commission_of(amount_minor: int, hundredths: int) -> int:
    """Return the commission of an amount, in hundredths of a percent, half up."""
    return (amount_minor * hundredths + 5_000) // 10_000
