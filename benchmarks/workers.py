"""A night shared with two Celery workers, one of them killed in the middle: `./aldia bench workers --broker redis`.

The night is lived twice over copies of the same PostgreSQL database: by one process, and with helpers called through the broker,
where `kill -9` ends the first one seen with a part in hand. Nothing may be lost or twice: `same` says that both nights left the
same decisions, orders and tasks. `parts` are those that each worker was seen with. Needs the broker's server (`redis-server`, or
`rabbitmq-server` with `--broker rabbitmq`), or one that runs already: `--broker URL`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from benchmarks import disposable, nightly
from benchmarks.brokers import broker_of

WORKERS: Final = ("uno", "dos")
PARTS: Final = 24
PATIENCE: Final = 60.0
LEFT: Final = {
    "strategy_decision": "strategy_key, step, subject_kind, subject_id, cycle, attempt, state, reason, channel, act",
    "contact_order": "identity, case_id, channel, template_key, state, not_before_at",
    "outcomes_task": "identity, case_id, title, due_on, state",
    "cases_case": "account_id, stage, next_step, next_on",
}
_IN_HAND: Final = """
    SELECT a.application_name, l.objid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND a.application_name IN ('uno', 'dos')
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench workers", description=__doc__)
    disposable.add_options(parser, n=20_000)
    parser.add_argument("--broker", default="redis", help="redis, rabbitmq o una dirección (redis)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="aldia-broker-"))
    try:
        with broker_of(options.broker, folder) as url:
            os.environ.update(ALDIA_BROKER_URL=url, ALDIA_NIGHT_THREADS="1")
            with disposable.database(is_postgresql=True):
                told = measure(options.n, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"bench": "workers", "broker": url.partition(":")[0], "documents": options.n, **told}))
    return 0 if told["same"] and told["killed_with_part_in_hand"] else 1


def measure(documents: int, folder: Path) -> dict[str, Any]:
    """Return what both nights left, and who was seen at work."""
    with ProcessPoolExecutor(1, mp_context=nightly._SPAWN) as apart:
        organisation_id = apart.submit(nightly._fill, documents).result()
    with _copy() as url, ProcessPoolExecutor(1, mp_context=nightly._SPAWN) as apart:
        alone, counts = apart.submit(_night_alone, url, organisation_id, documents).result()
    seen: set[tuple[str, int]] = set()
    with _workers(folder) as workers, _killing(workers, seen) as killed:
        begun = time.perf_counter()
        report = _night(organisation_id, documents, called=len(WORKERS))
        seconds = time.perf_counter() - begun
    together = _left()
    return {
        "seconds": round(seconds, 1), "parts": PARTS, "parts_of_workers": Counter(name for name, _part in seen),
        "killed_with_part_in_hand": killed, "rows": {name: len(rows) for name, rows in together.items()},
        "twice": {name: len(rows) - len(set(rows)) for name, rows in together.items()},
        "lost": {name: len(set(alone[name]) - set(rows)) for name, rows in together.items()},
        "same": together == alone and report == counts,
    }  # fmt: skip


def _night(organisation_id: int, documents: int, *, called: int) -> dict[str, Any]:
    from aldia.access.actors import system
    from aldia.config.celery import app
    from aldia.strategy import services as strategy
    from benchmarks.filling import NOW, TODAY

    def call(run_id: int) -> None:
        for _number in range(called):
            app.send_task("aldia.night", [organisation_id, run_id], ignore_result=True)

    at_once = max(documents * 2 // 5 // PARTS, 1)
    ran = strategy.run(
        actor=system(organisation_id), as_of=TODAY, now=NOW, cases_at_once=at_once, on_begin=call
    )
    return ran.to_json()


def _night_alone(
    url: str, organisation_id: int, documents: int
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    os.environ["ALDIA_DATABASE_URL"] = url
    import django

    django.setup()
    counts = _night(organisation_id, documents, called=0)
    return _left(), counts


def _left() -> dict[str, list[Any]]:
    """What a night left in each table, in order."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table, columns in LEFT.items():
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}")
            found[table] = cursor.fetchall()
    return found


@contextmanager
def _copy() -> Iterator[str]:
    """Yield the URL of a copy of the database, dropped at the end."""
    import psycopg
    from django.db import connections

    given = urlsplit(os.environ["ALDIA_DATABASE_URL"])
    name = given.path.lstrip("/")
    connections.close_all()
    with psycopg.connect(urlunsplit(given._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}_alone" TEMPLATE "{name}"')
        try:
            yield urlunsplit(given._replace(path=f"/{name}_alone"))
        finally:
            server.execute(f'DROP DATABASE "{name}_alone" WITH (FORCE)')


@contextmanager
def _workers(folder: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Yield the workers by name, once all of them answer."""
    from aldia.config.celery import app

    words = [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "aldia.config.celery",
        "worker",
        "--pool",
        "threads",
    ]
    running = {}
    with (folder / "workers.log").open("wb") as log:
        try:
            for name in WORKERS:
                running[name] = subprocess.Popen(
                    [*words, "--concurrency", "1", "--without-gossip", "--without-mingle", "-n", name],
                    env={**os.environ, "PGAPPNAME": name}, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            patience = time.monotonic() + PATIENCE
            while len(app.control.ping(timeout=1) or []) < len(WORKERS):
                if time.monotonic() > patience:
                    raise RuntimeError((folder / "workers.log").read_text()[-2000:])
            yield running
        finally:
            for one in running.values():
                one.kill()
                one.wait()


@contextmanager
def _killing(workers: dict[str, subprocess.Popen[bytes]], seen: set[tuple[str, int]]) -> Iterator[list[str]]:
    """Watch who has which part in hand, and end the first worker that is seen with its second one."""
    stop = threading.Event()
    killed: list[str] = []

    def watch() -> None:
        import psycopg

        with psycopg.connect(os.environ["ALDIA_DATABASE_URL"], autocommit=True) as connection:
            while not stop.wait(0.005):
                for name, part in connection.execute(_IN_HAND).fetchall():
                    is_second = any(other == name for other, known in seen if known != part)
                    seen.add((name, part))
                    if is_second and not killed:
                        workers[name].send_signal(signal.SIGKILL)
                        killed.append(name)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        stop.set()
        watcher.join(60)


if __name__ == "__main__":
    sys.exit(main())
