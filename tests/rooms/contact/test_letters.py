"""Letters for a window envelope, with a QR and a slip to pay; printed once, with their manifest."""

import csv
import io
import zipfile

import pypdf

from aldia.contact import services
from aldia.contact.papers.notice import Notice, notice_pdf
from aldia.parties import services as parties
from tests.rooms.contact.conftest import NOON, Post


def _letter(post: Post) -> None:
    draft = parties.PointDraft(kind="ADDRESS", value="Av. Colón 1200, 2.º B, 5000 Córdoba")
    parties.add_point(actor=post.actor, party_id=post.party_id, point=draft, now=NOON)
    post.order(channel="letter")
    post.send()


def test_a_letter_shows_the_address_in_the_window_and_a_slip_to_pay(post: Post) -> None:
    _letter(post)
    (message,) = post.messages()
    printing = services.print_letters(actor=post.actor, now=NOON)
    with zipfile.ZipFile(io.BytesIO(printing.content)) as zipped:
        (name, manifest) = zipped.namelist()
        page = pypdf.PdfReader(io.BytesIO(zipped.read(name))).pages
        rows = list(csv.DictReader(io.StringIO(zipped.read(manifest).decode())))
    text = page[0].extract_text()
    assert len(page) == 1
    for words in ("Ferretería <El Árbol> S.A.", "5000 Córdoba", "FC A 0003-1", "6.000,00", "Talón de pago"):
        assert words in text
    assert [(row["number"], row["code"], row["address"]) for row in rows] == [
        ("1", message.reference[:8].upper(), "Av. Colón 1200, 2.º B, 5000 Córdoba")
    ]


def test_a_letter_is_printed_once(post: Post) -> None:
    _letter(post)
    assert services.print_letters(actor=post.actor, now=NOON).letters == 1
    assert services.print_letters(actor=post.actor, now=NOON).letters == 0


def test_what_a_person_wrote_never_becomes_typst(post: Post) -> None:
    hostile = '#read("/etc/passwd") $x$ *no*'
    pdf = notice_pdf(
        Notice(
            creditor="Sur", creditor_lines=("CUIT 30",), debtor=hostile, address=hostile, on="3 mar", code="AB", subject=hostile,
            body=(hostile,), lines=(), totals=("$ 1",), reference="AB", instructions="", link="https://x.example/p/1", language="es",
        )
    )  # fmt: skip
    assert "#read" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
