"""First half: everything is looked at again, and the intent is committed before anything leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from aldia.access import selectors as access
from aldia.contact import composing, law, links, mail_server, recheck
from aldia.contact.models import DebtorLink, GateProof, Message, Order, OrderState
from aldia.contact.outbox import brakes, first_days, health
from aldia.contact.providers.protocol import Outgoing
from aldia.db import changes
from aldia.db.locks import named_locks
from aldia.db.memory import remembering_under_lock
from aldia.db.prepared import prepared
from aldia.db.rows import insert_rows, update_rows
from aldia.db.vault import VaultClosed
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.access.models import Organisation

LEASE = timedelta(minutes=5)  # longer than any provider's time-out
_CLAIMED = ("state", "token", "contact_point_id", "leased_until_at", "sending_at", "provider")


@dataclass(frozen=True)
class Claimed:
    """An order in `sending`, with what leaves, by which provider, and what that stands on."""

    order: Order
    outgoing: Outgoing
    provider: str
    config: dict[str, object]
    local_on: date
    grounds: tuple[object, ...]


@dataclass
class Batch:
    """What one transaction claimed. `mark`: of the database as it was read; on PostgreSQL nothing is equal to it."""

    organisation: Organisation
    business_now: datetime
    claimed: list[Claimed] = field(default_factory=list)
    mark: str = ""


class Beside:
    """What leaves while more is claimed: nothing."""

    def go_on(self) -> None:
        """Start what can start; it never waits."""

    def note(self) -> None:
        """Write how what left ended."""

    @contextmanager
    def our_own_writes(self) -> Iterator[None]:
        """What the body writes is no reason to look again at what waits."""
        yield


def claim(
    order_ids: Sequence[int],
    *,
    organisation: Organisation,
    business_now: datetime,
    real_now: datetime,
    beside: Beside | None = None,
) -> Batch:
    """Return those of the orders that may leave, committed as `sending` in one transaction, one of each person at most.

    The others wait, are withheld, or another worker has them. `business_now` is what the law looks at (the sandbox has its own
    clock); `real_now` only dates the lease. `beside` goes on after each look, and notes in the same transaction what ended.
    """
    batch, beside = Batch(organisation, business_now), beside or Beside()
    with transaction.atomic(), remembering_under_lock():
        orders = _still_to_send(organisation.pk, list(order_ids))
        with named_locks("party", [order.party_id for order in orders]):
            as_of = composing.local_day(organisation, business_now)
            law.read_ahead(organisation.pk, orders, before=business_now, as_of=as_of)
            taking = _Taking(organisation, business_now)
            for order in _of_different_people(organisation.pk, orders):
                taking.look_at(order)
                beside.go_on()
            with beside.our_own_writes():
                beside.note()
                taking.write(real_now + LEASE)
        # The mark is taken in here: PostgreSQL lets others commit while we read.
        batch.claimed, batch.mark = taking.ready, changes.mark()
    return batch


def _still_to_send(organisation_id: int, order_ids: list[int]) -> list[Order]:
    """The orders that no other worker has and nobody stopped while this pass was on its way, the first of each person."""
    if access.is_paused(organisation_id):
        return []
    found: dict[int, Order] = {}
    for order in _queued(organisation_id, order_ids):
        if not (brakes.is_paused(order) or health.is_paused(order)):
            found.setdefault(order.party_id, order)
    return list(found.values())


@prepared
def _queued(organisation_id: int, order_ids: list[int]) -> Any:
    rows = Order.objects.of(organisation_id).select_for_update()
    rows = rows.filter(pk__in=order_ids, state=OrderState.QUEUED)
    return rows.order_by("-priority", "not_before_at", "id")


def _of_different_people(organisation_id: int, orders: Iterable[Order]) -> Iterable[Order]:
    """Two records of one person have one budget: the second is for the next transaction, which sees what the first did."""
    seen: set[int] = set()
    for order in orders:
        group = parties.group_of(organisation_id, order.party_id)
        if seen.isdisjoint(group):
            seen.update(group)
            yield order


class _Taking:
    """One claiming transaction: each order is looked at again, and what follows is written for all of them at its end."""

    def __init__(self, organisation: Organisation, now: datetime) -> None:
        self.ready: list[Claimed] = []
        self._organisation, self._now = organisation, now
        self._proofs: list[GateProof] = []
        self._links: list[DebtorLink] = []
        self._set_aside: list[tuple[Order, recheck.Wait | recheck.Stop]] = []

    def look_at(self, order: Order) -> None:
        found = self._looked_at_again(order)
        if isinstance(found, recheck.Wait | recheck.Stop):
            self._set_aside.append((order, found))
        else:
            self.ready.append(found)

    def _looked_at_again(self, order: Order) -> Claimed | recheck.Wait | recheck.Stop:
        """The order as it may leave at this instant, or what it waits for, or why it will not leave."""
        carried_by = _provider_of(order, self._organisation, self._now)
        if isinstance(carried_by, recheck.Wait | recheck.Stop):
            return carried_by
        verdict = recheck.recheck(order, organisation=self._organisation, now=self._now)
        if verdict.proof is not None:
            self._proofs.append(verdict.proof)
        if not isinstance(verdict, recheck.Go):
            return verdict
        if wait := self._held_back(order):
            return wait
        token, link = links.draft_link(
            organisation_id=order.organisation_id, case_id=order.case_id, party_id=order.party_id,
            origin=f"order:{order.pk}", now=self._now,
        )  # fmt: skip
        outgoing = composing.compose(
            order, organisation=self._organisation, point=verdict.point, token=token, now=self._now
        )
        if isinstance(outgoing, recheck.Stop):
            return outgoing
        self._links.append(link)
        order.contact_point_id = verdict.point.id
        grounds = recheck.grounds(order, as_of=verdict.local_on)
        return Claimed(order, outgoing, *carried_by, local_on=verdict.local_on, grounds=grounds)

    def _held_back(self, order: Order) -> recheck.Wait | None:
        if order.origin.startswith("run:"):
            besides = sum(each.order.origin.startswith("run:") for each in self.ready)
            wait = first_days.held_back(self._organisation, self._now, besides=besides)
            if wait := wait or brakes.held_back(order, self._now):
                return wait
        return None if self._organisation.is_sandbox else health.held_back(order, self._now)

    def write(self, leased_until_at: datetime) -> None:
        """Write the proofs, why what waits or stops does so, and of what may leave the intent, the message and the person's link."""
        for order, verdict in self._set_aside:
            _set_aside(order, verdict, self._now)
        insert_rows(self._proofs)
        if not self.ready:
            return
        orders = [each.order for each in self.ready]
        again = [order.pk for order in orders if order.token]  # an earlier certain refusal left a message
        if again:
            Message.objects.of(self._organisation).filter(order_id__in=again).delete()
        for each in self.ready:
            each.order.state, each.order.token = OrderState.SENDING, each.order.token + 1
            each.order.leased_until_at, each.order.sending_at = leased_until_at, self._now
            each.order.provider = each.provider
        update_rows(orders, _CLAIMED)
        insert_rows(self._links)
        insert_rows([_message(each, self._now) for each in self.ready])


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


def _message(claimed: Claimed, now: datetime) -> Message:
    outgoing, organisation_id = claimed.outgoing, claimed.order.organisation_id
    return Message(
        organisation_id=organisation_id,
        order=claimed.order,
        channel=claimed.order.channel,
        recipient=outgoing.recipient,
        sender=outgoing.sender,
        subject=outgoing.subject[:250],
        text=outgoing.text,
        html=outgoing.html,
        attachments=composing.kept_attachments(outgoing, organisation_id=organisation_id, now=now),
        reference=outgoing.reference,
        is_sandbox=claimed.provider == "sandbox",
    )
