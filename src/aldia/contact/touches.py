"""Touches: every attempt to reach a person, by machine or by hand, kept once with the debtor's own calendar day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from aldia.access.actors import Actor, system
from aldia.contact import law
from aldia.contact.models import Order, Touch


def record_touch(
    *,
    actor: Actor,
    case_id: int,
    party_id: int,
    creditor_id: int,
    channel: str,
    at: datetime,
    local_on: date,
    origin: str,
    is_inbound: bool = False,
    is_contact: bool = False,
    is_right_party: bool = False,
) -> Touch:
    """Return the touch of that origin (`order:12`, `outcome:9`), made once however often it is told."""
    touch, _made = Touch.objects.of(actor.organisation_id).get_or_create(
        origin=origin,
        organisation_id=actor.organisation_id,
        defaults={
            "creditor_id": creditor_id, "party_id": party_id, "case_id": case_id, "channel": channel, "is_inbound": is_inbound,
            "is_contact": is_contact, "is_right_party": is_right_party, "at": at, "local_on": local_on, "actor": actor.label,
        },
    )  # fmt: skip
    return touch  # type: ignore[no-any-return]


def record_for_order(order: Order, *, now: datetime) -> None:
    """Count an order that left, or may have left. Whether it reached somebody is not known: the law reads that as yes."""
    record_touch(
        actor=system(order.organisation_id),
        case_id=order.case_id,
        party_id=order.party_id,
        creditor_id=order.creditor_id,
        channel=order.channel,
        at=now,
        local_on=local_day(order, now),
        origin=f"order:{order.pk}",
    )


def local_day(order: Order, now: datetime) -> date:
    """Return the debtor's own calendar day of an instant."""
    zone: ZoneInfo = law.zones_of(order.organisation_id, order.case_id)[0]
    return now.astimezone(zone).date()
