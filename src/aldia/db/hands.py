"""One piece of work over many parts, several parts at a time: while one waits for the database another computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from typing import TypeVar

from django.conf import settings
from django.db import connection

from aldia.db.pace import one_writes, synced_later

Part = TypeVar("Part")


def side_by_side(work: Callable[[Part], None], parts: Sequence[Part]) -> None:
    """Do the work on every part, in as many threads as `settings.ALDIA_NIGHT_THREADS`; Polars and the drivers let them run.

    Each thread has a connection of its own, whose commits do not wait for the disk: see `pace.synced_later`. Inside a
    transaction, which no other connection sees, one after the other. The first error is raised once those at work have ended;
    what had not begun does not.
    """
    threads = min(settings.ALDIA_NIGHT_THREADS, len(parts))
    if threads < 2 or connection.in_atomic_block:
        for part in parts:
            work(part)
        return
    with one_writes(), ThreadPoolExecutor(threads, thread_name_prefix="night") as pool:
        try:
            for done in as_completed(pool.submit(copy_context().run, _alone, work, part) for part in parts):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _alone(work: Callable[[Part], None], part: Part) -> None:
    try:
        with synced_later():
            work(part)
    finally:
        connection.close()
