"""Second half: the provider is called outside any transaction, and its answer is committed if the token still holds."""

from collections import Counter
from datetime import datetime, timedelta

from aldia.contact import touches
from aldia.contact.models import Attempt, Message, Order, OrderState
from aldia.contact.outbox import health
from aldia.contact.outbox.claiming import Claimed
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Provider, ProviderError
from aldia.db.pace import sync, unsynced_transaction

RETRY_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
)  # only after a certain refusal


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


def deliver(claimed: Claimed, carriers: Carriers, *, business_now: datetime, counts: Counter[str]) -> None:
    """Hand the claimed order to its provider and commit how it ended."""
    try:
        accepted = carriers.of(claimed).send(claimed.outgoing)
    except ProviderError as error:
        state = _after_failure(claimed, error, business_now)
        carriers.note_failure(claimed.order, error, business_now)
        counts[state] += 1
        return
    _finish(
        claimed, OrderState.SENT, now=business_now, detail=accepted.answer[:300],
        provider_reference=accepted.provider_reference,
    )  # fmt: skip
    carriers.note_well(claimed.order)
    counts["sent"] += 1


def _after_failure(claimed: Claimed, error: ProviderError, now: datetime) -> str:
    order = claimed.order
    if not error.is_certain:
        _finish(claimed, OrderState.UNKNOWN, now=now, detail=str(error), reason="provider_silent")
        return "unknown"
    tries = Attempt.objects.of(order.organisation_id).filter(order_id=order.pk).count()
    if error.is_permanent or tries >= len(RETRY_AFTER):
        _finish(claimed, OrderState.FAILED, now=now, detail=str(error), reason="provider_refused")
        return "failed"
    _finish(
        claimed,
        OrderState.QUEUED,
        now=now,
        detail=str(error),
        reason="provider_busy",
        wait=RETRY_AFTER[tries],
    )
    return "queued"


@unsynced_transaction()
def _finish(
    claimed: Claimed,
    state: OrderState,
    *,
    now: datetime,
    detail: str = "",
    reason: str = "",
    provider_reference: str = "",
    wait: timedelta | None = None,
) -> None:
    """Commit the end of an attempt. A late answer of a worker whose lease was taken changes nothing but the log.

    What a power failure takes back was intended before, on the disk: it ends as unknown, like what a dead worker left.
    """
    order = claimed.order
    mine = Order.objects.of(order.organisation_id).filter(
        pk=order.pk, token=order.token, state=OrderState.SENDING
    )
    changes: dict[str, object] = {"state": state, "reason": reason, "leased_until_at": None}
    if wait is None:
        changes |= {"finished_at": now, "provider_reference": provider_reference}
    else:
        changes["not_before_at"] = now + wait
    held = mine.update(**changes) == 1
    Attempt.objects.create(
        organisation_id=order.organisation_id, order_id=order.pk, token=order.token, at=now, state=state,
        detail=detail if held else f"too late: {detail}"[:300],
    )  # fmt: skip
    if held and state in {OrderState.SENT, OrderState.UNKNOWN}:
        if order.purpose != "requested":
            touches.record_for_order(order, now=now, local_on=claimed.local_on)
        Message.objects.of(order.organisation_id).filter(order=order).update(sent_at=now)
