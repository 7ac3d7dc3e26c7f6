"""The first live days: at most so many automatic messages a day leave, and whatever is over waits for the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aldia.contact.models import Order, OrderState
from aldia.contact.recheck import Wait
from aldia.db.locks import named_lock

if TYPE_CHECKING:
    from aldia.access.models import Organisation

REASON = "first_days_cap"


def held_back(organisation: Organisation, now: datetime, *, besides: int) -> Wait | None:
    """Return until when the next automatic message waits, or None when it may leave. Call it in the claiming transaction.

    `besides`: how many that transaction took already. The cap is `organisation.settings["first_days"]`:
    {"cap": 200, "until_on": "2026-12-01"}, the last day excluded.
    """
    told = organisation.settings.get("first_days")
    zone = ZoneInfo(organisation.timezone)
    today = now.astimezone(zone).date()
    if organisation.is_sandbox or not told or today >= date.fromisoformat(told["until_on"]):
        return None
    begin, end = _instant(today, zone), _instant(today + timedelta(days=1), zone)
    with named_lock("contact.first_days", organisation.pk):
        left = Order.objects.of(organisation).filter(
            state__in=[OrderState.SENDING, OrderState.SENT, OrderState.UNKNOWN],
            origin__startswith="run:",
            sending_at__gte=begin,
            sending_at__lt=end,
        )
        return Wait(end, REASON, {"cap": told["cap"]}) if left.count() + besides >= told["cap"] else None


def _instant(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone).astimezone(UTC)
