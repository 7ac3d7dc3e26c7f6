"""The providers of one pass of the worker: each connected once, with as many messages on their way as it bears."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from aldia.contact.outbox import health
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Accepted, Provider, ProviderError
from aldia.db.pace import sync

if TYPE_CHECKING:
    from aldia.contact.models import Order
    from aldia.contact.outbox.claiming import Claimed

BATCH_SECONDS: Final = 0.1
"""Of handing over: what a worker has in hand when it dies is left unknown, so it has little."""
FIRST: Final = 2  # messages of the first batch
MOST: Final = 20
LONGEST: Final = 240.0
"""Seconds that a provider may keep a message: more than its own time-outs, less than the lease."""


class Carriers:
    """A lane is one connection. A provider with a single one carries in the worker's own thread."""

    def __init__(self) -> None:
        self._open: dict[str, list[Provider]] = defaultdict(list)
        self._idle: dict[str, SimpleQueue[Provider]] = defaultdict(SimpleQueue)
        self._threads: ThreadPoolExecutor | None = None
        self._well: set[tuple[int, str]] = set()
        self.most = FIRST  # messages of the next batch

    def note_pace(self, messages: int, seconds: float) -> None:
        """Let the next batch have as many messages as the last one would have handed over in BATCH_SECONDS."""
        if messages:
            fitting = int(messages * BATCH_SECONDS / max(seconds, 0.001))
            self.most = max(1, min(fitting, 2 * self.most, MOST))

    def lane(self, claimed: Claimed) -> Provider:
        """Return a lane that carries nothing, when there is one: what is looked at afterwards is the last look."""
        key = _key(claimed)
        opened, idle = self._open[key], self._idle[key]
        if idle.empty() and (not opened or len(opened) < opened[0].capabilities.lanes):
            opened.append(provider(claimed.provider, claimed.config))
            return opened[-1]
        return idle.get(timeout=LONGEST)

    def idle_lane(self, claimed: Claimed) -> Provider | None:
        """Return a lane that carries nothing at once, None when there is none, or only the worker's own thread to carry in."""
        if not self.has_lanes(claimed):
            return None
        is_free = not self._idle[_key(claimed)].empty() or len(self._open[_key(claimed)]) < self._lanes(
            claimed
        )
        return self.lane(claimed) if is_free else None

    def has_lanes(self, claimed: Claimed) -> bool:
        """Return whether the provider carries beside the worker's own thread."""
        return self._lanes(claimed) > 1

    def _lanes(self, claimed: Claimed) -> int:
        key = _key(claimed)
        if not self._open[key]:
            self.let_go(self.lane(claimed), claimed)
        return self._open[key][0].capabilities.lanes

    def let_go(self, lane: Provider, claimed: Claimed) -> None:
        """The lane carries nothing, after all."""
        self._idle[_key(claimed)].put(lane)

    def start(self, lane: Provider, claimed: Claimed) -> Future[Accepted]:
        """Hand the message over on that lane; the future raises ProviderError."""
        if lane.capabilities.lanes > 1:
            self._threads = self._threads or ThreadPoolExecutor(thread_name_prefix="carrier")
            return self._threads.submit(self._carry, lane, claimed)
        carried: Future[Accepted] = Future()
        try:
            carried.set_result(self._carry(lane, claimed))
        except ProviderError as error:
            carried.set_exception(error)
        return carried

    def _carry(self, lane: Provider, claimed: Claimed) -> Accepted:
        try:
            return lane.send(claimed.outgoing)
        finally:
            self.let_go(lane, claimed)

    def note_well(self, order: Order) -> None:
        """Say so once a pass: the channel of an order works."""
        if (order.organisation_id, order.channel) not in self._well:
            self._well.add((order.organisation_id, order.channel))
            health.note_well(order.organisation_id, order.channel)

    def note_failure(self, order: Order, error: ProviderError, now: datetime) -> None:
        """A refusal of this very message says nothing of the channel; anything else does."""
        if error.is_about_channel:
            self._well.discard((order.organisation_id, order.channel))
            health.note_failure(order, str(error), now=now)

    def close(self) -> None:
        """Let go of every connection; how the last messages ended is brought to the disk."""
        if self._threads is not None:
            self._threads.shutdown()
        for lanes in self._open.values():
            for lane in lanes:
                lane.close()
        sync()


def _key(claimed: Claimed) -> str:
    return f"{claimed.order.organisation_id}:{claimed.provider}"
