"""The worker's passes over the outbox: what is due now, what a simulated day sends, which workers died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from aldia.access import selectors as access
from aldia.contact import touches
from aldia.contact.models import Attempt, ChannelSetting, Message, Order, OrderState
from aldia.contact.outbox import brakes
from aldia.contact.outbox.carrying import Carriers
from aldia.contact.outbox.claiming import claim
from aldia.contact.outbox.delivering import deliver

if TYPE_CHECKING:
    from aldia.access.models import Organisation


SLICE: Final = 20
Instant = Callable[[], datetime]  # the real clock, read by the worker and handed down


def send_due(*, limit: int, clock: Instant, organisation_id: int | None = None) -> Counter[str]:
    """Send what is due now, one batch of each organisation in turn; return the counts by final state.

    At most `limit` of each. What is due is asked again after every slice: what is urgent or was stopped meanwhile is known then.
    """
    counts: Counter[str] = Counter()
    carriers = Carriers()
    try:
        for organisation, order_ids in _turns(list(_with_work(organisation_id)), limit, clock, carriers):
            real_now = clock()
            one = Pass(organisation, carriers, counts, real_now)
            one.send(order_ids, _business_now(organisation, real_now))
    finally:
        carriers.close()
    return counts


def send_simulated_day(*, organisation_id: int, as_of: date, real_now: datetime) -> Counter[str]:
    """Send a sandbox organisation's orders of the day, each at its first lawful instant of that day."""
    counts: Counter[str] = Counter()
    organisation = next(o for o in access.organisations() if o.pk == organisation_id)
    one = Pass(organisation, Carriers(), counts, real_now)
    for order_id, instant in _of_day(organisation, as_of):
        one.send([order_id], instant)
        postponed = Order.objects.of(organisation).filter(pk=order_id, state=OrderState.QUEUED).first()
        if (
            postponed
            and postponed.not_before_at < _end_of(organisation, as_of)
            and postponed.not_before_at > instant
        ):
            one.send([order_id], postponed.not_before_at)
    return counts


def expire_leases(*, now: datetime) -> int:
    """Turn `sending` orders whose worker died into `unknown`; return how many. They are never sent again by a timer."""
    dead = Order.objects.across_organisations().filter(state=OrderState.SENDING, leased_until_at__lt=now)
    expired = 0
    for order in dead.iterator(chunk_size=500):
        with transaction.atomic():
            mine = Order.objects.of(order.organisation_id).filter(
                pk=order.pk, token=order.token, state=OrderState.SENDING
            )
            if not mine.update(state=OrderState.UNKNOWN, reason="worker_died", finished_at=order.sending_at):
                continue
            expired += 1
            Attempt.objects.create(
                organisation_id=order.organisation_id, order_id=order.pk, token=order.token, at=now,
                state=OrderState.UNKNOWN, detail="the worker died while sending",
            )  # fmt: skip
            touches.record_for_order(order, now=order.sending_at)
            Message.objects.of(order.organisation_id).filter(order=order).update(sent_at=order.sending_at)
    return expired


@dataclass
class Pass:
    """One worker going once through the orders of one organisation."""

    organisation: Organisation
    carriers: Carriers
    counts: Counter[str]
    real_now: datetime

    def send(self, order_ids: list[int], business_now: datetime) -> None:
        batch = claim(
            order_ids, organisation=self.organisation, business_now=business_now, real_now=self.real_now
        )
        states = deliver(batch, self.carriers)
        self.counts.update(states)
        if len(states) < len(order_ids):
            self.counts["set_aside"] += len(order_ids) - len(states)


def _with_work(organisation_id: int | None) -> Iterator[Organisation]:
    busy = Order.objects.across_organisations().filter(state=OrderState.QUEUED)
    keys = set(busy.values_list("organisation_id", flat=True).distinct())
    for organisation in access.organisations():
        if (
            organisation.pk in keys
            and not organisation.is_paused
            and organisation_id in (None, organisation.pk)
        ):
            yield organisation


def _turns(
    houses: list[Organisation], limit: int, clock: Instant, carriers: Carriers
) -> Iterator[tuple[Organisation, list[int]]]:
    """One batch of each organisation in turn, so that a big one never keeps a small one waiting."""
    seen: dict[int, list[int]] = {house.pk: [] for house in houses}
    while houses:
        slices: list[tuple[Organisation, list[Order]]] = []
        for house in houses:
            room = min(SLICE, limit - len(seen[house.pk]))
            slices.append((house, _due(house, _business_now(house, clock()), room, seen[house.pk])))
            seen[house.pk] += [order.pk for order in slices[-1][1]]
        houses = [house for house, due in slices if due and len(seen[house.pk]) < limit]
        while slices := [(house, due) for house, due in slices if due]:
            for house, due in slices:
                batch = _together(due, carriers.most)
                del due[: len(batch)]
                yield house, batch


def _due(organisation: Organisation, now: datetime, limit: int, seen: list[int]) -> list[Order]:
    paused = ChannelSetting.objects.of(organisation).filter(is_paused=True).values_list("channel", flat=True)
    rows = Order.objects.of(organisation).filter(state=OrderState.QUEUED, not_before_at__lte=now)
    rows = brakes.without_paused(rows.exclude(channel__in=list(paused)).exclude(pk__in=seen), organisation.pk)
    due = rows.order_by("-priority", "not_before_at", "id")
    return list(due.only("party_id", "channel", "has_statement", "has_documents", "origin")[:limit])


def _together(due: list[Order], most: int) -> list[int]:
    """What is claimed next: notices to different people. One with papers goes alone, since they are made in its claim."""
    batch: dict[int, int] = {}
    for order in due[:most]:
        if order.party_id in batch or (batch and order.has_papers):
            break
        batch[order.party_id] = order.pk
        if order.has_papers:
            break
    return list(batch.values())


def _of_day(organisation: Organisation, as_of: date) -> list[tuple[int, datetime]]:
    begin = datetime.combine(as_of, time(), ZoneInfo(organisation.timezone)).astimezone(UTC)
    rows = Order.objects.of(organisation).filter(
        state=OrderState.QUEUED, not_before_at__lt=_end_of(organisation, as_of)
    )
    ordered = rows.order_by("-priority", "not_before_at", "id").values_list("id", "not_before_at")
    return [(order_id, max(not_before, begin)) for order_id, not_before in ordered]


def _end_of(organisation: Organisation, on: date) -> datetime:
    return datetime.combine(on + timedelta(days=1), time(), ZoneInfo(organisation.timezone)).astimezone(UTC)


def _business_now(organisation: Organisation, real_now: datetime) -> datetime:
    return access.clock_of(organisation, real_now).now
