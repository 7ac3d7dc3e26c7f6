"""The vocabulary of rules on the desk: the facts of aldia, those of the organisation, and columns declared as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.own_facts import OwnFactForm
from aldia.web.desk.views import words
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.strategy.models import OwnFact
    from aldia.web.desk.doors import StaffRequest

_GRAINS = (
    ("case", gettext_lazy("Del caso")), ("person", gettext_lazy("De la persona")),
    ("document", gettext_lazy("Del documento")),
)  # fmt: skip


@require_safe
@staff(P.SEE_STRATEGIES)
def vocabulary(request: StaffRequest) -> HttpResponse:
    """Draw the facts that a rule may name, the organisation's own first, and the columns that could be declared."""
    found = strategy.vocabulary(request.actor, words.language())
    context = {
        "own": strategy.own_vocabulary(request.actor, words.language()), "columns": strategy.free_columns(request.actor),
        "grains": [(title, found[grain]) for grain, title in _GRAINS], "may_edit": request.actor.may(P.EDIT_STRATEGIES),
    }  # fmt: skip
    return render(request, "desk/strategies/vocabulary.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_STRATEGIES)
def own_fact(request: StaffRequest) -> HttpResponse:
    """Declare a column as a fact, with how its cells read as it stands; only the button that says so saves."""
    column, kept = _asked(request)
    form = OwnFactForm(request.POST or None, initial=_initial(request, column, kept))
    is_written = request.method == "POST" and form.is_valid()
    if is_written and request.POST.get("do") == "save":
        try:
            row = services.declare_fact(actor=request.actor, draft=form.draft(column), now=request.clock.now)
        except services.FactRefused as refusal:
            form.add_error(refusal.part if refusal.part in form.fields else None, str(refusal))
        else:
            toasts.say(request, _("Declarado: las reglas ya pueden nombrar %(key)s") % {"key": row.key})
            return HttpResponseRedirect(reverse("desk:vocabulary"))
    context = {
        "column": column, "kept": kept, "form": form, "reading": strategy.reading_of(request.actor, _tried(column, form)),
    }  # fmt: skip
    return render(request, "desk/strategies/own_fact.html", context, status=422 if form.errors else 200)


@require_POST
@staff(P.EDIT_STRATEGIES)
def forget(request: StaffRequest, key: str) -> HttpResponse:
    """Take back a declaration that no rule names."""
    try:
        services.forget_fact(actor=request.actor, key=key, now=request.clock.now)
    except services.FactRefused as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Ya no es un dato: la columna sigue en los documentos"))
    return HttpResponseRedirect(reverse("desk:vocabulary"))


def _asked(request: StaffRequest) -> tuple[str, OwnFact | None]:
    """The column of the address, and its declaration when the address names one."""
    key, column = request.GET.get("dato", ""), request.GET.get("columna", "").strip()[:200]
    kept = next((row for row, _view in strategy.own_vocabulary(request.actor, "es") if row.key == key), None)
    if kept is None and not column:
        raise Http404
    return (kept.column if kept is not None else column), kept


def _initial(request: StaffRequest, column: str, kept: OwnFact | None) -> dict[str, Any]:
    if kept is None:
        draft = services.FactDraft(column, "text")
        return {
            "key": draft.rule_key, "type": strategy.likely_type(request.actor, column), "es": column,
            "decimal": ",", "dates": "dmy",
        }  # fmt: skip
    dates = "mdy" if kept.is_month_first else "dmy"
    told = {
        "key": kept.key,
        "type": kept.type,
        "grain": kept.grain,
        "unit": kept.unit,
        "decimal": kept.decimal,
    }
    return told | {"dates": dates} | kept.label


def _tried(column: str, form: OwnFactForm) -> strategy.Writing:
    told = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    return strategy.Writing(
        column, told.get("type", "text"), told.get("decimal", ","), told.get("dates") == "mdy"
    )


urls: list[URLPattern] = [
    path("estrategias/vocabulario/", vocabulary, name="vocabulary"),
    path("estrategias/vocabulario/dato/", own_fact, name="own-fact"),
    path("estrategias/vocabulario/<slug:key>/borrar/", forget, name="own-fact-forget"),
]
