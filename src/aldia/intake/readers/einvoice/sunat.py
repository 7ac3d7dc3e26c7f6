"""Communications of the Peruvian tax office that end documents: VoidedDocuments, and the annulled lines of a daily summary.

They name a document by its type, series and number, for there is no UUID there.
"""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document
from aldia.intake.readers.records.xml import Node, name_of, nodes, text
from aldia.intake.readers.stop import Stop

LINES = {"VoidedDocuments": "VoidedDocumentsLine", "SummaryDocuments": "SummaryDocumentsLine"}
ANNULLED = "3"  # ConditionCode of a summary: 1 adds, 2 changes
ISSUER = (
    "AccountingSupplierParty/CustomerAssignedAccountID",
    "AccountingSupplierParty/Party/PartyIdentification/ID",
)


def claims(root: Node) -> bool:
    """True for a communication of documents voided, and for a daily summary of receipts."""
    return "sunat" in str(root.tag) and name_of(root) in LINES


def read(root: Node, notes: Notes) -> Answer:
    """The documents that it ends. Raises Stop `no_document`."""
    is_summary = name_of(root) == "SummaryDocuments"
    issuer = text(root, *ISSUER)
    ended = [
        _ended(line, issuer)
        for line in nodes(root, LINES[name_of(root)])
        if not is_summary or text(line, "Status/ConditionCode") == ANNULLED
    ]
    if not ended:
        raise Stop("no_document")
    return {"format": "UBL", "version": text(root, "UBLVersionID"), "documents": ended}


def _ended(line: Node, issuer: str | None) -> Document:
    parts = [part for name in ("DocumentSerialID", "DocumentNumberID") if (part := text(line, name))]
    return {
        "type": "cancellation",
        "type_code": text(line, "DocumentTypeCode"),
        "number": text(line, "ID") or "-".join(parts) or None,
        "uuid": None,
        "state": "cancelled",
        "issuer_id": issuer,
    }
