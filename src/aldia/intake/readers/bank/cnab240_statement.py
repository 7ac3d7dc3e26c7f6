"""CNAB 240 (FEBRABAN), statements for reconciliation: one account a lot, a segment E for each line, balances at both ends."""

from aldia.intake.readers.bank import balances
from aldia.intake.readers.bank.fixed import Places, cut
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Entry, Statement
from aldia.intake.readers.records.values import cents, day, signed, words

BALANCE: Places = {
    "branch": (53, 57), "account": (59, 70), "name": (73, 102), "amount": (151, 168), "sign": (169, 169),
    "currency": (171, 173),
}  # fmt: skip
MOVEMENT: Places = {
    "complement": (114, 133), "booked": (135, 142), "entered": (143, 150), "amount": (151, 168), "sign": (169, 169),
    "category": (170, 172), "history": (177, 201), "document": (202, 240),
}  # fmt: skip
OUT = "D"
GIVEN_BACK = {"103", "118", "119", "203", "204"}  # reversals, returned payments and cheques


def statements_of(lines: list[str], notes: Notes) -> list[Statement]:
    """The statements among the lots of a file. Raises Stop `bad_amount`."""
    found: list[Statement] = []
    head = ""
    for number, line in enumerate(lines, start=1):
        kind = line[7:8]
        if kind == "1":
            head = line
        elif kind == "3" and line[13:14] == "E" and head:
            found.append(_opened(cut(head, BALANCE, upto="sign", number=number), number))
            head = ""
        if kind == "3" and line[13:14] == "E" and found:
            found[-1]["entries"].append(
                _entry(cut(line, MOVEMENT, upto="sign", number=number), found[-1], notes, number)
            )
        elif kind == "5" and found and found[-1]["closing"] is None:
            field = cut(line, BALANCE, upto="sign", number=number)
            found[-1]["closing"] = signed(cents(field["amount"], line=number), out=field["sign"] == OUT)
            balances.check(found[-1], notes)
    return found


def _opened(field: dict[str, str], line: int) -> Statement:
    return {
        "account": field["account"].strip() or None,
        "branch": field["branch"].strip() or None,
        "owner": field["name"].strip() or None,
        "currency": field["currency"] if field["currency"].isalpha() else "BRL",
        "opening": signed(cents(field["amount"], line=line), out=field["sign"] == OUT),
        "closing": None,
        "entries": [],
    }


def _entry(field: dict[str, str], statement: Statement, notes: Notes, line: int) -> Entry:
    entered = day(field["entered"], "DDMMYYYY", notes, line=line)
    return {
        "booked_on": day(field["booked"], "DDMMYYYY", notes, line=line) or entered,
        "valued_on": entered,
        "amount": signed(cents(field["amount"], line=line), out=field["sign"] == OUT),
        "currency": statement["currency"],
        "reference": field["document"].strip() or None,
        "text": words(field["history"], field["complement"]),
        "returned": field["category"] in GIVEN_BACK,
    }
