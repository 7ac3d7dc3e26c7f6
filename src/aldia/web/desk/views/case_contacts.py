"""How a client can be reached, as it is drawn: each channel with its answer, and each contact point as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import phonenumbers
from babel.lists import format_list
from django.utils.translation import gettext as _

from aldia.web.desk.views import words

if TYPE_CHECKING:
    from aldia.contact import selectors as contact

_POINT_ICONS: Final = {"PHONE": "phone", "EMAIL": "mail", "ADDRESS": "visit"}
_BY_PHONE: Final = ("call", "whatsapp", "sms")
_WRITTEN: Final = ("email", "sms", "whatsapp")


def drawn(answer: contact.ChannelAnswer) -> dict[str, Any]:
    """Return one channel: to whom, yes or the reason why not, and what a click may do."""
    name, icon = words.channel(answer.channel)
    written = phone_text(answer.to) if answer.channel in _BY_PHONE else answer.to
    is_open_ended = answer.is_allowed and answer.closes_at is None
    return {
        "channel": answer.channel, "name": name, "icon": icon, "can": answer.is_allowed, "reasons": answer.reasons,
        "laws": answer.laws, "point_id": answer.point_id, "next_at": answer.next_at,
        "to": f"{answer.label}, {written}" if answer.label and written else written,
        "when": _("Sí") if is_open_ended else answer.text.rstrip(".") or _("Sin dato de contacto"),
        "tel": f"tel:{answer.to}" if answer.channel == "call" and answer.to else "",
        "can_send": answer.channel in _WRITTEN,
    }  # fmt: skip


def by_answer(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the channels with the same answer together; a reason that the answer already says is left out."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["when"], row["reasons"], row["laws"]), []).append(row)
    return [
        {
            **same[0],
            "rows": same,
            "reasons": [text for text in same[0]["reasons"] if text.rstrip(".") not in same[0]["when"]],
        }
        for same in groups.values()
    ]


def listed(names: list[str]) -> str:
    """Return names inside a sentence, `SMS, carta y visita`, or nothing: only words lose their capital."""
    inside = [name.lower() if name[1:].islower() else name for name in names]
    return format_list(inside, locale=words.language().replace("-", "_")) if inside else ""


def point(row: Any) -> dict[str, Any]:
    """Return a contact point with its icon and its value as people read it."""
    text = phone_text(row.value) if row.kind == "PHONE" else row.value
    return {"point": row, "icon": _POINT_ICONS[row.kind], "text": text}


def phone_text(value: str) -> str:
    """Return a phone as people read it, `+54 9 351 555-0100`; anything else as it is."""
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    except phonenumbers.NumberParseException:
        return value
