"""Which alarms are waiting for somebody."""

import polars as pl

from aldia.db.frames import read_queryset
from aldia.outcomes.models import Alarm


def open_alarm_frame(organisation_id: int) -> pl.DataFrame:
    """Return (case_id, kind) of the alarms that nobody resolved."""
    rows = Alarm.objects.of(organisation_id).filter(state__in=["open", "seen"])
    return read_queryset(rows, {"case_id": pl.Int64, "kind": pl.String})
