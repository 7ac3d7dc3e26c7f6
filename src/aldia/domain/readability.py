"""How easily a text reads: syllables, words and sentences in Spanish, English and Portuguese, and the index made from them.

Spanish: Szigriszt-Pazos, read on the INFLESZ scale (Barrio-Cantalejo, 2008). English: Flesch reading ease. Portuguese: Flesch as
Martins and others fitted it (1996). All three fall with longer words and longer sentences; about 100 is a text for children.
"""

import re
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE: Final = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_WEAK: Final = frozenset("iuü")
_VOWELS: Final = frozenset("aeiouáéíóúüàèìòùâêôãõ")
_GLIDES_PT: Final = frozenset({"ão", "õe", "ãe"})


@dataclass(frozen=True)
class Reading:
    """The counts of a text, and its index; an empty text has none and reads perfectly."""

    words: int
    sentences: int
    syllables: int
    index: float

    @property
    def words_per_sentence(self) -> float:
        """The average; 0 without words."""
        return self.words / self.sentences if self.sentences else 0.0


def read(text: str, language: str) -> Reading:
    """Return how a text reads in a language (`es`, `en`, `pt` and what begins so; any other is read as Spanish)."""
    spoken = language[:2]
    sentences = [words for part in _SENTENCE.split(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    syllables = sum(syllables_of(word, spoken) for word in words)
    if not words:
        return Reading(0, 0, 0, 100.0)
    long_words, long_sentences = syllables / len(words), len(words) / len(sentences)
    index = {
        "en": 206.835 - 84.6 * long_words - 1.015 * long_sentences,
        "pt": 248.835 - 84.6 * long_words - 1.015 * long_sentences,
    }.get(spoken, 206.835 - 62.3 * long_words - long_sentences)
    return Reading(len(words), len(sentences), syllables, index)


def syllables_of(word: str, language: str) -> int:
    """Return how many syllables a word has: exact for nearly every Spanish and Portuguese word, close in English."""
    lower = word.lower()
    return _english(lower) if language == "en" else _romance(lower, language)


def _romance(word: str, language: str) -> int:
    """Vowels make a syllable each, but for a weak one without accent beside another; `que` and `gui` have a silent u."""
    plain = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word)
    plain = re.sub(r"y(?![aeiouáéíóú])", "i", plain)
    count, before = 0, ""
    for letter in plain:
        joins = before and before in _VOWELS and (letter in _WEAK or before in _WEAK)
        glides = language == "pt" and before + letter in _GLIDES_PT
        if letter in _VOWELS and not (joins or glides):
            count += 1
        before = letter
    return max(count, 1)


def _english(word: str) -> int:
    """Groups of vowels, less a silent `e` at the end; `-le` after a consonant is one."""
    groups = len(re.findall(r"[aeiouy]+", word))
    is_silent = word.endswith("e") and not re.search(r"[^aeiouy]le$", word) and not word.endswith("ee")
    is_past = bool(re.search(r"[^aeioutd]ed$", word))
    return max(groups - is_silent - is_past, 1)
