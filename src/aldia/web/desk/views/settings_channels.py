"""Settings of the channels: how each leaves, how it fares, how fast it goes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from aldia.access.permissions import Permission as P
from aldia.contact import gateways
from aldia.contact import selectors as contact
from aldia.contact import services as contact_services
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms import settings as forms
from aldia.web.desk.views import settings_gateways, words
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_safe
@staff(*READERS)
def channels(request: StaffRequest) -> HttpResponse:
    """Draw how each channel leaves, how it fares, and what is missing to go live."""
    now = real_now()
    hour = contact.counts_by_channel(request.actor, since=now - timedelta(hours=1))
    rows = [
        {
            "row": row,
            "word": words.channel(row.channel),
            "provider": forms.word(row.provider),
            "missing": _unready(request, row),
            "hour": _fared(hour.get(row.channel, {})),
            "is_resting": row.rests_until_at is not None and row.rests_until_at > now,
        }
        for row in contact.channels(request.actor)
    ]
    return render(request, "desk/settings/channels.html", {**index(request, "channels"), "rows": rows})


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def channel(request: StaffRequest, key: str) -> HttpResponseBase:
    """Change how a channel leaves."""
    row = next((each for each in contact.channels(request.actor) if each.channel == key), None)
    if row is None:
        raise Http404
    if key == "call":
        return HttpResponseRedirect(reverse("desk:settings-calls"))
    if key in gateways.BY_CHANNEL:
        return settings_gateways.gateway(request, key)
    form = forms.ChannelForm(
        request.POST or None, initial={name: getattr(row, name) for name in forms.ChannelForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        missing = _unready(request, row) if told["is_live"] else []
        if missing:
            form.add_error("is_live", _("Todavía no: %(missing)s") % {"missing": "; ".join(missing)})
        else:
            contact_services.set_channel(actor=request.actor, channel=key, now=real_now(), **told)
            return _kept(request)
    return _page(request, form, words.channel(key)[0])


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def pace(request: StaffRequest, key: str) -> HttpResponseBase:
    """Change how fast a channel goes, or make it stand still: it holds from the next message on."""
    row = next((each for each in contact.channels(request.actor) if each.channel == key), None)
    if row is None:
        raise Http404
    form = forms.PaceForm(
        request.POST or None, initial={"per_minute": row.per_minute, "is_paused": row.is_paused}
    )
    if request.method == "POST" and form.is_valid():
        contact_services.set_channel(actor=request.actor, channel=key, now=real_now(), **form.cleaned_data)
        return _kept(request)
    title = _("Ritmo de %(channel)s") % {"channel": words.channel(key)[0]}
    return _page(request, form, title)


def _fared(counts: dict[str, int]) -> str:
    """What became of the attempts of the last hour, in words; empty when there were none."""
    words_of = {
        "sent": ngettext("%(n)s enviado", "%(n)s enviados", counts.get("sent", 0)),
        "failed": ngettext("%(n)s falló", "%(n)s fallaron", counts.get("failed", 0)),
        "unknown": _("%(n)s sin confirmar"),
        "queued": _("%(n)s a reintentar"),
    }
    return " · ".join(text % {"n": counts[state]} for state, text in words_of.items() if counts.get(state))


def _unready(request: StaffRequest, row: Any) -> list[str]:
    """What keeps a channel from being switched on; empty when it may."""
    return contact.missing_for_mail(request.actor) if row.channel == "email" else gateways.missing(row)


def _page(request: StaffRequest, form: forms.Plain, title: str) -> HttpResponse:
    context = {
        **index(request, "channels"), "form": form, "title": title, "back": "desk:settings-channels",
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/settings/form.html", context, status=422 if form.errors else 200)


def _kept(request: StaffRequest) -> HttpResponse:
    toasts.say(request, _("Cambios guardados"))
    return HttpResponseRedirect(reverse("desk:settings-channels"))


urls: list[URLPattern] = [
    path("ajustes/canales/", channels, name="settings-channels"),
    path("ajustes/canales/<slug:key>/", channel, name="settings-channel"),
    path("ajustes/canales/<slug:key>/ritmo/", pace, name="settings-pace"),
]
