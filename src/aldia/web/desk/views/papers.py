"""Screen: the cheques, notes and bills of the whole house, and one step for many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.ledger.instruments import Tray
from aldia.ledger.services.documents import UnknownDocument
from aldia.payments import signed
from aldia.payments.services.instruments import move_instruments
from aldia.web.desk.doors import staff
from aldia.web.desk.once import once, refused
from aldia.web.desk.views.case_instruments import CODES, KINDS, STATES
from aldia.web.desk.views.payments import tabs
from aldia.web.desk.views.receipts import READERS
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.payments.signed import PaperLine
    from aldia.web.desk.doors import StaffRequest

TRAYS: Final = {
    "depositar": (Tray.TO_DEPOSIT, gettext_lazy("Por depositar")),
    "por-vencer": (Tray.COMING, gettext_lazy("Cheques por vencer")),
    "depositados": (Tray.DEPOSITED, gettext_lazy("Depositados")),
    "firmados": (Tray.SIGNED, gettext_lazy("Pagarés y letras")),
    "rechazados": (Tray.FAILED, gettext_lazy("Rechazados y protestados")),
}
STEPS: Final = {
    Tray.TO_DEPOSIT: ("deposit", gettext_lazy("Se depositaron hoy")),
    Tray.DEPOSITED: ("clear", gettext_lazy("Se acreditaron hoy")),
}
"""The step that a whole tray takes at once; the others are told one by one, in their case."""
_MOST: Final = 200


@require_safe
@staff(*READERS)
def papers(request: StaffRequest) -> HttpResponse:
    """Draw one tray: the one asked for, else what may be deposited today, else what comes."""
    counts = signed.tray_counts(request.actor, as_of=request.clock.as_of)
    first = "depositar" if counts[Tray.TO_DEPOSIT] else "por-vencer"
    view = request.GET.get("ver", first)
    view = view if view in TRAYS else first
    which, word = TRAYS[view]
    page = signed.papers(request.actor, which, request.GET.get("pagina"), as_of=request.clock.as_of)
    context = {
        "rows": [_row(line) for line in page.rows], "next": page.next_cursor, "previous": page.previous_cursor,
        "view": view, "word": word, "tabs": tabs(request, "valores"),
        "trays": [(key, text, counts[each]) for key, (each, text) in TRAYS.items()],
        "totals": signed.tray_money(request.actor, which, as_of=request.clock.as_of),
        "step": STEPS.get(which) if request.actor.may(P.REGISTER_RECEIPTS) else None,
    }  # fmt: skip
    return render(request, "desk/payments/papers.html", context)


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def step(request: StaffRequest) -> HttpResponse:
    """Make the step of a tray with what was chosen of it, today."""
    view = request.POST.get("ver", "")
    here = HttpResponseRedirect(f"{reverse('desk:papers')}?ver={view if view in TRAYS else 'depositar'}")
    which = TRAYS[view][0] if view in TRAYS else None
    chosen = [int(each) for each in request.POST.getlist("id") if each.isdigit()][:_MOST]
    if which not in STEPS or not chosen:
        toasts.warn(request, _("Elige los valores que dieron el paso."))
        return refused(here)
    try:
        done, problems = move_instruments(
            actor=request.actor, document_ids=chosen, move=STEPS[which][0], on=request.clock.as_of, clock=request.clock
        )  # fmt: skip
    except (UnknownDocument, ValidationError) as problem:
        toasts.warn(request, str(problem))
        return refused(here)
    for text in problems[:3]:
        toasts.warn(request, text)
    if done:
        told = ngettext("%(count)s valor al día", "%(count)s valores al día", done)
        toasts.say(request, told % {"count": done})
    return here if done else refused(here)


def _row(line: PaperLine) -> dict[str, Any]:
    details = [line.details.get("bank", ""), dict(CODES).get(line.details.get("code", ""), "")]
    return {
        "line": line, "kind": dict(KINDS)[line.kind], "state": STATES[line.state],
        "details": [each for each in details if each],
    }  # fmt: skip


urls: list[URLPattern] = [
    path("pagos/valores/", papers, name="papers"),
    path("pagos/valores/paso/", step, name="papers-step"),
]
