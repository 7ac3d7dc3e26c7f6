"""What was known at an instant: recorded by then, and not left by one run that began at that very instant."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class Known:
    """All that was recorded by `at`, without what the run `run_id` left (its orders and stage changes carry `origin`)."""

    at: datetime
    run_id: int

    @property
    def origin(self) -> str:
        """How what the run left names it."""
        return f"run:{self.run_id}"

    @property
    def instant(self) -> object:
        """The instant as a parameter: SQLite compares text, where "…:00" sorts before "…:00.000000" and both are the same."""
        if connection.vendor == "postgresql":
            return self.at
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
