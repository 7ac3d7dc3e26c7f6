"""The next steps that aldia writes by itself. Any other text is a person's, and is left alone until its day has passed."""

import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

CONTACT = _("Contactar por la deuda vencida")
WAIT = _("Esperar el próximo vencimiento")
DONE = _("Al día")
AUTOMATIC = (CONTACT, WAIT, DONE)
NOTICE = _("Aviso D%(days)s")
NOTICE_MARK: Final = r"^Aviso D[+-]\d+$"
"""The next notice of the strategy, by its days from the due date: Aviso D+10. How every database's text of it looks."""


_OURS: Final[set[str]] = set(AUTOMATIC)


def also_ours(texts: Iterable[str]) -> None:
    """Name next steps that a room above writes by itself: they too are shown in the reader's language."""
    _OURS.update(texts)


def shown(step: str) -> str:
    """Return a next step in the reader's language when aldia wrote it, as it is when a person did."""
    if re.match(NOTICE_MARK, step):
        return gettext(NOTICE) % {"days": step.removeprefix("Aviso D")}
    return gettext(step) if step in _OURS else step
