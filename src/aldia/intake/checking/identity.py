"""Tax ids and telephone numbers, one value at a time: the slow part, run on distinct values only and on both cores."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from aldia.parties.phones import PHONE_CHARACTERS, Phone, read_phone

TAX_KINDS: dict[str, tuple[str, ...]] = {
    "AR": ("ar.cuit", "ar.dni"),
    "BR": ("br.cnpj", "br.cpf"),
    "CL": ("cl.rut",),
    "CO": ("co.nit",),
    "CR": ("cr.cpj", "cr.cpf", "cr.cr"),
    "DO": ("do.rnc", "do.cedula"),
    "EC": ("ec.ruc", "ec.ci"),
    "ES": ("es.nif",),
    "GT": ("gt.nit",),
    "MX": ("mx.rfc", "mx.curp"),
    "PE": ("pe.ruc", "pe.cui"),
    "PT": ("pt.nif",),
    "PY": ("py.ruc",),
    "SV": ("sv.nit",),
    "US": ("us.tin",),
    "UY": ("uy.rut",),
    "VE": ("ve.rif",),
}
PUNCTUATION = re.compile(r"[\s.\-\u2010-\u2015/_,]")
UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
KIND_BEFORE = re.compile(
    r"^\W*(?:c\.?u\.?i\.?[tl]|d\.?n\.?i|c\.?n\.?p\.?j|c\.?p\.?f|r\.?u\.?[tc]|r\.?f\.?c|n\.?i\.?[tfe]|c\.?i\.?f?|r\.?i\.?f|r\.?n\.?c"
    r"|c\.?c|curp|c[ée]dula)\b\.?\s*(?:n?[º°]|n[or]\.)?\s*[:#]?\s*(?=\w{2})", re.IGNORECASE
)  # fmt: skip
SCIENTIFIC = re.compile(r"(\d)[.,](\d+)[eE]\+?(\d{1,2})")
WHOLE = re.compile(r"^(\d{5,})[.,]0+$")
WIDTHS = {
    "br.cnpj": 14, "br.cpf": 11, "do.cedula": 11, "ec.ruc": 13, "ec.ci": 10, "sv.nit": 14, "uy.rut": 12,
}  # fmt: skip
LOST_ZEROS = 3  # at most, of the kinds that begin with zeros
WORDS_BEFORE = re.compile(r"^[^\d+(]{1,40}")
WORDS_AFTER = re.compile(r"\s*\([^\d)]{1,40}\)\s*$")
TWO_NUMBERS = re.compile(r"\s*(?:/|;|,|\||\by\b|\be\b|\bo\b)\s*")

TaxId = tuple[str, str | None, bool | None]


def tax_id(raw: str, country: str | None) -> TaxId:
    """The compact id, its kind (`ar.cuit`), and whether its check digits are right (None: nobody can tell).

    A number that is not right as it stands is tried again without what spreadsheets and people put around it, and with
    the zeros that a spreadsheet took from its front; a changed number counts only when its check digits prove it.
    """
    modules = _tax_modules(country)
    plain = PUNCTUATION.sub("", _bared(raw)).upper()
    for written in dict.fromkeys((plain if WHOLE.match(raw.strip()) else raw, plain)):
        for kind, module in modules:
            if found := _compact(module, written):
                return found, kind, True
    for kind, module in modules:
        missing = WIDTHS.get(kind, 0) - len(plain)
        if (
            0 < missing <= LOST_ZEROS
            and plain.isdigit()
            and (found := _compact(module, "0" * missing + plain))
        ):
            return found, kind, True
    return plain, None, (False if modules else None)


def _bared(raw: str) -> str:
    """The number without the name of its kind, an apostrophe, unseen letters, or a spreadsheet's `.0` and exponent."""
    text = KIND_BEFORE.sub("", UNSEEN.sub("", raw)).strip("' ")
    if scientific := SCIENTIFIC.fullmatch(text):
        digits, decimals, exponent = scientific[1], scientific[2], int(scientific[3])
        return (digits + decimals).ljust(len(digits) + exponent, "0") if len(decimals) == exponent else text
    return WHOLE.sub(r"\1", text)


def _compact(module: Any, written: str) -> str | None:
    try:
        return str(module.validate(written))
    except (ValidationError, ValueError, IndexError, KeyError, TypeError):
        return None


def phone(raw: str, country: str | None) -> Phone | None:
    """The number and whether it is mobile, or None when it is not valid there; words around it and a second number are left out."""
    text = WORDS_BEFORE.sub("", WORDS_AFTER.sub("", raw[:PHONE_CHARACTERS]))
    whole = read_phone(text, country)
    if whole:
        return whole
    pieces = TWO_NUMBERS.split(text)
    if len(pieces) > 1 and len(pieces[0]) > 5:
        return read_phone(pieces[0], country)
    return None


_MODULES: dict[str, list[tuple[str, Any]]] = {}


def _tax_modules(country: str | None) -> list[tuple[str, Any]]:
    if not country:
        return []
    if country not in _MODULES:
        kinds = TAX_KINDS.get(country)
        if kinds:
            _MODULES[country] = [(kind, import_module(f"stdnum.{kind}")) for kind in kinds]
        else:
            general = get_cc_module(country.lower(), "vat")
            _MODULES[country] = [(f"{country.lower()}.vat", general)] if general else []
    return _MODULES[country]


def tax_ids(pairs: list[tuple[str, str | None]]) -> list[TaxId]:
    """`tax_id` for each (raw, country)."""
    return [tax_id(raw, country) for raw, country in pairs]


def phones(pairs: list[tuple[str, str | None]]) -> list[Phone | tuple[None, None]]:
    """`phone` for each (raw, country)."""
    return [phone(raw, country) or (None, None) for raw, country in pairs]


JOBS: dict[str, Callable[[list[tuple[str, str | None]]], list[Any]]] = {"tax_ids": tax_ids, "phones": phones}
