"""`kill -9` of the sending worker at random, again and again: `./aldia bench outbox --kills 300`.

Each worker is a process of its own that sends through a provider which writes one line a message to a file, as a mail server
would log it. Afterwards the file is compared with the database: nothing twice, nothing lost, every order with a final state.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import disposable

FEWEST, MOST = 0.0, 0.4  # seconds that a worker lives from its first message on
ORDERS_A_LIFE = (
    14  # more than a worker sends before it dies, so that none of the kills finds the outbox empty
)
WARMING = 3  # orders that are sent before: rules are read and texts compiled once, not in every short life
LATENCY = 0.01
PATIENCE = 20.0
LIMIT = 180.0  # seconds for all the kills together


def main() -> int:
    """Return the exit code: 0 only when nothing left twice and nothing was lost."""
    parser = argparse.ArgumentParser(prog="aldia bench outbox", description=__doc__)
    disposable.add_options(parser, n=0)
    parser.add_argument("--kills", type=int, default=30, help="cuántas veces se mata al trabajador (30)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--part", choices=("kills", "speed"), default="kills", help="speed: contra smtp-source"
    )
    options = parser.parse_args()
    if options.part == "speed":
        return _speed(options)
    with disposable.database(is_postgresql=options.postgresql) as kind:
        told = measure(options.n or options.kills * ORDERS_A_LIFE, kills=options.kills, seed=options.seed)
    print(json.dumps({"bench": "outbox", "database": kind, **told}))
    return 1 if told["duplicates"] or told["lost"] else 0


def _speed(options: argparse.Namespace) -> int:
    from benchmarks import outbox_speed

    with disposable.database(is_postgresql=options.postgresql) as kind:
        told = outbox_speed.measure(options.n or 200)
    print(json.dumps({"bench": "outbox", "part": "speed", "database": kind, **told}))
    return 0 if told["ratio"] >= outbox_speed.BAR else 1


def measure(orders: int, *, kills: int, seed: int) -> dict[str, Any]:
    """Queue orders, kill workers while they send, let one finish in peace, and return what is found."""
    from aldia.contact import services as contact
    from benchmarks.filling import NOW, fill

    filled = fill(orders * 5 // 2, is_sandbox=False)
    placed = _queue(filled, orders)
    log = Path(os.environ["ALDIA_HOME"]) / "provider.log"
    log.touch()
    _work(log, limit=WARMING)
    dice = random.Random(seed)
    done, begun = 0, time.monotonic()
    while done < kills and time.monotonic() - begun < LIMIT and _queued(filled.organisation_id):
        done += _one_life(log, dice.uniform(FEWEST, MOST))
    under_fire = len(log.read_text().split()) - WARMING
    _one_life(log, None)
    contact.expire_leases(now=NOW + timedelta(days=1))
    return {
        "orders": placed,
        "kills": done,
        "sent_under_fire": under_fire,
        "seconds": round(time.monotonic() - begun, 1),
        **compare(filled.organisation_id, log),
    }


def _queue(filled: Any, count: int) -> int:
    """One order a customer, each to an address of its own, so that the provider's file tells them apart."""
    from aldia.access.actors import system
    from aldia.contact import services as contact
    from benchmarks.filling import NOW

    contact.set_channel(
        actor=system(filled.organisation_id), channel="email", now=NOW, provider="smtp", is_live=True
    )
    return filled.remind(count)


def _queued(organisation_id: int) -> bool:
    from aldia.contact import selectors as contact

    return contact.outbox_counts(organisation_id).get("queued", 0) > 0


def _one_life(log: Path, seconds: float | None) -> int:
    """Start a worker; kill it after some seconds, or with None let it empty the outbox. Return 1 when it died of it."""
    from django.db import connections

    connections.close_all()  # no handle of ours goes to the child
    child = os.fork()
    if child == 0:
        try:
            _work(log)
        finally:
            os._exit(0)
    if seconds is not None:
        _await_first(log, child)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    return int(os.WIFSIGNALED(status))


def _await_first(log: Path, child: int) -> None:
    """Wait until the worker has something in hand: killing one that still starts would try nothing."""
    size, patience = log.stat().st_size, time.monotonic() + PATIENCE
    while log.stat().st_size == size and time.monotonic() < patience:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(0.002)


def _work(log: Path, *, limit: int | None = None) -> None:
    from aldia.contact import services as contact
    from aldia.contact.outbox import carrying
    from aldia.contact.providers.protocol import Accepted, Capabilities, Outgoing
    from benchmarks.filling import NOW

    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    class FileLog:
        key = "file"
        capabilities = Capabilities(
            frozenset({"email"}), leaves_machine=True, has_attachments=True, has_look_up=False
        )

        def send(self, message: Outgoing) -> Accepted:
            time.sleep(LATENCY)  # the way to a server and back: most of what a real sending takes
            os.write(handle, f"{message.recipient}\n".encode())
            time.sleep(LATENCY)
            return Accepted(provider_reference=message.reference)

        def look_up(self, reference: str) -> bool | None:
            return None

        def parse_events(self, body: bytes, headers: dict[str, str]) -> list[Any]:
            return []

        def close(self) -> None:
            return None

    carrying.provider = lambda key, config: FileLog()  # the one seam: everything else is the product's
    if limit is not None:
        contact.send_due(limit=limit, clock=lambda: NOW)
        return
    while contact.send_due(limit=50, clock=lambda: NOW):
        pass


def compare(organisation_id: int, log: Path) -> dict[str, Any]:
    """Return duplicates (sent twice), lost (said to be sent but never was, or left without an end), unknown and states."""
    from aldia.access.actors import system
    from aldia.contact import selectors as contact
    from aldia.parties import selectors as parties
    from benchmarks.paging import every_row

    sent = Counter(log.read_text().split())
    states = contact.outbox_counts(organisation_id)
    orders = every_row(partial(contact.orders, system(organisation_id), state="sent", limit=200))
    points = [
        parties.best_point(organisation_id, order.party_id, order.creditor_id, "email") for order in orders
    ]
    said = [point.value for point in points if point is not None]
    return {
        "duplicates": sum(times - 1 for times in sent.values()),
        "lost": len(set(said) - set(sent)) + states.get("sending", 0) + states.get("queued", 0),
        "unknown": states.get("unknown", 0),
        "provider_accepted": sum(sent.values()),
        "states": {name: count for name, count in states.items() if count},
    }


if __name__ == "__main__":
    sys.exit(main())
