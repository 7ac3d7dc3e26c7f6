"""First half: everything is looked at again, and the intent is committed before anything leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from aldia.access import selectors as access
from aldia.contact import composing, mail_server, recheck
from aldia.contact.models import Message, Order, OrderState
from aldia.contact.outbox import brakes, first_days, health
from aldia.contact.providers.protocol import Outgoing
from aldia.db.locks import named_lock
from aldia.db.memory import remembering_under_lock
from aldia.db.prepared import prepared
from aldia.db.vault import VaultClosed

if TYPE_CHECKING:
    from aldia.access.models import Organisation

LEASE = timedelta(minutes=5)  # longer than any provider's time-out
_CLAIMED = ("state", "token", "contact_point_id", "leased_until_at", "sending_at", "provider")


@dataclass(frozen=True)
class Claimed:
    """An order in `sending`, with what leaves and by which provider."""

    order: Order
    outgoing: Outgoing
    provider: str
    config: dict[str, object]
    local_on: date


def claim(
    order_id: int, *, organisation: Organisation, business_now: datetime, real_now: datetime
) -> Claimed | None:
    """Return the order ready to leave, committed as `sending`; None when it waits, is withheld, or another worker has it.

    `business_now` is what the law looks at (the sandbox has its own clock); `real_now` only dates the lease.
    """
    with transaction.atomic(), remembering_under_lock():
        order: Order | None = next(iter(_queued(organisation.pk, order_id)), None)
        if (
            order is None
            or access.is_paused(organisation.pk)
            or brakes.is_paused(order)
            or health.is_paused(order)
        ):
            return None  # another worker has it, or somebody stopped it while this pass was on its way
        with named_lock("party", order.party_id):
            ready = _looked_at_again(order, organisation, business_now)
            if isinstance(ready, recheck.Wait | recheck.Stop):
                _set_aside(order, ready, business_now)
                return None
            order.state, order.token = OrderState.SENDING, order.token + 1
            order.leased_until_at, order.sending_at, order.provider = (
                real_now + LEASE,
                business_now,
                ready.provider,
            )
            order.save(update_fields=_CLAIMED)
            _keep_message(order, ready.outgoing, is_sandbox=ready.provider == "sandbox", now=business_now)
            return ready


@prepared
def _queued(organisation_id: int, order_id: int) -> Any:
    rows = Order.objects.of(organisation_id).select_for_update()
    return rows.filter(pk=order_id, state=OrderState.QUEUED)


def _looked_at_again(
    order: Order, organisation: Organisation, now: datetime
) -> Claimed | recheck.Wait | recheck.Stop:
    """The order as it may leave at this instant, or what it waits for, or why it will not leave."""
    carried_by = _provider_of(order, organisation, now)
    if isinstance(carried_by, recheck.Wait | recheck.Stop):
        return carried_by
    verdict = recheck.recheck(order, organisation=organisation, now=now)
    if not isinstance(verdict, recheck.Go):
        return verdict
    if order.origin.startswith("run:"):
        wait = first_days.held_back(organisation, now) or brakes.held_back(order, now)
        if wait:
            return wait
    if wait := None if organisation.is_sandbox else health.held_back(order, now):
        return wait
    outgoing = composing.compose(order, organisation=organisation, point=verdict.point, now=now)
    if isinstance(outgoing, recheck.Stop):
        return outgoing
    order.contact_point_id = verdict.point.id
    return Claimed(order, outgoing, *carried_by, local_on=verdict.local_on)


def _set_aside(order: Order, verdict: recheck.Wait | recheck.Stop, now: datetime) -> None:
    """A closed window waits for its hour; a reason that will not pass by itself ends the order, with that reason."""
    order.reason, order.reason_args = verdict.reason, verdict.args
    if isinstance(verdict, recheck.Wait) and (order.expires_at is None or verdict.until < order.expires_at):
        order.not_before_at = verdict.until
    else:
        order.state, order.finished_at = OrderState.WITHHELD, now
    order.save(update_fields=["state", "reason", "reason_args", "not_before_at", "finished_at"])


def _provider_of(
    order: Order, organisation: Organisation, now: datetime
) -> tuple[str, dict[str, object]] | recheck.Wait | recheck.Stop:
    """Who carries the order. A sandbox organisation has one provider, whatever its settings say; in a live one a channel
    that is not switched on carries nothing."""
    if organisation.is_sandbox:
        return "sandbox", {}
    setting = mail_server.setting_of(organisation.pk, order.channel)
    if setting is None or not setting.is_live:
        return recheck.Stop("channel_off", {"channel": order.channel})
    if wait := health.resting(setting, now):
        return wait
    try:
        return setting.provider, mail_server.open_config(setting)
    except VaultClosed:
        return recheck.Stop("vault_closed", {"channel": order.channel})


def _keep_message(order: Order, outgoing: Outgoing, *, is_sandbox: bool, now: datetime) -> None:
    if order.token > 1:  # an earlier certain refusal left one
        Message.objects.of(order.organisation_id).filter(order=order).delete()
    Message.objects.create(
        organisation_id=order.organisation_id,
        order=order,
        channel=order.channel,
        recipient=outgoing.recipient,
        sender=outgoing.sender,
        subject=outgoing.subject[:250],
        text=outgoing.text,
        html=outgoing.html,
        attachments=composing.kept_attachments(outgoing, organisation_id=order.organisation_id, now=now),
        reference=outgoing.reference,
        is_sandbox=is_sandbox,
    )
