"""Who spoke with a client, when and by which channel: what money that comes later is credited to."""

from datetime import date
from typing import Any, Final

import polars as pl

from aldia.db.frames import read_frame

SPOKEN: Final[dict[str, Any]] = {
    "id": pl.Int64, "case_id": pl.Int64, "on": pl.Date, "user_id": pl.Int64, "channel": pl.String, "is_right_party": pl.Boolean,
}  # fmt: skip


def spoken_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the contacts that people logged in [from_on, to_on) and nobody undid, oldest first: columns as SPOKEN, no id."""
    sql = """
        SELECT o.id, o.case_id, o."on", o.user_id, o.channel, o.is_right_party FROM outcomes_outcome AS o
        WHERE o.organisation_id = %s AND o."on" >= %s AND o."on" < %s AND o.is_contact AND o.user_id IS NOT NULL
          AND o.voids_id IS NULL AND NOT EXISTS (SELECT 1 FROM outcomes_outcome AS v WHERE v.voids_id = o.id)
    """
    return read_frame(sql, [organisation_id, from_on, to_on], SPOKEN).sort("on", "id").drop("id")
