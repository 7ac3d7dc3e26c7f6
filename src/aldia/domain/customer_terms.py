"""How a customer pays: on which days, and what it may take off when it pays early. Read as people write it.

Payment days move to the next business day. A discount of 2/10 is 2 % of the invoice within 10 days of its issue.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from aldia.domain.calendars import Calendar
from aldia.domain.periods import days_in_month

_WEEKDAYS: Final = {
    name: at
    for at, names in enumerate(
        ("lun mon seg", "mar tue ter", "mie wed qua", "jue thu qui", "vie fri sex", "sab sat", "dom sun")
    )
    for name in names.split()
}
_EARLY: Final = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*/\s*(\d{1,3})")
_LONGEST: Final = 62


class UnreadableTerms(ValueError):
    """The text says no payment days, or no early discount."""


@dataclass(frozen=True, slots=True)
class PaymentDays:
    """Days on which a customer pays: of the week (Monday 0), of the month (31: the last), or both."""

    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.weekdays or self.month_days)

    def next_on(self, on: date, calendar: Calendar) -> date:
        """The first payment day on or after a day, moved to a business day; the day itself where none is known.

        Fridays, from Monday 2 March 2026 -> 6 March; the 5 and 20, from 6 March -> 20 March.
        """
        if not self:
            return on
        days = (on + timedelta(ahead) for ahead in range(_LONGEST))
        return calendar.next_business_day(next(day for day in days if self._is_one(day)))

    def _is_one(self, day: date) -> bool:
        last = day.day == days_in_month(day)
        return (
            day.weekday() in self.weekdays
            or day.day in self.month_days
            or (last and any(each > day.day for each in self.month_days))
        )


@dataclass(frozen=True, slots=True)
class EarlyDiscount:
    """What may be taken off an invoice paid within so many days of its issue: in hundredths of a percent."""

    hundredths: int
    days: int

    def minor(self, original_minor: int, issued_on: date, paid_on: date) -> int:
        """The discount of an invoice paid on a day, rounded down; nothing once its days are over."""
        if not issued_on <= paid_on <= issued_on + timedelta(self.days):
            return 0
        return original_minor * self.hundredths // 10_000

    def __str__(self) -> str:
        percent = f"{self.hundredths / 100:.2f}".rstrip("0").rstrip(".")
        return f"{percent.replace('.', ',')}/{self.days}"


def read_payment_days(text: str) -> PaymentDays:
    """Read «viernes», «lun y jue», «5 y 20», «fin de mes». Raises UnreadableTerms."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    if not plain.strip():
        return PaymentDays()
    numbers = {int(word) for word in re.findall(r"\d+", plain)}
    if "fin de mes" in plain or "fim do mes" in plain or "end of month" in plain:
        numbers.add(31)
    names = {
        _WEEKDAYS[word[:3]]
        for word in re.findall(r"[a-z]+", plain)
        if len(word) > 2 and word[:3] in _WEEKDAYS
    }
    if any(not 1 <= number <= 31 for number in numbers) or not (numbers or names):
        raise UnreadableTerms(text)
    return PaymentDays(frozenset(names), frozenset(numbers))


def read_early_discount(text: str) -> EarlyDiscount | None:
    """Read «2/10» or «2,5/10 neto 30»; nothing where nothing is written. Raises UnreadableTerms."""
    if not text.strip():
        return None
    found = _EARLY.match(text.strip())
    if found is None:
        raise UnreadableTerms(text)
    whole, _comma, part = found[1].replace(",", ".").partition(".")
    hundredths = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    if not hundredths or not int(found[2]):
        raise UnreadableTerms(text)
    return EarlyDiscount(hundredths, int(found[2]))


def days_from(weekdays: Collection[int], month_days: Collection[int]) -> PaymentDays:
    """The payment days that were kept."""
    return PaymentDays(frozenset(weekdays), frozenset(month_days))
