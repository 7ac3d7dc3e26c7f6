"""The next steps that aldia writes by itself. Any other text is a person's, and is left alone until its day has passed."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

CONTACT = _("Contactar por la deuda vencida")
WAIT = _("Esperar el próximo vencimiento")
DONE = _("Al día")
AUTOMATIC = (CONTACT, WAIT, DONE)


def shown(step: str) -> str:
    """Return a next step in the reader's language when aldia wrote it, as it is when a person did."""
    return gettext(step) if step in AUTOMATIC else step
