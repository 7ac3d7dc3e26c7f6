"""Tax ids as electronic documents write them: with prefixes, dots and check digits, or the generic ones that name nobody."""

from __future__ import annotations

import re
from typing import Final

COUNTRY_OF_FORMAT: Final = {"CFDI": "MX", "DTE": "CL", "RCV": "CL", "NF-e": "BR", "Facturae": "ES"}
GENERIC: Final = frozenset(
    {
        "XAXX010101000",
        "XEXX010101000",
        "666666666",
        "555555555",
        "222222222222",
        "222222222",
        "00000000",
        "0",
        "EXTERIOR",
    }
)
"""Numbers that tax offices give to whoever has none: they are nobody's own."""

_MARKS: Final = re.compile(r"[^0-9A-Z&Ñ]")
_PREFIX: Final = re.compile(r"^([A-Z]{2})(?=.*\d)(.+)$")
_PREFIXED: Final = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK XI CH".split()
)


def compact(tax_id: str | None) -> str:
    """Return the number in capitals, without spaces, dots or dashes; nothing when there is none."""
    return _MARKS.sub("", (tax_id or "").upper())


def is_generic(tax_id: str | None) -> bool:
    """Return whether the number is one that many share, and so tells nobody apart."""
    plain = compact(tax_id)
    return not plain or plain in GENERIC or plain.strip("0") == ""


def spellings(tax_id: str | None, country: str) -> frozenset[str]:
    """Return the ways in which one number is written: with its country or not, and in Colombia with its check digit or not."""
    plain = compact(tax_id)
    if not plain:
        return frozenset()
    found = {plain}
    match = _PREFIX.match(plain)
    if match and match[1] in _PREFIXED:
        found.add(match[2])
    if country == "CO" and re.search(r"-\d$", (tax_id or "").strip()):
        found.add(plain[:-1])
    return frozenset(found)


def country_of(tax_id: str | None, format_: str, default: str) -> str:
    """Return the country by whose rules a number is read: its own prefix, its format's, else the portfolio's."""
    match = _PREFIX.match(compact(tax_id))
    if format_ in {"UBL", "CII", "Facturae"} and match and match[1] in _PREFIXED:
        return match[1].replace("EL", "GR").replace("XI", "GB")
    return COUNTRY_OF_FORMAT.get(format_, default)
