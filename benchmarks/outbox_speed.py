"""The outbox against `smtp-source`, on the same server: `./aldia bench outbox --part speed --n 200`.

As root the server is a Postfix of our own, which writes every message to the disk before it answers; otherwise smtp-sink, which only answers.
smtp-source sends the same number of messages of the same size over one connection, side by side, alternating, median of three.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BAR = 0.8
ROUNDS = 3
DOMAIN = "elarbol.example"


def measure(count: int) -> dict[str, Any]:
    """Return messages a second of the provider alone, of the whole outbox and of smtp-source, and both ratios."""
    if shutil.which("smtp-source") is None:
        raise SystemExit("smtp-source is not on this machine: apt-get install postfix")
    with _server() as (name, port):
        size, mails = _mails(count)
        source, alone = [], []
        for _round in range(ROUNDS):
            source.append(_seconds_of_source(port, count, size))
            alone.append(_seconds_alone(port, mails))
        whole = _seconds_of_outbox(port, count)
    them, us = statistics.median(source), statistics.median(alone)
    return {
        "server": name, "messages": count, "bytes": size, "smtp_source_per_second": round(count / them, 1),
        "provider_per_second": round(count / us, 1), "provider_ratio": round(them / us, 3),
        "outbox_per_second": round(count / whole, 1), "ratio": round(them / whole, 3), "bar": BAR,
    }  # fmt: skip


def _mails(count: int) -> tuple[int, list[Any]]:
    from datetime import UTC, datetime

    from aldia.contact.layout import html_of, text_of
    from aldia.contact.providers.protocol import Outgoing
    from aldia.contact.providers.smtp.mime import mime_of

    body = "Hola:\n\nQuedaron pendientes las facturas que siguen. Si ya pagaste, cuéntanos."
    page = html_of("Tu saldo", body, [], [], ["Andina"], language="es")
    mails = [
        Outgoing(f"{number:016x}", "email", f"quien{number}@{DOMAIN}", f"cobros@{DOMAIN}", "Tu saldo", text_of(body, [], [], ["Andina"]), page)
        for number in range(count)
    ]  # fmt: skip
    return len(mime_of(mails[0], now=datetime(2026, 3, 3, tzinfo=UTC))), mails


def _seconds_of_source(port: int, count: int, size: int) -> float:
    begun = time.monotonic()
    words = ["smtp-source", "-c", "-s", "1", "-d", "-m", str(count), "-l", str(size)]
    words += ["-f", f"cobros@{DOMAIN}", "-t", f"quien@{DOMAIN}", f"127.0.0.1:{port}"]
    subprocess.run(words, check=True, capture_output=True)
    return time.monotonic() - begun


def _seconds_alone(port: int, mails: list[Any]) -> float:
    from aldia.contact.providers import provider

    carrier = provider("smtp", {"host": "127.0.0.1", "port": port})
    begun = time.monotonic()
    for each in mails:
        carrier.send(each)
    carrier.close()
    return time.monotonic() - begun


def _seconds_of_outbox(port: int, count: int) -> float:
    """Everything: looked at again, the law asked, written, committed twice, handed over."""
    from aldia.access.actors import system
    from aldia.contact import services
    from benchmarks.filling import NOW, TODAY, fill

    filled = fill((count + 5) * 5 // 2, is_sandbox=False)
    config = {"host": "127.0.0.1", "port": port}
    services.set_channel(
        actor=system(filled.organisation_id), channel="email", now=NOW, provider="smtp", is_live=True, config=config,
        sender=f"Cobros <cobros@{DOMAIN}>",
    )  # fmt: skip
    pairs = list(zip(filled.accounts, filled.parties, strict=True))[: count + 5]
    drafts = [
        services.OrderDraft(
            creditor_id=filled.creditor_id, portfolio_id=filled.portfolio_id, case_id=case_id, party_id=party_id,
            identity=f"bench:{case_id}", channel="email", template_key="overdue_reminder", origin="bench", as_of=TODAY,
            not_before_at=NOW, has_statement=False,
        )
        for case_id, party_id in pairs
    ]  # fmt: skip
    services.place_orders(organisation_id=filled.organisation_id, orders=drafts, now=NOW)
    services.send_due(limit=5, clock=lambda: NOW)  # rules are read and texts compiled once
    begun = time.monotonic()
    counts = services.send_due(limit=count, clock=lambda: NOW)
    seconds = time.monotonic() - begun
    if counts["sent"] < count * 0.9:
        raise SystemExit(f"only {counts['sent']} of {count} left: {dict(counts)}")
    return seconds * count / counts["sent"]


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    from tests.rooms.contact import postfix
    from tests.rooms.contact.test_postfix import free_ports

    port, lmtp = free_ports(2)
    if os.geteuid() == 0 and shutil.which("postfix"):
        with (
            tempfile.TemporaryDirectory(prefix="aldia-speed-") as folder,
            postfix.postfix(Path(folder), port=port, lmtp_port=lmtp),
        ):
            yield "postfix", port
        return
    with subprocess.Popen(["smtp-sink", f"127.0.0.1:{port}", "100"]) as sink:
        try:
            yield "smtp-sink", port
        finally:
            sink.terminate()
