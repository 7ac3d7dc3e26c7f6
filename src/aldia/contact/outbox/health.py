"""How a channel bears the load: it rests after some failures in a row, stands still when paused, and keeps its pace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from aldia.contact.mail_server import setting_of
from aldia.contact.models import ChannelSetting, Order
from aldia.contact.recheck import Wait

TRIES: Final = 5
REST: Final = timedelta(minutes=5)
SLOWED: Final = "channel_slowed"


def note_failure(order: Order, detail: str, *, now: datetime) -> None:
    """Count a failure that is not about the message itself; with enough of them in a row the channel rests."""
    rows = ChannelSetting.objects.of(order.organisation_id).filter(channel=order.channel)
    rows.update(failures=F("failures") + 1, last_error=detail[:300])
    rows.filter(failures__gte=TRIES).update(rests_until_at=now + REST)


def note_well(organisation_id: int, channel: str) -> None:
    """A message went through: the channel is well again."""
    rows = ChannelSetting.objects.of(organisation_id).filter(channel=channel, failures__gt=0)
    rows.update(failures=0, rests_until_at=None)


def is_paused(order: Order) -> bool:
    """Return whether somebody stopped the order's channel. Call it in the claiming transaction."""
    setting = setting_of(order.organisation_id, order.channel)
    return setting is not None and setting.is_paused


def held_back(order: Order, now: datetime) -> Wait | None:
    """Return the order's place on a channel with a pace, None when it may leave now. Call it in the claiming transaction.

    It takes its place once. What the person asked for a moment ago takes one too, but does not wait for it.
    """
    known = setting_of(order.organisation_id, order.channel)
    if known is None or not known.per_minute or order.reason == SLOWED:
        return None
    rows = ChannelSetting.objects.of(order.organisation_id).select_for_update()
    setting = rows.filter(channel=order.channel, per_minute__gt=0).first()
    if setting is None:
        return None
    place = max(now, setting.next_at or now)
    setting.next_at = place + timedelta(seconds=60) / setting.per_minute
    setting.save(update_fields=["next_at"])
    must_wait = place > now and order.purpose != "requested"
    return Wait(place, SLOWED, {"per_minute": setting.per_minute}) if must_wait else None


def resting(setting: ChannelSetting, now: datetime) -> Wait | None:
    """Return until when the channel rests, None when it works."""
    until = setting.rests_until_at
    return Wait(until, "circuit_open", {"channel": setting.channel}) if until and until > now else None
