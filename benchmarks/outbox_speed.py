"""The outbox against `smtp-source`, on the same server: `./aldia bench outbox --part speed --n 200`.

As root the server is a Postfix of our own, which writes every message to the disk before it answers and then throws it away, in no
process of ours; otherwise smtp-sink, which only answers. smtp-source sends the same bytes as many times, over one connection and over
as many as aldia opens, side by side, alternating, median of three. The provider alone has one connection, the whole way out has all.

Beside them, short messages by SMPP to a message centre in a process of its own: the provider alone, one line, one part each.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

BAR = 0.8
ROUNDS = 3
WARMING = 25
DOMAIN = "elarbol.example"
_CENTRE = """
import sys
from tests.rooms.contact.smsc import smsc
with smsc() as centre:
    print(centre.port, flush=True)
    sys.stdin.read()
"""


def measure(count: int) -> dict[str, Any]:
    """Return messages a second of the provider alone, of the whole outbox and of smtp-source, and both ratios."""
    if shutil.which("smtp-source") is None:
        raise SystemExit("smtp-source is not on this machine: apt-get install postfix")
    from aldia.contact.providers.smtp.sender import LANES

    with tempfile.TemporaryDirectory(prefix="aldia-speed-") as folder, _server(Path(folder)) as (name, port):
        mails, sample = _mails(count), Path(folder) / "mail.eml"
        size = _write(mails[0], sample)
        outbox = _Outbox(port, count)
        taken: dict[str, list[float]] = {"source": [], "wide": [], "alone": [], "whole": []}
        for _round in range(ROUNDS):
            taken["source"].append(_seconds_of_source(port, count, sample, sessions=1))
            taken["wide"].append(_seconds_of_source(port, count, sample, sessions=LANES))
            taken["alone"].append(_seconds_alone(port, mails))
            taken["whole"].append(outbox.seconds())
    taken["smpp"] = _seconds_by_smpp(count)
    told = {name: count / statistics.median(seconds) for name, seconds in taken.items()}
    return {
        "server": name, "messages": count, "bytes": size, "sessions": LANES, "smtp_source_per_second": round(told["source"], 1),
        "smtp_source_sessions_per_second": round(told["wide"], 1), "provider_per_second": round(told["alone"], 1),
        "provider_ratio": round(told["alone"] / told["source"], 3), "outbox_per_second": round(told["whole"], 1),
        "outbox_cpu_ms": round(outbox.cpu_ms, 2), "ratio": round(told["whole"] / told["source"], 3),
        "ratio_same_sessions": round(told["whole"] / told["wide"], 3), "bar": BAR, "smpp_per_second": round(told["smpp"], 1),
    }  # fmt: skip


def _mails(count: int) -> list[Any]:
    from aldia.contact.layout import html_of, text_of
    from aldia.contact.providers.protocol import Outgoing

    body = "Hola:\n\nQuedaron pendientes las facturas que siguen. Si ya pagaste, cuéntanos."
    page = html_of("Tu saldo", body, [], [], ["Andina"], language="es")
    return [
        Outgoing(f"{number:016x}", "email", f"quien{number}@{DOMAIN}", f"cobros@{DOMAIN}", "Tu saldo", text_of(body, [], [], ["Andina"]), page)
        for number in range(count)
    ]  # fmt: skip


def _write(mail: Any, sample: Path) -> int:
    """The bytes that smtp-source sends, with the line ends that it takes; return how many they are on the wire."""
    from datetime import UTC, datetime

    from aldia.contact.providers.smtp.mime import mime_of

    content = mime_of(mail, now=datetime(2026, 3, 3, tzinfo=UTC))
    sample.write_bytes(content.replace(b"\r\n", b"\n"))
    return len(content)


def _seconds_of_source(port: int, count: int, sample: Path, *, sessions: int) -> float:
    begun = time.monotonic()
    words = ["smtp-source", "-c", "-s", str(sessions), "-d", "-m", str(count), "-F", str(sample)]
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


def _seconds_by_smpp(count: int) -> list[float]:
    """Each message asked and answered before the next, as the provider does: what is on its way is never in doubt twice."""
    from aldia.contact.providers import provider
    from aldia.contact.providers.protocol import Outgoing

    text = "Andina: queda pendiente 1.250,00. Paga o elige una fecha: https://a.example/p/x"
    seconds = []
    with subprocess.Popen(
        [sys.executable, "-c", _CENTRE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as centre:
        told = {
            "host": "127.0.0.1",
            "port": int((centre.stdout or sys.stdin).readline()),
            "user": "aldia",
            "password": "secreta",
        }
        carrier = provider("smpp", told)
        for _round in range(ROUNDS):
            begun = time.monotonic()
            for number in range(count):
                carrier.send(
                    Outgoing(f"{number:016x}", "sms", f"+549115555{number:04}", "+15550001111", "", text)
                )
            seconds.append(time.monotonic() - begun)
        carrier.close()
        with suppress(BrokenPipeError):
            centre.communicate(timeout=10)
    return seconds


class _Outbox:
    """Everything: looked at again, the law asked, written, committed, handed over, and how it ended committed."""

    def __init__(self, port: int, count: int) -> None:
        from aldia.access.actors import system
        from aldia.contact import services
        from benchmarks.filling import NOW, fill

        self._count, self._now, self._services, self.cpu_ms = count, NOW, services, 0.0
        many = WARMING + ROUNDS * count
        filled = fill(many * 5 // 2, is_sandbox=False)
        services.set_channel(
            actor=system(filled.organisation_id), channel="email", now=NOW, provider="smtp", is_live=True,
            config={"host": "127.0.0.1", "port": port}, sender=f"Cobros <cobros@{DOMAIN}>",
        )  # fmt: skip
        filled.remind(many)
        services.send_due(limit=WARMING, clock=lambda: NOW)  # rules are read and texts compiled once

    def seconds(self) -> float:
        begun, worked = time.monotonic(), time.process_time()
        counts = self._services.send_due(limit=self._count, clock=lambda: self._now)
        seconds, worked = time.monotonic() - begun, time.process_time() - worked
        if counts["sent"] < self._count * 0.9:
            raise SystemExit(f"only {counts['sent']} of {self._count} left: {dict(counts)}")
        self.cpu_ms = 1000 * worked / counts["sent"]
        return seconds * self._count / counts["sent"]


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, int]]:
    from tests.rooms.contact import postfix
    from tests.rooms.contact.test_postfix import free_ports

    (port,) = free_ports(1)
    if os.geteuid() == 0 and shutil.which("postfix"):
        with postfix.alone(folder / "postfix", port=port, delivers_by="discard:"):
            yield "postfix", port
        return
    with subprocess.Popen(["smtp-sink", f"127.0.0.1:{port}", "100"]) as sink:
        try:
            yield "smtp-sink", port
        finally:
            sink.terminate()
