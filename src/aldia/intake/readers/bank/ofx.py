"""OFX and QFX statements of banks and cards, SGML 1.x and XML 2.x alike: tags, not a document tree.

The sign of an amount is already its direction. The reference of a line is its FITID, unique in the account for ever.
"""

import html
import re
from collections.abc import Iterator

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Entry, Statement
from aldia.intake.readers.records.text import decoded
from aldia.intake.readers.records.values import amount, day, words
from aldia.intake.readers.stop import Stop

TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z0-9_.]+)\s*/?>(?P<value>(?:<!\[CDATA\[.*?\]\]>|[^<])*)", re.DOTALL
)
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
CODEPAGE = re.compile(rb"CHARSET\s*[:=]\s*\"?(\d{3,4}|ISO-8859-1|UTF-8|NONE)", re.IGNORECASE)
DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9_.-]+)")
STATEMENTS = {"STMTRS", "CCSTMTRS"}  # of investments there is nothing to collect
ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM"}
KNOWN = (
    STATEMENTS
    | ACCOUNTS
    | {"STMTTRN", "LEDGERBAL", "AVAILBAL", "BANKACCTTO", "CCACCTTO", "CURRENCY", "ORIGCURRENCY"}
)
Fields = dict[str, str]
Group = tuple[str, Fields]


def claims(head: str) -> bool:
    """True for a text with an OFX header or its outermost tag."""
    return bool(re.search(r"(?im)^\s*<OFX[\s>]|>\s*<OFX[\s>]|^OFXHEADER", head[:4000]))


def read(data: bytes, notes: Notes) -> Answer:
    """The statements of the file. Raises Stop `no_statement`, `bad_amount`."""
    text = decoded(data, _encoding(data[:2000]))
    header, *bodies = re.split(r"(?i)(?=<OFX[\s>])", text, maxsplit=1)
    if "<!DOCTYPE" in header.upper():
        raise Stop("xml_entities")
    statements = [_statement(parts, notes) for body in bodies for parts in _groups(body)]
    if not statements:
        raise Stop("no_statement")
    return {"format": "OFX", "version": _version(header), "statements": statements}


def _encoding(head: bytes) -> str | None:
    declared = DECLARED.search(head)
    if declared:
        return declared[1].decode("ascii")
    page = CODEPAGE.search(head)
    if not page or page[1].upper() == b"NONE":
        return None
    name = page[1].decode("ascii")
    return f"cp{name}" if name.isdigit() else name


def _version(header: str) -> str | None:
    found = re.search(r"OFXHEADER.*?\bVERSION\s*[:=]\s*[\"']?(\d+)", header, re.IGNORECASE | re.DOTALL)
    return found[1] if found else None


def _groups(body: str) -> Iterator[list[Group]]:
    """For each statement its named groups in order. SGML leaves leaf tags open; XML closes them: both pass."""
    groups: list[Group] = []
    stack: list[Group] = []
    for tag in TAG.finditer(body):
        name, value = tag["name"].upper(), _plain(tag["value"])
        if tag["close"]:
            _close(stack, name)
            if name in STATEMENTS and groups:
                yield groups
                groups = []
        elif name in KNOWN:
            stack.append((name, {}))
            if groups or name in STATEMENTS:
                groups.append(stack[-1])
        elif stack and value:
            stack[-1][1].setdefault(name, value)
    if groups:
        raise Stop("truncated_file")


def _close(stack: list[Group], name: str) -> None:
    """Leave the group of that name, and those left open inside it."""
    if any(each == name for each, _fields in stack):
        while stack.pop()[0] != name:
            pass


def _plain(value: str) -> str:
    return html.unescape(CDATA.sub(lambda found: html.escape(found[1]), value)).strip()


def _first(groups: list[Group], names: set[str]) -> Fields:
    return next((fields for name, fields in groups if name in names), {})


def _statement(groups: list[Group], notes: Notes) -> Statement:
    account, head = _first(groups, ACCOUNTS), groups[0][1]
    closing = _first(groups, {"LEDGERBAL"}).get("BALAMT")
    currency = (head.get("CURDEF") or "").upper() or None
    return {
        "account": account.get("ACCTID"),
        "bank": account.get("BANKID"),
        "branch": account.get("BRANCHID"),
        "currency": currency,
        "opening": None,
        "closing": amount(closing) if closing else None,
        "entries": [_entry(fields, currency, notes) for fields in _lines(groups)],
    }


def _lines(groups: list[Group]) -> list[Fields]:
    """The fields of each line, with the symbol of its own money where it brings one: ORIGCURRENCY was changed already."""
    lines: list[Fields] = []
    for name, fields in groups:
        if name == "STMTTRN":
            lines.append(dict(fields))
        elif name == "CURRENCY" and lines and fields.get("CURSYM"):
            lines[-1]["CURSYM"] = fields["CURSYM"]
    return lines


def _entry(fields: Fields, currency: str | None, notes: Notes) -> Entry:
    if not fields.get("DTPOSTED"):
        notes.add("no_date", amount=fields.get("TRNAMT", "?"))
    return {
        "booked_on": day(fields.get("DTPOSTED", "")[:8], "YYYYMMDD", notes),
        "valued_on": day(fields.get("DTAVAIL", "")[:8], "YYYYMMDD", notes),
        "amount": amount(fields.get("TRNAMT")),
        "currency": fields.get("CURSYM", "").upper() or currency,
        "reference": fields.get("FITID") or fields.get("REFNUM") or fields.get("CHECKNUM"),
        "text": words(fields.get("NAME"), fields.get("EXTDNAME"), fields.get("MEMO")),
        "returned": fields.get("CORRECTACTION", "").upper() == "DELETE",
        "check": fields.get("CHECKNUM"),
    }
