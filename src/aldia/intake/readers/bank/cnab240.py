"""CNAB 240 (FEBRABAN, Brazil): returns of boleto collection, segments T and U of each title; statements, segment E.

Only occurrences 06 and 17 brought money. Santander sets the numbers of its segment T elsewhere than the standard.
"""

from aldia.intake.readers.bank import cnab240_statement
from aldia.intake.readers.bank.fixed import Places, cut, first_of, records_of
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Title
from aldia.intake.readers.records.values import cents, day
from aldia.intake.readers.stop import Stop

SETTLED = {"06", "17"}
WIDTH = 240
OUTGOING = "1"
STANDARD_T: Places = {
    "occurrence": (16, 17), "our_number": (38, 57), "wallet": (58, 58), "document": (59, 73), "due": (74, 81),
    "face": (82, 96), "control": (106, 130), "payer_id": (134, 148), "payer": (149, 188), "fee": (199, 213),
    "reasons": (214, 223),
}  # fmt: skip
SANTANDER_T: Places = {
    "occurrence": (16, 17),
    "our_number": (41, 53), "wallet": (54, 54), "document": (55, 69), "due": (70, 77), "face": (78, 92),
    "control": (101, 125), "payer_id": (129, 143), "payer": (144, 183), "fee": (194, 208), "reasons": (209, 218),
}  # fmt: skip
SEGMENT_T = {"033": SANTANDER_T, "353": SANTANDER_T, "008": SANTANDER_T}
SEGMENT_U: Places = {
    "interest": (18, 32), "discount": (33, 47), "abatement": (48, 62), "tax": (63, 77), "paid": (78, 92),
    "credited": (93, 107), "other_costs": (108, 122), "other_credits": (123, 137), "occurred": (138, 145),
    "credited_on": (146, 153),
}  # fmt: skip
MONEY_U = ("interest", "discount", "abatement", "tax", "paid", "credited", "other_costs", "other_credits")


def claims(head: str) -> bool:
    """True for a text whose first line is the header of a file of 240 characters."""
    first = first_of(head)
    is_header = first[:3].isdigit() and first[3:8] == "00000" and first[142:143] in {"1", "2"}
    return is_header and (len(first) <= WIDTH + 2 or first[WIDTH : WIDTH + 3] == first[:3])


def read(data: bytes, notes: Notes) -> Answer:
    """The titles and the statements of the file. Raises Stop `outgoing_file`, `other_service`, `bad_amount`."""
    lines = records_of(data, WIDTH)
    head = next(line for line in lines if line.strip())
    bank = head[:3]
    titles: list[Title] = []
    for number, line in enumerate(lines, start=1):
        if line[7:8] != "3":
            continue
        if line[13:14] == "T":
            titles.append(
                _title(cut(line, SEGMENT_T.get(bank, STANDARD_T), upto="face", number=number), notes, number)
            )
        elif line[13:14] == "U" and titles:
            _settle(titles[-1], cut(line, SEGMENT_U, upto="credited", number=number), notes, number)
    statements = cnab240_statement.statements_of(lines, notes)
    if not titles and not statements:
        if head[142:143] == OUTGOING:
            raise Stop("outgoing_file")
        if any(line[7:8] == "3" for line in lines):
            raise Stop("other_service")
    answer: Answer = {"format": "CNAB 240", "version": bank, "titles": titles}
    if statements:
        answer["statements"] = statements
    return answer


def _title(field: dict[str, str], notes: Notes, line: int) -> Title:
    return {
        "our_number": field["our_number"].strip() or None,
        "document": field["document"].strip() or None,
        "occurrence": field["occurrence"],
        "due_on": day(field["due"], "DDMMYYYY", notes, line=line),
        "face": cents(field["face"], line=line),
        "paid": "0.00",
        "settled": field["occurrence"] in SETTLED,
        "wallet": field["wallet"].strip() or None,
        "reasons": field["reasons"].strip() or None,
        "payer_id": field["payer_id"].strip().lstrip("0") or None,
        "payer": " ".join(field["payer"].split()) or None,
    }


def _settle(title: Title, field: dict[str, str], notes: Notes, line: int) -> None:
    money = {name: cents(field[name], line=line) for name in MONEY_U}
    title["paid"], title["credited"] = money["paid"], money["credited"]
    title["interest"], title["discount"] = money["interest"], money["discount"]
    title["abatement"] = money["abatement"]
    title["occurred_on"] = day(field["occurred"], "DDMMYYYY", notes, line=line)
    title["credited_on"] = day(field["credited_on"], "DDMMYYYY", notes, line=line)
