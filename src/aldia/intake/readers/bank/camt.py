"""ISO 20022 camt.052, 053 and 054, every version: reports, statements and notifications of an account.

Amounts are written without sign and turned by CdtDbtInd; RvslInd says that the line takes back an earlier one and does not
turn it again. A line of many payments lists them in `transactions`.
"""

from typing import Any

from aldia.intake.readers.bank import balances
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Entry, Returned, Statement
from aldia.intake.readers.records.values import exact, iso_day, signed, words
from aldia.intake.readers.records.xml import Node, line_of, name_of, node_at, nodes, text, texts
from aldia.intake.readers.stop import Stop

MESSAGES = {
    "BkToCstmrAcctRpt": ("Rpt", "camt.052"),
    "BkToCstmrStmt": ("Stmt", "camt.053"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "camt.054"),
}
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
# Families of the bank transaction code that give a payment back.
GIVEN_BACK = {"UPDD", "UPCQ", "UPTC", "UPCT", "RRTN", "RPCR", "PRDD", "RCDD"}
NO_REFERENCE = {"NOTPROVIDED", "NONREF", "NOTAVAILABLE"}

REFERENCES = (
    "Refs/EndToEndId",
    "RmtInf/Strd/CdtrRefInf/Ref",
    "RmtInf/Strd/CdtrRefInf/CdtrRef",
    "Refs/AcctSvcrRef",
    "Refs/TxId",
    "Refs/InstrId",
    "Refs/PmtInfId",
)
PARTIES = {
    True: (
        "RltdPties/Cdtr/Nm",
        "RltdPties/Cdtr/Pty/Nm",
        "RltdPties/UltmtCdtr/Nm",
        "RltdPties/UltmtCdtr/Pty/Nm",
    ),
    False: (
        "RltdPties/Dbtr/Nm",
        "RltdPties/Dbtr/Pty/Nm",
        "RltdPties/UltmtDbtr/Nm",
        "RltdPties/UltmtDbtr/Pty/Nm",
    ),
}
ACCOUNTS = {
    True: ("RltdPties/CdtrAcct/Id/IBAN", "RltdPties/CdtrAcct/Id/Othr/Id"),
    False: ("RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
}
AMOUNTS = ("AmtDtls/TxAmt/Amt", "Amt", "AmtDtls/InstdAmt/Amt")  # first the one in the money of the account
IDENTITIES = tuple(
    f"{pty}{kind}/Othr/Id" for pty in ("/Pty/Id/", "/Id/") for kind in ("OrgId", "PrvtId")
)  # of a party, under the element that holds it; before version 8 without Pty
REASONS = ("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd")
TAX_IDS = {
    True: tuple(f"RltdPties/{who}{path}" for who in ("Cdtr", "UltmtCdtr") for path in IDENTITIES),
    False: tuple(f"RltdPties/{who}{path}" for who in ("Dbtr", "UltmtDbtr") for path in IDENTITIES),
}
FAMILY = "BkTxCd/Domn/Fmly/SubFmlyCd"


def claims(root: Node) -> bool:
    """True for a Document that holds one of the three messages; their first drafts had other names."""
    return any(name_of(child) in MESSAGES for child in root)


def read(root: Node, notes: Notes) -> Answer:
    """The statements of the message. Raises Stop `no_statement` where it is empty."""
    message = next(child for child in root if name_of(child) in MESSAGES)
    element, family = MESSAGES[name_of(message)]
    statements = [_statement(node, notes) for node in nodes(message, element)]
    if not statements:
        raise Stop("no_statement")
    returns = [each for statement in statements for each in _returns(statement["entries"])]
    answer: Answer = {"format": family, "version": _version(root), "statements": statements}
    if returns:
        answer["returns"] = returns
    return answer


def _version(root: Node) -> str | None:
    space = root.tag[1:].partition("}")[0] if str(root.tag).startswith("{") else ""
    return space.rpartition(":")[2] or None


def _statement(node: Node, notes: Notes) -> Statement:
    entries = [_entry(entry, notes) for entry in nodes(node, "Ntry")]
    opening, closing = _balance(node, OPENING), _balance(node, CLOSING)
    currency = text(node, "Acct/Ccy") or opening[1] or closing[1] or _only_currency(entries)
    statement: Statement = {
        "account": text(node, "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id", "Acct/Id/BBAN"),
        "owner": text(node, "Acct/Ownr/Nm", "Acct/Ownr/Pty/Nm"),
        "number": text(node, "Id"),
        "currency": currency,
        "opening": opening[0],
        "closing": closing[0],
        "entries": entries,
    }
    currencies = {opening[1], closing[1], *(entry["currency"] for entry in entries)} - {None}
    if len(currencies) > 1 and opening[0] is not None and closing[0] is not None:
        notes.add(
            "mixed_currencies",
            account=statement["account"] or "?",
            found=", ".join(sorted(map(str, currencies))),
        )
    else:
        balances.check(statement, notes)
    return statement


def _balance(node: Node, kinds: tuple[str, ...]) -> tuple[str | None, str | None]:
    found = {text(each, "Tp/CdOrPrtry/Cd", "Tp/Cd"): each for each in reversed(nodes(node, "Bal"))}
    for kind in kinds:
        if kind in found:
            balance = found[kind]
            return signed(exact(text(balance, "Amt")), out=_is_out(balance)), text(balance, "Amt/@Ccy")
    return None, None


def _is_out(node: Node) -> bool:
    return text(node, "CdtDbtInd") == "DBIT"


def _only_currency(entries: list[Entry]) -> str | None:
    currencies = {entry["currency"] for entry in entries}
    return currencies.pop() if len(currencies) == 1 else None


def _entry(node: Node, notes: Notes) -> Entry:
    is_out, line = _is_out(node), line_of(node)
    takes_back = text(node, "RvslInd") in {"true", "1"} or text(node, FAMILY) in GIVEN_BACK
    details = nodes(node, "NtryDtls/TxDtls") or nodes(node, "TxDtls")
    parts = [_transaction(detail, is_out, takes_back=takes_back) for detail in details]
    own = text(node, "AcctSvcrRef", "NtryRef")
    return {
        "booked_on": iso_day(text(node, "BookgDt/Dt", "BookgDt/DtTm"), notes, line=line),
        "valued_on": iso_day(text(node, "ValDt/Dt", "ValDt/DtTm"), notes, line=line),
        "amount": signed(exact(text(node, "Amt"), line=line), out=is_out),
        "currency": text(node, "Amt/@Ccy"),
        "reference": own or (parts[0]["reference"] if len(parts) == 1 else None),
        "text": words(*(part["text"] for part in parts), text(node, "AddtlNtryInf")),
        "returned": takes_back or any(part["returned"] for part in parts),
        "reason": next((part["reason"] for part in parts if part["reason"]), None),
        "is_pending": (text(node, "Sts/Cd", "Sts") or "BOOK") != "BOOK",
        "transactions": parts,
    }


def _transaction(node: Node, entry_is_out: bool, *, takes_back: bool) -> dict[str, Any]:
    sign = text(node, "CdtDbtInd")
    is_out = sign == "DBIT" if sign else entry_is_out
    is_return = node_at(node, "RtrInf") is not None or text(node, FAMILY) in GIVEN_BACK
    is_creditor = is_out != (takes_back or is_return)  # whoever is on the other side of the account
    paid = next((path for path in AMOUNTS if text(node, path)), None)
    references = (found for path in REFERENCES if (found := text(node, path)) and found not in NO_REFERENCE)
    return {
        "amount": signed(exact(text(node, paid), line=line_of(node)), out=is_out) if paid else None,
        "currency": text(node, f"{paid}/@Ccy") if paid else None,
        "reference": next(references, None),
        "structured": texts(node, "RmtInf/Strd/CdtrRefInf/Ref"),
        "mandate": text(node, "Refs/MndtId"),
        "party": text(node, *PARTIES[is_creditor]),
        "party_account": text(node, *ACCOUNTS[is_creditor]),
        "party_tax_id": text(node, *TAX_IDS[is_creditor]),
        "text": words(
            *texts(node, "RmtInf/Ustrd"),
            *texts(node, "RmtInf/Strd/RfrdDocInf/Nb"),
            *texts(node, "RmtInf/Strd/AddtlRmtInf"),
            text(node, "AddtlTxInf"),
            *texts(node, "RtrInf/AddtlInf"),
        ),
        "returned": takes_back or is_return,
        "reason": text(node, *REASONS) if is_return else None,
    }


def _returns(entries: list[Entry]) -> list[Returned]:
    """The payments given back, each for what it was: its own amount, else that of its line."""
    return [
        {
            "reference": part["reference"],
            "amount": (part["amount"] or entry["amount"]).removeprefix("-"),
            "currency": part["currency"] or entry["currency"],
            "reason": part["reason"],
            "on": entry["booked_on"],
            "text": part["text"],
            "mandate": part["mandate"],
            "party": part["party"],
        }
        for entry in entries
        for part in entry["transactions"]
        if part["returned"]
    ]
