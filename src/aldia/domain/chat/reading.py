"""What one message says: its intents, an amount, a date, a number of an option, digits of a document. Text is only text."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from aldia.domain import replies
from aldia.domain.chat.dates import FoundDate, bare_day, find_date
from aldia.domain.chat.words import COMPILED, Intent
from aldia.domain.spoken_amounts import SpokenAmount, find_amount

LONGEST: Final = 2_000
DIGITS: Final = 4
_OPTION: Final = re.compile(r"^\W*(?:opcion|option|opcao)?\s*(\d)\W*$")
_PARTS: Final = re.compile(
    r"\b(\d{1,3}) ?(?:cuotas?|pagos|veces|x\b|vezes|parcelas?|instal?lments?|payments?|parts|partes)"
)
_ONE_WORD: Final = re.compile(r"^[\w.\-/]{4,20}$")
_RUN: Final = re.compile(r"\d[\d .\-]*\d")
_SHARED: Final = ((Intent.STOP, replies.OPT_OUT), (Intent.WRONG_PERSON, replies.WRONG_PERSON))


@dataclass(frozen=True, slots=True)
class Reading:
    """A message read. `option` is a bare figure; `parts` a number of instalments; `digits` the end of a document, if any."""

    text: str
    intents: frozenset[Intent]
    amount: SpokenAmount | None
    found: FoundDate | None
    option: int | None
    parts: int | None
    digits: str

    def has(self, *intents: Intent) -> bool:
        """Return whether the message says any of these."""
        return not self.intents.isdisjoint(intents)


def read(text: str, *, as_of: date, language: str, currency: str) -> Reading:
    """Return what the message says; beyond LONGEST characters nothing is read."""
    text = text[:LONGEST]
    said = replies.folded(text)
    found = find_date(said, as_of=as_of, language=language)
    parts = _PARTS.search(said)
    rest = found.rest if found else said
    option = _OPTION.match(said)
    return Reading(
        text=text, intents=_intents(said), found=found, option=int(option[1]) if option else None,
        amount=find_amount(_PARTS.sub(" ", rest), currency=currency), parts=int(parts[1]) if parts else None, digits=_digits(said),
    )  # fmt: skip


def day_in(reading: Reading, *, as_of: date, language: str) -> date | None:
    """The day of an answer to «when?»: a bare «15» counts as one there."""
    return reading.found.on if reading.found else bare_day(reading.text, as_of=as_of, language=language)


def _intents(said: str) -> frozenset[Intent]:
    bare = said.strip(" .!¡¿?*#\"'")
    found = {intent for intent, words in COMPILED if words.search(bare)}
    found |= {intent for intent, key in _SHARED if replies.says(key, said)}
    if replies.is_stop(said):
        found.add(Intent.STOP)
    return frozenset(found)


def _digits(said: str) -> str:
    """The last four of a document that the message is, or carries."""
    if _ONE_WORD.match(said) and any(each.isdigit() for each in said):
        return "".join(each for each in said if each.isalnum())[-DIGITS:]
    runs = ["".join(each for each in run if each.isdigit()) for run in _RUN.findall(said)]
    longest = max(runs, key=len, default="")
    return longest[-DIGITS:] if len(longest) >= DIGITS else ""
