"""The monitor of campaigns: what each step sent, what came of it and what did not leave; and their brakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.contact import campaign_facts, services
from aldia.db.vault import VaultClosed
from aldia.kpi import campaigns as kpi
from aldia.strategy.selectors.campaigns import campaign_names
from aldia.web.desk.doors import key_of, staff
from aldia.web.desk.views import words
from aldia.web.desk.views.mailbox import STATES, reason_text
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.strategy.selectors import RunView
    from aldia.web.desk.doors import StaffRequest

PERIODS: Final = {7: gettext_lazy("7 días"), 30: gettext_lazy("30 días")}
FIGURES: Final = {
    "placed": (gettext_lazy("Decididos"), gettext_lazy("Avisos que la estrategia dejó para salir.")),
    "waiting": (gettext_lazy("En cola"), gettext_lazy("Esperan su hora, su lugar o un freno.")),
    "sent": (gettext_lazy("Enviados"), gettext_lazy("El proveedor los tomó.")),
    "arrived": (gettext_lazy("Llegaron"), gettext_lazy("El proveedor dijo que llegaron, o alguien abrió su enlace.")),
    "read": (gettext_lazy("Leídos"), gettext_lazy("El canal avisó la lectura, o alguien abrió su enlace.")),
    "answered": (
        gettext_lazy("Contestaron"), gettext_lazy("La persona respondió, o entró y dijo algo, en los 7 días siguientes."),
    ),
    "paid": (
        gettext_lazy("Pagaron"), gettext_lazy("Entró un pago del caso ese día o en los 7 siguientes. No dice que fue por el aviso."),
    ),
    "unknown": (gettext_lazy("Sin confirmar"), gettext_lazy("Nadie sabe si salieron: hay que resolverlos.")),
    "not_sent": (gettext_lazy("No salieron"), gettext_lazy("Retenidos, fallidos, anulados o que la estrategia no escribió.")),
    "lost": (gettext_lazy("Rebotaron"), gettext_lazy("Salieron, y volvieron.")),
}  # fmt: skip
"""Each figure: its word, and what it counts."""
FUNNEL: Final = ("placed", "waiting", "sent", "arrived", "read", "answered", "paid")
_STOPPED_BY: Final = {
    "withheld": gettext_lazy("Se retuvo al salir"),
    "failed": gettext_lazy("El proveedor lo rechazó"),
    "cancelled": gettext_lazy("Se anuló"),
    "withheld_by_strategy": gettext_lazy("La estrategia no escribió"),
    "missed": gettext_lazy("Pasó su fecha"),
    "queued": gettext_lazy("Espera"),
    "sending": gettext_lazy("Está saliendo"),
}
_NOT_WRITTEN: Final = {
    "hold": gettext_lazy("El caso estaba en pausa."),
    "no_consent": gettext_lazy("La norma pide un consentimiento que no dio."),
    "opted_out": gettext_lazy("Pidió no recibir mensajes por ese canal."),
    "unreachable": gettext_lazy("No hay a dónde escribirle por ese canal."),
    "closed_day": gettext_lazy("Ese día la norma no permite contactar."),
    "cap": gettext_lazy("Ya hubo los contactos que permite la norma."),
    "lapsed": gettext_lazy("Se le pasó la fecha."),
}
"""Why a strategy did not write, as a sum over many: without the facts of each case."""
_LIVE_SECONDS, _CALM_SECONDS = 5, 30
_OF_STRATEGY: Final = kpi.UNWRITTEN


@require_safe
@staff(P.SEE_STRATEGIES)
def campaigns(request: StaffRequest) -> HttpResponse:
    """Draw every campaign of the chosen nights, or only its figures when the page asks for them again."""
    runs, scope = _scope(request)
    found = kpi.monitor(request.actor, runs)
    context = {**_told(request, found, scope), "scope": scope, "nights": _nights(request)}
    name = "desk/campaigns/_live.html" if request.GET.get("parte") else "desk/campaigns/list.html"
    return render(request, name, context)


@require_safe
@staff(P.SEE_STRATEGIES)
def campaign(request: StaffRequest, key: str) -> HttpResponse:
    """Draw one campaign with its brakes, or only its figures when the page asks for them again."""
    runs, scope = _scope(request)
    known = campaign_names(request.actor.organisation_id, language=words.language())
    found = kpi.monitor(request.actor, runs, campaign=key)
    if key not in known and not found.funnels:
        raise Http404
    context = {
        **_told(request, found, scope, key), "scope": scope, "key": key, "may_act": request.actor.may(P.BULK_ACT),
        "strategy": known[key][1] if key in known else "", "name": _named(known, key)[0], "fastest": services.campaigns.FASTEST,
        "queued": services.campaigns.queued_of(request.actor, key),
    }  # fmt: skip
    name = "desk/campaigns/_live.html" if request.GET.get("parte") else "desk/campaigns/one.html"
    return render(request, name, context)


@require_safe
@staff(P.SEE_STRATEGIES)
def rows(request: StaffRequest) -> HttpResponse:
    """Draw the rows behind a figure; those that nobody knows about, with how to settle them."""
    runs, scope = _scope(request)
    behind = kpi.Behind(
        request.GET.get("cifra", "sent"), request.GET.get("campana", ""), request.GET.get("canal", ""),
        request.GET.get("estado", ""), request.GET.get("motivo"),
    )  # fmt: skip
    after = key_of(request.GET.get("desde", "0")) or 0
    try:
        found, total, more = kpi.rows_behind(request.actor, runs, behind, after=after)
    except kpi.UnknownStage as refusal:
        raise Http404 from refusal
    known = campaign_names(request.actor.organisation_id, language=words.language())
    context = {
        "rows": [_row(row, known) for row in found], "total": total, "scope": scope, "figure": FIGURES[behind.stage],
        "is_unknown": behind.stage == "unknown", "may_act": request.actor.may(P.BULK_ACT),
        "campaign": behind.campaign and _named(known, behind.campaign)[0], "here": request.get_full_path(),
        "reason": _reason(behind.state, behind.reason) if behind.reason is not None else "",
        "next": _turned(request, more), "previous": _turned(request, after - 50 if after >= 50 else None),
    }  # fmt: skip
    return render(request, "desk/campaigns/rows.html", context)


@require_POST
@staff(P.BULK_ACT)
def brake(request: StaffRequest, key: str) -> HttpResponse:
    """Pause, slow, let go or stop a campaign, as the pressed button says."""
    reason, now = request.POST.get("motivo", ""), request.clock.now
    told: dict[str, Any] = {"actor": request.actor, "campaign": key, "now": now}
    try:
        match request.POST.get("hacer"):
            case "pausar":
                services.brake_campaign(**told, per_minute=None, reason=reason)
                toasts.say(request, _("Campaña en pausa: no sale ningún aviso más"))
            case "frenar":
                pace = key_of(request.POST.get("ritmo", "").strip()) or 0
                services.brake_campaign(**told, per_minute=pace, reason=reason)
                toasts.say(request, _("Campaña a %(pace)s por minuto") % {"pace": pace})
            case "seguir":
                services.release_campaign(**told)
                toasts.say(request, _("La campaña sigue"))
            case "detener":
                typed = key_of(request.POST.get("typed", "").strip().replace(".", "").replace(",", ""))
                stopped = services.stop_campaign(
                    **told, expected=-1 if typed is None else typed, reason=reason
                )
                text = ngettext("%(count)s aviso anulado", "%(count)s avisos anulados", stopped)
                toasts.say(request, text % {"count": stopped})
            case _:
                raise Http404
    except (services.BrakeRefused, services.CountChanged) as refusal:
        toasts.warn(request, str(refusal))
    return HttpResponseRedirect(reverse("desk:campaign", args=[key]))


@require_POST
@staff(P.BULK_ACT)
def settle(request: StaffRequest, order_id: int) -> HttpResponse:
    """Ask the provider about a message that nobody knows about, or keep what a person knows and why."""
    act, because = request.POST.get("hacer"), request.POST.get("motivo", "").strip()
    try:
        if act == "preguntar":
            _say_answer(
                request, services.ask_provider(actor=request.actor, order_id=order_id, now=request.clock.now)
            )
        elif act not in {"si", "no"}:
            raise Http404
        elif not because:
            toasts.warn(request, _("Escribe cómo lo sabes: queda en la auditoría."))
        else:
            services.resolve_unknown(
                actor=request.actor,
                order_id=order_id,
                was_sent=act == "si",
                because=because,
                now=request.clock.now,
            )
            toasts.say(request, _("Anotado: sí salió") if act == "si" else _("Anotado: no salió"))
    except ObjectDoesNotExist:
        toasts.warn(request, _("Ese aviso ya se resolvió."))
    except VaultClosed:
        toasts.warn(request, reason_text("vault_closed"))
    return HttpResponseRedirect(
        reverse("desk:campaign-rows") + "?" + _query({**_kept(request), "cifra": "unknown"})
    )


def _say_answer(request: StaffRequest, has_it: bool | None) -> None:
    if has_it is None:
        toasts.warn(request, _("El proveedor no sabe decir si lo tiene: míralo en su panel y anótalo aquí."))
    else:
        toasts.say(
            request,
            _("El proveedor lo tiene: sí salió") if has_it else _("El proveedor no lo tiene: no salió"),
        )


def _scope(request: StaffRequest) -> tuple[list[RunView], dict[str, Any]]:
    """The nights that the address asks for, and how they are called."""
    run_id, days = key_of(request.GET.get("noche", "")), key_of(request.GET.get("dias", ""))
    days = days if days in PERIODS else None
    runs = kpi.chosen_runs(request.actor, run_id=run_id, days=days)
    kept = {"dias": str(days)} if days else {"noche": str(runs[0].id)} if run_id and runs else {}
    return runs, {"query": _query(kept), "days": days, "night": runs[0] if runs else None, "kept": kept}


def _nights(request: StaffRequest) -> list[RunView]:
    return kpi.chosen_runs(request.actor, run_id=None, days=30)


def _told(request: StaffRequest, found: kpi.Monitor, scope: dict[str, Any], key: str = "") -> dict[str, Any]:
    known = campaign_names(request.actor.organisation_id, language=words.language())
    held = campaign_facts.brakes(request.actor.organisation_id)
    base = {**scope["kept"], **({"campana": key} if key else {})}
    sent = found.total("sent")
    return {
        "funnels": [_line(one, known, held, scope["kept"]) for one in found.funnels],
        "figures": [
            (*FIGURES[name], found.total(name), _rows_url({**base, "cifra": name}), _share(name, found.total(name), sent))
            for name in FUNNEL
        ],
        "unknown": found.total("unknown"), "unknown_url": _rows_url({**base, "cifra": "unknown"}),
        "lost": found.total("lost"), "lost_url": _rows_url({**base, "cifra": "lost"}),
        "unsent": [_why(one, {**base, "cifra": "not_sent"}) for one in found.unsent],
        "unsent_total": found.total("not_sent"),
        "delayed": [_why(one, {**base, "cifra": "waiting"}) for one in found.waiting if one.reason],
        "every": _LIVE_SECONDS if found.total("waiting") else _CALM_SECONDS, "brake": held.get(key),
        "here": request.path, "counted": formats.moment(request.clock.now, formats.regional_of(request)),
    }  # fmt: skip


def _line(one: kpi.Funnel, known: Any, held: Any, kept: dict[str, str]) -> dict[str, Any]:
    name, strategy = _named(known, one.campaign)
    base = {**kept, "campana": one.campaign, "canal": one.channel}
    return {
        "key": one.campaign, "name": name, "strategy": strategy, "channel": _channel(one.channel),
        "brake": held.get(one.campaign), "sent": one.sent, "paid": one.paid, "waiting": one.waiting,
        "cells": [(getattr(one, stage), _rows_url({**base, "cifra": stage})) for stage in (*FUNNEL, "not_sent")],
    }  # fmt: skip


def _why(one: kpi.Unsent, base: dict[str, str]) -> dict[str, Any]:
    return {
        "by": _STOPPED_BY.get(one.state, one.state), "text": _reason(one.state, one.reason), "count": one.count,
        "url": _rows_url({**base, "estado": one.state, "motivo": one.reason}),
    }  # fmt: skip


def _row(row: dict[str, Any], known: Any) -> dict[str, Any]:
    name, strategy = _named(known, row["campaign"])
    look = STATES.get(row["state"], (_STOPPED_BY.get(row["state"], row["state"]), "neutral", "pause"))
    return {
        **row, "step": name, "strategy": strategy, "channel": _channel(row["channel"]), "look": look,
        "why": _reason(row["state"], row["reason"]),
    }  # fmt: skip


def _reason(state: str, reason: str | None) -> str:
    """Why a notice did not leave, in words: the strategy's own, or those of the outbox."""
    if not reason:
        return ""
    if state in _OF_STRATEGY:
        return str(_NOT_WRITTEN.get(reason, reason_text(reason)))
    return reason_text(reason)


def _named(known: dict[str, tuple[int, str, str]], key: str) -> tuple[str, str]:
    """The name of a step and of its strategy; a step that no version has any more is called by its key."""
    _id, strategy, step = known.get(key, (0, *key.partition(":")[::2]))
    return step, strategy


def _channel(key: str) -> tuple[str, str]:
    """The word and icon of a channel; a notice that no channel could carry has none."""
    return words.channel(key) if key else (_("Ninguno"), "forbidden")


def _share(stage: str, count: int, sent: int) -> float | None:
    return count / sent if sent and stage in FUNNEL[3:] else None


def _rows_url(asked: dict[str, str]) -> str:
    return reverse("desk:campaign-rows") + "?" + urlencode(asked)


def _kept(request: StaffRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in ("noche", "dias") if request.POST.get(name)}


def _query(kept: dict[str, str]) -> str:
    return urlencode(kept)


def _turned(request: StaffRequest, after: int | None) -> str:
    if after is None:
        return ""
    asked = request.GET.copy()
    asked["desde"] = str(after)
    return f"?{asked.urlencode()}"


urls: list[URLPattern] = [
    path("campanas/", campaigns, name="campaigns"),
    path("campanas/filas/", rows, name="campaign-rows"),
    path("campanas/avisos/<int:order_id>/resolver/", settle, name="campaign-settle"),
    path("campanas/<str:key>/", campaign, name="campaign"),
    path("campanas/<str:key>/freno/", brake, name="campaign-brake"),
]
