"""The circuit breaker of a channel: after some failures in a row it rests, so that a provider in trouble is not hammered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from aldia.contact.models import ChannelSetting, Order
from aldia.contact.recheck import Wait

TRIES: Final = 5
REST: Final = timedelta(minutes=5)


def note_failure(order: Order, detail: str, *, now: datetime) -> None:
    """Count a failure that is not about the message itself; with enough of them in a row the channel rests."""
    rows = ChannelSetting.objects.of(order.organisation_id).filter(channel=order.channel)
    rows.update(failures=F("failures") + 1, last_error=detail[:300])
    rows.filter(failures__gte=TRIES).update(rests_until_at=now + REST)


def note_well(organisation_id: int, channel: str) -> None:
    """A message went through: the channel is well again."""
    rows = ChannelSetting.objects.of(organisation_id).filter(channel=channel, failures__gt=0)
    rows.update(failures=0, rests_until_at=None)


def resting(setting: ChannelSetting, now: datetime) -> Wait | None:
    """Return until when the channel rests, None when it works."""
    until = setting.rests_until_at
    return Wait(until, "circuit_open", {"channel": setting.channel}) if until and until > now else None
