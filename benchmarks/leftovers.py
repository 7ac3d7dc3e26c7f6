"""Which texts on a screen are still the Spanish source, for `./aldia bench axe`: what the catalogue translates and the page does not.

A text counts when it is a whole Spanish text of the catalogue, or a stretch of one between two tags, and its translation does not
have it. What people wrote (names, messages, labels of the demonstration) is in the language they wrote it, and is not looked for.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

NAMES: Final = {"Español", "Cobranzas"}  # a language by its own name, and a team of the demonstration
LETTERS: Final = 12  # a text with something put in is known by at least as many letters around it
PUT_IN: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAG: Final = re.compile(r"<[^>]+>")
SHOWN: Final = """() => {
    const told = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const [node, holder] = [walker.currentNode, walker.currentNode.parentElement];
        if (!holder.closest('script, style, template, [lang]:not(html), .ald-quote, textarea, code')) told.add(node.textContent);
    }
    for (const each of document.querySelectorAll('[title], [aria-label], [placeholder], [alt], [aria-description]'))
        for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'aria-description'])
            if (each.getAttribute(name)) told.add(each.getAttribute(name));
    told.add(document.title);
    return [...told];
}"""


def spanish(texts: list[str], language: str) -> list[str]:
    """Return those of a page's texts that the language's catalogue translates to something else."""
    whole, patterns = _known(language)
    told = {" ".join(text.split()) for text in texts} - NAMES
    return sorted(
        text for text in told if text in whole or any(pattern.fullmatch(text) for pattern in patterns)
    )


@cache
def _known(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The Spanish texts of a catalogue: those that stand alone, and those with something put in."""
    import polib

    from tests.house.translations import catalogue

    name, _dash, country = language.partition("-")
    entries = polib.pofile(str(catalogue(f"{name}_{country.upper()}" if country else name)))
    pairs = [(source, said) for entry in entries for source, said in _pairs(entry)]
    right = {piece for _source, said in pairs for piece in _pieces(said)}
    wrong = {piece for source, _said in pairs for piece in _pieces(source)} - right
    put_in = {piece for piece in wrong if PUT_IN.search(piece)}
    return frozenset(wrong - put_in), tuple(
        re.compile(".+".join(map(re.escape, PUT_IN.split(piece))))
        for piece in sorted(put_in)
        if sum(map(str.isalpha, PUT_IN.sub("", piece))) >= LETTERS
    )


def _pairs(entry: object) -> list[tuple[str, str]]:
    plurals: dict[int, str] = getattr(entry, "msgstr_plural", {})
    if not plurals:
        return [(entry.msgid, entry.msgstr)]  # type: ignore[attr-defined]
    return [(source, said) for source in (entry.msgid, entry.msgid_plural) for said in plurals.values()]  # type: ignore[attr-defined]


def _pieces(text: str) -> set[str]:
    """A text without its tags, each stretch apart; only those with words."""
    pieces = (" ".join(piece.split()) for piece in TAG.split(text))
    return {piece for piece in pieces if any(map(str.isalpha, PUT_IN.sub("", piece)))}
