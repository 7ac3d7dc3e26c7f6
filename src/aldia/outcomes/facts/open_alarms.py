"""Which alarms are waiting for somebody."""

import polars as pl

from aldia.cases.facts import through_cases
from aldia.db.frames import read_frame
from aldia.db.partitions import Partition


def open_alarm_frame(organisation_id: int, *, partition: Partition | None = None) -> pl.DataFrame:
    """Return (case_id, kind) of the alarms that nobody resolved."""
    source, where, params = through_cases("outcomes_alarm", organisation_id, partition)
    sql = f"SELECT t.case_id, t.kind FROM {source} WHERE {where} AND t.state IN ('open', 'seen')"
    return read_frame(sql, params, {"case_id": pl.Int64, "kind": pl.String})
