"""Telephone numbers: E.164 and whether it may be a mobile one. One at a time, and its twin that takes plain ones by the column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import phonenumbers
import polars as pl
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

PHONE_CHARACTERS: Final = 60
_PLAIN: Final = r"^\+?[0-9(][0-9 ().-]*$"
_OF_A_SHEET: Final = r"^[0-9]{7,}\.0$"  # a spreadsheet's number: its zero is nobody's
_KINDS: Final = phonenumbers.PhoneNumberType
# Where the numbering does not tell (Mexico, United States) a message is tried: what cannot be delivered comes back.
_IS_MOBILE: Final = {_KINDS.MOBILE: True, _KINDS.FIXED_LINE_OR_MOBILE: True, _KINDS.FIXED_LINE: False}
_SPECIAL: Final = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
)  # fmt: skip

Phone = tuple[str, bool | None]
"""The number in E.164, and whether SMS and WhatsApp may reach it (None: nobody can tell)."""


def read_phone(text: str, country: str | None) -> Phone | None:
    """Return the number, or None when it is not valid in that country (without one it needs its international prefix)."""
    if re.match(_OF_A_SHEET, text):
        text = text.removesuffix(".0")
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    is_mobile = _IS_MOBILE.get(phonenumbers.number_type(number))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), is_mobile


def plain_phones(raw: pl.Series, country: pl.Series) -> pl.DataFrame:
    """Return (e164, is_mobile) of the cells that are written plainly, as `read_phone` gives them; null for all others.

    Plain is digits with blanks, dots, hyphens and parentheses, whole and without trunk prefix, in a country whose calling code
    is its own alone. Everything else is left for `read_phone` to judge, the invalid ones too.
    """
    is_plain = (
        raw.str.contains(_PLAIN) & (raw.str.len_bytes() <= PHONE_CHARACTERS) & ~raw.str.contains(_OF_A_SHEET)
    )
    cells = pl.DataFrame({"raw": raw, "country": country}).select(
        "country",
        digits=pl.when(is_plain).then(pl.col("raw").str.replace_all(r"[^0-9]", "")),
        has_plus=pl.col("raw").str.starts_with("+"),
    )
    nobody = pl.repeat(None, raw.len(), dtype=pl.String, eager=True)
    found = pl.DataFrame({"e164": nobody, "is_mobile": nobody.cast(pl.Boolean)})
    for plan in _plans_in(cells):
        mine = cells.select(national=plan.national).select(plan.is_known, plan.is_mobile, "national")
        e164 = pl.lit(f"+{plan.code}") + pl.col("national")
        found = found.hstack(
            mine.select(new=pl.when("is_known").then(e164), new_is_mobile="is_mobile")
        ).select(e164=pl.coalesce("e164", "new"), is_mobile=pl.coalesce("is_mobile", "new_is_mobile"))
    return found


@dataclass(frozen=True)
class _Plan:
    """The numbering of one country as expressions: the national number of a cell, then what that number is."""

    code: str
    national: pl.Expr
    is_known: pl.Expr
    is_mobile: pl.Expr


def _plans_in(cells: pl.DataFrame) -> list[_Plan]:
    """The plans that these cells may follow."""
    starts = cells.filter("has_plus")["digits"].drop_nulls().str.slice(0, 3).unique().to_list()
    codes = {int(start[:size]) for start in starts for size in (1, 2, 3) if start}
    regions = {region for code in codes for region in COUNTRY_CODE_TO_REGION_CODE.get(code, ())}
    regions |= set(cells["country"].drop_nulls().unique())
    plans = (_plan_of(region) for region in sorted(regions))
    return [plan for plan in plans if plan is not None]


@cache
def _plan_of(region: str) -> _Plan | None:
    """The plan of a country, None where it shares its calling code with others."""
    data = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if data is None or data.country_code is None or len(COUNTRY_CODE_TO_REGION_CODE[data.country_code]) != 1:
        return None
    code, national = str(data.country_code), pl.col("national")
    fixed, mobile = _fits(data.fixed_line), _fits(data.mobile)
    slow = [national.str.starts_with("0"), *(_fits(getattr(data, name)) for name in _SPECIAL)]
    if trunk := data.national_prefix_for_parsing:
        slow.append(national.str.extract(f"^((?:{trunk}))", 1).str.len_bytes().fill_null(0) > 0)
    is_known = _fits(data.general_desc) & (fixed | mobile) & ~pl.any_horizontal(slow)
    return _Plan(
        code=code,
        national=_national(code, region, data.international_prefix),
        is_known=is_known.fill_null(value=False).alias("is_known"),
        is_mobile=pl.when(is_known).then(mobile).alias("is_mobile"),
    )


def _national(code: str, region: str, outgoing: str | None) -> pl.Expr:
    """The national number: what follows the calling code, or the whole of a number of that country written without it."""
    digits = pl.col("digits")
    is_own = ~pl.col("has_plus") & (pl.col("country") == region)
    if outgoing:
        is_own &= ~digits.str.contains(f"^(?:{outgoing})")
    is_abroad = pl.col("has_plus") & digits.str.starts_with(code)
    return pl.when(is_abroad).then(digits.str.slice(len(code))).when(is_own).then(digits)


def _fits(description: Any) -> pl.Expr:
    """Whether the national number is whole as the metadata describes that kind of number."""
    if description is None or not description.national_number_pattern:
        return pl.lit(value=False)
    national = pl.col("national")
    fits = national.str.contains(f"^(?:{description.national_number_pattern})$")
    sizes = [size for size in description.possible_length if size > 0]
    return fits & national.str.len_bytes().is_in(sizes) if sizes else fits
