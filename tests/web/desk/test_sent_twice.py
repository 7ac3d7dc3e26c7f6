"""A form that posts money or makes something, sent twice with the key that its page gave it: the second time changes nothing."""

import re
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from aldia.access import sent_forms
from aldia.access.models import SentForm
from aldia.cases.models import Note
from aldia.ledger import services as ledger
from aldia.ledger.models import Loan, Posting
from aldia.payments.models import CashBox, CashMovement, Receipt, Remittance
from tests.web.desk.seed import NOW, Desk

CALM = "Ya estaba hecho: llegó una vez y no se repitió."
FOUND = 302
UNPROCESSABLE = 422
LENDING = {
    "count": "12", "every": "month", "method": "french", "yearly_rate": "60", "rate_kind": "nominal",
}  # fmt: skip
TERMS = "amount=120.000,00&granted_on=hoy&count=12&every=month&method=french&yearly_rate=60&rate_kind=nominal&penalty_rate=30"
PAID = {"currency": "ARS", "amount": "1.500,00", "on": "hoy", "means": "transfer", "reference": "TR-1"}


@pytest.fixture
def boss(desk: Desk, client: Client) -> Client:
    ledger.change_portfolio(
        actor=desk.system, portfolio_id=desk.portfolio_id, settings={"lending": LENDING}, now=NOW
    )
    return desk.login(client, "administrator")


def key_of(client: Client, page: str, marker: str = "") -> str:
    """The key in the form that stands after the marker on a page."""
    html = client.get(page).content.decode()
    found = re.search(r'name="una_vez" value="(\w{32})"', html[html.index(marker) :])
    assert found, page
    return found.group(1)


def twice(client: Client, page: str, told: dict[str, Any], *, action: str = "") -> None:
    """Send the form of a page twice: both lead to the same place, and the second says so calmly."""
    address = action or page
    data = {**told, "una_vez": key_of(client, page, f'action="{action}"' if action else "<main")}
    first = client.post(address, data)
    assert first.status_code == FOUND, first.content.decode()[:3000]
    second = client.post(address, data)
    assert (second.status_code, second.url) == (FOUND, first.url)
    assert CALM in client.get(second.url).content.decode()


def counts(desk: Desk) -> list[int]:
    """What the forms below make, and the book's own rows."""
    return [
        model.objects.of(desk.organisation).count()
        for model in (Loan, CashBox, CashMovement, Receipt, Remittance, Note, Posting)
    ]


@pytest.mark.django_db
def test_a_loan_is_granted_and_more_is_handed_out_once(desk: Desk, boss: Client) -> None:
    borrower = {"name": "Rosa Méndez", "tax_id": "20123456786", "phone": "", "hands": "transfer"}
    twice(boss, f"/prestamos/otorgar/?portfolio={desk.portfolio_id}&{TERMS}", borrower)
    loan = Loan.objects.of(desk.organisation).get()
    before = Posting.objects.of(desk.organisation).count()
    more = {"amount": "500,00", "hands": "transfer"}
    action = f"/prestamos/{loan.pk}/entregar/"
    twice(boss, f"/prestamos/{loan.pk}/cambiar/", more, action=action)
    once = Posting.objects.of(desk.organisation).count() - before
    boss.post(action, more | {"una_vez": key_of(boss, f"/prestamos/{loan.pk}/cambiar/")})
    assert (
        Posting.objects.of(desk.organisation).count() - before == 2 * once
    )  # another form is another delivery
    again = {"count": "24", "yearly_rate": "48", "extra": ""}
    twice(boss, f"/prestamos/{loan.pk}/cambiar/", again, action=f"/prestamos/{loan.pk}/refinanciar/")
    assert Loan.objects.of(desk.organisation).filter(refinances=loan).count() == 1


@pytest.mark.django_db
def test_a_box_opens_moves_and_closes_once(desk: Desk, boss: Client) -> None:
    twice(boss, "/caja/", {"currency": "ARS", "amount": "1.000,00"}, action="/caja/abrir/")
    box = CashBox.objects.of(desk.organisation).get()
    page = f"/caja/{box.pk}/"
    twice(boss, page, {"reason": "expense", "amount": "100,00"}, action=f"{page}mover/")
    assert CashMovement.objects.of(desk.organisation).filter(box_id=box.pk).count() == 1
    twice(boss, page, {"amount": "900,00", "explanation": ""}, action=f"{page}cerrar/")


@pytest.mark.django_db
def test_a_payment_and_a_remittance_are_made_once(desk: Desk, boss: Client) -> None:
    case = desk.case_ids[5]
    before = Receipt.objects.of(desk.organisation).count()
    twice(boss, f"/pagos/nuevo/{case}/", PAID)
    assert Receipt.objects.of(desk.organisation).count() == before + 1
    place = f"/pagos/rendiciones/cartera/{desk.portfolio_id}/"
    boss.post(place, {"what": "terms", "commission": "10", "tax": "21"})
    boss.post(place, {"what": "owner", "name": "Fideicomiso Ñandú", "from_on": "2020-01-01"})
    waiting = boss.get("/pagos/rendiciones/").context["waiting"]
    owner = next(each.owner.pk for each in waiting if each.owner.name == "Fideicomiso Ñandú")
    close = f"{place}{owner}/ARS/"
    twice(boss, close, {})
    row = Remittance.objects.of(desk.organisation).get()
    page = f"/pagos/rendiciones/{row.pk}/"
    twice(boss, page, {"on": "hoy", "reference": "T-9"}, action=f"{page}pagar/")


@pytest.mark.django_db
def test_a_note_is_kept_once_and_htmx_draws_its_page_again(desk: Desk, boss: Client) -> None:
    case = desk.case_ids[0]
    page, before = f"/clientes/{case}/nota/", Note.objects.of(desk.organisation).count()
    twice(boss, page, {"body": "Llamar por la tarde."}, action=page)
    data = {"body": "Tiene portero.", "una_vez": key_of(boss, page, f'action="{page}"')}
    first, second = (boss.post(page, data, headers={"HX-Request": "true"}) for _time in range(2))
    assert (first.headers["HX-Retarget"], second.headers["HX-Refresh"]) == ("#espacio", "true")
    assert Note.objects.of(desk.organisation).count() == before + 2


@pytest.mark.django_db
def test_a_refusal_leaves_the_form_free_and_a_key_is_its_own_persons(desk: Desk, client: Client) -> None:
    page, key = f"/pagos/nuevo/{desk.case_ids[1]}/", uuid4().hex
    desk.login(client, "supervisor")
    before = counts(desk)
    refused = client.post(page, PAID | {"amount": "nada", "una_vez": key})
    assert refused.status_code == UNPROCESSABLE and counts(desk) == before
    assert client.post(page, PAID | {"una_vez": key}).status_code == FOUND
    desk.login(client, "administrator")
    assert (
        client.post(page, PAID | {"amount": "7,00", "reference": "TR-2", "una_vez": key}).status_code == FOUND
    )
    assert Receipt.objects.of(desk.organisation).filter(amount_minor=700).exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_instant_do_it_once(desk: Desk) -> None:
    actor, key, made, told = desk.ana, uuid4().hex, [], []
    meeting = threading.Barrier(2, timeout=30)

    def click() -> None:
        meeting.wait(timeout=30)
        try:
            sent_forms.send_once(
                actor=actor, key=key, now=timezone.now(), act=lambda: made.append(1), led_to=lambda _answer: "/hoy/"
            )  # fmt: skip
        except sent_forms.SentBefore as before:
            told.append(before.led_to)
        finally:
            connection.close()

    run_together(click)
    assert (made, told) == ([1], ["/hoy/"])
    assert SentForm.objects.of(desk.organisation).filter(key=key).count() == 1


def run_together(click: Callable[[], None]) -> None:
    threads = [threading.Thread(target=click) for _hand in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
