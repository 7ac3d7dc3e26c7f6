"""Texts with `{variable}` only: a closed list of flat variables, filled by us, and no template engine over what users write."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aldia.domain.labels import Label

VARIABLES: Final = frozenset(
    {
        "nombre", "acreedor", "importe", "vencimiento", "dias", "documentos", "telefono", "enlace", "mensaje", "codigo",
        "fecha_promesa", "importe_promesa", "importe_pago", "saldo_texto",
    }
)  # fmt: skip
LONGEST: Final = 64_000
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_LIBRARY = Path(__file__).parent / "library"
SCRIPT: Final = "script"
"""What a person says in a call: written, versioned and published like a notice, and never sent."""
KEYPAD: Final = "keypad"
"""What an automatic call says: written and published like a notice, recorded by a person, and so without variables."""
SHORT_CHANNELS: Final = frozenset({"sms", "whatsapp", "call", SCRIPT, KEYPAD})


class UnknownVariables(ValueError):
    """A text names variables that do not exist, or that its channel cannot say; `names` lists them."""

    def __init__(self, names: list[str], known: Collection[str]) -> None:
        self.names = names
        told = {"names": ", ".join(f"{{{name}}}" for name in names), "known": ", ".join(sorted(known))}
        super().__init__(
            _("No existen estas variables: %(names)s. Hay: %(known)s.") % told
            if known
            else _("Un sonido grabado dice siempre lo mismo: no lleva variables.")
        )


class MissingValues(ValueError):
    """A text needs values that this message does not have; `names` lists them. Such a message is never sent."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(_("Faltan datos para el mensaje: %(names)s.") % {"names": ", ".join(names)})


@dataclass(frozen=True)
class Text:
    """One notice in one language for one kind of channel."""

    key: str
    name: str
    language: str
    treatment: str
    channel: str
    subject: str
    body: str


def placeholders(text: str) -> list[str]:
    """Return the names between braces, in order, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def check(text: str, channel: str = "") -> None:
    """Raise UnknownVariables when the text names a variable that is not in the closed list; a sound may name none."""
    known: Collection[str] = () if channel == KEYPAD else VARIABLES
    if unknown := [name for name in placeholders(text) if name not in known]:
        raise UnknownVariables(unknown, known)


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """Return the text with its variables replaced, at most LONGEST characters. Raises MissingValues."""
    missing = [name for name in placeholders(text) if values.get(name) is None]
    if missing:
        raise MissingValues(missing)
    filled = _PLACEHOLDER.sub(lambda found: _joined(str(values[found.group(1)]), text[found.end() :]), text)
    return re.sub(r"[ \t]+(\n|$)", r"\1", filled).strip()[:LONGEST]


def _joined(value: str, after: str) -> str:
    """A value that ends in a point, before the point of its sentence: `S.A.` and `.` are one point."""
    return value.removesuffix(".") if after.startswith(".") else value


@lru_cache(maxsize=1)
def library() -> tuple[Text, ...]:
    """Return the notices and scripts that ship with aldia, checked."""
    texts = tuple(text for entry in _entries() for text in _texts_of(entry))
    for text in texts:
        check(text.subject + text.body, text.channel)
    return texts


@lru_cache(maxsize=1)
def _entries() -> list[dict[str, Any]]:
    return [
        entry
        for name in ("notices.yaml", "scripts.yaml", "keypad.yaml")
        for entry in yaml.safe_load((_LIBRARY / name).read_text(encoding="utf-8"))
    ]


@lru_cache(maxsize=1)
def purposes() -> Mapping[str, str]:
    """Return the purpose of each shipped notice: `collection`, or `service` for what the person asked for."""
    return {entry["key"]: entry.get("purpose", "collection") for entry in _entries()}


@lru_cache(maxsize=1)
def _shipped_names() -> Mapping[str, Label]:
    return {entry["key"]: Label(**entry["name"]) for entry in _entries()}


def title_of(key: str, name: str) -> str:
    """Return how a text is called: ours in the reader's language, one that somebody renamed as it was written."""
    ours = _shipped_names().get(key)
    return ours.of(get_language() or "es") if ours and ours.es == name else name


def _texts_of(entry: dict[str, Any]) -> list[Text]:
    informal = entry["es"]
    formal = {**informal, **entry.get("es-usted", {})}
    spoken = [
        ("es", "tu", informal), ("es", "vos", {part: voseo(text) for part, text in informal.items()}), ("es", "usted", formal),
        ("en", "tu", entry["en"]), ("pt-br", "tu", entry["pt-br"]),
    ]  # fmt: skip
    bodies = {
        "email": ("body",),
        "letter": ("letter", "body"),
        "sms": ("short",),
        "whatsapp": ("whatsapp", "short"),
        "call": ("call",),
        SCRIPT: (SCRIPT,),
        KEYPAD: (KEYPAD,),
    }
    return [
        Text(
            entry["key"], entry["name"]["es"], language, treatment, channel, words["subject"],
            next(words[part] for part in parts if part in words),
        )
        for language, treatment, words in spoken
        for channel, parts in bodies.items()
        if any(part in words for part in parts) and (channel != KEYPAD or treatment == "tu")
    ]  # fmt: skip


def voseo(text: str) -> str:
    """Return a notice written for tú as it is said to vos, by the words of our own notices."""
    words = re.compile(rf"\b({'|'.join(_vos())})\b", re.IGNORECASE)
    return words.sub(lambda met: _as_said(met.group(), _vos()[met.group().lower()]), text)


def _as_said(was: str, said: str) -> str:
    return said.capitalize() if was[0].isupper() else said


@lru_cache(maxsize=1)
def _vos() -> Mapping[str, str]:
    found: dict[str, str] = yaml.safe_load((_LIBRARY / "voseo.yaml").read_text(encoding="utf-8"))
    return found
