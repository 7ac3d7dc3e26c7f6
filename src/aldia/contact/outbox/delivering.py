"""Second half: the provider is called outside any transaction, and its answer is committed if the token still holds."""

from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction

from aldia.contact import touches
from aldia.contact.models import Attempt, Message, Order, OrderState
from aldia.contact.outbox.carrying import LONGEST, Carriers
from aldia.contact.outbox.claiming import Batch, Claimed
from aldia.contact.outbox.watching import Watch
from aldia.contact.providers.protocol import Accepted, ProviderError
from aldia.db.pace import unsynced_transaction
from aldia.db.rows import update_rows

RETRY_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
)  # only after a certain refusal


_ENDED = (
    "state", "reason", "leased_until_at", "finished_at", "provider_reference", "not_before_at",
)  # fmt: skip


def deliver(batch: Batch, carriers: Carriers) -> list[str]:
    """Hand over what was claimed, each while nothing it stands on has changed; commit how all of it ended and return that.

    What was not handed over is queued again, and is not among what is returned.
    """
    underway: list[tuple[Claimed, Future[Accepted]]] = []
    begun = monotonic()
    try:
        _hand_over(batch, carriers, underway)
    finally:
        wait([carried for _claimed, carried in underway], timeout=LONGEST)
        carriers.note_pace(len(underway), monotonic() - begun)
        ended = [
            _ended(claimed, carried, carriers, batch.business_now)
            for claimed, carried in underway
            if carried.done()
        ]
        _finish(ended, now=batch.business_now)
        started = {claimed.order.pk for claimed, _carried in underway}
        _take_back([claimed for claimed in batch.claimed if claimed.order.pk not in started])
    return [each.state.value for each in ended]


def _hand_over(batch: Batch, carriers: Carriers, underway: list[tuple[Claimed, Future[Accepted]]]) -> None:
    watch = Watch(batch)
    for claimed in batch.claimed:
        lane = carriers.lane(claimed)
        if _is_in_trouble(claimed.order.channel, underway) or not watch.lets(claimed):
            carriers.let_go(lane, claimed)
        else:
            underway.append((claimed, carriers.start(lane, claimed)))


def _is_in_trouble(channel: str, underway: list[tuple[Claimed, Future[Accepted]]]) -> bool:
    """Whether the rest of the batch waits: it is not yet known whether the channel has to rest."""
    return any(
        isinstance(error := carried.exception(), ProviderError) and error.is_about_channel
        for claimed, carried in underway
        if claimed.order.channel == channel and carried.done()
    )


@dataclass(frozen=True)
class _Ended:
    """How one attempt ended."""

    claimed: Claimed
    state: OrderState
    detail: str
    reason: str = ""
    provider_reference: str = ""
    wait: timedelta | None = None


def _ended(claimed: Claimed, carried: Future[Accepted], carriers: Carriers, now: datetime) -> _Ended:
    """How it ended. A fault of ours, which is no ProviderError, is not known to have left nothing."""
    error = carried.exception()
    if error is None:
        accepted = carried.result()
        carriers.note_well(claimed.order)
        return _Ended(
            claimed, OrderState.SENT, accepted.answer, provider_reference=accepted.provider_reference
        )
    if not isinstance(error, ProviderError):
        error = ProviderError(f"{type(error).__name__}: {error}", is_certain=False, is_permanent=False)
    carriers.note_failure(claimed.order, error, now)
    return _after_failure(claimed, error)


def _after_failure(claimed: Claimed, error: ProviderError) -> _Ended:
    order, told = claimed.order, str(error)
    if not error.is_certain:
        return _Ended(claimed, OrderState.UNKNOWN, told, "provider_silent")
    tries = Attempt.objects.of(order.organisation_id).filter(order_id=order.pk).count()
    if error.is_permanent or tries >= len(RETRY_AFTER):
        return _Ended(claimed, OrderState.FAILED, told, "provider_refused")
    return _Ended(claimed, OrderState.QUEUED, told, "provider_busy", wait=RETRY_AFTER[tries])


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
    update_rows([each.claimed.order for each in ended if each.claimed.order.pk in held], _ENDED)
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
