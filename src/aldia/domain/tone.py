"""The tone of what people who owe are told: easy to read, short sentences, no capitals, no threats, no emoji, nothing like a court.

The bars are the house's own. The words of `_WORDS` are looked for as whole words or their beginnings, without accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from aldia.domain.labels import Label
from aldia.domain.readability import Reading, read

EASIEST: Final[Mapping[str, float]] = {"es": 65.0, "en": 60.0, "pt": 60.0}
"""The least index of each language. 65 on the INFLESZ scale is «bastante fácil»; the other two are ours, of the same height."""
LONGEST_SENTENCE: Final = 15.0  # words, on average
FEWEST: Final = 12  # words: an index of fewer says more of one long word than of the text
SHORTEST: Final = 4  # letters of a word that counts as shouted; shorter ones are initials
_INITIALS: Final = frozenset(
    {"CUIT", "CUIL", "DUI", "IBAN", "CLABE", "SPEI", "CNPJ", "BACEN", "RUC", "NIT", "RFC", "RUT"}
)
_VARIABLE: Final = re.compile(r"\{[^{}]*\}")
_ADDRESS: Final = re.compile(r"https?://\S+")
_STANDS_FOR: Final = "Nora"  # a variable is read as a short name

# kind -> language -> beginnings of words, folded; a space joins two words, `$` says that the word ends there.
_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "threat": {
        "es": (
            "embarg", "acciones legales", "accion legal", "via judicial", "por la fuerza", "remate", "carcel", "prision", "policia",
            "ultimatum", "ultima advertencia", "ultimo aviso", "consecuencias", "atengase", "atente a", "de lo contrario",
            "so pena", "intimamos", "intimacion", "exigimos", "exigencia", "sera denunciad", "seras denunciad", "denunciar",
            "perder tu casa", "perder su casa", "inhabilit", "antes de que sea tarde", "te vas a arrepentir", "se va a arrepentir",
        ),
        "en": (
            "legal action", "lawsuit", "sue you", "seiz", "garnish", "repossess", "jail", "prison", "arrest", "police", "final warning",
            "last warning", "ultimatum", "consequences", "or else", "we demand", "failure to pay", "before it is too late",
            "you will regret",
        ),
        "pt": (
            "penhora", "acao judicial", "acoes judiciais", "medidas judiciais", "via judicial", "leilao", "cadeia", "prisao", "policia",
            "ultimato", "ultimo aviso", "ultima advertencia", "consequencias", "caso contrario", "sob pena", "exigimos", "denunciar",
            "perder sua casa", "antes que seja tarde", "vai se arrepender",
        ),
    },
    "shame": {
        "es": ("moros", "verguenza", "irresponsable", "sinverguenza", "lista negra", "incobrable", "tramposo", "mal pagador"),
        "en": ("deadbeat", "shame", "irresponsible", "blacklist", "black list", "delinquent", "bad payer", "scofflaw"),
        "pt": ("caloteir", "vergonha", "irresponsavel", "lista negra", "inadimplente", "mau pagador", "devedor contumaz"),
    },
    "court": {
        "es": ("juzgado", "tribunal", "citacion", "cedula de notificacion", "expediente judicial", "sentencia", "notificacion judicial", "fiscalia"),
        "en": ("court$", "courts$", "tribunal", "summons", "subpoena", "judgment", "judgement", "prosecutor"),
        "pt": ("tribunal", "intimacao", "citacao judicial", "processo judicial", "sentenca", "notificacao judicial", "promotoria"),
    },
    "hurry": {
        "es": ("inmediatamente", "urgente", "de inmediato", "sin demora", "ya mismo"),
        "en": ("immediately", "urgent", "at once", "without delay", "right now"),
        "pt": ("imediatamente", "urgente", "de imediato", "sem demora", "agora mesmo"),
    },
}  # fmt: skip
PROBLEMS: Final[Mapping[str, Label]] = {
    "hard": Label(
        "Cuesta leerlo: {value} de {bar}. Usa palabras más cortas y frases más simples.",
        "It is hard to read: {value} of {bar}. Use shorter words and simpler sentences.",
        "É difícil de ler: {value} de {bar}. Use palavras mais curtas e frases mais simples.",
    ),
    "long": Label(
        "Las frases son largas: {value} palabras en promedio, y se piden {bar} o menos. Pon un punto.",
        "Sentences are long: {value} words on average, and {bar} or fewer are asked for. Put a full stop.",
        "As frases são longas: {value} palavras em média, e se pedem {bar} ou menos. Coloque um ponto.",
    ),
    "capitals": Label(
        "«{word}» está en mayúsculas: parece un grito.",
        "“{word}” is in capitals: it reads as a shout.",
        "«{word}» está em maiúsculas: parece um grito.",
    ),
    "threat": Label(
        "«{word}» suena a amenaza. Di qué se puede hacer, no qué puede pasar.",
        "“{word}” sounds like a threat. Say what can be done, not what may happen.",
        "«{word}» soa como ameaça. Diga o que se pode fazer, não o que pode acontecer.",
    ),
    "shame": Label("«{word}» avergüenza a la persona.", "“{word}” shames the person.", "«{word}» envergonha a pessoa."),
    "court": Label(
        "«{word}» hace pensar en un tribunal: la ley lo prohíbe en varios países.",
        "“{word}” suggests a court: the law of several countries forbids it.",
        "«{word}» faz pensar num tribunal: a lei de vários países proíbe.",
    ),
    "hurry": Label(
        "«{word}» apura. Di la fecha y nada más.", "“{word}” hurries people. Give the date and no more.", "«{word}» apressa. Diga a data e nada mais."
    ),
    "emoji": Label("Lleva un emoji: {word}.", "It has an emoji: {word}.", "Tem um emoji: {word}."),
    "shout": Label("Lleva signos repetidos: {word}.", "It has repeated marks: {word}.", "Tem sinais repetidos: {word}."),
}  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """One thing that keeps a text from being sent: a code of PROBLEMS with the word found, or the value and the bar."""

    code: str
    word: str = ""
    value: float = 0.0
    bar: float = 0.0

    def text(self, language: str) -> str:
        """Return it in words."""
        told = {"word": self.word, "value": f"{self.value:.0f}", "bar": f"{self.bar:.0f}"}
        return PROBLEMS[self.code].of(language).format(**told)


@dataclass(frozen=True)
class Tone:
    """How a text reads, against the bar of its language, and what has to change; nothing: it may be published."""

    reading: Reading
    bar: float
    remarks: tuple[Remark, ...]


def tone_of(text: str, language: str) -> Tone:
    """Return the tone of a text with its `{variables}`, in its own language (`es`, `en`, `pt-br`)."""
    spoken = language[:2] if language[:2] in EASIEST else "es"
    plain = _VARIABLE.sub(_STANDS_FOR, _ADDRESS.sub("", text)).strip()
    found = read(plain, spoken)
    return Tone(
        found, EASIEST[spoken], (*_lengths(found, EASIEST[spoken]), *_marks(plain), *_words(plain, spoken))
    )


def _lengths(found: Reading, bar: float) -> Iterator[Remark]:
    if found.words >= FEWEST and found.index < bar:
        yield Remark("hard", value=found.index, bar=bar)
    if found.words_per_sentence > LONGEST_SENTENCE:
        yield Remark("long", value=found.words_per_sentence, bar=LONGEST_SENTENCE)


def _marks(text: str) -> Iterator[Remark]:
    """Shouting in letters or in signs, and pictures."""
    for word in dict.fromkeys(re.findall(rf"[^\W\d_]{{{SHORTEST},}}", text)):
        if word.isupper() and word not in _INITIALS:
            yield Remark("capitals", word)
    for marks in dict.fromkeys(re.findall(r"[!¡?¿]{2,}", text)):
        if len(set(marks)) == 1 or len(marks) > 2:
            yield Remark("shout", marks)
    for letter in dict.fromkeys(text):
        if unicodedata.category(letter) == "So" and letter not in "©®°":
            yield Remark("emoji", letter)


def _words(text: str, language: str) -> Iterator[Remark]:
    folded = _folded(text)
    for code, by_language in _WORDS.items():
        for beginning in by_language[language]:
            end = r"\b" if beginning.endswith("$") else r"\w*"
            for met in re.finditer(rf"\b{re.escape(beginning.rstrip('$'))}{end}", folded):
                yield Remark(code, text[met.start() : met.end()])


def _folded(text: str) -> str:
    """The text in lower case without accents, letter by letter: places stay the same."""
    return "".join(unicodedata.normalize("NFD", letter)[0].lower()[:1] or letter for letter in text)
