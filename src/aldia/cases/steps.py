"""The next steps that aldia writes by itself. Any other text is a person's, and is left alone until its day has passed."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from aldia.domain.labels import base_language

CONTACT = _("Contactar por la deuda vencida")
WAIT = _("Esperar el próximo vencimiento")
DONE = _("Al día")
AUTOMATIC = (CONTACT, WAIT, DONE)
NOTICE = _("Aviso D%(days)s")
NOTICE_MARK: Final = r"^Aviso D[+-]\d+$"
"""The next notice of the strategy, by its days from the due date: Aviso D+10. How every database's text of it looks."""


Words = Mapping[str, Mapping[str, str]]
"""Texts, by how each is stored, in es, en and pt."""
_OURS: Final[set[str]] = set(AUTOMATIC)
_TOLD: Final[list[Callable[[], Words]]] = []


def also_ours(texts: Iterable[str]) -> None:
    """Name next steps that a room above writes by itself: they too are shown in the reader's language."""
    _OURS.update(texts)


def also_told(words: Callable[[], Words]) -> None:
    """Name where a room above keeps texts of its own in every language; it is read when the first of them is shown."""
    _TOLD.append(words)


def shown(step: str) -> str:
    """Return a next step in the reader's language when aldia wrote it, as it is when a person did."""
    if re.match(NOTICE_MARK, step):
        return gettext(NOTICE) % {"days": step.removeprefix("Aviso D")}
    if step in _OURS:
        return gettext(step)
    language = base_language(get_language() or "es")
    return next((told[step].get(language, step) for words in _TOLD if step in (told := words())), step)
