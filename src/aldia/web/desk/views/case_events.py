"""The history of a case in words: each event with its icon, its tint and one line that says when, how, how much and who."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from aldia.chat import selectors as chat
from aldia.chat.words import for_staff
from aldia.outcomes import selectors as outcomes
from aldia.payments import selectors as payments
from aldia.web.desk.views import words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

LONG_DETAIL: Final = 60  # from here on what was said goes below the line, as a quotation
_KEYS: Final = frozenset({"arrears", "cured"})  # reasons that `cases` keeps for itself


def told(
    request: StaffRequest, case_id: int, wanted: outcomes.TimelineFilter | None = None
) -> list[dict[str, Any]]:
    """Return the events of a case as they are drawn, the newest first. Raises UnknownCase."""
    found = outcomes.timeline(
        request.actor,
        case_id,
        wanted,
        language=words.language(),
        extra=[*_receipts(request, case_id), *_answers(request, case_id)],
    )
    regional = formats.regional_of(request)
    return [_drawn(event, regional) for event in found]


def _receipts(request: StaffRequest, case_id: int) -> list[outcomes.Event]:
    """Money that came in, told among what people did."""
    zone = ZoneInfo(request.organisation.timezone)
    return [
        outcomes.Event(
            at=min(datetime.combine(row.on, time(12), zone), request.clock.now), kind="receipt", icon="payment",
            title=_("Pagó"), detail=row.said, actor=row.recorded_by, subject=f"receipt:{row.pk}", minor=row.amount_minor,
            currency=row.currency, is_void=row.state == "REVERSED",
        )
        for row in payments.receipts_of_case(request.actor, case_id)
    ]  # fmt: skip


def _answers(request: StaffRequest, case_id: int) -> list[outcomes.Event]:
    """What the assistant or a person answered on the client's page: no message left for it."""
    return [
        outcomes.Event(
            at=row.at, kind="message", icon="chat", title=_("Le contestamos"), detail=for_staff(" ".join(row.said)), channel=row.channel,
            actor="system" if row.author == "bot" else row.author, actor_label=_("Asistente") if row.author == "bot" else "",
            subject=f"exchange:{row.pk}",
        )
        for row in chat.answers_of_case(request.actor, case_id)
    ]  # fmt: skip


def _drawn(event: outcomes.Event, regional: formats.Regional) -> dict[str, Any]:
    channel = words.channel(event.channel)[0] if event.channel else ""
    has_money = bool(event.minor and event.currency)
    money = formats.money(event.minor, event.currency, regional.locale) if has_money else ""
    title, detail = _title(event, money), _detail(event)
    is_quote = event.kind in ("note", "dispute") or (event.kind == "outcome" and len(detail) > LONG_DETAIL)
    amount = "" if money in title else money
    parts = [
        formats.moment(event.at, regional),
        "" if "@" in detail else channel,  # an address says by itself that it was mail
        "" if is_quote else detail,
        amount,
        event.actor_label if event.actor != "system" else "",
    ]
    return {
        "at": event.at, "kind": event.kind, "icon": words.event_icon(event.kind, event.channel), "title": title,
        "tone": words.event_tone(event.kind, event.title, event.is_void), "detail": detail,
        "meta": " · ".join(part for part in parts if part), "quote": detail if is_quote else "", "is_void": event.is_void,
        "file_id": event.file_id, "recording_of": event.recording_of, "files": event.files,
        "actor": event.actor_label, "channel": channel, "amount": money,
        "minor": event.minor, "currency": event.currency,
        "position": _position(event, regional),
    }  # fmt: skip


def _position(event: outcomes.Event, regional: formats.Regional) -> dict[str, str]:
    """Where the visitor's phone was, in words, and the address of a map of it."""
    if not event.position:
        return {}
    latitude, longitude = event.position["latitude"], event.position["longitude"]
    at = formats.moment(datetime.fromisoformat(event.position["at"]), regional)
    text = _("%(place)s, ±%(metres)s m · %(at)s") % {
        "place": f"{latitude:.5f}, {longitude:.5f}", "metres": event.position["accuracy_m"], "at": at,
    }  # fmt: skip
    mark = f"mlat={latitude}&mlon={longitude}#map=18/{latitude}/{longitude}"
    return {"text": text, "url": f"https://www.openstreetmap.org/?{mark}"}


def _detail(event: outcomes.Event) -> str:
    """A change of stage in words; the keys that other rooms use for themselves stay out."""
    if event.kind != "stage":
        return event.detail
    before, arrow, after = event.detail.partition(" → ")
    if arrow:
        return _("de %(before)s a %(after)s") % {
            "before": words.stage(before).word,
            "after": words.stage(after).word,
        }
    return "" if event.detail in _KEYS or event.detail.startswith(("bulk:", "desk:")) else event.detail


def _title(event: outcomes.Event, money: str) -> str:
    if event.is_void and event.kind == "receipt":
        return _("Cobro reversado: %(amount)s") % {"amount": money}
    if event.kind == "receipt":
        return _("Pagó %(amount)s") % {"amount": money}
    if event.is_void:
        return _("%(title)s (deshecho)") % {"title": event.title}
    return event.title
