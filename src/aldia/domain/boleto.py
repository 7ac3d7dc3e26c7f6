"""Codes printed on a Brazilian boleto: the bar code (44 digits) and the line that people type (47, or 48 for collections).

FEBRABAN layout, check digits of modulus 10 and 11. The due factor counts days and has come round once: a code alone has two
due dates 9 000 days apart, and the day on which it is seen tells which.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle

OLD_BASE, NEW_BASE = date(1997, 10, 7), date(2022, 5, 29)
NEW_CYCLE = 1000  # the second round starts at this factor
COLLECTION = "8"
MODULUS_10 = {"6", "7"}
IN_REAIS = {"6", "8"}


class NotABoleto(ValueError):
    """The digits are not a boleto: their number, or a check digit, is wrong."""


@dataclass(frozen=True, slots=True)
class Boleto:
    """One code. `amount_minor` in cents of BRL, 0 when the amount is open; a collection has no due date inside."""

    bar_code: str
    typed_line: str
    amount_minor: int
    due_old_on: date | None
    due_new_on: date | None

    def due_on(self, *, seen_on: date) -> date | None:
        """The due date nearest to the day on which the code was seen."""
        dates = [each for each in (self.due_old_on, self.due_new_on) if each]
        return min(dates, key=lambda each: abs(each - seen_on), default=None)


def read_boleto(raw: str) -> Boleto:
    """The boleto of a bar code or typed line, punctuation allowed. Raises NotABoleto."""
    digits = re.sub(r"[\s.\-]", "", raw)
    if not digits.isascii() or not digits.isdigit():
        raise NotABoleto("digits expected")
    if digits.startswith(COLLECTION):
        return _collection(digits)
    if len(digits) == 47:
        bar = digits[:4] + digits[32:47] + digits[4:9] + digits[10:20] + digits[21:31]
        if _typed_bank(bar) != digits:
            raise NotABoleto("a check digit of the typed line is wrong")
    elif len(digits) == 44:
        bar = digits
    else:
        raise NotABoleto("44 or 47 digits expected")
    if bar[4] != str(_modulus_11(bar[:4] + bar[5:], weak=1)):
        raise NotABoleto("the check digit of the bar code is wrong")
    factor = int(bar[5:9])
    return Boleto(
        bar,
        _typed_bank(bar),
        int(bar[9:19]),
        OLD_BASE + timedelta(days=factor) if factor else None,
        NEW_BASE + timedelta(days=factor) if factor >= NEW_CYCLE else None,
    )


def _typed_bank(bar: str) -> str:
    free = bar[19:]
    fields = (bar[:4] + free[:5], free[5:15], free[15:25])
    return "".join(f"{field}{_modulus_10(field)}" for field in fields) + bar[4:19]


def _collection(digits: str) -> Boleto:
    if len(digits) == 48:
        bar = "".join(digits[at : at + 11] for at in range(0, 48, 12))
        if _typed_collection(bar) != digits:
            raise NotABoleto("a check digit of the typed line is wrong")
    elif len(digits) == 44:
        bar = digits
    else:
        raise NotABoleto("44 or 48 digits expected")
    if bar[3] != str(_collection_digit(bar[2], bar[:3] + bar[4:])):
        raise NotABoleto("the check digit of the bar code is wrong")
    return Boleto(bar, _typed_collection(bar), int(bar[4:15]) if bar[2] in IN_REAIS else 0, None, None)


def _typed_collection(bar: str) -> str:
    blocks = (bar[at : at + 11] for at in range(0, 44, 11))
    return "".join(f"{block}{_collection_digit(bar[2], block)}" for block in blocks)


def _collection_digit(kind: str, digits: str) -> int:
    return _modulus_10(digits) if kind in MODULUS_10 else _modulus_11(digits, weak=0)


def _modulus_10(digits: str) -> int:
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in _weighted(digits, (2, 1)))
    return -total % 10


def _modulus_11(digits: str, *, weak: int) -> int:
    """`weak` stands in for the results that are no single digit."""
    rest = sum(int(digit) * weight for digit, weight in _weighted(digits, range(2, 10))) % 11
    result = 11 - rest
    return result if result < 10 else weak


def _weighted(digits: str, weights: Iterable[int]) -> Iterable[tuple[str, int]]:
    return zip(reversed(digits), cycle(weights), strict=False)
