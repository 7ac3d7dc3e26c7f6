"""Amounts and dates as files write them, turned into exact decimal text and ISO dates. No float anywhere."""

import re
from datetime import date

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.stop import Stop

PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
CENTURY = 70  # a year of two digits below this is in the 2000s

ORDERS = {
    "YYMMDD": (0, 2, 4),
    "DDMMYY": (4, 2, 0),
    "YYYYMMDD": (0, 4, 6),
    "DDMMYYYY": (4, 2, 0),
}


def amount(text: str | None, *, line: int | None = None) -> str:
    """The decimal that a text writes with comma or point. Raises Stop `bad_amount`."""
    found = "".join((text or "").split())
    if "," in found:
        if found.rfind(",") > found.rfind("."):
            found = found.replace(".", "").replace(",", ".")
        else:
            found = found.replace(",", "")
    return exact(found, line=line)


def exact(text: str | None, *, line: int | None = None) -> str:
    """The decimal of a format that only knows the point. Raises Stop `bad_amount`."""
    found = (text or "").strip()
    if not PLAIN.fullmatch(found):
        raise Stop("bad_amount", found=(text or "").strip()[:40], line=line)
    sign = "-" if found.startswith("-") and re.search(r"[1-9]", found) else ""
    whole, point, cents = found.lstrip("+-").partition(".")
    whole = whole.lstrip("0") or "0"
    return f"{sign}{whole}{point}{cents}".rstrip(".") if cents else f"{sign}{whole}"


def optional(text: str | None, *, line: int | None = None) -> str | None:
    """The decimal, or None where nothing is written. Raises Stop `bad_amount`."""
    return exact(text, line=line) if text and text.strip() else None


def cents(text: str, *, line: int | None = None) -> str:
    """A decimal written as digits with two implied decimals; blanks are zero. Raises Stop `bad_amount`."""
    digits = text.strip() or "0"
    if not digits.isascii() or not digits.isdigit():
        raise Stop("bad_amount", found=digits[:40], line=line)
    value = int(digits)
    return f"{value // 100}.{value % 100:02d}"


def signed(text: str, *, out: bool) -> str:
    """The amount with its direction: money out is negative. An amount already negative turns around."""
    if not out or not re.search(r"[1-9]", text):
        return text
    return text[1:] if text.startswith("-") else f"-{text}"


def scaled(text: str) -> int:
    """The decimal in millionths, to add and compare exactly."""
    sign = -1 if text.startswith("-") else 1
    whole, _point, decimals = text.lstrip("+-").partition(".")
    return sign * (int(whole or 0) * 1_000_000 + int(decimals[:6].ljust(6, "0") or 0))


def unscaled(millionths: int) -> str:
    """The decimal of so many millionths, with two decimals at least."""
    whole, rest = divmod(abs(millionths), 1_000_000)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if millionths < 0 else ''}{whole}.{decimals}"


def day(digits: str, order: str, notes: Notes, *, line: int | None = None) -> str | None:
    """The ISO date of digits in a fixed order; zeros and blanks are no date, an impossible one is noted."""
    text = digits.strip()
    if not text.strip("0"):
        return None
    years = 4 if "YYYY" in order else 2
    year_at, month_at, day_at = ORDERS[order]
    try:
        if len(text) != len(order):
            raise ValueError
        year = int(text[year_at : year_at + years])
        if years == 2:
            year += 2000 if year < CENTURY else 1900
        return date(year, int(text[month_at : month_at + 2]), int(text[day_at : day_at + 2])).isoformat()
    except ValueError:
        notes.add("impossible_date", line, found=text)
        return None


def iso_day(text: str | None, notes: Notes, *, line: int | None = None) -> str | None:
    """The date part of an XML date or instant, in the place's own time as written."""
    found = (text or "").strip()[:10]
    if not found:
        return None
    try:
        return date.fromisoformat(found).isoformat()
    except ValueError:
        notes.add("impossible_date", line, found=found)
        return None


def words(*texts: str | None) -> str:
    """The texts in one line, blanks folded, repetitions left out."""
    kept: list[str] = []
    for text in texts:
        plain = " ".join((text or "").split())
        if plain and plain not in kept:
            kept.append(plain)
    return " ".join(kept)
