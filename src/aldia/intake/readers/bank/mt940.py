"""SWIFT MT940 statements and MT942 interim reports, with the habits of real banks.

A line counts on its value date: it is the one that always comes, and with a year. The entry date, month and day only,
is `entered_on`, and stands in where the value date is not in the calendar. Reversals: RC takes money out, RD brings it back.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from aldia.intake.readers.bank import balances
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Entry, Statement
from aldia.intake.readers.records.text import lines_of
from aldia.intake.readers.records.values import amount, day, signed, words
from aldia.intake.readers.stop import Stop

TAG = re.compile(r"(?:\{[^{}]*\}|\{4:)*\s*:(\d{2}[A-Z]?|NS):(.*)")
ENVELOPE = re.compile(r"-\s*$|-\}|\{\d:")
CLAIM = re.compile(r"(?:^|[\r\n}:])\s*:(?:20|25|28C?|60[FM]|61|62[FM]|64|86|34F|90[CD]):", re.ASCII)
BALANCE = re.compile(r"(R?[CD])(\d{6})([A-Z]{3})?\s*([\d.,]+)")
LINE = re.compile(
    r"(?P<value>\d{6})\s*(?P<entry>\d{4})?\s*(?P<mark>E?R?[CD])(?P<funds>[A-Z])?\s*(?P<amount>[\d.]*,\d*|\d[\d.]*)"
    r"(?P<type>[A-Z][A-Z0-9 ]{3})?(?P<rest>.*)",
    re.DOTALL,
)
SUBFIELDS = re.compile(
    r"\d{3}([?<>~^|@#$%&*+=!])\d{2}"
)  # a business code, then fields behind the bank's own mark
END_TO_END = re.compile(
    r"/EREF/(?P<slashed>.{1,70}?)/(?:[A-Z]{4}/|/|$)"
    r"|EREF[+:]\s*(?P<plus>\S{1,35}?)(?=\s|$|(?:KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)[+:])"
)
NO_REFERENCE = {"", "NONREF", "NONREFERENCE", "NOTPROVIDED", "EREF", "PREF", "MREF"}
# 16 characters, or the word that some banks let run on.
CUSTOMER_REFERENCE = re.compile(r".{0,16}(?:(?<=\S)\S*)?")
BALANCES = {"60F", "60M", "62F", "62M"}
INTERIM = {"34F", "13", "13D", "90C", "90D"}
RETURN_CODES = {"108", "109", "159"}  # German business transaction codes: debit or transfer given back
PURPOSE = {*(str(code) for code in range(20, 30)), "60", "61", "62", "63"}
PARTY = {"32", "33"}

Field = tuple[str, list[str], int]


@dataclass(slots=True)
class Message:
    """The tags of one account between one :20: and the next, with the number of the line where each begins."""

    fields: list[Field] = field(default_factory=list)

    def first(self, *tags: str) -> str | None:
        """The first content of any of the tags."""
        return next((lines[0].strip() for tag, lines, _line in self.fields if tag in tags), None)

    def last(self, *tags: str) -> str | None:
        """The last content of any of the tags: the pages of one message end with the balance of the whole."""
        return next((lines[0].strip() for tag, lines, _line in reversed(self.fields) if tag in tags), None)

    def has(self, tags: set[str]) -> bool:
        return any(tag in tags for tag, _lines, _line in self.fields)


def claims(head: str) -> bool:
    """True for a text with tags of these messages at the start of lines."""
    return bool(CLAIM.search(head[:4000]))


def read(data: bytes, notes: Notes) -> Answer:
    """The statements of the file. Raises Stop `fragment` where an account or anything about it is missing."""
    messages = [message for message in _messages(lines_of(data)) if len(message.fields) > 1]
    if not messages or not all(_is_whole(message) for message in messages):
        raise Stop("fragment")
    interim = any(message.has(INTERIM) for message in messages)
    return {
        "format": "MT942" if interim else "MT940",
        "statements": [_statement(message, notes) for message in messages],
    }


def _messages(lines: list[str]) -> list[Message]:
    found: list[Message] = []
    for number, line in enumerate(lines, start=1):
        tag = TAG.match(line)
        if tag:
            if tag[1] == "20" or not found:
                found.append(Message())
            found[-1].fields.append((tag[1], [tag[2]], number))
        elif found and line.strip() and not ENVELOPE.match(line):
            found[-1].fields[-1][1].append(line)
    return found


def _is_whole(message: Message) -> bool:
    return message.has({"20"}) and message.has({"25", "25P"}) and message.has(BALANCES | INTERIM)


def _statement(message: Message, notes: Notes) -> Statement:
    opening = _balance(message.first("60F", "60M"))
    closing = _balance(message.last("62F", "62M"))
    currency = opening[1] or closing[1] or _interim_currency(message)
    statement: Statement = {
        "account": message.first("25", "25P"),
        "number": message.first("28C", "28"),
        "currency": currency,
        "opening": opening[0],
        "closing": closing[0],
        "entries": _entries(message, currency, notes),
    }
    if statement["closing"] is None and statement["opening"] is not None:
        notes.add("no_closing", account=statement["account"] or "?")
    balances.check(statement, notes)
    return statement


def _balance(text: str | None) -> tuple[str | None, str | None]:
    found = BALANCE.match(text or "")
    if not found:
        return None, None
    return signed(amount(found[4]), out=found[1] in {"D", "RC"}), found[3]


def _interim_currency(message: Message) -> str | None:
    found = re.match(r"\d*([A-Z]{3})", message.first("34F", "90C", "90D") or "")
    return found[1] if found else None


def _entries(message: Message, currency: str | None, notes: Notes) -> list[Entry]:
    entries: list[Entry] = []
    is_explained = False  # a :86: after the closing balance speaks of the whole statement
    for tag, lines, number in message.fields:
        if tag == "61":
            entries.append(_entry(lines, number, currency, notes))
        elif tag == "86" and is_explained:
            _explain(entries[-1], lines)
        is_explained = tag == "61" or (tag in {"86", "NS"} and is_explained)
    return entries


def _entry(lines: list[str], number: int, currency: str | None, notes: Notes) -> Entry:
    found = LINE.match(lines[0])
    details = lines[1:]
    if not found and details:  # the amount broken over two lines
        found, details = LINE.match(lines[0].rstrip() + lines[1]), lines[2:]
    if not found:
        raise Stop("bad_line", found=lines[0][:60], line=number)
    mark = found["mark"].removeprefix("E")
    own, _slashes, banks = found["rest"].partition("//")
    customers = CUSTOMER_REFERENCE.match(own)
    reference = customers[0] if customers else ""
    references = [text for text in (reference.strip(), banks.strip()) if text not in NO_REFERENCE]
    valued_on = day(found["value"], "YYMMDD", notes, line=number)
    entered_on = _entry_day(found["value"], found["entry"])
    entry: Entry = {
        "booked_on": valued_on or entered_on,
        "valued_on": valued_on,
        "amount": signed(amount(found["amount"], line=number), out=mark in {"D", "RC"}),
        "currency": currency,
        "reference": references[0] if references else None,
        "text": words(own[len(reference) :], *details),
        "returned": mark.startswith("R") or (found["type"] or "")[1:] == "RTI",
        "is_pending": found["mark"].startswith("E"),  # expected: of an interim report, not booked yet
    }
    if entered_on and entered_on != valued_on:
        entry["entered_on"] = entered_on
    return entry


def _entry_day(value: str, entry: str | None) -> str | None:
    """The entry date with the year nearest to the value date's."""
    if not entry or not value[:2].isdigit():
        return None
    year = 2000 + int(value[:2]) if int(value[:2]) < 70 else 1900 + int(value[:2])
    months = int(entry[:2]) - int(value[2:4])
    year += -1 if months > 6 else 1 if months < -6 else 0
    try:
        return date(year, int(entry[:2]), int(entry[2:])).isoformat()
    except ValueError:
        return None


def _explain(entry: Entry, lines: list[str]) -> None:
    """Add what :86: says: subfields of the German banks, or plain lines."""
    joined = "".join(lines)
    code, mark = joined[:3], SUBFIELDS.match(joined)
    if mark:
        parts = re.split(rf"{re.escape(mark[1])}(\d{{2}})", joined[3:])
        fields = list(zip(parts[1::2], parts[2::2], strict=True))
        purpose = "".join(text for key, text in fields if key in PURPOSE)
        party = words("".join(text for key, text in fields if key in PARTY))
        entry["text"] = words(entry["text"], purpose, party)
        entry["returned"] = entry["returned"] or code in RETURN_CODES
        joined = purpose
    else:
        entry["text"] = words(entry["text"], *lines)
    if not entry["reference"] and (end_to_end := END_TO_END.search(joined)):
        entry["reference"] = (end_to_end["slashed"] or end_to_end["plus"]).strip()
