"""Screen: one gesture over many clients, shown exactly before it is made; what cannot be undone is confirmed by its count."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases_read
from aldia.cases import services as cases
from aldia.contact import selectors as contact_read
from aldia.contact import services as contact
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.customers import read_query
from aldia.web.desk.forms.outcome import day_of
from aldia.web.desk.once import once, refused
from aldia.web.desk.views import words
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aldia.web.desk.doors import StaffRequest

UNPROCESSABLE = 422
DONE: Final = {
    "assign": gettext_lazy("Asignar"),
    "hold": gettext_lazy("Pausar"),
    "stage": gettext_lazy("Cambiar etapa"),
    "send": gettext_lazy("Enviar aviso"),
}
CHANNELS: Final = ("email", "whatsapp", "sms")
LIFE: Final = timedelta(days=3)  # a notice sent by hand waits this long for a lawful hour


class _Missing(ValueError):
    """Something that the gesture needs was not said; `field` tells what."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@require_POST
@staff(Permission.BULK_ACT)
def preview(request: StaffRequest) -> HttpResponse:
    """Show what a gesture over the selection would touch: how many, how much by currency, and what it still needs to know."""
    kind = request.POST.get("do", "")
    if kind not in DONE:
        return _back(request, _("Elige qué hacer con los clientes."))
    return _drawn(request, kind)


def _drawn(request: StaffRequest, kind: str, problems: list[tuple[str, str]] | None = None) -> HttpResponse:
    selection = _selection(request)
    found = cases_read.bulk_preview(request.actor, selection)
    if found.is_too_many or not found.cases:
        limit = formats.number(cases_read.BULK_LIMIT, request.organisation.locale)
        return _back(request, _("Elige entre 1 y %(limit)s clientes.") % {"limit": limit})
    money = [
        (minor, currency, found.overdue_minor.get(currency, 0))
        for currency, minor in found.total_minor.items()
    ]
    context = {
        "kind": kind,
        "verb": str(DONE[kind]),
        "found": found,
        "money": money,
        "ids": [] if _is_filter(request) else list(found.case_ids),
        "query": request.POST.get("query", ""),
        "scope": "filter" if _is_filter(request) else "rows",
        "told": request.POST,
        "problems": problems,
        "must_type": kind == "send",
        "back": _list_address(request),
        **_options(request, kind),
    }
    return render(request, "desk/clients/bulk.html", context, status=UNPROCESSABLE if problems else 200)


def _options(request: StaffRequest, kind: str) -> dict[str, Any]:
    """What the gesture lets choose."""
    if kind == "assign":
        return {"people": list(access.members(request.actor)), "teams": list(access.teams(request.actor))}
    if kind == "stage":
        return {"stages": words.stages()}
    if kind == "send":
        channel = request.POST.get("channel", "email")
        channel = channel if channel in CHANNELS else "email"
        return {
            "channels": [(key, words.channel(key)[0]) for key in CHANNELS], "channel": channel,
            "templates": contact_read.claim_templates(request.actor, channel),
        }  # fmt: skip
    return {}


def _is_filter(request: StaffRequest) -> bool:
    return request.POST.get("scope") == "filter"


def _selection(request: StaffRequest) -> cases_read.CaseQuery | Sequence[int]:
    if _is_filter(request):
        return read_query(request, told=QueryDict(request.POST.get("query", "")[:2000])).query
    return [
        int(each)
        for each in request.POST.getlist("id")
        if each.isascii() and each.isdigit() and len(each) < 19
    ][:1000]


@require_POST
@staff(Permission.BULK_ACT)
@once
def act(request: StaffRequest) -> HttpResponse:
    """Make the gesture that was previewed; nothing happens when the selection is another by now."""
    kind = request.POST.get("do", "")
    if kind not in DONE:
        return _back(request, _("Elige qué hacer con los clientes."))
    try:
        params = _PARAMS[kind](request)
        action = cases.bulk(
            actor=request.actor, kind=kind, params=params, selection=_selection(request), token=request.POST.get("token", ""),
            as_of=request.clock.as_of, now=request.clock.now,
        )  # fmt: skip
    except _Missing as missing:
        return _drawn(request, kind, [(missing.field, str(missing))])
    except (cases.BulkRefused, cases.NotAHolder) as refusal:
        return _drawn(request, kind, [("gesto", str(refusal))])
    if kind == "send":
        _place(request, action.pk, [row[0] for row in action.before], params)
        toasts.say(
            request,
            ngettext("%(count)s aviso en cola", "%(count)s avisos en cola", action.cases)
            % {"count": action.cases},
        )
    else:
        toasts.say(request, _said(kind, action.cases), undo=reverse("desk:bulk-undo", args=[action.pk]))
    return HttpResponseRedirect(_list_address(request))


def _said(kind: str, count: int) -> str:
    told = {
        "assign": ngettext("%(count)s cliente asignado", "%(count)s clientes asignados", count),
        "hold": ngettext("%(count)s cliente en pausa", "%(count)s clientes en pausa", count),
        "stage": ngettext("%(count)s cliente cambió de etapa", "%(count)s clientes cambiaron de etapa", count),
    }  # fmt: skip
    return told[kind] % {"count": count}


def _assign_params(request: StaffRequest) -> dict[str, Any]:
    kind, _colon, key = request.POST.get("holder", "").partition(":")
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None
    if number is None or kind not in {"user", "team"}:
        raise _Missing("holder", _("Elige a quién."))
    return {"user_id": number if kind == "user" else None, "team_id": number if kind == "team" else None}


def _hold_params(request: StaffRequest) -> dict[str, Any]:
    until = day_of(request, request.POST.get("until", ""))
    if until is None or until <= request.clock.as_of:
        raise _Missing("until", _("Di hasta cuándo, después de hoy: «vie», «fin de mes» o 27/11."))
    return {
        "hold_kind": "manual",
        "ends_on": until.isoformat(),
        "reason": request.POST.get("reason", "").strip()[:200],
    }


def _stage_params(request: StaffRequest) -> dict[str, Any]:
    stage = request.POST.get("stage", "")
    if stage not in dict(words.stages()):
        raise _Missing("stage", _("Elige una etapa."))
    return {"stage": stage, "reason": request.POST.get("reason", "").strip()[:200]}


def _send_params(request: StaffRequest) -> dict[str, Any]:
    channel, template = request.POST.get("channel", ""), request.POST.get("template", "")
    if channel not in CHANNELS or template not in dict(contact_read.claim_templates(request.actor, channel)):
        raise _Missing("template", _("Elige un canal y un texto publicado para él."))
    digits = "".join(each for each in request.POST.get("typed", "") if each.isdigit())
    if digits != request.POST.get("token", "").partition("-")[0]:
        raise _Missing("typed", _("Escribe la cantidad exacta: lo que se envía no se puede deshacer."))
    return {"channel": channel, "template": template}


_PARAMS: Final = {
    "assign": _assign_params,
    "hold": _hold_params,
    "stage": _stage_params,
    "send": _send_params,
}


def _place(request: StaffRequest, bulk_id: int, case_ids: list[int], params: dict[str, Any]) -> None:
    """Leave one order for each client of the gesture; the identity makes a second click nothing."""
    rows = cases_read.scope(request.actor).filter(pk__in=case_ids).order_by("pk")
    drafts = [
        contact.OrderDraft(
            creditor_id=creditor_id,
            portfolio_id=portfolio_id,
            case_id=case_id,
            party_id=party_id,
            identity=f"bulk:{bulk_id}:{case_id}",
            channel=params["channel"],
            template_key=params["template"],
            origin=request.actor.label,
            as_of=request.clock.as_of,
            not_before_at=request.clock.now,
            expires_at=request.clock.now + LIFE,
        )
        for case_id, portfolio_id, creditor_id, party_id in rows.values_list(
            "pk", "portfolio_id", "creditor_id", "party_id"
        )
    ]
    contact.place_orders(organisation_id=request.actor.organisation_id, orders=drafts, now=request.clock.now)


@require_POST
@staff(Permission.BULK_ACT)
def undo(request: StaffRequest, bulk_id: int) -> HttpResponse:
    """Take a gesture back where nobody touched the case since."""
    known = {action.pk for action in cases_read.bulk_actions(request.actor, limit=200)}
    try:
        if bulk_id not in known:
            raise cases.BulkUndone(_("Ese gesto ya no se puede deshacer."))
        undone = cases.undo_bulk(
            actor=request.actor, bulk_id=bulk_id, as_of=request.clock.as_of, now=request.clock.now
        )
    except cases.BulkUndone as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(
            request,
            ngettext("Deshecho en %(count)s cliente", "Deshecho en %(count)s clientes", undone)
            % {"count": undone},
        )
    return HttpResponseRedirect(reverse("desk:customers"))


def _list_address(request: StaffRequest) -> str:
    query = QueryDict(request.POST.get("query", "")[:2000]).urlencode()
    return reverse("desk:customers") + (f"?{query}" if query else "")


def _back(request: StaffRequest, text: str) -> HttpResponse:
    toasts.warn(request, text)
    return refused(HttpResponseRedirect(_list_address(request)))


urls: list[URLPattern] = [
    path("clientes/gesto/", preview, name="bulk"),
    path("clientes/gesto/hacer/", act, name="bulk-act"),
    path("clientes/gesto/<int:bulk_id>/deshacer/", undo, name="bulk-undo"),
]
