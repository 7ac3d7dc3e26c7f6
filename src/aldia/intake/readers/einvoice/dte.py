"""DTE of Chile: one document, or an envelope of many. Whole pesos; paid at issue unless the form of payment says credit."""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document, Instalment, Settled
from aldia.intake.readers.records.values import iso_day, optional
from aldia.intake.readers.records.xml import Node, descendants, line_of, name_of, nodes, text
from aldia.intake.readers.stop import Stop

ROOTS = {"DTE", "EnvioDTE", "SetDTE", "EnvioBOLETA", "Documento"}
BODIES = ("Documento", "Liquidacion", "Exportaciones")
TYPES = {
    "30": "invoice", "32": "invoice", "33": "invoice", "34": "invoice", "35": "receipt", "38": "receipt",
    "39": "receipt", "41": "receipt", "43": "settlement", "46": "invoice", "50": "delivery_note", "52": "delivery_note",
    "55": "debit_note", "56": "debit_note", "60": "credit_note", "61": "credit_note", "110": "invoice",
    "111": "debit_note", "112": "credit_note",
}  # fmt: skip
CURRENCIES = {"DOLAR USA": "USD", "EURO": "EUR", "PESO CL": "CLP", "REAL": "BRL", "NUEVO SOL": "PEN"}
CASH, FREE = "1", "3"
HEAD, TOTALS = "Encabezado/IdDoc", "Encabezado/Totales"


def claims(root: Node) -> bool:
    """True for a document or an envelope of the tax office."""
    return name_of(root) in ROOTS and bool(descendants(root, "TipoDTE"))


def read(root: Node, notes: Notes) -> Answer:
    """The documents of the file. Raises Stop `bad_amount`, `no_document`."""
    documents = [
        _document(body, notes) for body in descendants(root, *BODIES) if text(body, f"{HEAD}/TipoDTE")
    ]
    if not documents:
        raise Stop("no_document")
    return {"format": "DTE", "documents": documents}


def _document(body: Node, notes: Notes) -> Document:
    code, line = text(body, f"{HEAD}/TipoDTE"), line_of(body)
    kind = TYPES.get(code or "", "other")
    total = optional(text(body, f"{TOTALS}/MntTotal"), line=line)
    related = _related(body)
    instalments = _instalments(body, notes)
    return {
        "type": kind,
        "type_code": code,
        "number": text(body, f"{HEAD}/Folio"),
        "uuid": None,
        "issued_on": iso_day(text(body, f"{HEAD}/FchEmis"), notes, line=line),
        "due_on": iso_day(text(body, f"{HEAD}/FchVenc"), notes, line=line),
        "currency": _currency(body),
        "total": total,
        "payable": _payable(kind, text(body, f"{HEAD}/FmaPago"), total),
        "issuer_id": text(body, "Encabezado/Emisor/RUTEmisor"),
        "issuer_name": text(body, "Encabezado/Emisor/RznSoc", "Encabezado/Emisor/RznSocEmisor"),
        "receiver_id": text(body, "Encabezado/Receptor/RUTRecep"),
        "receiver_name": text(body, "Encabezado/Receptor/RznSocRecep"),
        "instalments": instalments,
        "settles": [each for each in related if each["code"] in TYPES] if kind == "credit_note" else [],
        "related": related,
    }


def _currency(body: Node) -> str:
    said = text(body, f"{TOTALS}/TpoMoneda")
    return CURRENCIES.get(said, said) if said else "CLP"


def _payable(kind: str, form: str | None, total: str | None) -> str | None:
    if kind in {"delivery_note", "settlement", "other"}:
        return "0"
    return "0" if form in {CASH, FREE} and kind != "credit_note" else total


def _instalments(body: Node, notes: Notes) -> list[Instalment]:
    return [
        {
            "due_on": iso_day(text(each, "FchPago"), notes, line=line_of(each)),
            "amount": optional(text(each, "MntPago"), line=line_of(each)) or "0",
        }
        for each in nodes(body, f"{HEAD}/MntPagos")
    ]


def _related(body: Node) -> list[Settled]:
    return [
        {"uuid": None, "number": text(each, "FolioRef"), "amount": None, "code": text(each, "TpoDocRef")}
        for each in nodes(body, "Referencia")
    ]
