"""Campaigns in the hands of people: paused, slowed, let go, stopped for good; and the provider asked about what nobody knows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact import mail_server
from aldia.contact.models import Brake, Message, Order, OrderState
from aldia.contact.outbox import brakes
from aldia.contact.providers import provider
from aldia.contact.services.orders import resolve_unknown

if TYPE_CHECKING:
    from django.db.models import QuerySet

FASTEST: Final = 6_000  # a minute: faster than that is no brake


class BrakeRefused(ValueError):
    """Raised when a brake has no reason, or a pace that is none."""


class CountChanged(Exception):
    """Raised when what would be cancelled is no longer what the person read; `count` is what it is now."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(_("Ahora son %(count)s avisos. Míralo otra vez.") % {"count": count})


@transaction.atomic
def brake_campaign(
    *, actor: Actor, campaign: str, per_minute: int | None, reason: str, now: datetime
) -> Brake:
    """Hold a campaign: None stands still, a number is the most that leave in a minute. Raises BrakeRefused, NotAllowed.

    It holds for what is queued and for what later nights add, until `release_campaign`.
    """
    actor.check(Permission.BULK_ACT)
    if not reason.strip():
        raise BrakeRefused(_("Escribe por qué: queda en la auditoría."))
    if per_minute is not None and not 1 <= per_minute <= FASTEST:
        raise BrakeRefused(_("El ritmo va de 1 a %(most)s por minuto.") % {"most": FASTEST})
    _let_wait_again(actor, campaign, now)
    brake: Brake
    brake, _made = Brake.objects.of(actor.organisation_id).update_or_create(
        organisation_id=actor.organisation_id, campaign=campaign,
        defaults={
            "per_minute": per_minute, "next_at": None, "reason": reason.strip()[:200], "placed_by": actor.label,
            "placed_at": now,
        },
    )  # fmt: skip
    _record(actor, "contact.campaign.brake", campaign, now, per_minute=per_minute, reason=brake.reason)
    return brake


@transaction.atomic
def release_campaign(*, actor: Actor, campaign: str, now: datetime) -> bool:
    """Let a campaign run freely again; False when nothing held it. Raises NotAllowed."""
    actor.check(Permission.BULK_ACT)
    gone, _detail = Brake.objects.of(actor.organisation_id).filter(campaign=campaign).delete()
    if gone:
        _let_wait_again(actor, campaign, now)
        _record(actor, "contact.campaign.release", campaign, now)
    return bool(gone)


@transaction.atomic
def stop_campaign(*, actor: Actor, campaign: str, expected: int, reason: str, now: datetime) -> int:
    """Cancel what is queued of a campaign; return how many. Raises BrakeRefused, CountChanged, NotAllowed.

    It cannot be undone: those notices are never sent. What later nights decide is not touched.
    """
    actor.check(Permission.BULK_ACT)
    if not reason.strip():
        raise BrakeRefused(_("Escribe por qué: queda en la auditoría."))
    rows = _queued(actor, campaign)
    count = rows.count()
    if count != expected:
        raise CountChanged(count)
    stopped = int(rows.update(state=OrderState.CANCELLED, reason=brakes.STOPPED, finished_at=now))
    _record(actor, "contact.campaign.stop", campaign, now, orders=stopped, reason=reason.strip()[:200])
    return stopped


def ask_provider(*, actor: Actor, order_id: int, now: datetime) -> bool | None:
    """Ask the provider whether it has a message that nobody knows about, and settle it when it tells; None when it cannot.

    Raises Order.DoesNotExist when the order is not unknown, VaultClosed, NotAllowed.
    """
    actor.check(Permission.BULK_ACT)
    rows = Order.objects.of(actor.organisation_id)
    order: Order = rows.get(pk=order_id, state=OrderState.UNKNOWN)
    message = Message.objects.of(actor.organisation_id).filter(order=order).first()
    setting = mail_server.setting_of(actor.organisation_id, order.channel)
    is_known = order.provider == "sandbox" or (setting is not None and setting.provider == order.provider)
    if message is None or not is_known:
        return None
    carrier = provider(order.provider, mail_server.open_config(setting) if setting else {})
    try:
        has_it = carrier.look_up(message.reference)
    finally:
        carrier.close()
    if has_it is not None:
        resolve_unknown(
            actor=actor, order_id=order_id, was_sent=has_it, now=now, because=f"provider:{order.provider}"
        )
    return has_it


def queued_of(actor: Actor, campaign: str) -> int:
    """Return how many notices of a campaign wait, of every night: what `stop_campaign` would cancel."""
    return int(_queued(actor, campaign).count())


def _queued(actor: Actor, campaign: str) -> QuerySet[Order]:
    return brakes.of_campaign(
        Order.objects.of(actor.organisation_id).filter(state=OrderState.QUEUED), campaign
    )


def _let_wait_again(actor: Actor, campaign: str, now: datetime) -> None:
    """Places given at the former pace are given back."""
    _queued(actor, campaign).filter(reason=brakes.SLOWED).update(not_before_at=now, reason="", reason_args={})


def _record(actor: Actor, verb: str, campaign: str, now: datetime, **data: object) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="campaign", object_id=campaign[:40], now=now,
        data={"campaign": campaign, **data},
    )  # fmt: skip
