"""Replies of many mail programs, led to their cases: `./aldia bench mail --n 400`.

As root, with Postfix and Dovecot on the machine, every reply travels by SMTP and LMTP into a real box and is fetched by IMAP;
otherwise a stand-in on loopback serves the box, and the answer says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import smtplib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import disposable

BAR = 0.95
ADDRESS = "cobros@elarbol.example"
PATIENCE = 60.0


def main() -> int:
    """Return the exit code: 0 only when nothing was lost and enough came to the right case."""
    parser = argparse.ArgumentParser(prog="aldia bench mail", description=__doc__)
    disposable.add_options(parser, n=400)
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        told = measure(options.n)
    print(json.dumps({"bench": "mail", "database": kind, **told}))
    return 0 if told["ratio"] >= BAR and not told["lost"] and not told["wrong_case"] else 1


def measure(count: int) -> dict[str, Any]:
    """Send, reply, fetch and read; return where the replies came to."""
    from aldia.contact import services as contact
    from benchmarks.filling import NOW
    from benchmarks.mail_programs import replies

    organisation_id, sent = _sent(max(20, count // 10))
    cases = {ours.reference: case_id for ours, case_id in sent}
    written = replies([ours for ours, _case in sent], count=count)
    with _box(organisation_id) as (server, deliver):
        for each in written:
            deliver(each.raw)
        begun, fetched = time.monotonic(), 0
        while fetched < count and time.monotonic() - begun < PATIENCE:
            fetched += contact.fetch_mail(now=NOW)
    contact.process_arrivals(limit=count, now=NOW)
    seconds = time.monotonic() - begun
    expected = [cases[sent[at % len(sent)][0].reference] for at in range(count)]
    return {
        "server": server,
        "replies": count,
        "seconds": round(seconds, 1),
        "bar": BAR,
        **_told(organisation_id, written, expected),
    }


def _told(organisation_id: int, written: list[Any], expected: list[int]) -> dict[str, Any]:
    """Compare where every reply came to with whom it answers, by its own id."""
    from aldia.access.actors import system
    from aldia.contact import inbox
    from aldia.contact.inbound import mails
    from benchmarks.paging import every_row

    actor = system(organisation_id)
    kept = [
        each
        for kind in ("", "sin-identificar")
        for each in every_row(partial(inbox.replies, actor, kind=kind, limit=200))
    ]
    found = {each.event_id: each.case_id for each in kept}
    names = [mails.header(mails.opened(each.raw), "Message-ID") for each in written]
    placed = [found.get(f"mail:{name}", "lost") for name in names]
    astray = Counter(each.style for each, case_id in zip(written, placed, strict=True) if case_id is None)
    right = sum(case_id == wanted for case_id, wanted in zip(placed, expected, strict=True))
    return {
        "ratio": round(right / len(written), 4), "right_case": right, "unidentified": dict(astray), "lost": placed.count("lost"),
        "wrong_case": len(written) - right - astray.total() - placed.count("lost"),
    }  # fmt: skip


def _sent(count: int) -> tuple[int, list[tuple[Any, int]]]:
    """Messages that left, and the case of each."""
    from aldia.access.actors import system
    from aldia.contact import selectors as contact
    from aldia.contact import services
    from benchmarks.filling import NOW, TODAY, fill
    from benchmarks.paging import every_row

    filled = fill(count * 5 // 2)
    filled.remind(count)
    services.send_simulated_day(organisation_id=filled.organisation_id, as_of=TODAY, real_now=NOW)
    left = every_row(partial(contact.mailbox, system(filled.organisation_id), limit=200))
    return filled.organisation_id, [(_ours(each), each.order.case_id) for each in left]


def _ours(message: Any) -> Any:
    from benchmarks.mail_programs import Ours

    box, _at, domain = ADDRESS.partition("@")
    return Ours(
        message.reference, f"Cobros <{ADDRESS}>", f"{box}+{message.reference}@{domain}", message.recipient, message.subject,
        message.text, message.html,
    )  # fmt: skip


@contextmanager
def _box(organisation_id: int) -> Iterator[tuple[str, Any]]:
    """The box that the organisation reads: (which server, how a mail is delivered into it)."""
    from aldia.access.actors import system
    from aldia.contact import services
    from benchmarks.filling import NOW
    from tests.rooms.contact import dovecot, imap, postfix
    from tests.rooms.contact.test_postfix import free_ports

    actor = system(organisation_id)
    if os.geteuid() == 0 and shutil.which("dovecot") and shutil.which("postfix"):
        port, lmtp, imap_port = free_ports(3)
        with (
            tempfile.TemporaryDirectory(prefix="aldia-mail-") as folder,
            dovecot.dovecot(Path(folder) / "dovecot", imap=imap_port, lmtp=lmtp),
            postfix.alone(Path(folder) / "postfix", port=port, delivers_by=f"lmtp:inet:127.0.0.1:{lmtp}"),
            smtplib.SMTP("127.0.0.1", port) as server,
        ):
            services.set_inbox(actor=actor, server=dovecot.box(ADDRESS, imap_port), now=NOW)
            yield "postfix+dovecot", lambda raw: server.sendmail("quien@casa.example", [_envelope(raw)], raw)
        return
    with imap.mail_box() as made:
        inbox = services.InboxServer(ADDRESS, "127.0.0.1", made.port, "none", "cobros", "secreta")
        services.set_inbox(actor=actor, server=inbox, now=NOW)
        yield "stand-in", made.mails.append


def _envelope(raw: bytes) -> str:
    """Where a server would carry it: the address with its mark where the program kept it."""
    from aldia.contact.inbound import mails

    message = mails.opened(raw)
    for name in ("Delivered-To", "To"):
        address = mails.address_in(message, name)[0]
        if address.endswith("@elarbol.example"):
            return address
    return ADDRESS


if __name__ == "__main__":
    sys.exit(main())
