"""QIF: the old export of home finance programs. No currency or balance inside; the order of dates is inferred."""

import re
from collections.abc import Iterator
from datetime import date

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Entry, Statement
from aldia.intake.readers.records.text import lines_of
from aldia.intake.readers.records.values import amount, words
from aldia.intake.readers.stop import Stop

Fields = dict[str, str]
BANK_TYPES = {"bank", "cash", "ccard", "oth a", "oth l"}
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
DATE = re.compile(r"(\d{1,4})[/.\-' ]+(\d{1,2})[/.\-' ]+(\d{1,4})")


def claims(head: str) -> bool:
    """True for a text whose first line names its type."""
    return head.lstrip("\ufeff \r\n").lower().startswith(("!type:", "!account", "!option:", "!clear:"))


def read(data: bytes, notes: Notes) -> Answer:
    """One statement for each account that the file names. Raises Stop `no_statement`, `bad_amount`, `truncated_file`."""
    found = list(_records(lines_of(data)))
    if not found:
        raise Stop("no_statement")
    is_day_first = _is_day_first([fields.get("D", "") for _account, _number, fields in found])
    if is_day_first is None:
        notes.add("date_order")
    statements: dict[str | None, Statement] = {}
    for account, number, fields in found:
        statement = statements.setdefault(account, _opened(account))
        statement["entries"].append(_entry(fields, number, is_day_first, notes))
    return {"format": "QIF", "statements": list(statements.values())}


def _records(lines: list[str]) -> Iterator[tuple[str | None, int, Fields]]:
    """The account, the last line and the fields of each record of a bank section. Raises Stop `truncated_file`."""
    account: str | None = None
    section, fields = "", Fields()
    for number, line in enumerate(lines, start=1):
        mark, value = line[:1].upper(), line[1:].strip()
        if mark == "!":
            section, fields = value.lower(), Fields()
        elif mark == "^":
            if section == "account":
                account = fields.get("N") or None
            elif _is_bank(section) and fields:
                yield account, number, fields
            fields = Fields()
        elif mark.strip():
            fields.setdefault(mark, value)
    if _is_bank(section) and fields:
        raise Stop("truncated_file")


def _is_bank(section: str) -> bool:
    kind, _colon, name = section.partition(":")
    return kind == "type" and name.strip() in BANK_TYPES


def _opened(account: str | None) -> Statement:
    return {"account": account, "currency": None, "opening": None, "closing": None, "entries": []}


def _is_day_first(dates: list[str]) -> bool | None:
    """What the dates themselves prove, None when they may be read both ways; years that come first leave no doubt."""
    pairs = [
        (int(found[1]), int(found[2])) for text in dates if (found := DATE.match(text)) and len(found[1]) < 3
    ]
    if any(first > 12 for first, _second in pairs):
        return True
    return False if not pairs or any(second > 12 for _first, second in pairs) else None


def _entry(fields: Fields, number: int, is_day_first: bool | None, notes: Notes) -> Entry:
    return {
        "booked_on": _day(fields.get("D", ""), number, bool(is_day_first), notes),
        "amount": amount(_without_thousands(fields.get("T") or fields.get("U", "")), line=number),
        "currency": None,
        "reference": fields.get("N"),
        "text": words(fields.get("P"), fields.get("M")),
        "returned": False,
    }


def _without_thousands(text: str) -> str:
    return text.replace(",", "") if THOUSANDS.fullmatch(text) else text


def _day(text: str, number: int, is_day_first: bool, notes: Notes) -> str | None:
    found = DATE.match(text)
    if not found:
        notes.add("impossible_date" if text else "no_date", number, found=text, amount="?")
        return None
    parts = [int(part) for part in found.groups()]
    if len(found[1]) == 4:
        year, month, day = parts
    else:
        first, second, year = parts
        day, month = (first, second) if is_day_first else (second, first)
    year += (2000 if year < 70 else 1900) if year < 100 else 0
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        notes.add("impossible_date", number, found=text)
        return None
