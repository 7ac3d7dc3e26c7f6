"""Second half: the provider is called outside any transaction, and its answer is committed if the token still holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from aldia.contact import touches
from aldia.contact.models import Attempt, Message, Order, OrderState
from aldia.contact.outbox import health
from aldia.contact.outbox.claiming import Batch, Claimed, write_orders
from aldia.contact.outbox.watching import Watch
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Provider, ProviderError
from aldia.db.pace import sync, unsynced_transaction

RETRY_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
)  # only after a certain refusal


_ENDED = (
    "state", "reason", "leased_until_at", "finished_at", "provider_reference", "not_before_at",
)  # fmt: skip


class Carriers:
    """The providers of one pass of the worker, each connected once."""

    def __init__(self) -> None:
        self._open: dict[str, Provider] = {}
        self._well: set[tuple[int, str]] = set()

    def of(self, claimed: Claimed) -> Provider:
        key = f"{claimed.order.organisation_id}:{claimed.provider}"
        if key not in self._open:
            self._open[key] = provider(claimed.provider, claimed.config)
        return self._open[key]

    def note_well(self, order: Order) -> None:
        """Say so once a pass: the channel of an order works."""
        if (order.organisation_id, order.channel) not in self._well:
            self._well.add((order.organisation_id, order.channel))
            health.note_well(order.organisation_id, order.channel)

    def note_failure(self, order: Order, error: ProviderError, now: datetime) -> None:
        """A refusal of this very message says nothing of the channel; anything else does."""
        if not (error.is_certain and error.is_permanent):
            self._well.discard((order.organisation_id, order.channel))
            health.note_failure(order, str(error), now=now)

    def close(self) -> None:
        """Let go of every connection; how the last messages ended is brought to the disk."""
        for carrier in self._open.values():
            carrier.close()
        sync()


def deliver(batch: Batch, carriers: Carriers) -> list[str]:
    """Hand over what was claimed, each while nothing it stands on has changed; commit how all of it ended and return that.

    What was not handed over is queued again, and is not among what is returned.
    """
    watch, ended, troubled = Watch(batch), list[_Ended](), set[str]()
    try:
        for claimed in batch.claimed:
            if claimed.order.channel not in troubled and watch.lets(claimed):
                ended.append(_handed_over(claimed, carriers, batch.business_now))
                if ended[-1].is_trouble:  # the rest of the channel waits until it is known to rest
                    troubled.add(claimed.order.channel)
    finally:
        known = {id(each.claimed) for each in ended}
        _finish(ended, now=batch.business_now)
        _take_back([each for each in batch.claimed if id(each) not in known])
    for each in ended:
        if each.state == OrderState.SENT:
            carriers.note_well(each.claimed.order)
    return [each.state.value for each in ended]


@dataclass(frozen=True)
class _Ended:
    """How one attempt ended."""

    claimed: Claimed
    state: OrderState
    detail: str
    reason: str = ""
    provider_reference: str = ""
    wait: timedelta | None = None
    is_trouble: bool = False


def _handed_over(claimed: Claimed, carriers: Carriers, now: datetime) -> _Ended:
    try:
        accepted = carriers.of(claimed).send(claimed.outgoing)
    except ProviderError as error:
        carriers.note_failure(claimed.order, error, now)
        return _after_failure(claimed, error)
    return _Ended(
        claimed, OrderState.SENT, accepted.answer[:300], provider_reference=accepted.provider_reference
    )


def _after_failure(claimed: Claimed, error: ProviderError) -> _Ended:
    order, told = claimed.order, str(error)
    if not error.is_certain:
        return _Ended(claimed, OrderState.UNKNOWN, told, "provider_silent", is_trouble=True)
    tries = Attempt.objects.of(order.organisation_id).filter(order_id=order.pk).count()
    is_trouble = not error.is_permanent
    if error.is_permanent or tries >= len(RETRY_AFTER):
        return _Ended(claimed, OrderState.FAILED, told, "provider_refused", is_trouble=is_trouble)
    return _Ended(claimed, OrderState.QUEUED, told, "provider_busy", wait=RETRY_AFTER[tries], is_trouble=True)


@unsynced_transaction()
def _finish(ended: list[_Ended], *, now: datetime) -> None:
    """Commit the end of each attempt. A late answer of a worker whose lease was taken changes nothing but the log.

    What a power failure takes back was intended before, on the disk: it ends as unknown, like what a dead worker left.
    """
    if not ended:
        return
    organisation_id = ended[0].claimed.order.organisation_id
    held = _held(organisation_id, [each.claimed.order for each in ended])
    for each in ended:
        _note_end(each, now)
    write_orders([each.claimed.order for each in ended if each.claimed.order.pk in held], _ENDED)
    Attempt.objects.bulk_create(
        [_attempt(each, now, is_late=each.claimed.order.pk not in held) for each in ended]
    )
    left = [
        each.claimed for each in ended
        if each.claimed.order.pk in held and each.state in {OrderState.SENT, OrderState.UNKNOWN}
    ]  # fmt: skip
    counted = [(each.order, each.local_on) for each in left if each.order.purpose != "requested"]
    touches.record_for_orders(counted, now=now)
    Message.objects.of(organisation_id).filter(order_id__in=[each.order.pk for each in left]).update(
        sent_at=now
    )


def _held(organisation_id: int, orders: list[Order]) -> set[int]:
    """Which of the orders are still this worker's."""
    rows = Order.objects.of(organisation_id).select_for_update().filter(pk__in=[order.pk for order in orders])
    tokens = dict(rows.filter(state=OrderState.SENDING).order_by("pk").values_list("pk", "token"))
    return {order.pk for order in orders if tokens.get(order.pk) == order.token}


def _note_end(ended: _Ended, now: datetime) -> None:
    order = ended.claimed.order
    order.state, order.reason, order.leased_until_at = ended.state, ended.reason, None
    if ended.wait is None:
        order.finished_at, order.provider_reference = now, ended.provider_reference
    else:
        order.not_before_at = now + ended.wait


def _attempt(ended: _Ended, now: datetime, *, is_late: bool) -> Attempt:
    order = ended.claimed.order
    return Attempt(
        organisation_id=order.organisation_id, order_id=order.pk, token=order.token, at=now, state=ended.state,
        detail=f"too late: {ended.detail}"[:300] if is_late else ended.detail[:300],
    )  # fmt: skip


@transaction.atomic
def _take_back(claimed: list[Claimed]) -> None:
    """What was not handed over is in the queue again, and the next pass decides by what is true then."""
    if claimed:
        organisation_id = claimed[0].order.organisation_id
        mine = _held(organisation_id, [each.order for each in claimed])
        Order.objects.of(organisation_id).filter(pk__in=mine).update(
            state=OrderState.QUEUED, leased_until_at=None
        )
