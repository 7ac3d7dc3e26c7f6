"""Screen: customers that may be one and the same, to join or to tell apart."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.engine.duplicates import LIKELY
from aldia.parties import selectors as parties
from aldia.parties import services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.ui import toasts

_FACTS: Final = {
    "name": gettext_lazy("Nombre"), "tax_id": gettext_lazy("Documento"), "phone": gettext_lazy("Teléfono"),
    "email": gettext_lazy("Correo"), "address": gettext_lazy("Domicilio"), "born_on": gettext_lazy("Nacimiento"),
}  # fmt: skip


@require_safe
@staff(P.LOAD_FILES)
def duplicates(request: StaffRequest) -> HttpResponse:
    """Draw the likeliest pairs, side by side, with what speaks for and against."""
    shown = []
    for pair, facts in parties.possible_duplicates(request.actor):
        lines = [
            (_FACTS[name], *both, "ok" if pair.weights[name] > 0 else "bad" if pair.weights[name] < 0 else "")
            for name, both in facts.items()
        ]
        shown.append((pair, lines, pair.score >= LIKELY))
    return render(request, "desk/clients/duplicates.html", {"pairs": shown})


@require_POST
@staff(P.LOAD_FILES)
def look(request: StaffRequest) -> HttpResponse:
    """Look for them among all customers."""
    total = services.look_for_duplicates(actor=request.actor, now=request.clock.now)
    toasts.say(request, ngettext("%(n)s par para mirar", "%(n)s pares para mirar", total) % {"n": total})
    return HttpResponseRedirect(reverse("desk:duplicates"))


@require_POST
@staff(P.LOAD_FILES)
def decide(request: StaffRequest, pair_id: int) -> HttpResponse:
    """Join the two into one of them, tell them apart, or take such a decision back."""
    actor, now, into = request.actor, request.clock.now, request.POST.get("queda", "")
    back = reverse("desk:duplicate", args=[pair_id])
    try:
        if "otra-vez" in request.POST or request.GET.get("otra-vez"):
            services.ask_again(actor=actor, pair_id=pair_id, now=now)
            toasts.say(request, _("Deshecho: los dos clientes esperan otra decisión"))
        elif into.isdigit():
            services.join_pair(actor=actor, pair_id=pair_id, into_id=int(into), now=now)
            toasts.say(request, _("Clientes unidos"), undo=f"{back}?otra-vez=1")
        else:
            services.tell_apart(actor=actor, pair_id=pair_id, now=now)
            toasts.say(request, _("Quedan como dos clientes"), undo=f"{back}?otra-vez=1")
    except (services.PairDecided, services.UnableToMerge, services.NotMerged) as refusal:
        toasts.warn(request, str(refusal))
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal
    return HttpResponseRedirect(reverse("desk:duplicates"))


urls = [
    path("clientes/duplicados/", duplicates, name="duplicates"),
    path("clientes/duplicados/buscar/", look, name="duplicates-look"),
    path("clientes/duplicados/<int:pair_id>/", decide, name="duplicate"),
]
