"""Calls in words: where one stands, what came of it, how long it lasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.calls import CallResult, CallState

if TYPE_CHECKING:
    from aldia.contact.calls.models import PhoneCall

_STATES: Final = {
    CallState.ASKED: gettext_lazy("Suena tu interno: levántalo"),
    CallState.DIALLING: gettext_lazy("Marcando"),
    CallState.RINGING: gettext_lazy("Suena el teléfono del cliente"),
    CallState.TALKING: gettext_lazy("En conversación"),
    CallState.ENDED: gettext_lazy("Terminó"),
    CallState.UNKNOWN: gettext_lazy("La central no dijo si la tomó"),
}
_RESULTS: Final = {
    CallResult.ANSWERED: gettext_lazy("Llamada atendida"),
    CallResult.NO_ANSWER: gettext_lazy("Llamada: nadie atendió"),
    CallResult.BUSY: gettext_lazy("Llamada: daba ocupado"),
    CallResult.REJECTED: gettext_lazy("Llamada: la rechazó"),
    CallResult.BAD_NUMBER: gettext_lazy("Llamada: el número no existe"),
    CallResult.AGENT_ABSENT: gettext_lazy("Llamada: nadie levantó el interno"),
    CallResult.CANCELLED: gettext_lazy("Llamada: se cortó antes de que atendiera"),
    CallResult.FAILED: gettext_lazy("Llamada: la central no pudo hacerla"),
    CallResult.LOST: gettext_lazy("Llamada: no se supo cómo terminó"),
}


def told(call: PhoneCall) -> str:
    """Return what came of a call, or where it stands."""
    return came_of(call.result, call.state)


def came_of(result: str, state: str) -> str:
    """The same, of the two words that a call keeps."""
    return str(_RESULTS[CallResult(result)] if result else _STATES[CallState(state)])


def lasted(seconds: int) -> str:
    """Return how long people talked: «45 s», «3 min», «3 min 20 s»."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return _("%(seconds)s s") % {"seconds": rest}
    whole = _("%(minutes)s min") % {"minutes": minutes}
    return f"{whole} {_('%(seconds)s s') % {'seconds': rest}}" if rest else whole
