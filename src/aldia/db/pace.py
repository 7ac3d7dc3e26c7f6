"""How much one write transaction may take: SQLite has one writer at a time, and no screen may wait long for its turn."""

import gc
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from itertools import islice
from math import inf
from threading import RLock
from time import perf_counter, sleep
from typing import Any, Final, TypeVar

import polars as pl
from django.db import connection, transaction

LONGEST_SECONDS: Final = 0.065
LONGEST_OF_LOAD: Final = (
    0.1  # of what ends a load: its one transaction has already made others wait for longer
)
PAUSE_SECONDS: Final = 0.03
"""Whoever waits for SQLite's lock looks at it again every 25 ms, until 100 have gone by."""
SWITCH_SECONDS: Final = 0.0005
_PARTS: Final = 2  # of a transaction: after each one the clock is looked at
_CHECKPOINT, _CHECKPOINT_AT_NIGHT = 1_000, 8_000  # pages of the log; the first is SQLite's own
Part = TypeVar("Part")


class Pace:
    """How much goes in one transaction: on SQLite as many parts as are written in `longest` seconds by the clock, each
    of `at_once` rows, those that the last ones would have written in half of it."""

    FEWEST, MOST, ON_SERVER = 125, 10_000, 50_000

    def __init__(self, longest: float = LONGEST_SECONDS) -> None:
        self._longest = longest
        self._is_server = connection.vendor == "postgresql"
        self.at_once = self.ON_SERVER if self._is_server else self.FEWEST
        self._written: deque[tuple[int, float]] = deque(maxlen=4)  # rows and seconds of the last parts
        self._seconds_a_row = 0.0

    def in_turns(self, parts: Iterable[tuple[int, Part]]) -> Iterator[Part]:
        """Return the parts, each told with its rows; the body of the loop is in a transaction, which several parts may share.

        A part is asked for, and so made ready, before its transaction begins. An error in the body takes that back, as the loop
        lets go of the iterator: never keep it.
        """
        coming, together = iter(parts), 1 if self._is_server else _PARTS
        waiting = deque(islice(coming, together))
        with _whole():
            while waiting:
                with _TURNS.one(self._foreseen(waiting), self._longest) as ends:
                    yield from self._until(ends, waiting)
                waiting.extend(islice(coming, together - len(waiting)))

    def _until(self, ends: float, waiting: deque[tuple[int, Part]]) -> Iterator[Part]:
        """The parts that wait, as many as will be over at that instant; the first in any case."""
        while waiting:
            rows, part = waiting.popleft()
            begun = perf_counter()
            yield part
            self._note(rows, perf_counter() - begun)
            if waiting and perf_counter() + self._foreseen(waiting) > ends:
                return

    def _foreseen(self, waiting: deque[tuple[int, Part]]) -> float:
        return waiting[0][0] * self._seconds_a_row

    def _note(self, rows: int, seconds: float) -> None:
        if self._is_server:
            return
        self._written.append((rows, seconds))
        self._seconds_a_row = sum(each for _rows, each in self._written) / sum(
            each for each, _seconds in self._written
        )
        fitting = int(self._longest / _PARTS / self._seconds_a_row)
        self.at_once = min(max(fitting, self.FEWEST), 2 * self.at_once, self.MOST)


_WRITING: Final[ContextVar[AbstractContextManager[Any] | None]] = ContextVar("writing", default=None)


@contextmanager
def one_writes() -> Iterator[None]:
    """In the threads that begin in the body, on SQLite, one at a time writes what it has, turn after turn, and the others
    compute. Taking turns with each other they would all compute at the same time, and then all wait for the lock."""
    before = _WRITING.set(RLock())
    try:
        yield
    finally:
        _WRITING.reset(before)


@contextmanager
def _whole() -> Iterator[None]:
    """All the turns of whoever writes, in the threads of one work; inside a transaction nobody is waited for."""
    writing = _WRITING.get()
    if writing is None or connection.vendor == "postgresql" or connection.in_atomic_block:
        yield
        return
    with writing:
        yield


class _Turns:
    """SQLite's lock, as the threads of this process pass it on: several short transactions one after the other are a single wait
    for whoever is outside, and while one thread lets others in none of its own goes before them."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._held, self._free_since = 0.0, 0.0  # seconds of holding since others had their chance

    @contextmanager
    def one(self, foreseen: float, longest: float) -> Iterator[float]:
        """One transaction, whose beginning takes so many seconds; yields the instant at which it should end."""
        if (
            connection.vendor == "postgresql" or connection.in_atomic_block
        ):  # where nobody waits, or none could be let in
            with transaction.atomic():
                yield inf
            return
        with self._lock:
            if self._held > longest / 2 or self._held + foreseen > longest:
                self._let_others_in()  # by now: what was made ready meanwhile is part of the pause
            with _undisturbed(), transaction.atomic():
                begun = perf_counter()  # its first moment as the writer
                yield begun + longest - self._held
            self._free_since = perf_counter()
            self._held += self._free_since - begun

    def _let_others_in(self) -> None:
        """Pause, and meanwhile bring to the disk what was written: else all of it would wait for somebody's commit."""
        _sync_log()
        sleep(max(self._free_since + PAUSE_SECONDS - perf_counter(), 0))
        self._held = 0.0


_TURNS: Final = _Turns()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The threads beside hold up nobody who has the lock: no garbage is collected, which takes up to a tenth of a second, and
    the interpreter is handed over at once and not in 5 ms, once after every statement."""
    was_collecting, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_collecting:
            gc.enable()


@contextmanager
def synced_later() -> Iterator[None]:
    """On SQLite the commits of the body do not wait for the disk; at its end all of them do, and nobody else meanwhile.

    Only for work that is done again when a power failure takes it back, and of which nothing leaves the database before such
    an end. The death of the process takes nothing back. Inside a transaction nothing changes: its commit waits.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    _durability("NORMAL", _CHECKPOINT_AT_NIGHT)
    try:
        yield
    finally:
        _sync_log()  # else the next commit would, with the lock in its hand
        _durability("FULL", _CHECKPOINT)


@contextmanager
def unsynced_transaction() -> Iterator[None]:
    """One transaction whose commit does not wait for the disk; the next one that waits takes it along, and so does `sync`.

    Only for what is known even when a power failure takes it back. Inside a transaction it is a part of that one.
    """
    is_ours = not connection.in_atomic_block
    if is_ours and connection.vendor == "sqlite":
        _synchronous("NORMAL")
    try:
        with transaction.atomic():
            if is_ours and connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL synchronous_commit TO OFF")
            yield
    finally:
        if is_ours and connection.vendor == "sqlite":
            _synchronous("FULL")


def sync() -> None:
    """On SQLite bring to the disk what was committed without waiting for it. PostgreSQL does so by itself within a second."""
    if connection.vendor == "sqlite":
        _sync_log()


def _sync_log() -> None:
    with suppress(FileNotFoundError), open(f"{connection.settings_dict['NAME']}-wal", "rb") as log:
        os.fsync(log.fileno())


def _durability(synchronous: str, checkpoint: int) -> None:
    _synchronous(synchronous)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA wal_autocheckpoint={checkpoint}")


def _synchronous(level: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={level}")


def turns(height: int, pace: Pace | None = None) -> Iterator[tuple[int, int]]:
    """Return so many rows in parts, as begin and length; the body of the loop is in a short transaction."""
    pace = pace or Pace()
    return pace.in_turns((each[1], each) for each in pieces(height, pace))


def pieces(height: int, pace: Pace) -> Iterator[tuple[int, int]]:
    """Return so many rows in parts of what goes `at_once` by then, as begin and length."""
    begin = 0
    while begin < height:
        length = min(pace.at_once, height - begin)
        yield begin, length
        begin += length


def paced(rows: pl.DataFrame, pace: Pace | None = None) -> Iterator[pl.DataFrame]:
    """Return the rows in parts; the body of the loop is in a short transaction. Frames alike may share their pace."""
    return (rows.slice(*part) for part in turns(rows.height, pace))
