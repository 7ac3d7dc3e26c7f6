"""Locks by name: one contact budget per person, one run per day."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def named_lock(kind: str, key: int) -> Iterator[None]:
    """Hold a lock until the surrounding transaction ends.

    PostgreSQL takes an advisory transaction lock. SQLite needs none: its transactions are IMMEDIATE, one writer at a time.
    Must be called inside a transaction; raises RuntimeError otherwise.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("named_lock must be taken inside a transaction.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            space = zlib.crc32(kind.encode()) - 2**31
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [space, (key % 2**32) - 2**31])
    yield
