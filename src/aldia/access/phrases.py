"""What is told to people, kept as its text in the code and its facts: it is said in the language of who reads, whenever it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override


@dataclass(frozen=True)
class Phrase:
    """One text of the code with its facts; with a plural, `count` chooses between the two."""

    text: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    plural: str = ""
    count: int = 0

    def said(self) -> str:
        """Return the phrase in the language of the moment."""
        text = ngettext(self.text, self.plural, self.count) if self.plural else gettext(self.text)
        return text % self.facts

    def kept(self) -> dict[str, Any]:
        """Return it as JSON keeps it; `Phrase(**kept)` brings it back."""
        return asdict(self)


def phrase(text: Promise, facts: Mapping[str, str]) -> Phrase:
    """Return a lazy text as a phrase: said in no language, it is the text of the code itself."""
    with override(None):
        return Phrase(str(text), dict(facts))


def counted(text: Callable[[int], str], count: int) -> Phrase:
    """Return the phrase of a text that goes by a count: `counted(lambda n: ngettext(one, many, n), 3)`."""
    with override(None):
        one, many = text(1), text(2)
    return Phrase(one, {"count": count}, many if many != one else "", count)


def say(phrases: Sequence[Phrase], glue: str) -> str:
    """Return phrases one after another, in the language of the moment."""
    return glue.join(one.said() for one in phrases)
