"""QIF: the old export of home finance programs. No account, currency or balance inside; the order of dates is inferred."""

import re
from datetime import date

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Entry
from aldia.intake.readers.records.text import lines_of
from aldia.intake.readers.records.values import amount, words
from aldia.intake.readers.stop import Stop

BANK_TYPES = {"bank", "cash", "ccard", "oth a", "oth l"}
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
DATE = re.compile(r"(\d{1,4})[/.\-' ]+(\d{1,2})[/.\-' ]+(\d{1,4})")


def claims(head: str) -> bool:
    """True for a text whose first line names its type."""
    return head.lstrip("\ufeff \r\n").lower().startswith(("!type:", "!account", "!option:"))


def read(data: bytes, notes: Notes) -> Answer:
    """One statement with the lines of all bank sections. Raises Stop `no_statement`, `bad_amount`."""
    found: list[tuple[int, dict[str, str]]] = []
    is_bank, fields = False, dict[str, str]()
    for number, line in enumerate(lines_of(data), start=1):
        mark, value = line[:1], line[1:].strip()
        if mark == "!":
            is_bank = value.lower().startswith("type:") and value[5:].strip().lower() in BANK_TYPES
            fields = {}
        elif mark == "^":
            if is_bank and fields:
                found.append((number, fields))
            fields = {}
        elif mark:
            fields.setdefault(mark, value)
    if is_bank and fields:
        raise Stop("truncated_file")
    if not found:
        raise Stop("no_statement")
    is_day_first = _is_day_first([fields.get("D", "") for _number, fields in found])
    if is_day_first is None:
        notes.add("date_order")
    entries = [_entry(fields, number, is_day_first, notes) for number, fields in found]
    return {
        "format": "QIF",
        "statements": [
            {"account": None, "currency": None, "opening": None, "closing": None, "entries": entries}
        ],
    }


def _is_day_first(dates: list[str]) -> bool | None:
    """What the dates themselves prove, None when they may be read both ways."""
    pairs = [
        (int(found[1]), int(found[2])) for text in dates if (found := DATE.match(text)) and len(found[1]) < 3
    ]
    if any(first > 12 for first, _second in pairs):
        return True
    return False if any(second > 12 for _first, second in pairs) else None


def _entry(fields: dict[str, str], number: int, is_day_first: bool | None, notes: Notes) -> Entry:
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
