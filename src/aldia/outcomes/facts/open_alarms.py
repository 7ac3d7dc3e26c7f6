"""Which alarms are waiting for somebody."""

import polars as pl

from aldia.cases.facts import through_cases
from aldia.db.frames import read_frame
from aldia.db.known import Known
from aldia.db.partitions import Partition


def open_alarm_frame(
    organisation_id: int, *, partition: Partition | None = None, known: Known | None = None, kind: str = ""
) -> pl.DataFrame:
    """Return (id, case_id, kind, key) of the alarms, of a kind or all, that nobody resolved, or that stood so when it was `known`."""
    source, where, params = through_cases("outcomes_alarm", organisation_id, partition)
    stands = "t.state IN ('open', 'seen')"
    at: list[object] = []
    if known is not None:
        stands = "t.raised_at <= %s AND (t.resolved_at IS NULL OR t.resolved_at > %s)"
        at = [known.instant, known.instant]
    if kind:
        stands, at = f"{stands} AND t.kind = %s", [*at, kind]
    sql = f"SELECT t.id, t.case_id, t.kind, t.key FROM {source} WHERE {where} AND {stands}"
    schema = {"id": pl.Int64, "case_id": pl.Int64, "kind": pl.String, "key": pl.String}
    return read_frame(sql, [*params, *at], schema)
