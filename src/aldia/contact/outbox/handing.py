"""What was claimed on its way out: each notice leaves while nothing it stands on has changed, beside the claim of those that follow.

One worker, one connection to the database: its own thread looks and writes, the lanes carry. While it looks at the next batch it
starts whatever a lane is free for, and one transaction notes how these ended and intends those.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

from aldia.contact.outbox.carrying import LONGEST, Carriers
from aldia.contact.outbox.claiming import Beside
from aldia.contact.outbox.delivering import Ended, ended, take_back, write_ends
from aldia.contact.outbox.watching import Watch
from aldia.contact.providers.protocol import Accepted, Provider, ProviderError
from aldia.db.pace import unsynced_transaction

if TYPE_CHECKING:
    from aldia.contact.outbox.claiming import Batch, Claimed

QUICK: Final = 8
"""Messages of a batch from which on the next one is claimed meanwhile: a slow provider is waited for."""


@dataclass
class _Load:
    """One batch: what waits for a lane, what leaves, and what goes back to the queue."""

    batch: Batch
    watch: Watch
    waiting: deque[Claimed]
    troubled: set[
        str
    ]  # channels of which it was not known, when this was claimed, that they might have to rest
    underway: list[tuple[Claimed, Future[Accepted]]] = field(default_factory=list)
    refused: list[Claimed] = field(default_factory=list)

    def has_trouble(self, channel: str) -> bool:
        """Whether the rest waits: it is not yet known whether the channel has to rest."""
        return channel in self.troubled or any(
            isinstance(error := carried.exception(), ProviderError) and error.is_about_channel
            for claimed, carried in self.underway
            if claimed.order.channel == channel and carried.done()
        )


@dataclass
class _Noted:
    """What a transaction wrote of one load, forgotten when it is committed."""

    load: _Load
    ends: list[Ended]
    back: list[Claimed]


class Handing(Beside):
    """The batches of one pass that are leaving, the last two at most."""

    def __init__(self, carriers: Carriers, counts: Counter[str]) -> None:
        self._carriers, self._counts = carriers, counts
        self._loads: list[_Load] = []
        self._noted: list[_Noted] = []
        self._troubled: set[str] = set()  # since the last claim began
        self._begun = monotonic()

    def reaches(self, party_ids: Iterable[int]) -> bool:
        """Return whether any of these people is being written to at this moment."""
        busy = {claimed.order.party_id for load in self._loads for claimed in load.batch.claimed}
        return not busy.isdisjoint(party_ids)

    def add(self, batch: Batch) -> None:
        """Take a batch whose intents, and the ends that were noted with them, are committed."""
        self._note_pace()
        self._forget_noted()
        if not batch.claimed:
            return
        self._loads.append(_Load(batch, Watch(batch), deque(batch.claimed), self._troubled))
        self._troubled = set()
        for load in self._loads[:-1]:
            self._start(load)
        if self._carriers.most < QUICK or not all(map(self._carriers.has_lanes, batch.claimed)):
            self.finish()
        else:
            self.go_on()

    def go_on(self) -> None:
        """Start what a lane is free for. It never waits, so it may be called in a transaction; nothing is carried in it."""
        for load in self._loads:
            while load.waiting:
                lane = self._carriers.idle_lane(load.waiting[0])
                if lane is None:
                    return
                self._hand_over(load, lane)

    def note(self) -> None:
        """Write how what ended ended, in a transaction of the caller's, who adds a batch when it is committed."""
        self._noted = [noted for load in self._loads if (noted := self._note(load)) is not None]

    @contextmanager
    def our_own_writes(self) -> Iterator[None]:
        """In that transaction: what the body writes is nothing that a waiting notice stands on."""
        still = [load.watch for load in self._loads if load.watch.is_still()]
        yield
        for watch in still:
            watch.passes_over()

    def finish(self) -> None:
        """Let everything leave, and commit how it ended."""
        try:
            for load in self._loads:
                self._start(load)
        finally:
            self.end()

    def end(self) -> None:
        """Wait for what is on its way, commit how it ended, and queue again what was not handed over."""
        self._noted = []  # of a transaction that was taken back, else they would be forgotten already
        underway = [carried for load in self._loads for _claimed, carried in load.underway]
        wait(underway, timeout=LONGEST)
        for load in self._loads:
            load.refused += load.waiting
            load.waiting.clear()
        self._note_pace()
        if self._loads:
            with unsynced_transaction():
                self.note()
        self._forget_noted()
        self._loads.clear()  # what a provider still keeps is for the lease to end
        self._troubled = set()  # the next claim knows

    def _start(self, load: _Load) -> None:
        """Hand over all of it, as lanes become free."""
        while load.waiting:
            self._hand_over(load, self._carriers.lane(load.waiting[0]))

    def _hand_over(self, load: _Load, lane: Provider) -> None:
        """Start the first that waits, unless something says no; a fault while asking leaves it waiting."""
        claimed = load.waiting[0]
        leaves = not load.has_trouble(claimed.order.channel) and load.watch.lets(claimed)
        load.waiting.popleft()
        if leaves:
            load.underway.append((claimed, self._carriers.start(lane, claimed)))
        else:
            self._carriers.let_go(lane, claimed)
            load.refused.append(claimed)

    def _note(self, load: _Load) -> _Noted | None:
        now = load.batch.business_now
        done = [(claimed, carried) for claimed, carried in load.underway if carried.done()]
        ends = [ended(claimed, carried, self._carriers, now) for claimed, carried in done]
        for each in ends:
            if each.is_about_channel:
                self._troubled.add(each.claimed.order.channel)
        for other in self._loads:
            other.troubled |= self._troubled
        write_ends(ends, now=now)
        take_back(load.refused)
        return _Noted(load, ends, list(load.refused)) if ends or load.refused else None

    def _forget_noted(self) -> None:
        """What is committed is of no more concern."""
        for noted in self._noted:
            self._counts.update(each.state.value for each in noted.ends)
            if noted.back:
                self._counts["set_aside"] += len(noted.back)
            over = {each.claimed.order.pk for each in noted.ends}
            noted.load.underway = [each for each in noted.load.underway if each[0].order.pk not in over]
            noted.load.refused = noted.load.refused[len(noted.back) :]
        self._noted = []
        self._loads = [load for load in self._loads if load.waiting or load.underway or load.refused]

    def _note_pace(self) -> None:
        """What a worker has in hand when it dies is left in doubt: from one claim to the next, little."""
        now = monotonic()
        if self._loads:
            handed = sum(len(load.batch.claimed) for load in self._loads[-1:])
            self._carriers.note_pace(handed, now - self._begun)
        self._begun = now
