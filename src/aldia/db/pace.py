"""How much one write transaction may take: SQLite has one writer at a time, and no screen may wait long for its turn."""

import gc
import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from time import perf_counter, sleep
from typing import Final

import polars as pl
from django.db import connection, transaction

LONGEST_SECONDS: Final = 0.045
_RECENT: Final = 3
PAUSE_SECONDS: Final = (
    0.026  # whoever waits for SQLite's lock looks at it again every 25 ms, until 100 have gone by
)
SWITCH_SECONDS: Final = 0.0005
_TURN: Final = (
    RLock()
)  # of the threads of a process, pause included: else one would write while another lets others in
_CHECKPOINT, _CHECKPOINT_AT_NIGHT = 1_000, 8_000  # pages of the log; the first is SQLite's own


class Pace:
    """`rows` are those for the next transaction: on SQLite as many as the slowest of the last ones would have written in
    LONGEST_SECONDS, since some parts have rows that cost more than others."""

    FEWEST, MOST, ON_SERVER = 250, 20_000, 50_000

    def __init__(self) -> None:
        self.rows = self.ON_SERVER if connection.vendor == "postgresql" else self.FEWEST
        self._seconds_a_row: deque[float] = deque(maxlen=_RECENT)

    @contextmanager
    def transaction(self, rows: int) -> Iterator[None]:
        """Write so many rows in one transaction, timed from its first moment as the writer to its commit; then let others in."""
        if connection.vendor == "postgresql":
            with transaction.atomic():
                yield
            return
        with _TURN:
            with _undisturbed(), transaction.atomic():
                begun = perf_counter()
                yield
            taken = max(perf_counter() - begun, 0.001)
            self._seconds_a_row.append(taken / max(rows, 1))
            fitting = int(LONGEST_SECONDS / max(self._seconds_a_row))
            self.rows = min(max(fitting, self.FEWEST), 2 * self.rows, self.MOST)
            if taken > PAUSE_SECONDS and not connection.in_atomic_block:
                _let_others_in()


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


def _let_others_in() -> None:
    """Pause, and meanwhile bring to the disk what was written: else all of it would wait for somebody's commit."""
    until = perf_counter() + PAUSE_SECONDS
    _sync_log()
    sleep(max(until - perf_counter(), 0))


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


def turns(height: int) -> Iterator[tuple[int, int]]:
    """Return so many rows in parts, as begin and length; the body of the loop is one short transaction for each."""
    pace, begin = Pace(), 0
    while begin < height:
        length = min(pace.rows, height - begin)
        with pace.transaction(length):
            yield begin, length
        begin += length


def paced(rows: pl.DataFrame, pace: Pace | None = None) -> Iterator[pl.DataFrame]:
    """Return the rows in parts; the body of the loop is one short transaction for each. Frames alike may share their pace."""
    pace, begin = pace or Pace(), 0
    while begin < rows.height:
        part = rows.slice(begin, pace.rows)
        with pace.transaction(part.height):
            yield part
        begin += part.height
