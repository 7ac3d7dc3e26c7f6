"""Replies as people's mail programs write them: the address they answer to, the ids they keep or lose, and how they quote.

Each style is a way in which a real program or gateway treats an answer; the shares are a guess of ours about everyday mail, the
hard ones on purpose more frequent than in life.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

WHEN: Final = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
SAID: Final = (
    "Ya pagué el lunes.", "¿Me pasan el detalle?", "Puedo pagar el viernes", "Nao reconheço esta dívida", "I already paid this.",
    "Ñandú & Cía.: mañana transferimos.", "ok",
)  # fmt: skip


@dataclass(frozen=True)
class Ours:
    """A message of ours as it left: what the person's program has in hand."""

    reference: str
    sender: str
    returns_to: str
    recipient: str
    subject: str
    text: str
    html: str

    @property
    def message_id(self) -> str:
        return f"<{self.reference}@{parseaddr(self.sender)[1].rpartition('@')[2] or 'localhost'}>"


@dataclass(frozen=True)
class Written:
    """A reply, and the style that it was written in."""

    style: str
    raw: bytes


def replies(sent: list[Ours], *, count: int, seed: int = 1) -> list[Written]:
    """Return `count` replies to these messages, in every style by its share; each has an id of its own."""
    dice = random.Random(seed)
    names = [name for name, (share, _make) in STYLES.items() for _each in range(share)]
    made = []
    for number in range(count):
        style = names[number % len(names)]
        mail = STYLES[style][1](sent[number % len(sent)], dice.choice(SAID))
        mail["Message-ID"] = f"<{number}.{dice.getrandbits(48):x}@casa.example>"
        mail["Date"] = format_datetime(WHEN)
        made.append(Written(style, mail.as_bytes(policy=SMTP)))
    return made


def _begun(ours: Ours, *, to: str = "", sender: str = "", subject: str = "") -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender or ours.recipient, to or ours.returns_to
    mail["Subject"] = subject or f"Re: {ours.subject}"
    return mail


def _named(mail: EmailMessage, ours: Ours) -> EmailMessage:
    mail["In-Reply-To"], mail["References"] = ours.message_id, ours.message_id
    return mail


def _marked(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _gmail(ours: Ours, said: str) -> EmailMessage:
    mail = _named(_begun(ours), ours)
    mail.set_content(
        f"{said}\n\nEl mié, 4 mar 2026 a las 14:30, {ours.sender} escribió:\n\n{_marked(ours.text)}\n"
    )
    mail.add_alternative(
        f'<div dir="ltr">{said}</div><div class="gmail_quote"><blockquote>{ours.html}</blockquote></div>',
        subtype="html",
    )
    return mail


def _outlook(ours: Ours, said: str) -> EmailMessage:
    """Exchange keeps no id of ours, only its own thread index; it answers to where it was asked to."""
    mail = _begun(ours, subject=f"RE: {ours.subject}")
    mail["Thread-Index"] = "AdwXyz=="
    mail.set_content(
        f"{said}\n\n________________________________\nDe: {ours.sender}\nEnviado: miércoles\nPara: yo\nAsunto: {ours.subject}\n\n{ours.text}"
    )
    return mail


def _apple(ours: Ours, said: str) -> EmailMessage:
    mail = _named(_begun(ours), ours)
    mail.set_content(
        f"{said}\n\nEnviado desde mi iPhone\n\n> El 4 mar. 2026, a las 14:30, {ours.sender} escribió:\n> \n{_marked(ours.text)}\n",
        cte="quoted-printable",
    )
    return mail


def _loud(ours: Ours, said: str) -> EmailMessage:
    """Some gateways write addresses in capitals and give them a name of their own."""
    name, _at, domain = ours.returns_to.partition("@")
    mail = _begun(ours, to=f'"Cobros, Andina" <{name.upper()}@{domain}>')
    mail.set_content(said)
    return mail


def _to_sender(ours: Ours, said: str) -> EmailMessage:
    """A program that does not honour Reply-To: the ids are all there is."""
    mail = _named(_begun(ours, to=ours.sender), ours)
    mail.set_content(f"{said}\n")
    return mail


def _references_only(ours: Ours, said: str) -> EmailMessage:
    mail = _begun(ours, to=ours.sender)
    mail["References"] = f"<otro@casa.example> {ours.message_id}"
    mail.set_content(said)
    return mail


def _rewritten(ours: Ours, said: str) -> EmailMessage:
    """A relay gave our message another id, and a form took the mark off the address: the quoted code is all there is."""
    mail = _begun(ours, to=ours.sender)
    mail["In-Reply-To"] = "<0100018f-7a1b-4c@email.amazonses.example>"
    mail.set_content(
        f"{said}\n\n-----Mensaje original-----\nDe: Cobros\nEnviado: hoy\nPara: yo\nAsunto: {ours.subject}\n\n{ours.text}",
        cte="base64",
    )
    return mail


def _html_only(ours: Ours, said: str) -> EmailMessage:
    mail = _begun(ours, to=ours.sender, sender="otra.persona@trabajo.example")
    mail.set_content(f"<p>{said}</p><hr><blockquote>{ours.html}</blockquote>", subtype="html")
    return mail


def _forwarded(ours: Ours, said: str) -> EmailMessage:
    """Somebody else's programs forward ours as an attachment and write above it."""
    mail = _begun(ours, to=ours.sender, sender="contadora@estudio.example", subject=f"Fwd: {ours.subject}")
    inside = EmailMessage(policy=SMTP)
    inside["From"], inside["To"], inside["Subject"] = ours.sender, ours.recipient, ours.subject
    inside["Message-ID"] = ours.message_id
    inside.set_content(ours.text)
    mail.set_content(said)
    mail.add_attachment(inside)
    return mail


def _fresh(ours: Ours, said: str) -> EmailMessage:
    """A new mail to the box, with nothing of ours: the address that we know is all there is."""
    mail = _begun(ours, to=ours.sender, subject="Consulta")
    mail.set_content(said)
    return mail


def _delivered(ours: Ours, said: str) -> EmailMessage:
    """A list server wrote another To; the envelope kept the mark."""
    mail = _begun(ours, to="cobros@grupo.example")
    mail["Delivered-To"] = ours.returns_to
    mail.set_content(said)
    return mail


def _subject_only(ours: Ours, said: str) -> EmailMessage:
    """A stranger who writes anew: nobody may guess whose it is."""
    mail = _begun(
        ours, to=ours.sender, sender="desconocida@casa.example", subject="por el mensaje que me mandaron"
    )
    mail.set_content(said)
    return mail


Make = Callable[[Ours, str], EmailMessage]
STYLES: Final[dict[str, tuple[int, Make]]] = {
    "gmail": (8, _gmail), "outlook": (8, _outlook), "apple": (6, _apple), "capitals": (2, _loud), "to the sender": (4, _to_sender),
    "references only": (2, _references_only), "ids rewritten": (3, _rewritten), "html of somebody else": (2, _html_only),
    "forwarded": (1, _forwarded), "new mail": (2, _fresh), "delivered to": (1, _delivered), "stranger": (1, _subject_only),
}  # fmt: skip
