"""What a mail is, and what a person wrote in it; mails written here, in the shapes that mail programs use."""

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.contact.inbound import bounces, mails, reasons, replies

DSN = b"""From: MAILER-DAEMON@correo.example
To: avisos+t1@acreedor.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

<marta@example.org>: host mx.example.org said: %(diagnostic)s

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; correo.example

Final-Recipient: rfc822; marta@example.org
Action: %(action)s
Status: %(status)s
Diagnostic-Code: smtp; %(diagnostic)s

--x--
"""


def _report(diagnostic: str, status: str, action: str = "failed") -> bounces.Failure:
    told = {b"diagnostic": diagnostic.encode(), b"status": status.encode(), b"action": action.encode()}
    (failure,) = bounces.read(mails.opened(DSN % told)).failures
    return failure


@pytest.mark.parametrize(
    ("diagnostic", "status", "reason", "is_hard"),
    [
        ("550 5.1.1 User unknown", "5.1.1", reasons.UNKNOWN_USER, True),
        ("550 No existe el usuario", "5.0.0", reasons.UNKNOWN_USER, True),
        ("552 5.2.2 Mailbox full", "5.2.2", reasons.FULL, False),
        ("554 5.7.1 Message blocked by Spamhaus", "5.7.1", reasons.BLOCKED, False),
        ("452 4.3.1 Insufficient system storage", "4.3.1", reasons.SYSTEM, False),
        ("450 4.1.1 User unknown", "4.1.1", reasons.UNKNOWN_USER, False),
    ],
)
def test_a_bounce_says_why_and_whether_the_address_is_dead(
    diagnostic: str, status: str, reason: str, is_hard: bool
) -> None:
    failure = _report(diagnostic, status)
    assert (failure.address, failure.reason, failure.is_hard) == ("marta@example.org", reason, is_hard)


def test_the_answer_of_the_server_is_more_exact_than_the_field() -> None:
    assert _report("550 5.2.2 Over quota", "5.0.0").status == "5.2.2"


def test_a_notice_of_delay_is_not_final() -> None:
    failure = _report("451 4.4.1 Connection timed out", "4.4.1", action="delayed")
    assert not failure.is_final and not failure.is_hard


@pytest.mark.parametrize(
    "written",
    [
        "El jue, 26 jun 2025 a las 14:14, Cobros <cobros@x.example> escribió:\n> Debes",
        "On Thu, Jun 26, 2025 at 2:14 PM Cobros\n<cobros@x.example> wrote:\n\n> Debes",
        "Em qui., 26 de jun. de 2025 às 14:14, Cobros <cobros@x.example> escreveu:\n> Deve",
        "-----Mensaje original-----\nDe: Cobros\nEnviado: jueves\nPara: Marta\nAsunto: Aviso\n\nDebes",
        "________________________________\nDe: Cobros <cobros@x.example>\nEnviado: jueves\nPara: Marta\nAsunto: Aviso\n\nDebes",
    ],
)
def test_the_quoted_message_is_left_out(written: str) -> None:
    assert replies.written(f"Ya pagué el lunes.\nMarta\n\n{written}") == "Ya pagué el lunes.\nMarta"


def test_who_writes_below_the_quoted_message_is_read_too() -> None:
    assert replies.written("El 26/06/2025 14:14, Cobros escribió:\n> Debes\n\nYa pagué") == "Ya pagué"


def test_a_text_with_nothing_quoted_stays_whole() -> None:
    assert replies.written("Hola: les escribo\nde nuevo el lunes 26/06/2025 10:00.") == (
        "Hola: les escribo\nde nuevo el lunes 26/06/2025 10:00."
    )


def test_an_automatic_answer_is_no_person() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Auto-Submitted"] = (
        "m@example.org",
        "Fuera de la oficina",
        "auto-replied",
    )
    mail.set_content("Vuelvo el lunes.")
    assert bounces.read(mails.opened(mail.as_bytes())).kind == "auto_reply"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", DSN]))
def test_whatever_comes_is_read_without_an_error(noise: bytes, around: bytes) -> None:
    for raw in (noise, around.replace(b"User", noise), around[: len(noise) * 3] + noise):
        message = mails.opened(raw)
        assert bounces.read(message).kind in {"bounce", "complaint", "auto_reply", "person"}
        replies.reply_of(message)
