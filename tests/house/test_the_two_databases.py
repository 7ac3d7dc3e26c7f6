"""The suite runs on both databases, and says which one it is on."""

import os

import psycopg
import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_run_uses_the_database_it_was_asked_for() -> None:
    asked = os.environ.get("ALDIA_TEST_DATABASE_URL", "sqlite")
    assert connection.vendor == ("postgresql" if asked.startswith("postgres") else "sqlite")


def test_a_postgresql_is_there_for_whoever_asks(pg_url: str) -> None:
    with psycopg.connect(pg_url) as server:
        assert server.execute("SELECT 6 * 7").fetchone() == (42,)
