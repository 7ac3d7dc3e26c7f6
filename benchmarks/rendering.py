"""Rendering a notice and its MIME against Jinja2 with EmailMessage: `./aldia bench render --n 2000`. Processor time, alternating, median of five.

Both make the same message out of the same figures: plain text and HTML with a table of documents and four links, every value escaped.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from benchmarks import disposable

BAR = 10.0
ROUNDS = 5
NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)
SENDER = '"Distribuidora Andina, Córdoba" <cobros@andina.example>'


def main() -> int:
    """Return the exit code: 0 when the bar is reached."""
    parser = argparse.ArgumentParser(prog="aldia bench render", description=__doc__)
    disposable.add_options(parser, n=1_000)
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql):
        told = measure(options.n)
    print(json.dumps({"bench": "render", **told}))
    return 0 if told["ratio"] >= BAR else 1


def measure(count: int) -> dict[str, Any]:
    """Return messages a second of one core, ours and theirs, and their ratio; both say the same."""
    from aldia.contact.layout import Door, Line

    people = [
        (
            f"Hola, Cliente {number}:\n\nQuedaron pendientes <{number}> facturas & notas.",
            [Line(f"FC A 0003-{n}", f"{n} feb", f"{20 - n} días", f"$ {n}.000,00") for n in range(1, 6)],
            [Door(word, f"https://cobros.andina.example/p/{number:032d}/{word}/") for word in ("Pagar", "Fecha", "Ya pagué", "No")],
            ["Distribuidora Andina, Av. Siempreviva 742", f"Código {number:08X}"],
        )
        for number in range(max(20, count // ROUNDS))
    ]  # fmt: skip
    theirs = _jinja()
    _compare(_ours(people[0]), theirs(people[0]))
    slow, quick = [], []
    for _round in range(ROUNDS):
        slow.append(_seconds(theirs, people))
        quick.append(_seconds(_ours, people))
    them, us = statistics.median(slow), statistics.median(quick)
    return {
        "messages": len(people) * ROUNDS, "per_second": round(len(people) / us), "jinja2_email_message_per_second": round(len(people) / them),
        "ratio": round(them / us, 2), "bar": BAR,
    }  # fmt: skip


def _ours(person: Any) -> bytes:
    from aldia.contact.layout import html_of, text_of
    from aldia.contact.providers.protocol import Outgoing
    from aldia.contact.providers.smtp.mime import mime_of

    body, lines, doors, foot = person
    return mime_of(
        Outgoing(
            "00ff00ff00ff00ff", "email", "marta@casa.example", SENDER, "Tu saldo pendiente: quedó una factura",
            text_of(body, lines, doors, foot), html_of("Tu saldo", body, lines, doors, foot, language="es"),
            headers={"Content-Language": "es", "List-Unsubscribe": "<https://cobros.andina.example/p/1/baja/>"},
        ),
        now=NOW,
    )  # fmt: skip


def _jinja() -> Callable[[Any], bytes]:
    import jinja2

    from aldia.contact import layout

    told = [layout.Line("@n", "@d", "@l", "@a")], [layout.Door("@w", "@u")], ["@f"]
    page = layout.html_of(
        "Tu saldo", "@b", *told, language="es"
    )  # our own page, turned into a template of theirs
    for mark, name in (
        ("@b", "body"),
        ("@n", "l.number"),
        ("@d", "l.due"),
        ("@l", "l.late"),
        ("@a", "l.amount"),
    ):
        page = page.replace(mark, f"{{{{ {name} }}}}")
    row = page[
        page.index("<tr>", page.index("l.number") - 200) : page.index("</tr>", page.index("l.number")) + 5
    ]
    page = page.replace(row, f"{{% for l in lines %}}{row}{{% endfor %}}")
    page = page.replace("@w", "{% for d in doors %}{{ d.words }} {{ d.address }}{% endfor %}").replace(
        "@u", ""
    )
    page = page.replace("@f", "{% for f in foot %}{{ f }}{% endfor %}")
    row = "{{ l.number }}  ·  {{ l.due }}  ·  {{ l.late }}  ·  {{ l.amount }}"
    text = "".join(
        f"{part}\n" for part in (
            "{{ body }}\n", f"{{% for l in lines %}}{row}\n{{% endfor %}}", "{% for d in doors %}{{ d.words }}: {{ d.address }}\n{% endfor %}",
            "{% for f in foot %}{{ f }}\n{% endfor %}",
        )
    )  # fmt: skip
    made = jinja2.Environment(autoescape=True)
    html, plain = made.from_string(page), jinja2.Environment().from_string(text)

    def send(person: Any) -> bytes:
        body, lines, doors, foot = person
        values = {"body": body, "lines": lines, "doors": doors, "foot": foot}
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = (
            SENDER,
            "marta@casa.example",
            "Tu saldo pendiente: quedó una factura",
        )
        mail["Date"], mail["Message-ID"] = NOW, "<00ff00ff00ff00ff@andina.example>"
        mail["Content-Language"], mail["List-Unsubscribe"] = "es", "<https://cobros.andina.example/p/1/baja/>"
        mail.set_content(plain.render(values))
        mail.add_alternative(html.render(values), subtype="html")
        return mail.as_bytes()

    return send


def _compare(ours: bytes, theirs: bytes) -> None:
    """Both say the same in plain text and hold the same table."""
    mails = [message_from_bytes(each, policy=policy.default) for each in (ours, theirs)]
    plain = [mail.get_body(("plain",)).get_content().split() for mail in mails]  # type: ignore[union-attr]
    assert plain[0] == plain[1], "the two texts differ"
    assert all("FC A 0003-5" in mail.get_body(("html",)).get_content() for mail in mails)  # type: ignore[union-attr]


def _seconds(make: Callable[[Any], bytes], people: list[Any]) -> float:
    begun = time.process_time()
    for each in people:
        make(each)
    return time.process_time() - begun


if __name__ == "__main__":
    sys.exit(main())
