"""How a client can be reached, as it is drawn: each channel with its answer, and each contact point as people read it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aldia.web.desk.views import words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.contact import selectors as contact
    from aldia.domain.reach import Reach, Tally

_POINT_ICONS: Final = {"PHONE": "phone", "EMAIL": "mail", "ADDRESS": "visit"}
_BY_PHONE: Final = ("call", "whatsapp", "sms")
_WRITTEN: Final = ("email", "sms", "whatsapp")


def drawn(answer: contact.ChannelAnswer) -> dict[str, Any]:
    """Return one channel: to whom, yes or the reason why not, and what a click may do."""
    name, icon = words.channel(answer.channel)
    written = formats.phone(answer.to) if answer.channel in _BY_PHONE else answer.to
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


def reached(found: Reach) -> list[dict[str, str]]:
    """Return what the past says of reaching the person, each with its icon: «Suele atender de 10 a 12 (3 de 4 llamadas)»."""
    rows = []
    if found.hours:
        hours, text = found.hours, _("Suele atender de %(start)s a %(end)s (%(count)s)")
        if hours.is_weekend:
            text = _("Suele atender los fines de semana de %(start)s a %(end)s (%(count)s)")
        calls = ngettext(
            "%(reached)s de %(tries)s llamada", "%(reached)s de %(tries)s llamadas", hours.tally.tries
        )
        told = _beside(
            calls % asdict(hours.tally), hours.others, _("%(best)s; a otra hora %(reached)s de %(tries)s")
        )
        text %= {"start": hours.from_hour, "end": hours.to_hour, "count": told}
        rows.append({"icon": "clock", "text": text})
    if found.channel:
        name, icon = words.channel(found.channel.channel)
        count = _("%(reached)s de %(tries)s") % asdict(found.channel.tally)
        told = _beside(count, found.channel.others, _("%(best)s; por los demás %(reached)s de %(tries)s"))
        text = _("Responde mejor por %(channel)s (%(count)s)") % {"channel": listed([name]), "count": told}
        rows.append({"icon": icon, "text": text})
    return rows


def _beside(best: str, others: Tally, text: str) -> str:
    return text % {"best": best, **asdict(others)} if others.tries else best


def listed(names: list[str]) -> str:
    """Return names inside a sentence, `SMS, carta y visita`, or nothing: only words lose their capital."""
    inside = [name.lower() if name[1:].islower() else name for name in names]
    return format_list(inside, locale=words.language().replace("-", "_")) if inside else ""


def point(row: Any) -> dict[str, Any]:
    """Return a contact point with its icon and its value as people read it."""
    text = formats.phone(row.value) if row.kind == "PHONE" else row.value
    return {"point": row, "icon": _POINT_ICONS[row.kind], "text": text}
