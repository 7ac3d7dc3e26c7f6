"""Touches: every attempt to reach a person, by machine or by hand, kept once with the debtor's own calendar day."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aldia.access.actors import Actor, system
from aldia.contact import law
from aldia.contact.models import Order, Touch
from aldia.db.rows import insert_rows


@dataclass(frozen=True)
class TouchDraft:
    """One attempt to reach a person: about which case, by which channel, when, and whether it reached the right one."""

    case_id: int
    party_id: int
    creditor_id: int
    channel: str
    at: datetime
    local_on: date  # the debtor's own calendar day
    is_inbound: bool = False
    is_contact: bool = False
    is_right_party: bool = False
    is_rehearsal: bool = False  # it stayed in the sandbox


def record_touch(*, actor: Actor, origin: str, touch: TouchDraft) -> Touch:
    """Return the touch of that origin (`order:12`, `outcome:9`), made once however often it is told."""
    kept: Touch
    kept, _made = Touch.objects.get_or_create(
        organisation_id=actor.organisation_id, origin=origin, defaults={**asdict(touch), "actor": actor.label}
    )
    return kept


def record_first_touch(*, actor: Actor, origin: str, touch: TouchDraft) -> Touch:
    """Return the touch of what this very transaction wrote: nobody can have told it before, so nobody is asked."""
    made: Touch = Touch.objects.create(
        organisation_id=actor.organisation_id, origin=origin, actor=actor.label, **asdict(touch)
    )
    return made


def record_for_order(order: Order, *, now: datetime) -> None:
    """Count an order that left, or may have left. Whether it reached somebody is not known: the law reads that as yes."""
    record_for_orders([(order, local_day(order, now))], now=now)


def record_for_orders(orders: Iterable[tuple[Order, date]], *, now: datetime) -> None:
    """The same for several, each with the debtor's day of that instant. Counted once, however often it is told."""
    insert_rows([_touch_of(order, local_on, now) for order, local_on in orders], skips_known=True)


def _touch_of(order: Order, local_on: date, now: datetime) -> Touch:
    return Touch(
        organisation_id=order.organisation_id, origin=f"order:{order.pk}", actor=system(order.organisation_id).label,
        case_id=order.case_id, party_id=order.party_id, creditor_id=order.creditor_id, channel=order.channel, at=now,
        local_on=local_on, is_rehearsal=order.provider == "sandbox",
    )  # fmt: skip


def local_day(order: Order, now: datetime) -> date:
    """Return the debtor's own calendar day of an instant."""
    zone: ZoneInfo = law.zones_of(order.organisation_id, order.case_id)[0]
    return now.astimezone(zone).date()
