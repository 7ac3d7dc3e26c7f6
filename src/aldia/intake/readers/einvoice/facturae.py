"""Facturae of Spain, versions 3.0 to 3.2.2: a batch of invoices; what is payable is TotalExecutableAmount."""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document, Instalment, Settled
from aldia.intake.readers.records.values import iso_day, optional, scaled, unscaled, words
from aldia.intake.readers.records.xml import Node, line_of, name_of, node_at, nodes, text, texts
from aldia.intake.readers.stop import Stop

SUM_OF_TAXES = {
    "TotalTaxOutputs": (
        "TaxesOutputs/Tax/TaxAmount/TotalAmount",
        "TaxesOutputs/Tax/EquivalenceSurchargeAmount/TotalAmount",
    ),
    "TotalTaxesWithheld": ("TaxesWithheld/Tax/TaxAmount/TotalAmount",),
}
HEAD, ISSUE, TOTALS = "InvoiceHeader", "InvoiceIssueData", "InvoiceTotals"
CORRECTED = f"{HEAD}/Corrective"
WHOLE, ORIGINAL = "01", "OO"  # a correction in full, and the class of an original invoice
PERSON = ("Individual/Name", "Individual/FirstSurname", "Individual/SecondSurname")
CENT = 10_000  # in millionths: taxes are rounded line by line


def claims(root: Node) -> bool:
    """True for a Facturae batch."""
    return name_of(root) == "Facturae"


def read(root: Node, notes: Notes) -> Answer:
    """The invoices of the batch. Raises Stop `bad_amount`, `no_document`."""
    invoices = nodes(root, "Invoices/Invoice")
    if not invoices:
        raise Stop("no_document")
    seller, buyer = node_at(root, "Parties/SellerParty"), node_at(root, "Parties/BuyerParty")
    parties: Document = {
        "issuer_id": text(seller, "TaxIdentification/TaxIdentificationNumber"),
        "issuer_name": _name(seller),
        "receiver_id": text(buyer, "TaxIdentification/TaxIdentificationNumber"),
        "receiver_name": _name(buyer),
    }
    documents = [_document(invoice, parties, notes) for invoice in invoices]
    return {"format": "Facturae", "version": text(root, "FileHeader/SchemaVersion"), "documents": documents}


def _name(party: Node | None) -> str | None:
    company = text(party, "LegalEntity/CorporateName")
    return company or words(*(text(party, path) for path in PERSON)) or None


def _document(invoice: Node, parties: Document, notes: Notes) -> Document:
    line = line_of(invoice)
    number = text(invoice, f"{HEAD}/InvoiceNumber")
    total = optional(text(invoice, f"{TOTALS}/InvoiceTotal"), line=line)
    instalments = _instalments(invoice, notes)
    corrected = text(invoice, f"{CORRECTED}/InvoiceNumber")
    series = text(invoice, f"{CORRECTED}/InvoiceSeriesCode")
    related: list[Settled] = (
        [{"uuid": None, "series": series, "number": corrected, "amount": None}] if corrected else []
    )
    lowers = (total or "").startswith("-")
    _check(invoice, number, notes)
    return {
        "type": "credit_note" if lowers else "invoice",
        "type_code": text(invoice, f"{HEAD}/InvoiceClass"),
        "series": text(invoice, f"{HEAD}/InvoiceSeriesCode"),
        "number": number,
        "uuid": None,
        "issued_on": iso_day(text(invoice, f"{ISSUE}/IssueDate"), notes, line=line),
        "due_on": min((each["due_on"] for each in instalments if each["due_on"]), default=None),
        "currency": text(invoice, f"{ISSUE}/InvoiceCurrencyCode"),
        "total": total,
        "payable": optional(text(invoice, f"{TOTALS}/TotalExecutableAmount"), line=line),
        **parties,
        "instalments": instalments,
        "settles": related if lowers else [],
        "related": related,
        "replaces": [_original(series, corrected)] if corrected and not lowers and _is_whole(invoice) else [],
    }


def _is_whole(invoice: Node) -> bool:
    """True for a corrective that tells how all of the invoice stands now, not only what changes."""
    return text(invoice, f"{CORRECTED}/CorrectionMethod") == WHOLE


def _original(series: str | None, number: str) -> str:
    """What tells the corrected invoice apart where documents have no UUID: its class, series and number."""
    return f"{ORIGINAL}:{f'{series}-{number}' if series else number}"


def _instalments(invoice: Node, notes: Notes) -> list[Instalment]:
    return [
        {
            "due_on": iso_day(text(each, "InstallmentDueDate"), notes, line=line_of(each)),
            "amount": optional(text(each, "InstallmentAmount"), line=line_of(each)) or "0",
        }
        for each in nodes(invoice, "PaymentDetails/Installment")
    ]


def _check(invoice: Node, number: str | None, notes: Notes) -> None:
    """Note taxes and totals that are not the sum of their parts."""
    said = {name: optional(text(invoice, f"{TOTALS}/{name}")) for name in SUM_OF_TAXES}
    for name, paths in SUM_OF_TAXES.items():
        parts = [part for path in paths for part in _amounts(invoice, path)]
        if parts and abs(sum(parts) - scaled(said[name] or "0")) > CENT:
            _note(notes, invoice, number, said[name], sum(parts))
    before = optional(text(invoice, f"{TOTALS}/TotalGrossAmountBeforeTaxes"))
    total = optional(text(invoice, f"{TOTALS}/InvoiceTotal"))
    if before is not None and total is not None:
        computed = (
            scaled(before)
            + scaled(said["TotalTaxOutputs"] or "0")
            - scaled(said["TotalTaxesWithheld"] or "0")
        )
        if abs(computed - scaled(total)) > CENT:
            _note(notes, invoice, number, total, computed)


def _amounts(invoice: Node, path: str) -> list[int]:
    """The amounts at the path, in millionths."""
    return [scaled(value) for value in (optional(found) for found in texts(invoice, path)) if value]


def _note(notes: Notes, invoice: Node, number: str | None, found: str | None, computed: int) -> None:
    notes.add(
        "total_mismatch",
        line_of(invoice),
        number=number or "?",
        found=found or "0",
        expected=unscaled(computed),
    )
