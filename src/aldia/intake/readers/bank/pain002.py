"""ISO 20022 pain.002: collections or transfers that the bank did not carry out, each with its reason."""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Returned
from aldia.intake.readers.records.values import iso_day, optional, words
from aldia.intake.readers.records.xml import Node, descendants, name_of, node_at, nodes, text, texts
from aldia.intake.readers.stop import Stop

MESSAGES = {"CstmrPmtStsRpt", "FIToFIPmtStsRpt", "pain.002.001.02"}
OUTGOING = {"CstmrDrctDbtInitn", "CstmrCdtTrfInitn"}  # what we send to the bank
REJECTED = {"RJCT", "CANC"}
REASONS = ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry", "StsRsnInf/StsRsn/Cd", "StsRsnInf/StsRsn/Prtry")


def claims(root: Node) -> bool:
    """True for a Document that holds a payment status report, or what such a report answers."""
    return any(name_of(child) in MESSAGES | OUTGOING for child in root)


def read(root: Node, notes: Notes) -> Answer:
    """The refused payments; a batch or a message refused whole gives one return without payments of its own.

    Raises Stop `outgoing_file`, `bad_amount`.
    """
    message = next((child for child in root if name_of(child) in MESSAGES), None)
    if message is None:
        raise Stop("outgoing_file")
    group = node_at(message, "OrgnlGrpInfAndSts")
    rejects_all = text(group, "GrpSts") in REJECTED
    found: list[Returned] = []
    for batch in nodes(message, "OrgnlPmtInfAndSts"):
        found += _of_batch(batch, notes, rejects_all=rejects_all)
    found += [_returned(node, notes) for node in nodes(message, "TxInfAndSts") if _is_rejected(node)]
    if rejects_all and not found and group is not None:
        found.append(_whole(group, "OrgnlMsgId"))
    return {"format": "pain.002", "returns": found}


def _of_batch(batch: Node, notes: Notes, *, rejects_all: bool) -> list[Returned]:
    payments = descendants(batch, "TxInfAndSts")
    rejects_batch = rejects_all or text(batch, "PmtInfSts") in REJECTED
    if not payments:
        return [_whole(batch, "OrgnlPmtInfId")] if rejects_batch else []
    return [
        _returned(node, notes)
        for node in payments
        if _is_rejected(node) or (rejects_batch and text(node, "TxSts") is None)
    ]


def _is_rejected(node: Node) -> bool:
    return text(node, "TxSts") in REJECTED


def _returned(node: Node, notes: Notes) -> Returned:
    original = node_at(node, "OrgnlTxRef")
    return {
        "reference": text(node, "OrgnlEndToEndId", "OrgnlTxId", "OrgnlInstrId"),
        "amount": optional(text(original, "Amt/InstdAmt", "IntrBkSttlmAmt", "Amt/EqvtAmt/Amt")),
        "currency": text(original, "Amt/InstdAmt/@Ccy", "IntrBkSttlmAmt/@Ccy", "Amt/EqvtAmt/Amt/@Ccy"),
        "reason": text(node, *REASONS),
        "on": iso_day(text(original, "ReqdColltnDt", "ReqdExctnDt/Dt", "ReqdExctnDt"), notes),
        "text": words(*texts(node, "StsRsnInf/AddtlInf")),
        "mandate": text(original, "MndtRltdInf/MndtId", "MndtRltdInf/DrctDbtMndt/MndtId"),
        "party": text(original, "Dbtr/Nm", "Dbtr/Pty/Nm"),
    }


def _whole(node: Node, identity: str) -> Returned:
    return {
        "reference": text(node, identity),
        "amount": optional(text(node, "OrgnlCtrlSum")),
        "currency": None,
        "reason": text(node, *REASONS),
        "on": None,
        "text": words(*texts(node, "StsRsnInf/AddtlInf")),
        "mandate": None,
        "party": None,
    }
