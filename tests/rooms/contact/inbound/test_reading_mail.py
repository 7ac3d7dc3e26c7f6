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
        ("550 Conta inexistente", "5.0.0", reasons.UNKNOWN_USER, True),
        ("550 Usuário não encontrado", "5.0.0", reasons.UNKNOWN_USER, True),
        ("550 Dominio no encontrado", "5.0.0", reasons.UNKNOWN_HOST, True),
        ("550 5.4.310 DNS domain ejemplo.example does not exist", "5.4.310", reasons.UNKNOWN_HOST, True),
        ("551 5.7.1 user has moved; please try another", "5.7.1", reasons.MOVED, True),
        ("550 Cuenta suspendida", "5.0.0", reasons.SUSPENDED, False),
        ("550 Mailbox has been blocked due to inactivity", "5.0.0", reasons.SUSPENDED, False),
        ("421 RP-001 The server has exceeded the rate limit allowed.", "4.0.0", reasons.BLOCKED, False),
        ("421 4.7.0 [TSS04] temporarily deferred due to user complaints", "4.7.0", reasons.BLOCKED, False),
        ("550 El mensaje es demasiado grande", "5.0.0", reasons.TOO_BIG, False),
        ("conversation with mx.example timed out while receiving", "4.0.0", reasons.NETWORK, False),
        (
            "550 Verification failed for <a@b.example> 550 Sender verify failed",
            "5.0.0",
            reasons.BLOCKED,
            False,
        ),
        ("552 <m@b.example> Mailbox limit exeeded for this address", "5.0.0", reasons.FULL, False),
        ("550 an MX or SRV record indicated no SMTP service", "5.0.0", reasons.NO_MAIL, True),
        ("554 No SMTP service. Bad DNS PTR resource record.", "4.0.0", reasons.BLOCKED, False),
        ("450 4.3.2 Service currently unavailable", "4.3.2", reasons.SYSTEM, False),
        ("550 5.1.0 <a@b.example>: Sender address rejected: User unknown", "5.1.0", reasons.BLOCKED, False),
        ("550 5.7.1 This account is not allowed to receive", "5.7.1", reasons.BLOCKED, False),
        ("450 4.7.1 Error: too much mail from 192.0.2.1", "4.7.1", reasons.BLOCKED, False),
        ("500 5.5.2 unrecognized command", "5.5.2", reasons.BLOCKED, False),
        (
            "5.0.0 Name service error for b.example: Host not found, try again",
            "5.0.0",
            reasons.NETWORK,
            False,
        ),
        ("550 Esta persona ya no trabaja en la empresa", "5.0.0", reasons.UNKNOWN_USER, True),
        ("550 Benutzer unbekannt", "5.0.0", reasons.UNKNOWN_USER, True),
        ("550 Destinatario desconhecido", "5.0.0", reasons.UNKNOWN_USER, True),
        ("552 boite aux lettres pleine", "5.0.0", reasons.FULL, False),
        ("552 El buzón ha superado su cuota", "5.0.0", reasons.FULL, False),
        ("552 A caixa postal excedeu o limite de armazenamento", "5.0.0", reasons.FULL, False),
        ("554 This user does not have a correo.example account", "5.0.0", reasons.UNKNOWN_USER, True),
        ("550 El dominio b.example no existe", "5.0.0", reasons.UNKNOWN_HOST, True),
        ("552 El mensaje supera el tamaño máximo permitido", "5.0.0", reasons.TOO_BIG, False),
        ("450 Greylisted, come back later", "4.2.0", reasons.BLOCKED, False),
        ("Tiempo de espera agotado", "4.0.0", reasons.EXPIRED, False),
        ("Tempo limite excedido", "4.0.0", reasons.EXPIRED, False),
    ],
)
def test_a_bounce_says_why_and_whether_the_address_is_dead(
    diagnostic: str, status: str, reason: str, is_hard: bool
) -> None:
    failure = _report(diagnostic, status)
    assert (failure.address, failure.reason, failure.is_hard) == ("marta@example.org", reason, is_hard)


def test_the_answer_of_the_server_is_more_exact_than_the_field() -> None:
    assert _report("550 5.2.2 Over quota", "5.0.0").status == "5.2.2"


TALK = b"""From: MAILER-DAEMON@correo.example
To: avisos@acreedor.example
Subject: Returned mail

   ----- Transcript of session follows -----
While talking to mx.example.org:
>>> MAIL From:<avisos@acreedor.example>
<<< 550 Insecure Mail Relay
554 <marta@example.org>... Remote protocol error
"""


def test_the_answer_of_the_other_server_counts_more_than_the_verdict_of_the_own() -> None:
    (failure,) = bounces.read(mails.opened(TALK)).failures
    assert (failure.address, failure.reply, failure.reason) == ("marta@example.org", "550", reasons.BLOCKED)


def test_two_reports_in_one_file_are_both_read() -> None:
    told = {b"diagnostic": b"550 5.1.1 User unknown", b"status": b"5.1.1", b"action": b"failed"}
    first, second = DSN % told, (DSN % told).replace(b"marta@", b"jose@")
    both = bounces.read(mails.opened(first + b"\nFrom MAILER-DAEMON  Thu Apr 29 23:34:45 2015\n" + second))
    assert [each.address for each in both.failures] == ["marta@example.org", "jose@example.org"]


def test_a_report_forwarded_as_text_is_read() -> None:
    told = {b"diagnostic": b"552 5.2.2 Mailbox full", b"status": b"5.2.2", b"action": b"failed"}
    cover = b"From: postmaster@relay.example\nTo: a@b.example\nSubject: Undelivered Mail\n\nSee below.\n\n"
    (failure,) = bounces.read(
        mails.opened(cover + b"From MAILER-DAEMON  Thu Apr 29 23:34:45 2015\n" + DSN % told)
    ).failures
    assert (failure.address, failure.reason) == ("marta@example.org", reasons.FULL)


def test_a_frame_whose_second_line_lost_its_blank_is_mended() -> None:
    told = {b"diagnostic": b"550 5.1.1 User unknown", b"status": b"5.1.1", b"action": b"failed"}
    broken = (DSN % told).replace(
        b'report-type=delivery-status; boundary="x"', b'report-type=delivery-status;\nboundary="x"'
    )
    assert [each.address for each in bounces.read(mails.opened(broken)).failures] == ["marta@example.org"]


def test_a_list_that_takes_no_mail_is_a_bounce() -> None:
    raw = b"From: l-admin@e.example\nSubject: You are not member (l ML)\nX-MLServer: fml\n\nYou are not a member of this list <l@e.example>\n"
    assert bounces.read(mails.opened(raw)).failures[0].reason == reasons.BLOCKED


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


@pytest.mark.parametrize(
    "heading",
    ["---- Cobros Sur wrote ----", "-- Cobros Sur escribió: --", "Op 26-06-2025 om 14:14 schreef Cobros:"],
)
def test_headings_of_telephones_and_of_other_languages_end_the_reply(heading: str) -> None:
    assert replies.written(f"Ya pagué\n\n{heading}\n\nDebes 100") == "Ya pagué"


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


@pytest.mark.parametrize(
    "subject",
    [
        "Respuesta automática: Factura 7", "Resposta automática: Fatura", "Automatic reply: Invoice", "Ausente: hasta el lunes",
        "Automatische Antwort: Rechnung", "Réponse automatique : Facture", "Estou de férias", "OOO: Invoice",
        "[Auto-Reply] Factura 7", "Fora do escritório", "Respuesta automatizada: Factura", "De licencia hasta el lunes",
    ],
)  # fmt: skip
def test_the_subject_of_an_automatic_answer_in_many_languages_even_as_bare_letters(subject: str) -> None:
    raw = f"From: m@example.org\nSubject: {subject}\n\nVuelvo el lunes."
    for charset in ("utf-8", "latin-1"):
        assert bounces.read(mails.opened(raw.encode(charset))).kind == "auto_reply"


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("ana@example.org", "Devuelto el cheque", "El banco lo devolvió por falta de firma."),
        ("ana@example.org", "Bounced check fee", "Please see ana@example.org and tell me why I was charged."),
        ("ana@example.org", "Returned goods of invoice 7", "I returned the goods."),
        ("Administrator <administrator@example.org>", "Re: Factura", "Ya pagué."),
        ("Ana <ana@delivery.example>", "Mail delivery problem", "Your letter never came."),
    ],
)
def test_who_writes_of_something_returned_is_a_person(sender: str, subject: str, body: str) -> None:
    raw = f"From: {sender}\nTo: cobros@acreedor.example\nSubject: {subject}\n\n{body}"
    assert bounces.read(mails.opened(raw.encode())).kind == "person"


def test_a_read_receipt_is_no_bounce_and_nobody_wrote_it() -> None:
    receipt = DSN.replace(b"delivery-status", b"disposition-notification").partition(b"Action")[0]
    raw = receipt.replace(b"MAILER-DAEMON@", b"marta@").replace(
        b"Undelivered Mail Returned to Sender", b"Read: Factura"
    )
    assert bounces.read(mails.opened(raw)).kind == "auto_reply"


@pytest.mark.parametrize(
    "header", [b"Subject: =?utf-8?B?A?=", b"Content-Type: text/plain; charset=iso-8]59\xab15"]
)
def test_a_header_that_nobody_can_decode_is_read_without_an_error(header: bytes) -> None:
    raw = header + b"\nFrom: m@example.org\n\nhola"
    assert bounces.read(mails.opened(raw)).kind == "person"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", DSN]))
def test_whatever_comes_is_read_without_an_error(noise: bytes, around: bytes) -> None:
    for raw in (noise, around.replace(b"User", noise), around[: len(noise) * 3] + noise):
        message = mails.opened(raw)
        assert bounces.read(message).kind in {"bounce", "complaint", "auto_reply", "person"}
        replies.reply_of(message)
