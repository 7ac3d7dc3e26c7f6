"""UBL 2.0 and 2.1: EN 16931 and Peppol, Colombia (also wrapped in an AttachedDocument) and Peru.

What is payable is PayableAmount: what remains after prepayments. A due date that is not written stays null: it is never the
date of issue.
"""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document, Instalment, Settled
from aldia.intake.readers.records.values import iso_day, optional
from aldia.intake.readers.records.xml import Node, embedded, line_of, name_of, node_at, nodes, text
from aldia.intake.readers.stop import Stop

ROOTS = {"Invoice": "invoice", "CreditNote": "credit_note", "DebitNote": "debit_note"}
WRAPPER, WRAPPED = "AttachedDocument", "Attachment/ExternalReference/Description"
CREDIT_CODES = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532", "07", "91"}
DEBIT_CODES = {"80", "82", "84", "383", "08", "92"}
TOTALS = ("LegalMonetaryTotal", "RequestedMonetaryTotal")
ISSUERS = ("AccountingSupplierParty", "SellerSupplierParty")
RECEIVERS = ("AccountingCustomerParty", "BuyerCustomerParty")
DUE = ("DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate")
REFERENCES = (
    "InvoiceDocumentReference",
    "CreditNoteDocumentReference",
    "DebitNoteDocumentReference",
    "SelfBilledInvoiceDocumentReference",
)
NOT_INSTALMENTS = {"detraccion", "percepcion", "retencion"}


def claims(root: Node) -> bool:
    """True for an invoice or a note of the OASIS namespaces, or what wraps one."""
    space = str(root.tag)[1:].partition("}")[0]
    return "oasis:names:specification:ubl" in space and name_of(root) in {*ROOTS, WRAPPER}


def read(root: Node, notes: Notes) -> Answer:
    """The document of the file, taken out of its wrapper. Raises Stop `bad_amount`, `no_document`, those of XML."""
    if name_of(root) == WRAPPER:
        inner = text(root, WRAPPED)
        if not inner:
            raise Stop("no_document")
        root = embedded(inner)
    if name_of(root) not in ROOTS:
        raise Stop("no_document")
    return {"format": "UBL", "version": text(root, "UBLVersionID"), "documents": [_document(root, notes)]}


def _document(root: Node, notes: Notes) -> Document:
    line = line_of(root)
    totals = next((found for name in TOTALS if (found := node_at(root, name)) is not None), None)
    payable = optional(text(totals, "PayableAmount"), line=line)
    code = text(root, "InvoiceTypeCode", "CreditNoteTypeCode", "DebitNoteTypeCode")
    kind = _kind(root, code)
    related = _related(root)
    lowers = kind == "credit_note" or (payable or "").startswith("-")
    issuer, receiver = _party(root, ISSUERS), _party(root, RECEIVERS)
    return {
        "type": kind,
        "type_code": code,
        "number": text(root, "ID"),
        "uuid": text(root, "UUID"),
        "issued_on": iso_day(text(root, "IssueDate"), notes, line=line),
        "due_on": iso_day(text(root, *DUE), notes, line=line),
        "currency": text(root, "DocumentCurrencyCode") or text(totals, "PayableAmount/@currencyID"),
        "total": optional(text(totals, "TaxInclusiveAmount"), line=line) or payable,
        "payable": payable,
        "issuer_id": _identity(issuer),
        "issuer_name": _name(issuer),
        "receiver_id": _identity(receiver),
        "receiver_name": _name(receiver),
        "instalments": _instalments(root, notes),
        "settles": related if lowers else [],
        "related": related,
    }


def _kind(root: Node, code: str | None) -> str:
    if code in CREDIT_CODES:
        return "credit_note"
    return "debit_note" if code in DEBIT_CODES else ROOTS[name_of(root)]


def _party(root: Node, names: tuple[str, ...]) -> Node | None:
    return next((found for name in names if (found := node_at(root, name)) is not None), None)


def _identity(holder: Node | None) -> str | None:
    """The tax id, else the register's, else the one that the parties or, in UBL 2.0 of Peru, the tax office use."""
    if holder is None:
        return None
    party = node_at(holder, "Party")
    schemes = nodes(party, "PartyTaxScheme") if party is not None else []
    schemes.sort(key=lambda scheme: text(scheme, "TaxScheme/ID") != "VAT")  # stable: the VAT number first
    tax = next((found for scheme in schemes if (found := text(scheme, "CompanyID"))), None)
    own = text(party, "PartyLegalEntity/CompanyID", "PartyIdentification/ID")
    return tax or own or text(holder, "CustomerAssignedAccountID") or text(party, "EndpointID")


def _name(holder: Node | None) -> str | None:
    return text(
        holder,
        "Party/PartyLegalEntity/RegistrationName",
        "Party/PartyName/Name",
        "Party/PartyTaxScheme/RegistrationName",
        "Party/PhysicalLocation/Description",
    )


def _instalments(root: Node, notes: Notes) -> list[Instalment]:
    """Terms that state both an amount and a date; what the law makes the payer keep back is none."""
    found: list[Instalment] = []
    for terms in nodes(root, "PaymentTerms"):
        amount, due = text(terms, "Amount"), text(terms, "PaymentDueDate", "SettlementPeriod/EndDate")
        if amount and due and (text(terms, "ID") or "").lower() not in NOT_INSTALMENTS:
            found.append(
                {
                    "number": text(terms, "PaymentMeansID", "ID"),
                    "due_on": iso_day(due, notes, line=line_of(terms)),
                    "amount": optional(amount, line=line_of(terms)) or "0",
                }
            )
    return found


def _related(root: Node) -> list[Settled]:
    """The documents that it names as its own earlier ones, each once."""
    found: dict[str, Settled] = {}
    for reference in nodes(root, "BillingReference"):
        for name in REFERENCES:
            for each in nodes(reference, name):
                number = text(each, "ID")
                found.setdefault(number or "", {"uuid": text(each, "UUID"), "number": number, "amount": None})
    for answer in nodes(root, "DiscrepancyResponse"):
        number = text(answer, "ReferenceID")
        if number:
            found.setdefault(number, {"uuid": None, "number": number, "amount": None})
    return list(found.values())
