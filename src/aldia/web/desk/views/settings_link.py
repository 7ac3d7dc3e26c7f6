"""Settings of the link with another system's books: where it is, how it stands, try it, give it a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access.permissions import Permission as P
from aldia.intake import selectors as intake
from aldia.intake import services
from aldia.intake.readers.refusals import Refused
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.links import LinkForm
from aldia.web.desk.views.settings_index import index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_SETTINGS)
def link(request: StaffRequest) -> HttpResponse:
    """Draw the link and how it stands; a POST keeps it."""
    form = LinkForm(request.POST or None, initial=_written(intake.link_of(request.actor)))
    if request.method == "POST" and form.is_valid():
        draft = services.LinkDraft(system="tryton", **form.cleaned_data)
        try:
            services.set_link(actor=request.actor, draft=draft, now=real_now())
        except services.LinkNotKept as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            toasts.say(request, _("Enlace guardado"))
            return _back()
    return _page(request, form)


@require_POST
@staff(P.EDIT_SETTINGS)
def attempt(request: StaffRequest) -> HttpResponse:
    """Sign in there and draw who we are, or what is wrong and how it is repaired."""
    told: dict[str, Any] = {}
    try:
        told["greeting"] = services.try_link(actor=request.actor)
    except services.NoLink as refusal:
        toasts.warn(request, str(refusal))
        return _back()
    except Refused as refusal:
        told["refusal"] = refusal
    return _page(request, LinkForm(initial=_written(intake.link_of(request.actor))), **told)


@require_POST
@staff(P.EDIT_SETTINGS)
def turn(request: StaffRequest) -> HttpResponse:
    """Give it a turn now."""
    try:
        done = services.sync(actor=request.actor, clock=request.clock, real_now=real_now())
    except services.NoLink as refusal:
        toasts.warn(request, str(refusal))
        return _back()
    if done.is_busy:
        toasts.warn(request, _("Ya hay una vuelta en camino: espera a que termine."))
    elif done.problem:
        toasts.warn(request, _("La vuelta no terminó: mira por qué."))
    else:
        toasts.say(request, _("Vuelta completa"))
    return _back()


def _page(request: StaffRequest, form: LinkForm, **told: Any) -> HttpResponse:
    view = intake.link_of(request.actor)
    context = {
        **index(request, "link"),
        "form": form,
        "link": view,
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
        **told,
    }
    return render(
        request, "desk/settings/link.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _written(view: intake.LinkView | None) -> dict[str, Any]:
    if view is None:
        return {"is_on": True, "portfolio": "Tryton"}
    row = view.row
    names = ("url", "database", "user", "method", "is_on")
    return {**{name: getattr(row, name) for name in names}, "portfolio": row.portfolio_name}


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:settings-link"))


urls: list[URLPattern] = [
    path("ajustes/enlace/", link, name="settings-link"),
    path("ajustes/enlace/prueba/", attempt, name="settings-link-try"),
    path("ajustes/enlace/vuelta/", turn, name="settings-link-turn"),
]
