"""Amounts as people write them: ``R$ 1.200,50``, ``1,200.50``, ``200 mil``, ``2k``, ``la mitad``, ``todo``. Never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from aldia.domain.money import MoneyError, to_minor
from aldia.domain.replies import folded

MOST_DIGITS: Final = 15
_MARK: Final = r"(?:[a-z]{0,3}\$|us\$|r\$|s/\.?|€|£|usd|ars|clp|mxn|cop|pen|uyu|pyg|brl|eur|pesos?|reais|real|soles|dolares|dollars?)"
_FIGURE: Final = r"\d[\d.,]*\d|\d"
_AMOUNT: Final = re.compile(
    rf"(?P<before>{_MARK})?\s?(?<![\w.,-])(?P<figure>{_FIGURE}|mil)(?![\d/-])"
    rf"\s?(?P<times>mil\b|k\b|thousand\b)?\s?(?P<after>{_MARK}(?![a-z]))?"
)
_PORTIONS: Final = (
    (Fraction(1, 2), r"\b(?:mitad|half|metade)\b"),
    (Fraction(1, 3), r"\b(?:un tercio|tercera parte|a third|um terco|terca parte)\b"),
    (Fraction(1), r"\b(?:todo|toda|total|completo|everything|all of it|all|in full|full amount|tudo|inteiro|completa)\b"),
)  # fmt: skip
_COMPILED: Final = tuple((portion, re.compile(words)) for portion, words in _PORTIONS)


@dataclass(frozen=True, slots=True)
class SpokenAmount:
    """An amount in minor units, or a portion of what is owed; exactly one of them."""

    minor: int = 0
    portion: Fraction | None = None

    def of(self, owed_minor: int) -> int:
        """In minor units, a portion rounded down. Half of 101 -> 50."""
        return self.minor if self.portion is None else int(owed_minor * self.portion)


def plain_figure(text: str) -> str:
    """The last point or comma followed by one or two figures is the decimal sign; any other groups thousands."""
    kept = "".join(character for character in text if character.isdigit() or character in ",.")
    at = max(kept.rfind(","), kept.rfind("."))
    if at >= 0 and len(kept) - at - 1 in (1, 2):
        whole = kept[:at].replace(",", "").replace(".", "")
        return f"{whole or '0'}.{kept[at + 1 :]}"
    return kept.replace(",", "").replace(".", "")


def find_amount(text: str, *, currency: str) -> SpokenAmount | None:
    """The amount that a text names, one with a sign of money before a bare figure; None where it names none.

    In BRL: ``pago R$ 1.200,50`` -> 120050. An amount finer than its currency is none.
    """
    said = folded(text)
    found = [match for match in _AMOUNT.finditer(said) if match["figure"] != "mil" or not match["times"]]
    marked = [match for match in found if match["before"] or match["after"] or match["times"]]
    for match in [*marked, *found]:
        minor = _minor(match["figure"], match["times"] or "", currency)
        if minor > 0:
            return SpokenAmount(minor)
    portion = next((portion for portion, words in _COMPILED if words.search(said)), None)
    return SpokenAmount(portion=portion) if portion else None


def _minor(figure: str, times: str, currency: str) -> int:
    """Zero for what is no amount of the currency."""
    plain = "1000" if figure == "mil" else plain_figure(figure)
    if not plain.isascii() or len(plain) > MOST_DIGITS:
        return 0
    try:
        return to_minor(Decimal(plain) * (1000 if times else 1), currency, rounding=None)
    except (InvalidOperation, MoneyError):
        return 0
