"""Comparisons that keep what differs: exact decimals, calendar days, texts; numbers and dates by value, not by spelling."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from aldia.intake.readers.records.values import amount, scaled

Difference = dict[str, Any]
Case = dict[str, Any]  # what the reference says of a file
Found = dict[str, Any]  # what aldia reads of it


def number(value: Any) -> int | None:
    """A decimal in millionths, None for nothing written."""
    return None if value in (None, "") else scaled(amount(str(value)))


def day_of(value: Any) -> str | None:
    """ISO from `2020-01-31T…`, `20200131` or digits day first where `order` says so; None for nothing or no such day."""
    text = str(value or "")[:10]
    if len(text) == 8 and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def day_from(value: Any, order: str) -> str | None:
    """ISO from digits in a fixed order (`YYMMDD`, `DDMMYY`, `DDMMYYYY`); None for zeros and for no such day."""
    digits = str(value or "")
    places = {part: digits[order.index(part) :][: order.count(part)] for part in "YMD" if part in order}
    if len(digits) != len(order):
        return None
    year = places["Y"] if len(places["Y"]) == 4 else f"20{places['Y']}"
    return day_of(f"{year}-{places['M']}-{places['D']}")


class Checks:
    """The differences of one file. `why` argues an exception where the reference itself is known to be off."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.differences: list[Difference] = []
        self.left_out: list[str] = []  # what aldia does not compare yet
        self.measured: dict[str, Any] = {}  # how near, where an answer is not simply right or wrong
        self.outside: str | None = (
            None  # why the file asks for something that aldia is not for: never counted as equal
        )

    def add(self, field: str, expected: Any, found: Any, why: str | None = None) -> None:
        """Keep a difference."""
        kept: Difference = {"file": self.file, "field": field, "expected": expected, "found": found}
        self.differences.append(kept | {"why": why} if why else kept)

    def same(self, field: str, expected: Any, found: Any, why: str | None = None) -> None:
        """Both values are equal."""
        if expected != found:
            self.add(field, expected, found, why)

    def amount(self, field: str, expected: Any, found: Any, why: str | None = None) -> None:
        """Both decimals have the same value."""
        if number(expected) != number(found):
            self.add(field, expected, found, why)

    def stated(self, field: str, expected: Any, found: Any) -> None:
        """Equal where the reference states anything."""
        if expected not in (None, ""):
            self.same(field, expected, found)

    def total(self, field: str, expected: Any, found: Sequence[Any]) -> None:
        """The sum of the decimals."""
        if expected is not None and number(expected) != sum(number(each) or 0 for each in found):
            self.add(field, expected, [str(each) for each in found][:5])

    def count(self, field: str, expected: int, found: Sequence[Any]) -> bool:
        """As many as the reference counts; False stops a comparison one by one."""
        self.same(field, expected, len(found))
        return expected == len(found)

    def refused(self, found: dict[str, Any]) -> None:
        """The file gave a reason and no records."""
        records = sum(len(found.get(name) or []) for name in ("statements", "titles", "returns", "documents"))
        if not found.get("error") or records:
            self.add("error", "error", found.get("format"))

    def warned(self, found: dict[str, Any], *codes: str) -> None:
        """The file was read, and at least one of these oddities told."""
        told = [problem["code"] for problem in found.get("problems", [])]
        if not set(codes) & set(told):
            self.add("problems", list(codes), told)


Comparison = Callable[[Checks, Case, Found, Path], None]


def refused(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Files that must be refused with a text."""
    checks.refused(found)
