"""What SQLite's planner guesses by: without it, a table that grew since it was empty is read by whichever index comes first."""

from typing import Final

from django.db import connection

SAMPLED: Final = 1_000  # rows looked at in each index: milliseconds, whatever the size


def refresh_statistics() -> None:
    """Let SQLite look at its indexes again; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit={SAMPLED}")
            cursor.execute("ANALYZE")
