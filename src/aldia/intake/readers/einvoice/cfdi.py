"""CFDI of Mexico, versions 3.2, 3.3 and 4.0, with the payment complements 1.0 and 2.0.

PPD is to be collected; PUE was paid when issued; a receipt of payment (P) brings no debt of its own, it settles others'
instalments by their UUID. Where the method is not written, what is payable is unknown. Version 3.2 spells attributes in lower case.
"""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document, Settled
from aldia.intake.readers.records.values import iso_day, optional
from aldia.intake.readers.records.xml import (
    Node,
    attribute,
    descendants,
    line_of,
    name_of,
    node_at,
    nodes,
    text,
)
from aldia.intake.readers.stop import Stop

TYPES = {
    "I": "invoice", "E": "credit_note", "P": "payment", "T": "transfer", "N": "payroll",
    "ingreso": "invoice", "egreso": "credit_note", "traslado": "transfer",
}  # fmt: skip
CANCELLED = {"201", "202"}
RECEIPTS = {"Acuse", "CancelaCFDResult"}  # by file, and as the web service answers
LOWERS, REPLACES = "credit_note", "04"


def claims(root: Node) -> bool:
    """True for a Comprobante, and for the tax office's receipt of a cancellation."""
    return name_of(root) == "Comprobante" or (name_of(root) in RECEIPTS and bool(nodes(root, "Folios")))


def read(root: Node, notes: Notes) -> Answer:
    """The one document of the file. Raises Stop `bad_amount`, `no_document`."""
    if name_of(root) in RECEIPTS:
        return {"format": "CFDI", "documents": _cancelled(root)}
    version = _of(root, "Version")
    if version is None or _of(root, "Total") is None:
        raise Stop("no_document")
    return {"format": "CFDI", "version": version, "documents": [_document(root, notes)]}


def _cancelled(root: Node) -> list[Document]:
    """The documents that the tax office took as cancelled. Raises Stop `no_document`."""
    ended = [text(each, "UUID") for each in nodes(root, "Folios") if text(each, "EstatusUUID") in CANCELLED]
    issuer = attribute(root, "RfcEmisor")
    if not ended:
        raise Stop("no_document")
    return [
        {"type": "cancellation", "state": "cancelled", "uuid": each, "issuer_id": issuer} for each in ended
    ]


def _of(node: Node | None, name: str) -> str | None:
    """The attribute as versions 3.3 and later or earlier ones spell it."""
    return attribute(node, name, name[0].lower() + name[1:], name.lower(), name.upper())


def _document(root: Node, notes: Notes) -> Document:
    kind = TYPES.get(_of(root, "TipoDeComprobante") or "", "other")
    issuer, receiver = node_at(root, "Emisor"), node_at(root, "Receptor")
    stamps = descendants(root, "TimbreFiscalDigital")
    related = _related(root)
    return {
        "type": kind,
        "type_code": _of(root, "TipoDeComprobante"),
        "series": _of(root, "Serie"),
        "number": _of(root, "Folio"),
        "uuid": attribute(stamps[0], "UUID", "uuid") if stamps else None,
        "issued_on": iso_day(_of(root, "Fecha"), notes, line=line_of(root)),
        "due_on": None,
        "currency": _of(root, "Moneda"),
        "total": optional(_of(root, "Total"), line=line_of(root)),
        "payable": _payable(root, kind),
        "issuer_id": _of(issuer, "Rfc"),
        "issuer_name": _of(issuer, "Nombre"),
        "receiver_id": _of(receiver, "Rfc"),
        "receiver_name": _of(receiver, "Nombre"),
        "instalments": [],
        "settles": _payments(root, notes) if kind == "payment" else related if kind == LOWERS else [],
        "related": related,
        "replaces": [uuid for each in _named(root, is_replaced=True) if (uuid := attribute(each, "UUID"))],
    }


def _payable(root: Node, kind: str) -> str | None:
    total, method = optional(_of(root, "Total")), _of(root, "MetodoPago")
    if kind == LOWERS:
        return total
    if kind != "invoice" or method == "PUE":
        return "0"
    return total if method == "PPD" else None


def _related(root: Node) -> list[Settled]:
    """The documents that it names, apart from those that it replaces."""
    named = _named(root, is_replaced=False)
    return [{"uuid": attribute(each, "UUID"), "number": None, "amount": None} for each in named]


def _named(root: Node, *, is_replaced: bool) -> list[Node]:
    return [
        each
        for group in nodes(root, "CfdiRelacionados")
        if (attribute(group, "TipoRelacion") == REPLACES) == is_replaced
        for each in nodes(group, "CfdiRelacionado")
    ]


def _payments(root: Node, notes: Notes) -> list[Settled]:
    return [
        _paid(payment, document, len(nodes(payment, "DoctoRelacionado")), notes)
        for payment in descendants(root, "Pago")
        for document in nodes(payment, "DoctoRelacionado")
    ]


def _paid(payment: Node, document: Node, documents: int, notes: Notes) -> Settled:
    """One document that a payment touches. Complement 1.0 leaves the amount out when the payment is for it alone."""
    line = line_of(document)
    amount = attribute(document, "ImpPagado")
    if amount is None and documents == 1:
        amount = attribute(payment, "Monto")
    return {
        "uuid": attribute(document, "IdDocumento"),
        "series": attribute(document, "Serie"),
        "number": attribute(document, "Folio"),
        "amount": optional(amount, line=line),
        "currency": attribute(document, "MonedaDR"),
        "on": iso_day(attribute(payment, "FechaPago"), notes, line=line),
        "instalment": attribute(document, "NumParcialidad"),
        "left": optional(attribute(document, "ImpSaldoInsoluto"), line=line),
    }
