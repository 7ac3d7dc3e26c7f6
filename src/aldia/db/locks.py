"""Locks by name: one contact budget per person, one run per day."""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, models, transaction
from django.db.utils import OperationalError

PATIENCE_MS = 500  # how long a writer may be kept waiting by `highest_settled`


@contextmanager
def named_lock(kind: str, key: int) -> Iterator[None]:
    """Hold a lock until the surrounding transaction ends.

    PostgreSQL takes an advisory transaction lock. SQLite needs none: its transactions are IMMEDIATE, one writer at a time.
    Must be called inside a transaction; raises RuntimeError otherwise.
    """
    with named_locks(kind, [key]):
        yield


@contextmanager
def named_locks(kind: str, keys: Iterable[int]) -> Iterator[None]:
    """Hold several locks of a kind, taken in their order so that two who want the same never wait for each other."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("named_lock must be taken inside a transaction.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            space = zlib.crc32(kind.encode()) - 2**31
            for key in sorted((key % 2**32) - 2**31 for key in set(keys)):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [space, key])
    yield


@contextmanager
def lock_of_session(kind: str, key: int, *, waits: bool) -> Iterator[bool]:
    """Hold a lock across transactions, and yield whether it was had: at once, or when its holder ends or dies if one `waits`.

    PostgreSQL gives it back by itself when the connection goes, so nobody has to guess whether a worker still lives. SQLite
    serves a single machine, whose only process needs none.
    """
    if connection.vendor != "postgresql":
        yield True
        return
    names = [zlib.crc32(kind.encode()) - 2**31, (key % 2**32) - 2**31]
    function = "pg_advisory_lock(%s, %s) IS NOT NULL" if waits else "pg_try_advisory_lock(%s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", names)
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", names)


def highest_settled(model: type[models.Model]) -> int | None:
    """Return the highest id below which no row can appear any more; 0 for an empty table, None when writers never paused.

    PostgreSQL gives out ids before rows are committed: a transaction still at work may hold a lower id than the highest
    that can be read. A lock that waits for the writers, held for one look, leaves no such gap. SQLite has one writer.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
                cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            return int(cursor.fetchone()[0])
    except OperationalError:
        return None
