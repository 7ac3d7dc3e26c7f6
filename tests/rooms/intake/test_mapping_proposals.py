"""Columns find their fields in three languages; what cannot be told apart is asked, naming the columns."""

import json
from pathlib import Path

import polars as pl
import pytest

from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.mapping import Mapping, MappingNeeded, MappingRefused, load_mapping, signature
from aldia.intake.mapping.names import currency_in, tokens_of
from aldia.intake.mapping.propose import propose_for


def proposed(
    columns: dict[str, str], kind: str = "documents", given: Mapping | None = None
) -> dict[str, str]:
    frame = pl.DataFrame({name: [cell] * 3 for name, cell in columns.items()})
    return propose_for(list(columns), frame, Kind(kind), given=given).columns


WANTED = {
    "customer_id",
    "customer_name",
    "tax_id",
    "document_number",
    "issued_on",
    "due_on",
    "amount",
    "currency",
}


@pytest.mark.parametrize(
    "headings",
    [
        "Código de Cliente|Razón Social|CUIT|Nro. Comprobante|Fecha de Emisión|Fecha de Vencimiento|Importe|Moneda",
        "customerID|customerName|taxId|invoiceNumber|InvoiceDate|DueDate|InvoiceAmount|currency",
        "Cód. Cliente|Nome do Cliente|CNPJ|Número da Nota|Data de Emissão|Data de Vencimento|Valor|Moeda",
        "cust_number|name_customer|vat_number|doc_id|document_date|due_in_date|total_amount|invoice_currency",
        "ID CLIENTE|NOMBRE CLIENTE|RFC|FOLIO|FECHA FACTURA|FECHA VENC.|MONTO TOTAL|DIVISA",
        "Nº cliente|Nombre|NIF|Nº factura|Fecha factura|Vto.|Total factura|Divisa",
        "KUNNR|NAME1|STCD1|BELNR|BLDAT|FAEDT|WRBTR|WAERS",
    ],
)
def test_known_headings_of_three_languages_and_of_systems(headings: str) -> None:
    sample = ["C-7", "Acme", "30-71659554-0", "A-1", "31/12/2024", "31/01/2025", "10,50", "USD"]
    found = proposed(dict(zip(headings.split("|"), sample, strict=True)))
    names = headings.split("|")
    order = [
        "customer_id",
        "customer_name",
        "tax_id",
        "document_number",
        "issued_on",
        "due_on",
        "amount",
        "currency",
    ]
    assert {name: found.get(name) for name in order} == dict(zip(order, names, strict=True))


@pytest.mark.parametrize(
    ("heading", "tokens"),
    [
        ("DueInDate", {"due", "date"}),
        ("due_in_date", {"due", "date"}),
        ("Fecha de Vencimiento", {"due", "date"}),
        ("FEC.VTO", {"due", "date"}),
        ("Data de Vencimento", {"due", "date"}),
        ("Nº Factura", {"number", "invoice"}),
        ("Betrag (EUR)", {"amount"}),
    ],
)
def test_headings_become_the_same_tokens(heading: str, tokens: set[str]) -> None:
    assert tokens_of(heading) == tokens


@pytest.mark.parametrize(
    ("heading", "currency"),
    [
        ("converted_usd", "USD"),
        ("Betrag (EUR)", "EUR"),
        ("Importe US$", "USD"),
        ("Valor R$", "BRL"),
        ("Total", None),
        ("top amount", None),
    ],
)
def test_a_heading_may_name_the_currency(heading: str, currency: str | None) -> None:
    assert currency_in(heading) == currency


def test_content_contradicts_a_name() -> None:
    columns = {
        "cliente": "7",
        "factura": "A-1",
        "vencimiento": "31/12/2025",
        "importe": "ver nota",
        "monto": "10,50",
    }
    assert proposed(columns)["amount"] == "monto"


@pytest.mark.parametrize("heading", ["pagado el", "Cobrado el", "Pago em", "Liquidado em", "Paid"])
def test_a_plain_word_of_payment_over_days_is_when_it_was_settled(heading: str) -> None:
    columns = {"factura": "F-1", "cliente": "K1", "vence": "04/02/2026", "saldo": "1000,00"}
    assert proposed({**columns, heading: "20/02/2026"})["settled_on"] == heading
    assert "settled_on" not in proposed({**columns, heading: "25,50"})


def test_a_missing_field_is_asked_with_the_columns_and_the_option() -> None:
    with pytest.raises(MappingNeeded) as caught:
        proposed({"cliente": "7", "factura": "A-1", "importe": "10,50"})
    assert caught.value.code == "mapping_missing"
    assert "due_on" in str(caught.value.expected)
    assert "cliente, factura, importe" in str(caught.value.found)
    assert "--mapping" in str(caught.value.hint)


def test_two_columns_that_fit_equally_are_asked() -> None:
    columns = {
        "cliente": "7",
        "factura": "A-1",
        "vencimiento": "1/1/2025",
        "fecha vto": "2/1/2025",
        "importe": "10",
    }
    with pytest.raises(MappingNeeded) as caught:
        proposed(columns)
    assert caught.value.code == "mapping_tie"
    assert "«vencimiento», «fecha vto»" in str(caught.value.found)


def test_a_column_that_repeats_another_or_is_emptier_is_no_rival() -> None:
    frame = pl.DataFrame(
        {
            **{
                "cliente": ["7", "8"],
                "doc_id": ["100001.0", "100002.0"],
                "invoice_id": ["100001.0", "100002.0"],
            },
            **{"vencimiento": ["1/1/2025"] * 2, "fecha vto": ["", "2/1/2025"], "importe": ["10", "11"]},
        }
    )
    found = propose_for(frame.columns, frame, Kind.DOCUMENTS).columns
    assert (found["document_number"], found["due_on"]) == ("doc_id", "vencimiento")


def test_a_given_mapping_wins_and_the_rest_is_proposed() -> None:
    columns = {
        "cliente": "7",
        "factura": "A-1",
        "vencimiento": "1/1/2025",
        "fecha vto": "1/1/2025",
        "importe": "10",
    }
    given = Mapping.from_dict({"due_on": "FECHA VTO", "document_number": "factura"})
    found = proposed(columns, given=given)
    assert found["due_on"] == "fecha vto"
    assert found["amount"] == "importe"


def test_a_field_given_as_nothing_stays_unmapped() -> None:
    columns = {"cliente": "7", "factura": "A-1", "vencimiento": "1/1/2025", "importe": "10", "saldo": "5"}
    assert "open_amount" not in proposed(columns, given=Mapping.from_dict({"open_amount": None}))


def test_every_other_column_is_an_attribute() -> None:
    columns = {"cliente": "7", "factura": "A-1", "vencimiento": "1/1/2025", "importe": "10", "xyz": "1"}
    frame = pl.DataFrame({name: [cell] for name, cell in columns.items()})
    assert propose_for(list(columns), frame, Kind.DOCUMENTS).attributes == ("xyz",)


def test_contacts_and_receipts_have_their_own_fields() -> None:
    contacts = proposed(
        {"customer id": "7", "name": "a", "e-mail": "a@b.co", "phone": "+54 11 4321-9876", "language": "es"},
        "contacts",
    )
    assert set(contacts) == {"customer_id", "customer_name", "email", "phone", "language"}
    receipts = proposed(
        {"fecha": "1/1/2025", "importe": "10", "referencia": "R1", "factura": "A-1", "medio de pago": "x"},
        "receipts",
    )
    assert set(receipts) == {"on", "amount", "reference", "document_number", "means"}


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_mapping_file_in_json_or_yaml(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m.{suffix}"
    told = {
        "customer_id": "a",
        "date_order": "dmy",
        "decimal": "comma",
        "sheet": "Hoja 1",
        "header_row": 3,
        "currency": "ARS",
    }
    path.write_text(
        json.dumps(told)
        if suffix == "json"
        else "\n".join(f"{name}: {value}" for name, value in told.items())
    )
    mapping = load_mapping(path)
    assert mapping.columns == {"customer_id": "a"}
    assert mapping.settings == {name: told[name] for name in told if name != "customer_id"}
    assert mapping.request().sheet == "Hoja 1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[1, 2]", "mapping_unreadable"),
        ("{", "mapping_unreadable"),
        ('{"customer": "a"}', "mapping_field_unknown"),
        ('{"kind": "nothing"}', "mapping_unreadable"),
    ],
)
def test_a_mapping_file_that_cannot_be_used(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(MappingRefused) as caught:
        load_mapping(path)
    assert caught.value.code == code


def test_a_mapping_that_names_a_column_which_is_not_there() -> None:
    with pytest.raises(MappingRefused) as caught:
        proposed({"a": "1"}, given=Mapping.from_dict({"customer_id": "b"}))
    assert caught.value.code == "mapping_column_missing"


def test_a_mapping_survives_being_stored() -> None:
    frame = pl.DataFrame(
        {"cliente": ["7"], "factura": ["A"], "vencimiento": ["1/1/2025"], "importe": ["1"], "x": ["y"]}
    )
    mapping = propose_for(frame.columns, frame, Kind.DOCUMENTS)
    assert Mapping.from_dict(json.loads(json.dumps(mapping.to_dict()))) == mapping
    assert min(mapping.confidence.values()) > 0.5
    assert all(mapping.reasons.values())


def test_a_layout_is_recognised_whatever_its_order() -> None:
    assert signature(["Cliente", "Razón  Social"]) == signature(["razon social", "CLIENTE"])
    assert signature(["a"]) != signature(["b"])


@pytest.mark.covers("S4-1c")
@pytest.mark.parametrize("part", ["Cuota", "N° de cuota", "Parcela", "Instalment"])
@pytest.mark.parametrize("number", ["Préstamo", "N° de préstamo", "Contrato", "Loan number", "Empréstimo"])
def test_the_list_of_a_lender_tells_its_loans_and_their_instalments(number: str, part: str) -> None:
    columns = {
        "Socio": "Rosa Medina",
        "DNI": "28765432",
        number: "P-100",
        part: "2",
        "Vence": "2026-11-10",
        "Importe": "45000",
    }
    found = proposed(columns)
    assert (found["document_number"], found["document_part"], found["amount"]) == (number, part, "Importe")


def test_a_file_that_names_only_instalments_has_them_for_documents() -> None:
    found = proposed({"Cliente": "Rosa", "N° de cuota": "P-100/2", "Vence": "2026-11-10", "Importe": "45000"})
    assert found["document_number"] == "N° de cuota"
