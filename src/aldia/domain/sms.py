"""How a text travels by SMS: its alphabet, its segments, and what they cost. Source: 3GPP TS 23.038 and 23.040."""

from dataclasses import dataclass
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # two units each
_ONE, _OF_MANY = {"GSM-7": 160, "UCS-2": 70}, {"GSM-7": 153, "UCS-2": 67}


_SIMPLER: Final = str.maketrans({
    "\u00a0": " ", "\u202f": " ", "\u2212": "-", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...",
})  # fmt: skip


def simpler(text: str) -> str:
    """Return the text with signs that only fine print needs written plainly: one no-break space would double what an SMS costs."""
    return text.translate(_SIMPLER)


@dataclass(frozen=True)
class Segments:
    """An SMS as the network counts it: `units` are septets or UTF-16 pairs; `foreign` the letters that force UCS-2."""

    encoding: str
    units: int
    count: int
    foreign: str

    def cost_minor(self, price_minor: int) -> int:
        """What it costs, in minor units, at a price per segment."""
        return self.count * price_minor


def segments(text: str) -> Segments:
    """Return how a text travels: one letter outside GSM-7 (`á`, `í`, an emoji) turns all of it into UCS-2."""
    foreign = "".join(dict.fromkeys(each for each in text if each not in _BASIC and each not in _EXTENDED))
    if foreign:
        units = [len(each.encode("utf-16-be")) // 2 for each in text]
        return _counted("UCS-2", units, foreign)
    return _counted("GSM-7", [2 if each in _EXTENDED else 1 for each in text], "")


def _counted(encoding: str, units: list[int], foreign: str) -> Segments:
    """A letter of two units never is cut: it moves whole to the next segment."""
    total = sum(units)
    if total <= _ONE[encoding]:
        return Segments(encoding, total, 1 if total else 0, foreign)
    room, count, used = _OF_MANY[encoding], 1, 0
    for size in units:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return Segments(encoding, total, count, foreign)
