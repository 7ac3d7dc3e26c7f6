"""The brake of one campaign: it stands still, or leaves so many a minute, each order at its own place in the row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from aldia.contact.models import Brake, Order
from aldia.contact.outbox import health
from aldia.contact.recheck import Wait
from aldia.db.memory import remembered
from aldia.db.prepared import prepared

if TYPE_CHECKING:
    from django.db.models import QuerySet

SLOWED: Final = "campaign_slowed"
STOPPED: Final = "campaign_stopped"


def campaign_of(identity: str) -> str:
    """Return `strategy:step` of an order that a strategy left."""
    return ":".join(identity.split(":", 2)[:2])


def of_campaign(rows: QuerySet[Order], campaign: str) -> QuerySet[Order]:
    """Return those of the orders that strategies left for this campaign."""
    return rows.filter(origin__startswith="run:", identity__startswith=f"{campaign}:")


def without_paused(rows: QuerySet[Order], organisation_id: int) -> QuerySet[Order]:
    """Return the orders but for those of campaigns that stand still."""
    for brake in Brake.objects.of(organisation_id).filter(per_minute=None):
        rows = rows.exclude(origin__startswith="run:", identity__startswith=f"{brake.campaign}:")
    return rows


@prepared
def standing(organisation_id: int) -> Any:
    """Return the campaigns of the organisation that stand still."""
    return Brake.objects.of(organisation_id).filter(per_minute=None).values_list("campaign", flat=True)


def is_paused(order: Order) -> bool:
    """Return whether the order's campaign stands still."""
    if not order.origin.startswith("run:"):
        return False
    return any(
        brake.per_minute is None for brake in _brakes(order.organisation_id, campaign_of(order.identity))
    )


def held_back(order: Order, now: datetime) -> Wait | None:
    """Return the order's place in a slowed campaign, None when it may leave now. Call it in the claiming transaction.

    An order that waited for its place leaves at it; whoever comes first takes the next one.
    """
    campaign = campaign_of(order.identity)
    had_its_place = order.reason in {SLOWED, health.SLOWED}  # whoever waits for the channel had it here
    if had_its_place or not _brakes(order.organisation_id, campaign):
        return None
    rows = Brake.objects.of(order.organisation_id).select_for_update()
    brake = rows.filter(campaign=campaign, per_minute__gt=0).first()
    if brake is None:
        return None
    place = max(now, brake.next_at or now)
    brake.next_at = place + timedelta(seconds=60) / brake.per_minute
    brake.save(update_fields=["next_at"])
    return Wait(place, SLOWED, {"per_minute": brake.per_minute}) if place > now else None


@remembered
@prepared
def _brakes(organisation_id: int, campaign: str) -> Any:
    return Brake.objects.of(organisation_id).filter(campaign=campaign)
