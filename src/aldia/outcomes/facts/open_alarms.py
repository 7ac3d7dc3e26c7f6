"""Which alarms are waiting for somebody."""

import polars as pl
from django.db.models import F

from aldia.db.frames import read_queryset
from aldia.outcomes.models import Alarm


def open_alarm_frame(organisation_id: int, *, partition: tuple[int, int] | None = None) -> pl.DataFrame:
    """Return (case_id, kind) of the alarms that nobody resolved. `partition` is (number, of) over party_id modulo."""
    rows = Alarm.objects.of(organisation_id).filter(state__in=["open", "seen"])
    if partition is not None:
        number, of = partition
        rows = rows.alias(part=F("case__party_id") % of).filter(part=number)
    return read_queryset(rows, {"case_id": pl.Int64, "kind": pl.String})
