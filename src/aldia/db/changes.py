"""Whether anybody committed anything since: a mark of the whole database that is cheap to ask for again and again."""

from itertools import count
from typing import Any, Final

from django.db import connection

from aldia.db.memory import in_transaction

_within: Final = count()


def mark(*, shows_own: bool = True) -> str:
    """Return a value that is equal to an earlier one only if nothing that may be read now was not there then.

    What this connection wrote in between counts too. A different mark means only that one has to look again: on PostgreSQL a
    transaction that begins to write elsewhere changes it as well, and within one of our own no two are equal, unless what it
    writes itself may stay unseen (`shows_own`).
    """
    if connection.vendor == "postgresql":
        is_short = in_transaction() and not shows_own
        if connection.in_atomic_block and not is_short:  # what it writes itself does not show
            return f"within {next(_within)}"
        return str(_asked("SELECT pg_current_snapshot()::text"))
    others = _asked("PRAGMA data_version")  # moves with every commit of another connection
    return f"{others}:{connection.connection.total_changes}"


def nobody_else_commits() -> bool:
    """Return whether a transaction of ours holds the lock that any other would need: so it is on SQLite."""
    return connection.vendor == "sqlite" and connection.in_atomic_block


def _asked(sql: str) -> Any:
    """Asked before every notice that leaves, so without Django's wrappers around a cursor."""
    connection.ensure_connection()
    return connection.connection.execute(sql).fetchone()[0]
