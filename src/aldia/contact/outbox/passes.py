"""The worker's passes over the outbox: what is due now, what a simulated day sends, which workers died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from aldia.access import selectors as access
from aldia.contact import touches
from aldia.contact.models import Attempt, ChannelSetting, Message, Order, OrderState
from aldia.contact.outbox import brakes
from aldia.contact.outbox.carrying import Carriers
from aldia.contact.outbox.claiming import claim
from aldia.contact.outbox.handing import Handing
from aldia.db.prepared import prepared

if TYPE_CHECKING:
    from aldia.access.models import Organisation


SLICE: Final = 20
AT_ONCE: Final = 2 * SLICE
Instant = Callable[[], datetime]  # the real clock, read by the worker and handed down


def send_due(*, limit: int, clock: Instant, organisation_id: int | None = None) -> Counter[str]:
    """Send what is due now, one batch of each organisation in turn; return the counts by final state.

    At most `limit` of each. What is due is asked again after every slice: what is urgent or was stopped meanwhile is known then.
    """
    with _a_pass() as one:
        for organisation, orders in _turns(list(_with_work(organisation_id)), limit, clock, one.carriers):
            real_now = clock()
            one.send(orders, organisation, real_now, _business_now(organisation, real_now))
    return one.counts


def send_simulated_day(*, organisation_id: int, as_of: date, real_now: datetime) -> Counter[str]:
    """Send a sandbox organisation's orders of the day, each at its first lawful instant of that day."""
    organisation = next(o for o in access.organisations() if o.pk == organisation_id)
    with _a_pass() as one:
        for order, instant in _of_day(organisation, as_of):
            one.send([order], organisation, real_now, instant)
            one.handing.finish()
            postponed = Order.objects.of(organisation).filter(pk=order.pk, state=OrderState.QUEUED).first()
            if postponed and instant < postponed.not_before_at < _end_of(organisation, as_of):
                one.send([postponed], organisation, real_now, postponed.not_before_at)
    return one.counts


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


class _Pass:
    """One worker going once through what is due."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.carriers = Carriers()
        self.handing = Handing(self.carriers, self.counts)

    def send(
        self, orders: list[Order], organisation: Organisation, real_now: datetime, business_now: datetime
    ) -> None:
        """Claim what may leave of these, while what was claimed before leaves, and begin to hand it over."""
        if self.handing.reaches(order.party_id for order in orders):
            self.handing.finish()  # how it ended is what the law asks of the next to the same person
        batch = claim(
            [order.pk for order in orders], organisation=organisation, business_now=business_now, real_now=real_now,
            beside=self.handing,
        )  # fmt: skip
        self.handing.add(batch)
        if len(batch.claimed) < len(orders):
            self.counts["set_aside"] += len(orders) - len(batch.claimed)


@contextmanager
def _a_pass() -> Iterator[_Pass]:
    one = _Pass()
    try:
        yield one
        one.handing.finish()
    finally:
        one.handing.end()
        one.carriers.close()


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
) -> Iterator[tuple[Organisation, list[Order]]]:
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


def _due(organisation: Organisation, now: datetime, room: int, seen: list[int]) -> list[Order]:
    """What is due now and was not looked at in this pass: mostly among the first few, else all of it is asked for."""
    first, paused = _first_due(organisation.pk, now), set(_paused(organisation.pk))
    standing = set(brakes.standing(organisation.pk))
    fitting = [
        order for order in first
        if order.pk not in seen and order.channel not in paused
        and not (order.origin.startswith("run:") and brakes.campaign_of(order.identity) in standing)
    ]  # fmt: skip
    if len(fitting) >= room or len(first) < AT_ONCE:
        return fitting[:room]
    rows = _queue(organisation.pk, now).exclude(channel__in=paused).exclude(pk__in=seen)
    return list(brakes.without_paused(rows, organisation.pk)[:room])


@prepared
def _first_due(organisation_id: int, now: datetime) -> Any:
    return _queue(organisation_id, now)[:AT_ONCE]


def _queue(organisation_id: int, now: datetime) -> Any:
    rows = Order.objects.of(organisation_id).filter(state=OrderState.QUEUED, not_before_at__lte=now)
    told = rows.only("party_id", "channel", "has_statement", "has_documents", "origin", "identity")
    return told.order_by("-priority", "not_before_at", "id")


@prepared
def _paused(organisation_id: int) -> Any:
    return ChannelSetting.objects.of(organisation_id).filter(is_paused=True).values_list("channel", flat=True)


def _together(due: list[Order], most: int) -> list[Order]:
    """What is claimed next: notices to different people. One with papers goes alone, since they are made in its claim."""
    batch: dict[int, Order] = {}
    for order in due[:most]:
        if order.party_id in batch or (batch and order.has_papers):
            break
        batch[order.party_id] = order
        if order.has_papers:
            break
    return list(batch.values())


def _of_day(organisation: Organisation, as_of: date) -> list[tuple[Order, datetime]]:
    begin = datetime.combine(as_of, time(), ZoneInfo(organisation.timezone)).astimezone(UTC)
    rows = Order.objects.of(organisation).filter(
        state=OrderState.QUEUED, not_before_at__lt=_end_of(organisation, as_of)
    )
    ordered = rows.order_by("-priority", "not_before_at", "id").only("party_id", "not_before_at")
    return [(order, max(order.not_before_at, begin)) for order in ordered]


def _end_of(organisation: Organisation, on: date) -> datetime:
    return datetime.combine(on + timedelta(days=1), time(), ZoneInfo(organisation.timezone)).astimezone(UTC)


def _business_now(organisation: Organisation, real_now: datetime) -> datetime:
    return access.clock_of(organisation, real_now).now
