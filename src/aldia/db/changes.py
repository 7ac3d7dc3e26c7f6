"""Whether anybody committed anything since: a mark of the whole database that is cheap to ask for again and again."""

from itertools import count
from typing import Final

from django.db import connection

_within: Final = count()


def mark() -> str:
    """Return a value that is equal to an earlier one only if nothing that may be read now was not there then.

    What this connection wrote in between counts too. A different mark means only that one has to look again: on PostgreSQL a
    transaction that begins to write elsewhere changes it as well, and within one of our own no two are equal.
    """
    if connection.vendor == "postgresql":
        if connection.in_atomic_block:  # what it writes itself does not show
            return f"within {next(_within)}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_snapshot()::text")
            return str(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")  # moves with every commit of another connection
        others = cursor.fetchone()[0]
    return f"{others}:{connection.connection.total_changes}"
