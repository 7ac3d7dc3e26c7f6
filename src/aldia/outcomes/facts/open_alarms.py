"""Which alarms are waiting for somebody."""

import polars as pl

from aldia.db.frames import read_queryset
from aldia.db.partitions import Partition, of_people
from aldia.outcomes.models import Alarm


def open_alarm_frame(organisation_id: int, *, partition: Partition | None = None) -> pl.DataFrame:
    """Return (case_id, kind) of the alarms that nobody resolved."""
    rows = Alarm.objects.of(organisation_id).filter(of_people("case__party", partition), state__in=["open", "seen"])
    return read_queryset(rows, {"case_id": pl.Int64, "kind": pl.String})
