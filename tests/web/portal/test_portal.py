"""The debtor's page: neutral until verified, four equal doors, every answer kept once."""

import re
from datetime import date, datetime, time
from statistics import mean
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aldia.access import formats
from aldia.access import services as access
from aldia.contact import services as contact
from aldia.contact.models import DebtorLink, Message
from aldia.ledger import selectors as ledger
from aldia.ledger.models import Creditor
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Dispute, Promise
from aldia.parties import selectors as parties
from aldia.parties.models import Party
from aldia.payments import running
from aldia.payments.models import ReportedPayment
from tests.rooms.contact.conftest import TUESDAY, Post, make_post

pytestmark = pytest.mark.usefixtures("dist")


@pytest.fixture
def post(db: None) -> Post:
    made = make_post()
    access.move_clock(actor=made.actor, to=TUESDAY, now=timezone.now())
    outcomes.ensure_outcome_tree(organisation_id=made.organisation.pk)
    return made


@pytest.fixture
def token(post: Post) -> str:
    made, _link = contact.make_link(
        organisation_id=post.organisation.pk,
        case_id=post.case_id,
        party_id=post.party_id,
        origin="test:1",
        now=timezone.now(),
    )
    return made


@pytest.fixture
def inside(client: Client, token: str) -> Client:
    client.post(f"/p/{token}/verificar/", {"digits": "5678"})
    return client


def without_link(page: Any, link: str) -> str:
    """What a page says, whoever it is for: without its link and the password of its form."""
    return re.sub(
        r'(name="csrfmiddlewaretoken" value=)"[^"]*"', r"\1", page.content.decode().replace(link, "T")
    )


def test_the_first_page_tells_no_name_and_no_amount_and_is_the_same_for_an_unknown_link(
    client: Client, post: Post, token: str
) -> None:
    known, unknown = client.get(f"/p/{token}/"), client.get("/p/no-existe/")
    assert known.status_code == unknown.status_code == 200
    for private in ("Cooperativa Sur", "Ferretería", "6.000"):
        assert private not in known.content.decode()
    assert without_link(known, token) == without_link(unknown, "no-existe")


@pytest.mark.parametrize("step", ["", "verificar/"])
def test_known_and_unknown_links_take_the_same_time(
    client: Client, post: Post, token: str, step: str
) -> None:
    spent: dict[str, list[float]] = {token: [], "no-existe": []}
    for _round in range(25):
        for link, times in spent.items():
            begun = process_time()
            client.post(f"/p/{link}/{step}", {"digits": "0000"}) if step else client.get(f"/p/{link}/")
            times.append(process_time() - begun)
    known, unknown = (mean(sorted(times)[:20]) for times in spent.values())
    assert abs(known - unknown) * 1000 <= 5, (known, unknown)


def test_looking_never_uses_a_link_up(client: Client, post: Post, token: str) -> None:
    for _time in range(3):
        client.get(f"/p/{token}/")
    link = DebtorLink.objects.of(post.organisation).get(origin="test:1")
    assert link.opened_at is not None and link.revoked_at is None
    assert client.post(f"/p/{token}/verificar/", {"digits": "5678"}).status_code == 302


def test_wrong_digits_say_the_same_as_an_unknown_link_and_lock_after_a_few(
    client: Client, post: Post, token: str
) -> None:
    pages = [client.post(f"/p/{link}/verificar/", {"digits": "0000"}) for link in (token, "no-existe")]
    known, unknown = (
        without_link(page, link) for page, link in zip(pages, (token, "no-existe"), strict=True)
    )
    assert known == unknown and {page.status_code for page in pages} == {422}
    for _time in range(4):
        assert client.post(f"/p/{token}/verificar/", {"digits": "0000"}).status_code == 422
    assert client.post(f"/p/{token}/verificar/", {"digits": "5678"}).status_code == 422


@pytest.mark.parametrize(
    ("step", "said", "told"),
    [("verificar", {"digits": "0000"}, "Confirm that it is you"), ("codigo", {"channel": "email"}, "The code you received")],
)  # fmt: skip
def test_the_way_in_speaks_the_language_of_the_person_not_of_the_browser(
    client: Client, post: Post, token: str, step: str, said: dict[str, str], told: str
) -> None:
    Party.objects.of(post.organisation).filter(pk=post.party_id).update(language="en")
    page = client.post(f"/p/{token}/{step}/", said, headers={"accept-language": "es"}).content.decode()
    assert '<html lang="en">' in page
    assert told in page


def test_the_links_of_an_old_message_lead_who_paid_meanwhile_to_the_account(
    inside: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aldia.ledger.selectors.documents", lambda *_args, **_asked: [])
    for page in ("promesa", "pagar"):
        assert inside.get(f"/p/{token}/{page}/").headers["Location"] == f"/p/{token}/cuenta/"
    assert "Estás al día" in inside.get(f"/p/{token}/cuenta/").content.decode()


def test_nothing_is_shown_without_verification_or_with_a_revoked_link(
    client: Client, post: Post, token: str
) -> None:
    for page in ("cuenta/", "pagar/", "promesa/", "ya-pague/", "desacuerdo/", "estado-de-cuenta.pdf"):
        assert client.get(f"/p/{token}/{page}").status_code == 302
    client.post(f"/p/{token}/verificar/", {"digits": "5678"})
    assert client.get(f"/p/{token}/cuenta/").status_code == 200
    contact.revoke_links(actor=post.actor, case_id=post.case_id, now=timezone.now())
    assert client.get(f"/p/{token}/cuenta/").status_code == 302


def test_a_code_sent_by_mail_lets_in(client: Client, post: Post, token: str) -> None:
    client.post(f"/p/{token}/codigo/", {"channel": "email"})
    contact.send_due(limit=10, clock=timezone.now)
    message = Message.objects.of(post.organisation).get()
    code = message.subject.rsplit(" ", 1)[1]
    assert client.post(f"/p/{token}/verificar/", {"code": code}).status_code == 302
    assert client.get(f"/p/{token}/cuenta/").status_code == 200


def test_a_company_that_opted_out_of_verification_goes_straight_to_the_amount(
    client: Client, post: Post, token: str
) -> None:
    Creditor.objects.of(post.organisation).update(has_verification=False)
    assert "6.000,00" in client.get(f"/p/{token}/", follow=True).content.decode()


@pytest.mark.covers("S0-18d", "S3-36c")
def test_the_account_shows_the_amount_and_four_doors(inside: Client, token: str) -> None:
    page = inside.get(f"/p/{token}/cuenta/").content.decode()
    assert "6.000,00" in page and page.count('class="p-door"') == 4
    assert inside.get(f"/p/{token}/estado-de-cuenta.pdf").content.startswith(b"%PDF")


@pytest.mark.covers("S3-60c")
def test_a_promise_is_checked_then_kept_once(inside: Client, post: Post, token: str) -> None:
    answers = {"amount": "part", "part": "1.500,50", "due_on": "viernes"}
    checked = inside.post(f"/p/{token}/promesa/", answers)
    assert "1.500,50" in checked.content.decode() and not Promise.objects.of(post.organisation).exists()
    for _time in range(2):
        assert inside.post(f"/p/{token}/promesa/", answers | {"confirm": "1"}).status_code == 302
    [promise] = Promise.objects.of(post.organisation)
    assert (promise.amount_minor, promise.due_on, promise.made_by) == (
        150_050,
        date(2026, 3, 6),
        f"debtor:{post.party_id}",
    )


def test_an_unreadable_date_says_how_to_write_it_and_keeps_the_rest(inside: Client, token: str) -> None:
    page = inside.post(f"/p/{token}/promesa/", {"amount": "part", "part": "10", "due_on": "nunca"})
    assert page.status_code == 422
    assert 'value="10"' in page.content.decode() and 'href="#due_on"' in page.content.decode()


@pytest.mark.covers("S3-74")
def test_a_payment_is_reported_with_its_proof(inside: Client, post: Post, token: str) -> None:
    proof = SimpleUploadedFile("recibo.pdf", b"%PDF-1.7 hola", content_type="application/pdf")
    answers = {"amount": "6000", "paid_on": "ayer", "means": "transfer", "proof": proof}
    assert inside.post(f"/p/{token}/ya-pague/", answers).status_code == 302
    reported = ReportedPayment.objects.of(post.organisation).get()
    assert (reported.amount_minor, reported.file.name) == (600_000, "recibo.pdf")


def test_a_proof_that_is_no_picture_is_refused(inside: Client, post: Post, token: str) -> None:
    proof = SimpleUploadedFile("recibo.pdf", b"<svg onload=alert(1)>", content_type="application/pdf")
    answers = {"amount": "6000", "paid_on": "02/03/2026", "means": "transfer", "proof": proof}
    assert inside.post(f"/p/{token}/ya-pague/", answers).status_code == 422
    assert not ReportedPayment.objects.of(post.organisation).exists()


@pytest.mark.covers("S3-64b")
def test_a_disagreement_reaches_the_right_department(inside: Client, post: Post, token: str) -> None:
    answers = {
        "reason": "goods_not_received",
        "documents": [str(post.document_ids[0])],
        "description": "No llegó.",
    }
    assert inside.post(f"/p/{token}/desacuerdo/", answers).status_code == 302
    dispute = Dispute.objects.of(post.organisation).get()
    assert dispute.document_ids == [post.document_ids[0]] and dispute.deadline_on > TUESDAY


def test_stopping_messages_needs_no_verification(client: Client, post: Post, token: str) -> None:
    assert "baja" in client.get(f"/p/{token}/baja/").request["PATH_INFO"]
    client.post(f"/p/{token}/baja/", {"channel": "email"})
    assert parties.opted_out(post.organisation.pk, post.party_id, post.creditor_id) == {"email"}


def test_a_mail_program_may_stop_them_in_one_click_without_a_page_before(post: Post, token: str) -> None:
    program = Client(enforce_csrf_checks=True)
    answer = program.post(f"/p/{token}/baja/", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert parties.opted_out(post.organisation.pk, post.party_id, post.creditor_id) == {"email"}


def test_a_message_is_known_by_its_code_and_told_by_the_day_of_where_it_left(
    client: Client, post: Post
) -> None:
    post.order()
    post.send()
    message = post.messages()[0]
    evening = datetime.combine(TUESDAY, time(22), ZoneInfo(post.organisation.timezone))
    Message.objects.of(post.organisation).filter(pk=message.pk).update(sent_at=evening)
    page = client.post(reverse("portal:check"), {"code": message.reference[:8]}).content.decode()
    assert formats.day_words(TUESDAY, TUESDAY) in page


def test_pages_are_light_and_run_no_script(inside: Client, token: str) -> None:
    for page in ("cuenta/", "promesa/", "pagar/", "persona/"):
        answer = inside.get(f"/p/{token}/{page}")
        assert b"<script" not in answer.content and len(answer.content) < 30_000
        assert answer["Cache-Control"] == "no-store"


def test_the_page_adds_what_runs_until_today_and_says_so(
    inside: Client, token: str, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, *rest) = ledger.documents(post.actor, case_id=post.case_id, as_of=post.clock.as_of, is_open=True)
    monkeypatch.setattr(running, "what_runs", lambda *_who, on: {first.id: {"penalty": 40_00}})
    page = inside.get(f"/p/{token}/cuenta/")
    owed = sum(line.open_minor for line in [first, *rest] if line.dpd > 0) + 40_00
    assert formats.money(owed, first.currency, "es-AR") in page.context["amounts"]
    assert (
        f"con {formats.money(40_00, first.currency, 'es-AR')} por atraso hasta hoy" in page.content.decode()
    )
