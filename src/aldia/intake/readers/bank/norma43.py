"""Norma 43 (AEB, Spain): one account a block, lines of 80 characters, amounts in cents, direction 1 out and 2 in."""

from aldia.intake.readers.bank import balances
from aldia.intake.readers.bank.currencies import code_of
from aldia.intake.readers.bank.fixed import Places, cut, first_of, records_of
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Entry, Returned, Statement
from aldia.intake.readers.records.values import cents, day, scaled, signed, words
from aldia.intake.readers.stop import Stop

HEAD: Places = {
    "bank": (3, 6), "branch": (7, 10), "account": (11, 20), "from": (21, 26), "to": (27, 32), "sign": (33, 33),
    "opening": (34, 47), "currency": (48, 50), "name": (52, 77),
}  # fmt: skip
MOVEMENT: Places = {
    "booked": (11, 16), "valued": (17, 22), "concept": (23, 24), "own": (25, 27), "sign": (28, 28), "amount": (29, 42),
    "document": (43, 52), "first": (53, 64), "second": (65, 80),
}  # fmt: skip
TEXT: Places = {"one": (5, 42), "two": (43, 80)}
END: Places = {
    "debits": (21, 25), "out": (26, 39), "credits": (40, 44), "in": (45, 58), "sign": (59, 59), "closing": (60, 73),
}  # fmt: skip
IN = "2"
WIDTH = 80
KINDS = {"11", "22", "23", "24", "33", "88"}
RETURNS, CORRECTIONS = "14", "98"  # common concepts: returned and unpaid; cancelled and corrected


def claims(head: str) -> bool:
    """True for a text that begins with an account record: kind 11, 18 digits of account, two dates, a sign."""
    first = first_of(head).lstrip(" \ufeff")
    is_account = first.startswith("11") and first[2:32].isdigit() and first[32:33] in {"1", "2"}
    return is_account and (len(first) <= 100 or first[WIDTH : WIDTH + 2] in KINDS)


def read(data: bytes, notes: Notes) -> Answer:
    """The accounts of the file. Raises Stop `no_statement`, `bad_line` and `bad_amount`."""
    statements: list[Statement] = []
    for number, raw in enumerate(records_of(data, WIDTH), start=1):
        line = raw.lstrip(" \ufeff\x1a")
        if line.startswith("11"):
            statements.append(_opened(cut(line, HEAD, upto="opening", number=number), number))
        elif statements and line.strip():
            _take(line, statements[-1], notes, number)
    if not statements:
        raise Stop("no_statement")
    for statement in statements:
        if statement["closing"] is None:
            notes.add("no_closing", account=statement["account"])
    answer: Answer = {"format": "Norma 43", "statements": statements}
    returns = [_returned(entry) for each in statements for entry in each["entries"] if entry["reason"]]
    if returns:
        answer["returns"] = returns
    return answer


def _take(line: str, statement: Statement, notes: Notes, number: int) -> None:
    """Add what one record says to the account that is open."""
    kind, entries = line[:2], statement["entries"]
    if kind == "22":
        entries.append(_entry(cut(line, MOVEMENT, upto="amount", number=number), statement, notes, number))
    elif kind == "23" and entries:
        field = cut(line, TEXT)
        entries[-1]["text"] = words(entries[-1]["text"], field["one"], field["two"])
    elif kind == "33":
        _close(statement, cut(line, END, upto="closing", number=number), notes, number)
    elif kind not in KINDS:
        raise Stop("bad_line", line=number, found=line[:60])


def _opened(field: dict[str, str], line: int) -> Statement:
    return {
        "account": field["account"],
        "bank": field["bank"],
        "branch": field["branch"],
        "owner": field["name"].strip() or None,
        "currency": code_of(field["currency"]),
        "opening": signed(cents(field["opening"], line=line), out=field["sign"] != IN),
        "closing": None,
        "entries": [],
    }


def _entry(field: dict[str, str], statement: Statement, notes: Notes, line: int) -> Entry:
    if field["sign"] not in {"1", "2"}:
        raise Stop("bad_line", line=line, found="".join(field.values())[:60])
    references = (field[name].strip() for name in ("first", "second", "document"))
    reference = next((text for text in references if any(mark in "123456789" for mark in text)), None)
    is_return = field["concept"] == RETURNS
    return {
        "booked_on": day(field["booked"], "YYMMDD", notes, line=line),
        "valued_on": day(field["valued"], "YYMMDD", notes, line=line),
        "amount": signed(cents(field["amount"], line=line), out=field["sign"] != IN),
        "currency": statement["currency"],
        "reference": reference,
        "text": "",
        "returned": is_return or field["concept"] == CORRECTIONS,
        "reason": f"{field['concept']}/{field['own']}" if is_return else None,
    }


def _returned(entry: Entry) -> Returned:
    return {
        "reference": entry["reference"],
        "amount": entry["amount"].lstrip("-"),
        "currency": entry["currency"],
        "reason": entry["reason"],
        "on": entry["booked_on"],
        "text": entry["text"],
    }


def _close(statement: Statement, field: dict[str, str], notes: Notes, line: int) -> None:
    """Take the closing balance and hold the bank's own counts and sums against the lines."""
    statement["closing"] = signed(cents(field["closing"], line=line), out=field["sign"] != IN)
    amounts = [entry["amount"] for entry in statement["entries"]]
    out = [scaled(amount) for amount in amounts if amount.startswith("-")]
    into = [scaled(amount) for amount in amounts if not amount.startswith("-")]
    stated = (scaled(cents(field["out"], line=line)), scaled(cents(field["in"], line=line)))
    if stated != (-sum(out), sum(into)):
        notes.add("trailer_mismatch", line, account=statement["account"])
    balances.check(statement, notes)
