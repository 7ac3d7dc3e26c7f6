"""CNAB 400 (Brazil), return files of boleto collection: one line a title; each bank keeps our number at its own place.

Only occurrences 06 and 17 brought money. A bank that is not in the table gives titles without our number.
"""

from aldia.intake.readers.bank.fixed import Places, cut, records_of
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Title
from aldia.intake.readers.records.values import cents, day
from aldia.intake.readers.stop import Stop

SETTLED = {"06", "17"}
WIDTH = 400
DETAILS = {"1", "7"}
HEAD: Places = {"way": (2, 2), "name": (3, 9), "bank": (77, 79)}
DETAIL: Places = {
    "occurrence": (109, 110), "occurred": (111, 116), "document": (117, 126), "due": (147, 152), "face": (153, 165),
    "abatement": (228, 240), "discount": (241, 253), "paid": (254, 266), "interest": (267, 279), "control": (38, 62),
}  # fmt: skip
OWN_PLACES: dict[str, Places] = {
    "077": {
        "occurrence": (90, 91), "occurred": (92, 97), "document": (98, 107), "due": (119, 124), "face": (125, 137),
        "abatement": (0, 0), "discount": (0, 0), "paid": (160, 172), "interest": (0, 0), "control": (38, 62),
    },  # Banco Inter
    "136": {**DETAIL, "document": (280, 305)},  # Unicred
}  # fmt: skip
# Where each bank writes it; where it has several places, the first that is filled.
OUR_NUMBER: dict[str, tuple[tuple[int, int], ...]] = {
    "001": ((63, 73), (52, 62)),  # Banco do Brasil, and cooperatives that collect through it
    "001/7": ((64, 80),),  # its agreements of seven digits
    "004": ((63, 70),), "033": ((63, 70),), "041": ((63, 72),), "077": ((71, 81),), "084": ((71, 82),), "104": ((57, 73),),
    "133": ((71, 82),), "136": ((46, 62),), "224": ((63, 73),), "237": ((71, 82),), "246": ((63, 73),), "274": ((71, 82),),
    "329": ((71, 82),), "336": ((63, 73),), "341": ((86, 94), (63, 70)), "399": ((63, 73),), "422": ((63, 71),),
    "435": ((63, 73),),
    "633": ((63, 73),), "643": ((63, 73),), "712": ((71, 82),), "748": ((48, 62),), "756": ((63, 73),),
}  # fmt: skip
OUTGOING = "1"


def claims(head: str) -> bool:
    """True for a text that begins with the header of a return or of an outgoing file."""
    first = head.lstrip("\ufeff\r\n")
    return first.startswith(("02RETORNO", "01REMESSA"))


def read(data: bytes, notes: Notes) -> Answer:
    """The titles of the file. Raises Stop `outgoing_file`, `bad_amount`."""
    lines = records_of(data, WIDTH)
    head = cut(next(line for line in lines if line.strip()), HEAD)
    if head["way"] == OUTGOING:
        raise Stop("outgoing_file")
    titles = [
        _title(line, head["bank"], notes, number)
        for number, line in enumerate(lines, start=1)
        if line[:1] in DETAILS
    ]
    if titles and head["bank"] not in OUR_NUMBER:
        notes.add("unknown_bank", bank=head["bank"])
    return {"format": "CNAB 400", "version": head["bank"], "titles": titles}


def _title(line: str, bank: str, notes: Notes, number: int) -> Title:
    field = cut(line, OWN_PLACES.get(bank, DETAIL), upto="paid", number=number)
    return {
        "our_number": _our_number(line, bank),
        "document": field["document"].strip() or None,
        "occurrence": field["occurrence"],
        "occurred_on": day(field["occurred"], "DDMMYY", notes, line=number),
        "due_on": day(field["due"], "DDMMYY", notes, line=number),
        "face": cents(field["face"], line=number),
        "paid": cents(field["paid"], line=number),
        "interest": cents(field["interest"], line=number),
        "discount": cents(field["discount"], line=number),
        "abatement": cents(field["abatement"], line=number),
        "settled": field["occurrence"] in SETTLED,
    }


def _our_number(line: str, bank: str) -> str | None:
    places = OUR_NUMBER.get(f"{bank}/{line[:1]}") or OUR_NUMBER.get(bank, ())
    return next((found for first, last in places if (found := line[first - 1 : last].strip())), None)
