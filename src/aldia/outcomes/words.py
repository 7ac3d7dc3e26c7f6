"""The words of the room: next steps, titles of tasks, names of channels and the icons of the history.

Kept as Spanish source texts, so that what is stored can be shown in the reader's language: `shown(text)`.
"""

from typing import Final

from django.utils.translation import gettext_noop as _

from aldia.cases import steps
from aldia.domain.outcomes import NextKind

NEXT_STEPS: Final[dict[str, str]] = {
    NextKind.CALL: _("Llamar al cliente"),
    NextKind.REVIEW_PROMISE: _("Revisar si cumplió la promesa"),
    NextKind.REVIEW_PLAN: _("Revisar la cuota del plan de pagos"),
    NextKind.VERIFY_PAYMENT: _("Verificar el pago"),
    NextKind.ANSWER_DISPUTE: _("Responder la disputa"),
    NextKind.SEND_MESSAGE: _("Escribir al cliente"),
    NextKind.FIND_CONTACT: _("Buscar otro dato de contacto"),
    NextKind.SUPERVISE: _("Revisar con supervisión"),
}
TASKS: Final[dict[str, str]] = {
    **{str(kind): text for kind, text in NEXT_STEPS.items()},
    "visit": _("Visitar al cliente"),
    "review": _("Revisar el caso"),
    "follow_up": _("Hacer seguimiento"),
    "write_off": _("Aprobar un castigo"),
    "bureau_report": _("Informar a la central de riesgo"),
}
AFTER_KEPT: Final = _("Agradecer el pago y revisar lo que queda")
AFTER_BROKEN: Final = _("Llamar: no cumplió la promesa")
AFTER_CANCELLED: Final = _("Llamar: la promesa quedó sin efecto")
AFTER_REJECTED: Final = _("Llamar: contarle la respuesta a su disputa")
ISSUE_CREDIT: Final = _("Emitir la nota de crédito")
ALARMS_OF_EVENTS: Final[dict[str, str]] = {
    "cheque_bounced": _("Cheque rechazado"),
    "receipt_reversed": _("Cobro reversado"),
    "online_surplus": _("Pago en línea por revisar"),
    "certificate_missing": _("Falta un certificado de retención"),
    "agency_silent": _("Una agencia no cuenta nada"),
    "credit_exceeded": _("Crédito excedido"),
}
"""Alarms that no rule raises, by kind."""
STORED: Final = frozenset(
    {*TASKS.values(), AFTER_KEPT, AFTER_BROKEN, AFTER_CANCELLED, AFTER_REJECTED, ISSUE_CREDIT}
)

ICONS: Final[dict[str, str]] = {
    "outcome": "phone", "promise": "handshake", "plan": "calendar", "dispute": "flag", "task": "checkbox", "stage": "arrow-right",
    "note": "note", "touch": "message", "message": "mail", "alarm": "bell",
}  # fmt: skip

FATES: Final[dict[str, str]] = {
    "delivered": _("llegó"), "read": _("leído"), "failed": _("no llegó"), "bounced": _("rebotó"), "complaint": _("lo marcó como spam"),
}  # fmt: skip
"""What became of a message, as its provider told it."""


def shown(text: str) -> str:
    """Return a stored text in the reader's language when aldia wrote it, as it is when a person did."""
    return steps.shown(text)
