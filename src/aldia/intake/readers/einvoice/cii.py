"""UN/CEFACT Cross Industry Invoice: EN 16931, Factur-X and XRechnung, and the older names of ZUGFeRD 1."""

from datetime import datetime

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document, Instalment, Settled
from aldia.intake.readers.records.values import iso_day, optional
from aldia.intake.readers.records.xml import Node, attribute, line_of, name_of, node_at, nodes, text
from aldia.intake.readers.stop import Stop

ROOTS = {"CrossIndustryInvoice", "CrossIndustryDocument"}
HEADS = ("ExchangedDocument", "HeaderExchangedDocument")
TRADES = ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
AGREEMENTS = ("ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
SETTLEMENTS = ("ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
SUMS = ("SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation")
CREDIT_CODES = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
DEBIT_CODES = {"80", "82", "84", "383"}
DATE_FORMATS = {"102": "%Y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "101": "%y%m%d", "2": "%d%m%y"}


def claims(root: Node) -> bool:
    """True for a cross industry invoice."""
    return name_of(root) in ROOTS


def read(root: Node, notes: Notes) -> Answer:
    """The document of the file. Raises Stop `bad_amount`, `no_document`."""
    head, trade = _one(root, HEADS), _one(root, TRADES)
    settlement = _one(trade, SETTLEMENTS)
    if head is None or trade is None or settlement is None:
        raise Stop("no_document")
    return {"format": "CII", "documents": [_document(head, trade, settlement, notes)]}


def _one(node: Node | None, names: tuple[str, ...]) -> Node | None:
    return (
        None
        if node is None
        else next((hit for name in names if (hit := node_at(node, name)) is not None), None)
    )


def _document(head: Node, trade: Node, settlement: Node, notes: Notes) -> Document:
    line = line_of(head)
    agreement, sums = _one(trade, AGREEMENTS), _one(settlement, SUMS)
    code = text(head, "TypeCode")
    payable = optional(text(sums, "DuePayableAmount"), line=line)
    total = optional(text(sums, "GrandTotalAmount"), line=line)
    dues = [
        due
        for terms in nodes(settlement, "SpecifiedTradePaymentTerms")
        if (due := _day(terms, "DueDateDateTime", notes))
    ]
    earlier = [
        (text(each, "IssuerAssignedID", "ID")) for each in nodes(settlement, "InvoiceReferencedDocument")
    ]
    related: list[Settled] = [
        {"uuid": None, "number": number, "amount": None} for number in earlier if number
    ]
    kind = "credit_note" if code in CREDIT_CODES else "debit_note" if code in DEBIT_CODES else "invoice"
    return {
        "type": kind,
        "type_code": code,
        "number": text(head, "ID"),
        "uuid": None,
        "issued_on": _day(head, "IssueDateTime", notes),
        "due_on": min(dues, default=None),
        "currency": text(settlement, "InvoiceCurrencyCode") or text(sums, "DuePayableAmount/@currencyID"),
        "total": total,
        "payable": payable if payable is not None else total,
        **_parties(agreement),
        "instalments": _instalments(settlement, notes),
        "settles": related if kind == "credit_note" or (payable or "").startswith("-") else [],
        "related": related,
    }


def _parties(agreement: Node | None) -> Document:
    seller = node_at(agreement, "SellerTradeParty") if agreement is not None else None
    buyer = node_at(agreement, "BuyerTradeParty") if agreement is not None else None
    return {
        "issuer_id": _identity(seller),
        "issuer_name": text(seller, "Name"),
        "receiver_id": _identity(buyer),
        "receiver_name": text(buyer, "Name"),
    }


def _identity(party: Node | None) -> str | None:
    """The VAT number, else another tax number, else the register's, else the parties' own."""
    if party is None:
        return None
    taxes = {
        attribute(node_at(each, "ID"), "schemeID"): text(each, "ID")
        for each in nodes(party, "SpecifiedTaxRegistration")
    }
    tax = taxes.get("VA") or next((number for number in taxes.values() if number), None)
    return tax or text(party, "SpecifiedLegalOrganization/ID", "GlobalID", "ID")


def _instalments(settlement: Node, notes: Notes) -> list[Instalment]:
    return [
        {
            "due_on": _day(terms, "DueDateDateTime", notes),
            "amount": optional(text(terms, "PartialPaymentAmount"), line=line_of(terms)) or "0",
        }
        for terms in nodes(settlement, "SpecifiedTradePaymentTerms")
        if text(terms, "PartialPaymentAmount")
    ]


def _day(node: Node, path: str, notes: Notes) -> str | None:
    """The date, in the format that it names; XML dates are taken too."""
    holder = node_at(node, f"{path}/DateTimeString")
    if holder is None:
        return iso_day(text(node, f"{path}/DateTime", path), notes, line=line_of(node))
    written, form = (holder.text or "").strip(), holder.get("format") or "102"
    if not written:
        return None
    try:
        return datetime.strptime(written, DATE_FORMATS.get(form, "%Y%m%d")).date().isoformat()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return iso_day(written, notes, line=line_of(holder))
