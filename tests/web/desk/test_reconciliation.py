"""The reconciliation desk: a bank file comes in by screen, the sure lines apply themselves, people decide the rest."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aldia.access.actors import Clock
from aldia.payments import reconciliation, selectors, services
from aldia.payments.models import BankLine, LineState, Receipt
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
DESK = "/pagos/conciliacion/"


def _number(desk: Desk, case: int) -> tuple[str, int]:
    """A document of a client, and what it owes."""
    from aldia.ledger import selectors as ledger

    lines = ledger.documents(desk.system, case_id=desk.case_ids[case], as_of=TODAY, is_open=True)
    return next((line.number, line.open_minor) for line in lines if line.currency == "ARS")


def _statement(*rows: tuple[str, int, str, str]) -> bytes:
    """An MT940-free statement: CSV of a bank, with balances that prove it."""
    balance, lines = 0, ["Fecha,Descripción,Referencia,Importe,Saldo"]
    for on, minor, text, reference in rows:
        balance += minor
        lines.append(f"{on},{text},{reference},{minor / 100:.2f},{balance / 100:.2f}")
    return "\n".join(lines).encode()


def upload(client: Client, content: bytes, **told: Any) -> Any:
    file = SimpleUploadedFile("extracto.csv", content, content_type="text/csv")
    return client.post(
        f"{DESK}subir/", {"file": file, "account": "0070-1", "currency": "ARS", **told}, follow=True
    )


def lines_of(desk: Desk) -> list[BankLine]:
    return list(BankLine.objects.of(desk.organisation).order_by("pk"))


@pytest.fixture
def loaded(desk: Desk, client: Client) -> Desk:
    """One line that names its invoice to the cent, one that names only its client, one of nobody, one of money out."""
    number, owed = _number(desk, 0)
    desk.login(client, "manager")
    answer = upload(
        client,
        _statement(
            ("2026-11-23", owed, f"TRANSF FACT {number}", "R-100001"),
            ("2026-11-23", 12_345_00, "TRANSPORTES CAUQUEN", "R-100002"),
            ("2026-11-23", 99_00, "DEPOSITO", "R-100003"),
            ("2026-11-23", -15_00, "COMISION", "R-100004"),
        ),
        portfolio=desk.portfolio_id,
    )
    assert answer.status_code == 200, answer.content.decode()
    return desk


def test_a_statement_comes_in_and_the_sure_line_applies_itself(loaded: Desk) -> None:
    assert [line.state for line in lines_of(loaded)] == ["applied", "waiting", "waiting", "ignored"]
    assert selectors.verify(loaded.organisation.pk).ok


def test_the_desk_shows_the_largest_first_with_its_candidates(loaded: Desk, client: Client) -> None:
    text = client.get(DESK).content.decode()
    assert text.index("TRANSPORTES CAUQUEN") < text.index("DEPOSITO")
    assert "Transportes Cauquén S.A." in text
    assert "Es su nombre" in text
    assert "2 de 4" in text


def test_accepting_applies_goes_on_with_the_next_and_can_be_undone(loaded: Desk, client: Client) -> None:
    line = lines_of(loaded)[1]
    answer = client.post(f"{DESK}{line.pk}/aceptar/", {"caso": loaded.case_ids[1], "amount": "12345.00"})
    assert answer.url == f"{DESK}?movimiento={lines_of(loaded)[2].pk}"
    assert (
        Receipt.objects.of(loaded.organisation).get(account_id=loaded.case_ids[1], source="bank").amount_minor
        == 12_345_00
    )
    client.post(f"{DESK}{line.pk}/deshacer/")
    assert lines_of(loaded)[1].state == LineState.WAITING
    assert selectors.verify(loaded.organisation.pk).ok


@pytest.mark.covers("S3-60d")
def test_money_that_is_here_already_is_shown_with_its_reason_and_tied_or_not(
    loaded: Desk, client: Client
) -> None:
    line = lines_of(loaded)[1]
    known = services.register_receipt(
        actor=loaded.system,
        draft=services.ReceiptDraft(
            portfolio_id=loaded.portfolio_id,
            case_id=loaded.case_ids[1],
            amount_minor=line.amount_minor,
            currency="ARS",
            on=line.booked_on,
            means="transfer",
            source="erp",
            reference="e1",
        ),
        clock=Clock(TODAY, NOW),
    )
    here = f"{DESK}?movimiento={line.pk}"
    text = client.get(here).content.decode()
    assert "Es un cobro que ya está aquí, de lunes 23 nov 2026" in text and "Es ese cobro" in text
    assert "Importe para este cliente" in client.get(f"{here}&otro=1").content.decode()
    client.post(f"{DESK}{line.pk}/ya-esta/", {"caso": loaded.case_ids[1]})
    assert lines_of(loaded)[1].state == LineState.APPLIED
    assert (
        Receipt.objects.of(loaded.organisation).get(account_id=loaded.case_ids[1], amount_minor=12_345_00)
        == known
    )
    client.post(f"{DESK}{line.pk}/deshacer/")
    assert lines_of(loaded)[1].state == LineState.WAITING
    assert selectors.verify(loaded.organisation.pk).ok


def test_a_part_leaves_the_rest_waiting(loaded: Desk, client: Client) -> None:
    line = lines_of(loaded)[1]
    client.post(f"{DESK}{line.pk}/aceptar/", {"caso": loaded.case_ids[1], "amount": "2345.00"})
    text = client.get(f"{DESK}?movimiento={line.pk}").content.decode()
    assert "Falta repartir" in text
    client.post(f"{DESK}{line.pk}/aceptar/", {"caso": loaded.case_ids[2], "amount": "10000.00"})
    assert lines_of(loaded)[1].state == LineState.APPLIED


def test_a_part_sent_twice_is_given_once_and_a_refusal_leaves_the_form_free(
    loaded: Desk, client: Client
) -> None:
    line = lines_of(loaded)[1]
    part = {"caso": loaded.case_ids[1], "amount": "2345.00", "una_vez": "k1"}
    client.post(f"{DESK}{line.pk}/aceptar/", part | {"amount": "999999.00"})
    for _time in range(2):
        client.post(f"{DESK}{line.pk}/aceptar/", part)
    given = Receipt.objects.of(loaded.organisation).filter(account_id=loaded.case_ids[1], source="bank")
    assert [receipt.amount_minor for receipt in given] == [2_345_00]


def test_money_of_nobody_and_what_is_no_collection(loaded: Desk, client: Client) -> None:
    _sure, first, second, _out = lines_of(loaded)
    client.post(f"{DESK}{first.pk}/sin-identificar/", {"review_on": "mañana"})
    client.post(f"{DESK}{second.pk}/apartar/", {"reason": "interest"})
    kept = lines_of(loaded)
    assert (kept[1].state, (kept[1].review_on - TODAY).days, kept[1].owner_id) == (
        "unidentified", 1, loaded.users["manager"].pk,
    )  # fmt: skip
    assert (kept[2].state, kept[2].reason) == ("ignored", "interest")
    [total] = reconciliation.totals(loaded.system)
    assert total.waiting_minor == 0
    assert "Interés del banco" in client.get(f"{DESK}?ver=ignored&movimiento={second.pk}").content.decode()


def test_a_client_is_searched_and_chosen(loaded: Desk, client: Client) -> None:
    line = lines_of(loaded)[2]
    found = client.get(f"{DESK}?movimiento={line.pk}&q=herminia").content.decode()
    assert "Panificadora Doña Herminia" in found
    chosen = client.get(f"{DESK}?movimiento={line.pk}&elegido={loaded.case_ids[2]}").content.decode()
    assert f'name="caso" value="{loaded.case_ids[2]}"' in chosen


def test_the_same_file_again_brings_nothing(loaded: Desk, client: Client) -> None:
    before = len(lines_of(loaded))
    upload(client, _statement(("2026-11-23", 99_00, "DEPOSITO", "R-100003")))
    assert len(lines_of(loaded)) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "vac"), (b"<Document><nada/></Document>", "XML"), (b"\x00\x01\x02" * 50, "archivo")],
    ids=["empty", "another XML", "no file at all"],
)
def test_a_bad_file_says_why_and_leaves_nothing(
    desk: Desk, client: Client, content: bytes, told: str
) -> None:
    desk.login(client, "manager")
    answer = upload(client, content)
    assert answer.status_code == 422
    assert told.lower() in answer.content.decode().lower()
    assert lines_of(desk) == []


def test_a_new_account_asks_where_unknown_money_waits(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    answer = upload(client, _statement(("2026-11-23", 99_00, "X", "1"), ("2026-11-23", -1_00, "Y", "2")))
    assert answer.status_code == 422
    assert "en qué cartera espera" in answer.content.decode()


def test_a_currency_that_the_file_does_not_tell_is_asked_for_in_its_field(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    answer = upload(client, _statement(("2026-11-23", 99_00, "DEPOSITO", "R-1")), currency="")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"currency"} and "--currency" not in answer.content.decode()


def test_a_file_without_names_for_its_columns_says_what_to_write_in_it(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = upload(client, b"hola\nmundo\n").content.decode()
    assert "Pon el nombre de cada columna en la primera fila" in page and "--mapping" not in page


def test_statements_are_listed_with_their_balances(loaded: Desk, client: Client) -> None:
    assert "Cuadra" in client.get(f"{DESK}extractos/").content.decode()


def test_the_criterion_is_set_by_who_may_and_within_its_bounds(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    said = client.post(f"{DESK}criterio/", {"threshold": "70"})
    assert (said.status_code, "va de 80 a 100" in said.content.decode()) == (422, True)
    client.post(f"{DESK}criterio/", {"threshold": "90", "tolerance": "150,00", "rates": "2,5 10"})
    policy = reconciliation.policy_of(desk.system)
    assert (policy.threshold, policy.tolerance_minor, policy.withholding_rates) == (90, 150_00, (250, 1000))
    assert "desde 90 de 100" in client.get(f"{DESK}extractos/").content.decode()
    desk.login(client, "manager")
    assert client.post(f"{DESK}criterio/", {"threshold": "90"}).status_code == 403


def test_a_collector_has_no_desk_and_the_auditor_only_reads(loaded: Desk, client: Client) -> None:
    line = lines_of(loaded)[1]
    loaded.login(client, "ana")
    assert client.get(DESK).status_code == 403
    loaded.login(client, "auditor")
    assert "Aplicar<" not in client.get(f"{DESK}?movimiento={line.pk}").content.decode()
    assert client.post(f"{DESK}{line.pk}/aceptar/", {}).status_code == 403
