"""Folding of text: letter case and accents do not count. One finite table, the same for every engine."""

from typing import Final

_ACCENTS: Final = {
    "a": "áàâãäåāă", "e": "éèêëēėę", "i": "íìîïī", "o": "óòôõöøō", "u": "úùûüū", "n": "ñńň", "c": "çćč",
    "y": "ýÿ", "s": "šś", "z": "žźż", "d": "ď", "l": "ł", "r": "ř", "t": "ť", "g": "ğ",
}  # fmt: skip

FOLD_ASCII: Final = {chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
FOLD_ACCENTS: Final = {
    form: plain
    for plain, letters in _ACCENTS.items()
    for letter in letters
    for form in (letter, letter.upper())
}
FOLD: Final = FOLD_ASCII | FOLD_ACCENTS
_TABLE: Final = str.maketrans(FOLD)


def fold(text: str) -> str:
    """The text without case and accents: ``"Ñandú AR-C"`` -> ``"nandu ar-c"``."""
    return text.translate(_TABLE)
