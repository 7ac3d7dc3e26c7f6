"""Second half: what the provider answered, outside any transaction, is committed if the token still holds."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aldia.contact import touches
from aldia.contact.models import Attempt, Message, Order, OrderState
from aldia.contact.outbox.carrying import Carriers
from aldia.contact.outbox.claiming import Claimed
from aldia.contact.providers.protocol import Accepted, ProviderError
from aldia.db.prepared import prepared
from aldia.db.rows import insert_rows, update_rows

RETRY_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
)  # only after a certain refusal


_ENDED = (
    "state", "reason", "leased_until_at", "finished_at", "provider_reference", "not_before_at",
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How one attempt ended."""

    claimed: Claimed
    state: OrderState
    detail: str
    reason: str = ""
    provider_reference: str = ""
    wait: timedelta | None = None
    is_about_channel: bool = False


def ended(claimed: Claimed, carried: Future[Accepted], carriers: Carriers, now: datetime) -> Ended:
    """Return how it ended. A fault of ours, which is no ProviderError, is not known to have left nothing."""
    error = carried.exception()
    if error is None:
        accepted = carried.result()
        carriers.note_well(claimed.order)
        return Ended(
            claimed, OrderState.SENT, accepted.answer, provider_reference=accepted.provider_reference
        )
    if not isinstance(error, ProviderError):
        error = ProviderError(f"{type(error).__name__}: {error}", is_certain=False, is_permanent=False)
    carriers.note_failure(claimed.order, error, now)
    return _after_failure(claimed, error)


def _after_failure(claimed: Claimed, error: ProviderError) -> Ended:
    order, told = claimed.order, str(error)
    if not error.is_certain:
        return Ended(claimed, OrderState.UNKNOWN, told, "provider_silent", is_about_channel=True)
    tries = Attempt.objects.of(order.organisation_id).filter(order_id=order.pk).count()
    if error.is_permanent or tries >= len(RETRY_AFTER):
        return Ended(
            claimed, OrderState.FAILED, told, "provider_refused", is_about_channel=error.is_about_channel
        )
    return Ended(
        claimed, OrderState.QUEUED, told, "provider_busy", wait=RETRY_AFTER[tries], is_about_channel=True
    )


def write_ends(ended: list[Ended], *, now: datetime) -> None:
    """Write the end of each attempt of one organisation. A late answer of a worker whose lease was taken changes only the log.

    Call it in a transaction, which need not wait for the disk: what a power failure takes back was intended before, on the
    disk, and ends as unknown, like what a dead worker left.
    """
    if not ended:
        return
    organisation_id = ended[0].claimed.order.organisation_id
    held = _held(organisation_id, [each.claimed.order for each in ended])
    for each in ended:
        _note_end(each, now)
    update_rows([each.claimed.order for each in ended if each.claimed.order.pk in held], _ENDED)
    insert_rows([_attempt(each, now, is_late=each.claimed.order.pk not in held) for each in ended])
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
    tokens = dict(_tokens(organisation_id, [order.pk for order in orders]))
    return {order.pk for order in orders if tokens.get(order.pk) == order.token}


@prepared
def _tokens(organisation_id: int, order_ids: list[int]) -> Any:
    rows = Order.objects.of(organisation_id).select_for_update().filter(pk__in=order_ids)
    return rows.filter(state=OrderState.SENDING).order_by("pk").values_list("pk", "token")


def _note_end(ended: Ended, now: datetime) -> None:
    order = ended.claimed.order
    order.state, order.reason, order.leased_until_at = ended.state, ended.reason, None
    if ended.wait is None:
        order.finished_at, order.provider_reference = now, ended.provider_reference
    else:
        order.not_before_at = now + ended.wait


def _attempt(ended: Ended, now: datetime, *, is_late: bool) -> Attempt:
    order = ended.claimed.order
    return Attempt(
        organisation_id=order.organisation_id, order_id=order.pk, token=order.token, at=now, state=ended.state,
        detail=f"too late: {ended.detail}"[:300] if is_late else ended.detail[:300],
    )  # fmt: skip


def take_back(claimed: list[Claimed]) -> None:
    """Write what was not handed over into the queue again: the next pass decides by what is true then."""
    if claimed:
        organisation_id = claimed[0].order.organisation_id
        mine = _held(organisation_id, [each.order for each in claimed])
        Order.objects.of(organisation_id).filter(pk__in=mine).update(
            state=OrderState.QUEUED, leased_until_at=None
        )
