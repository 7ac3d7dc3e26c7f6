"""Reads of what came in: replies that wait, those of a case, and what became of each message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.contact import mail_server
from aldia.contact.inbound.models import InboundFile, Reply
from aldia.contact.models import DeliveryEvent
from aldia.db.pages import Page, paged
from aldia.domain.delivery import RANKS, Standing, standing_of
from aldia.domain.incoming_files import IMAGES, RECEIPTS

_REASONS: Final = {
    "waiting": _("En camino: se muestra cuando llegue."),
    "empty": _("Llegó vacío."),
    "too_large": _("Pesa más de lo que se guarda (8 MB una imagen, 16 MB el resto)."),
    "not_what_it_says": _("No es lo que dice ser, o no es una clase que se guarde: no se abrió."),
    "changed": _("Lo que llegó no coincide con su huella: no se guardó."),
    "elsewhere": _("El proveedor lo puso en una dirección que no es suya: no se buscó."),
    "gone": _("El proveedor ya no lo tiene. Pídele que lo envíe otra vez."),
    "silent": _("El proveedor no lo entregó."),
}


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that came with a reply, as a screen shows it. `why` says why it cannot be seen, empty when it can."""

    id: int
    name: str
    kind: str
    why: str
    is_image: bool
    may_ask_again: bool


def replies(actor: Actor, *, kind: str = "", cursor: str | None = None, limit: int = 50) -> Page[Reply]:
    """Return a page of replies, newest first: those that wait, or `sin-identificar`, or `cerradas`. Raises BadCursor."""
    rows = _seen(actor).filter(is_open=kind != "cerradas")
    if kind == "sin-identificar":
        rows = rows.filter(case_id=None)
    elif kind != "cerradas":
        rows = rows.exclude(case_id=None)
    return paged(rows, by="pk", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


def reply_counts(actor: Actor) -> dict[str, int]:
    """Return how many replies wait with their case, and how many nobody could place."""
    waiting = _seen(actor).filter(is_open=True)
    return {
        "": waiting.exclude(case_id=None).count(),
        "sin-identificar": waiting.filter(case_id=None).count(),
    }


def _seen(actor: Actor) -> Any:
    """Whoever sees only some cases reads only their replies."""
    rows = Reply.objects.of(actor.organisation_id)
    return rows.filter(case_id__in=cases.scope(actor).values("pk")) if cases.is_narrowed(actor) else rows


def reply(actor: Actor, reply_id: int) -> Reply:
    """Return one reply. Raises Reply.DoesNotExist."""
    found: Reply = _seen(actor).get(pk=reply_id)
    return found


def replies_of_case(actor: Actor, case_id: int, *, limit: int = 500) -> list[Reply]:
    """Return what the person wrote about a case, newest first."""
    return list(Reply.objects.of(actor.organisation_id).filter(case_id=case_id).order_by("-pk")[:limit])


def to_be_answered(channels: Sequence[str], *, since: datetime, limit: int) -> list[Reply]:
    """Return what people with a case wrote on these channels since an instant and nobody has answered, the oldest first.

    One whose file is still on its way waits for it.
    """
    rows = Reply.objects.across_organisations().filter(is_open=True, channel__in=channels)
    rows = rows.exclude(case_id=None).filter(received_at__gte=since).select_related("organisation")
    rows = rows.exclude(
        pk__in=InboundFile.objects.across_organisations().filter(state="waiting").values("reply_id")
    )
    return list(rows.order_by("pk")[:limit])


def files_of(organisation_id: int, reply_ids: Sequence[int]) -> dict[int, list[FileView]]:
    """Return what came with each reply, in its order."""
    found: dict[int, list[FileView]] = {}
    if not reply_ids:
        return found
    for row in InboundFile.objects.of(organisation_id).filter(reply_id__in=list(reply_ids)).order_by("pk"):
        why = "" if row.state == "kept" else str(_REASONS.get(row.reason or row.state, row.reason))
        kind = row.kind or row.told_kind
        name = row.name or kind.partition(";")[0]
        view = FileView(row.pk, name, kind, why, not why and kind in IMAGES, row.reason == "silent")
        found.setdefault(row.reply_id, []).append(view)
    return found


def receipt_in(reply: Reply) -> int | None:
    """Return the stored file of a reply that can prove a payment (an image, a PDF), None without one."""
    rows = InboundFile.objects.of(reply.organisation_id).filter(reply=reply, state="kept", kind__in=RECEIPTS)
    found: int | None = rows.order_by("pk").values_list("file_id", flat=True).first()
    return found


def inbound_file(actor: Actor, file_id: int) -> InboundFile:
    """Return a file that was kept and whose reply the actor may read. Raises InboundFile.DoesNotExist."""
    rows = InboundFile.objects.of(actor.organisation_id).filter(state="kept", reply__in=_seen(actor))
    found: InboundFile = rows.get(pk=file_id)
    return found


def standings(organisation_id: int, order_ids: Sequence[int]) -> dict[int, Standing]:
    """Return what became of each message of which anything was told."""
    if not order_ids:
        return {}
    rows = DeliveryEvent.objects.of(organisation_id).filter(order_id__in=list(order_ids), kind__in=RANKS)
    told: dict[int, list[tuple[str, str]]] = {}
    for order_id, kind, detail in rows.values_list("order_id", "kind", "detail"):
        told.setdefault(order_id, []).append((kind, detail.partition("|")[0]))
    return {order_id: standing_of(words) for order_id, words in told.items()}


def box_of(actor: Actor) -> dict[str, Any]:
    """Return the box of replies as a screen may show it: without its password."""
    setting = mail_server.setting_of(actor.organisation_id, "email")
    told = setting.config.get("inbox", {}) if setting else {}
    return {name: value for name, value in told.items() if name != "password"}
