"""Settings of negotiation: each policy as a grid, kept as a new version, with what it would offer for a debt like this one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aldia.access.permissions import Permission as P
from aldia.domain.negotiation import Debt, offers
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services
from aldia.strategy import selectors as strategy
from aldia.web.desk.doors import key_of, staff
from aldia.web.desk.forms import negotiation as forms
from aldia.web.desk.forms.agreements import EVERY, role_word
from aldia.web.desk.forms.payments import read_amount
from aldia.web.desk.views import words
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.domain.negotiation import NegotiationPolicy, Offer
    from aldia.web.desk.doors import StaffRequest

PAGE = "desk:settings-negotiation"
_EXAMPLE_MAJOR = 100_000


@dataclass(frozen=True)
class Example:
    """A debt to try a policy on, as it was written."""

    amount: str
    days: str


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def negotiation(request: StaffRequest, key: str = "") -> HttpResponse:
    """Draw the policies and one of them; keep it as its next version; show at once what it would offer."""
    kept = outcomes.negotiation_policies(request.actor)
    policy = next((row for row in kept if row.key == key), None)
    if key and policy is None:
        raise Http404
    currency, locale = request.organisation.currency, request.organisation.locale
    form = (
        forms.read_form(request.POST, policy, currency, locale)
        if request.method == "POST"
        else forms.form_of(policy, currency, locale)
    )
    if "mirar" in request.POST:
        return render(request, "desk/settings/_negotiation_offers.html", _example(request, form.rules))
    if request.method == "POST" and form.rules and (saved := _save(request, key, form)):
        return HttpResponseRedirect(reverse(PAGE, args=[saved]))
    context = {
        **index(request, "negotiation"), **_example(request, form.rules), "policies": kept, "policy": policy, "form": form,
        "portfolios": [("", _("Todas las carteras")), *((str(row.pk), row.name) for row in ledger.portfolios(request.actor))],
        "segments": [("", _("Todos los clientes")), *strategy.segment_names(request.actor)],
        "components": forms.components(), "every": words.options(EVERY), "when": words.options(forms.WHEN),
        "roles": {role: role_word(role) for role in forms.ROLES}, "may_edit": request.actor.may(P.EDIT_STRATEGIES),
    }  # fmt: skip
    return render(request, "desk/settings/negotiation.html", context, status=422 if form.problems else 200)


def _save(request: StaffRequest, key: str, form: forms.PolicyForm) -> str:
    portfolio_id = key_of(str(form.told.get("portfolio", "")))
    if portfolio_id is not None and portfolio_id not in {row.pk for row in ledger.portfolios(request.actor)}:
        raise Http404
    if form.rules is None:
        return ""
    draft = services.NegotiationDraft(
        key, str(form.told.get("name", "")), form.rules, portfolio_id, str(form.told.get("segment", ""))[:60],
        bool(form.told["is_active"]),
    )  # fmt: skip
    try:
        saved = services.save_negotiation_policy(actor=request.actor, draft=draft, clock=request.clock)
    except services.PolicyRefused as refusal:
        form.problems.append((refusal.field, str(refusal)))
        return ""
    toasts.say(request, _("Política guardada"))
    return saved.key


def _example(request: StaffRequest, rules: NegotiationPolicy | None) -> dict[str, Any]:
    """What each level would offer for the debt of the example; everything it owes is principal."""
    told = request.POST if request.method == "POST" else request.GET
    currency = request.organisation.currency
    example = Example(
        str(told.get("example_amount") or _EXAMPLE_MAJOR), str(told.get("example_days") or "95")
    )
    try:
        minor = read_amount(example.amount, currency, request.organisation.locale)
    except ValidationError:
        minor = 0
    days = int(example.days) if example.days.isdecimal() and len(example.days) <= 5 else 0
    debt, first_on = Debt({"principal": minor}, days, currency), request.clock.as_of + timedelta(days=7)
    found: list[tuple[str, list[Offer]]] = []
    for level in rules.levels if rules else ():
        row = (
            offers(rules, debt, role=level.role, first_on=first_on, as_of=request.clock.as_of)
            if rules
            else ()
        )
        found.append((role_word(level.role), list(row)))
    return {"example": example, "offered": found, "currency": currency, "has_rules": rules is not None}


urls: list[URLPattern] = [
    path("ajustes/negociacion/", negotiation, name="settings-negotiation"),
    path("ajustes/negociacion/<slug:key>/", negotiation, name="settings-negotiation"),
]
