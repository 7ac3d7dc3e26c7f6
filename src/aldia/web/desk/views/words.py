"""What the desk calls things: stages, ageing buckets, channels, kinds of event; with their step of the ramp and their icon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils import dates
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from aldia.domain.ageing import DEFAULT_BUCKETS

RAMP: Final = (0, 1, 2, 4, 5)
"""The step of the colour ramp of each default bucket, by its position."""
BUCKETS: Final = {
    "not_due": _("Al día"), "1-30": "1–30", "31-60": "31–60", "61-90": "61–90", "over_90": _("91 o más"),
}  # fmt: skip
CHANNELS: Final = {
    "call": (_("Llamada"), "phone"), "whatsapp": (_("WhatsApp"), "whatsapp"), "email": (_("Correo"), "mail"),
    "sms": (_("SMS"), "sms"), "letter": (_("Carta"), "letter"), "visit": (_("Visita"), "visit"),
}  # fmt: skip
_INWARDS: Final = {"portal": (_("Página del cliente"), "chat")}  # people write there, nobody is reached by it
MEANS: Final = (
    ("transfer", _("Transferencia")), ("cheque", _("Cheque")), ("link", _("Enlace")), ("cash", _("Efectivo")),
    ("card", _("Tarjeta")), ("debit", _("Débito")), ("creditor", _("Al acreedor")),
)  # fmt: skip
POINT_KINDS: Final = (("PHONE", _("Teléfono")), ("EMAIL", _("Correo")), ("ADDRESS", _("Domicilio")))
PROMISE_STATES: Final = (("open", _("Vigente")), ("broken", _("No cumplida")), ("kept", _("Cumplida")))
AGREEMENTS: Final = {
    "approval": _("espera autorización"), "offered": _("ofrecido, sin respuesta"), "active": _("vigente"),
}  # fmt: skip
"""Agreements that a case still shows, by state."""
EVENT_KINDS: Final = {
    "outcome": _("Gestiones"), "message": _("Mensajes"), "promise": _("Promesas"), "receipt": _("Pagos"), "note": _("Notas"),
    "dispute": _("Disputas"), "task": _("Tareas"), "stage": _("Etapas"),
}  # fmt: skip
_STAGES: Final = {
    "current": (_("Preventiva"), 0, True), "preventive": (_("Preventiva"), 0, True), "predue": (_("Preventiva"), 0, True),
    "early": (_("Mora temprana"), 1, False), "middle": (_("Mora media"), 2, False), "late": (_("Mora tardía"), 4, False),
    "residual": (_("Residual"), 5, False), "legal": (_("Judicial"), 5, True), "paused": (_("En pausa"), None, False),
}  # fmt: skip
_EVENT_ICONS: Final = {
    "promise": "promise", "plan": "plan", "dispute": "dispute", "task": "done", "stage": "stage", "note": "note", "touch": "chat",
    "message": "mail", "receipt": "payment", "outcome": "phone",
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A stage as it is drawn: its word, its step of the ramp (None: paused) and whether the square is filled."""

    key: str
    word: str
    step: int | None
    is_filled: bool


def stage(key: str) -> Stage:
    """Return how a stage is drawn; one that a strategy invented is called by its own key."""
    word, step, is_filled = _STAGES.get(key, (key.replace("_", " ").capitalize(), 3, False))
    return Stage(key, str(word), step, is_filled)


def stages(used: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return (key, word) of the stages that a person may choose: the usual ones and those in use."""
    usual = ("current", "early", "late", "residual", "legal")
    return [(key, stage(key).word) for key in dict.fromkeys((*usual, *used)) if key]


def bucket(position: int) -> tuple[str, str, int]:
    """Return (key, label, step of the ramp) of an ageing bucket by its position."""
    key = DEFAULT_BUCKETS.keys[position]
    return key, str(BUCKETS[key]), RAMP[position]


def bucket_of(key: str) -> tuple[str, str, int]:
    """Return (key, label, step of the ramp) of an ageing bucket by its key."""
    return bucket(DEFAULT_BUCKETS.keys.index(key))


def channel(key: str) -> tuple[str, str]:
    """Return (name, icon) of a channel."""
    known = CHANNELS.get(key) or _INWARDS.get(key)
    return (str(known[0]), known[1]) if known else (key, "chat")


def sent(channel: str, count: int) -> str:
    """Return how many messages left by a channel: «3 correos enviados»."""
    texts = {
        "email": ngettext("%(count)s correo enviado", "%(count)s correos enviados", count),
        "letter": ngettext("%(count)s carta enviada", "%(count)s cartas enviadas", count),
    }  # fmt: skip
    other = ngettext("%(count)s %(channel)s enviado", "%(count)s %(channel)s enviados", count)
    return texts.get(channel, other) % {"count": count, "channel": CHANNELS.get(channel, (channel, ""))[0]}


def language() -> str:
    """Return the reader's language as the domain's labels know it."""
    return (get_language() or "es").lower()


def event_icon(kind: str, by: str) -> str:
    """Return the icon of an event of a history: its channel's, else its kind's."""
    if kind in ("outcome", "message", "touch") and by in CHANNELS:
        return CHANNELS[by][1]
    return _EVENT_ICONS.get(kind, "history")


def event_tone(kind: str, title: str, is_void: bool) -> str:
    """Return the tint of an event: money and kept words in accent, what failed in red."""
    if kind == "receipt":
        return "bad" if is_void else "ok"
    if kind == "promise" and title in (
        gettext("No cumplió su promesa"),
        gettext("Cumplió su promesa en parte"),
    ):
        return "bad"
    return "info" if is_void else ""


def short_name(name: str) -> str:
    """Return `J. Sosa` for `Julieta Sosa`, for narrow columns."""
    first, _space, rest = name.partition(" ")
    return f"{first[0]}. {rest}" if rest else name


def options(pairs: Any) -> list[tuple[str, str]]:
    """Return pairs with their words as plain text, for a select."""
    return [(str(key), str(word)) for key, word in pairs]


def weekday(at: int) -> str:
    """Return the name of a day of the week, Monday 0."""
    return str(dates.WEEKDAYS[at]).lower()
