"""Settings: the organisation, portfolios and creditors, holidays, channels, results, alarms."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.permissions import Permission as P
from aldia.domain.alarms import Thresholds
from aldia.domain.attention import DEFAULT_RULE
from aldia.domain.outcomes import tree_as_data
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services as outcome_services
from aldia.strategy import selectors as strategy
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms import settings as forms
from aldia.web.desk.forms.intake import COUNTRIES
from aldia.web.desk.forms.payments import amount_text, read_amount
from aldia.web.desk.views import (
    settings_allocation,
    settings_calls,
    settings_channels,
    settings_gateways,
    settings_law,
    settings_lending,
    settings_link,
    settings_live,
    settings_mail,
    settings_negotiation,
    settings_paying,
    settings_rates,
    settings_templates,
    settings_tokens,
    settings_webhooks,
    words,
)
from aldia.web.desk.views.settings_index import READERS, index, pages
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio
    from aldia.web.desk.doors import StaffRequest

_NUMBERS: Final = (
    "promise_days_ahead", "no_contact_days", "new_debt_days", "prescription_days_ahead", "task_overdue_days",
    "cheque_business_days_ahead",
    "protest_business_days_ahead",
)  # fmt: skip


@require_safe
@staff()
def first(request: StaffRequest) -> HttpResponse:
    """Go to the first page of the settings that the reader may open."""
    return HttpResponseRedirect(pages(request, "")[0][1])


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def organisation(request: StaffRequest) -> HttpResponse:
    """How the organisation is called and writes, and the stop of every message."""
    house = request.organisation
    initial = {name: getattr(house, name) for name in ("name", "locale", "language", "timezone")}
    initial[strategy.TWO_PERSONS] = bool(house.settings.get(strategy.TWO_PERSONS))
    form = forms.OrganisationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        settings = {strategy.TWO_PERSONS: told.pop(strategy.TWO_PERSONS)}
        access_services.change_settings(actor=request.actor, now=real_now(), settings=settings, **told)
        return _kept(request, "desk:settings-organisation")
    context = {
        "may_pause": request.actor.may(P.BULK_ACT),
        "house": house,
        "country": dict(COUNTRIES).get(house.country, house.country),
        "portfolios": len(ledger.portfolios(request.actor)),
        "people": len(access.members(request.actor)),
    }
    return _page(request, "organisation", form, "desk/settings/organisation.html", context)


@require_safe
@staff(*READERS)
def portfolios(request: StaffRequest) -> HttpResponse:
    """Draw portfolios, with the legal facts that are missing, and creditors."""
    countries = dict(COUNTRIES)
    names = (
        {card.key: card.name for card in strategy.strategies(request.actor)}
        if request.actor.may(P.SEE_STRATEGIES)
        else {}
    )
    rows = [
        {
            "row": row, "missing": [name for name, value in _facts(row) if not value], "country": countries.get(row.country, row.country),
            "strategy": names.get(row.strategy_key, ""),
        }
        for row in ledger.portfolios(request.actor)
    ]  # fmt: skip
    context = {**index(request, "portfolios"), "rows": rows, "creditors": ledger.creditors(request.actor)}
    return render(request, "desk/settings/portfolios.html", context)


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def portfolio(request: StaffRequest, portfolio_id: int) -> HttpResponse:
    """Change the facts of a portfolio."""
    row = _found(ledger.portfolio, request, portfolio_id)
    may_name = request.actor.may(P.SEE_STRATEGIES)
    form = forms.PortfolioForm(
        request.POST or None,
        initial=_portfolio_shown(row),
        people=[(str(each.user_id), each.user.name) for each in access.members(request.actor)],
        strategies=[(card.key, card.name) for card in strategy.strategies(request.actor)] if may_name else [],
    )
    if request.method == "POST" and form.is_valid():
        told = _portfolio_told(row, form.cleaned_data)
        try:
            ledger_services.change_portfolio(actor=request.actor, portfolio_id=row.pk, now=real_now(), **told)
        except (ledger_services.UnknownDetail, ValidationError) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _kept(request, "desk:settings-portfolios")
    context = {"title": row.name, "back": "desk:settings-portfolios", "row": row}
    return _page(request, "portfolios", form, "desk/settings/portfolio.html", context)


_PORTFOLIO: Final = (
    "name", "country", "debt_kind", "debtor_kind", "actor_kind", "authority", "strategy_key", "language", "treatment", "owner_id",
)  # fmt: skip


def _portfolio_shown(row: Portfolio) -> dict[str, Any]:
    """Return what the form of a portfolio begins with."""
    attention = row.settings.get("attention", {})
    return {name: getattr(row, name) for name in _PORTFOLIO} | {
        "age_percent": attention.get("age_percent", DEFAULT_RULE.age_percent),
        "payment_days": row.settings.get("payment_days"),
        "early_discount": row.settings.get("early_discount", ""),
        **_insurance_shown(row.settings.get("insurance", {})),
    }


def _portfolio_told(row: Portfolio, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Return what the portfolio keeps of its form; what the form does not ask stays as it was."""
    told = dict(cleaned)
    told["settings"] = {
        "attention": {**row.settings.get("attention", {}), "age_percent": told.pop("age_percent")},
        "payment_days": told.pop("payment_days"),
        "early_discount": told.pop("early_discount"),
        "insurance": _insurance_kept(told),
    }
    return told


_INSURANCE = {"cover": "cover", "cover_limit": "limit", "declare_days": "declare_days"}
"""The fields of a contract of insurance, and what the portfolio calls each."""


def _insurance_shown(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: kept.get(key) for name, key in _INSURANCE.items()}


def _insurance_kept(told: dict[str, Any]) -> dict[str, Any]:
    """Take the contract out of what was told: nothing without a cover."""
    found = {key: told.pop(name) for name, key in _INSURANCE.items()}
    return found if found["cover"] else {}


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def creditor(request: StaffRequest, creditor_id: int) -> HttpResponse:
    """Change how a creditor is named and paid."""
    row = _found(ledger.creditor, request, creditor_id)
    initial = {name: getattr(row, name) for name in forms.CreditorForm.base_fields}
    form = forms.CreditorForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            ledger_services.change_creditor(
                actor=request.actor, creditor_id=row.pk, now=real_now(), **form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, "; ".join(refusal.messages))
        else:
            return _kept(request, "desk:settings-portfolios")
    return _page(
        request,
        "portfolios",
        form,
        "desk/settings/form.html",
        {"title": row.name, "back": "desk:settings-portfolios"},
    )


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def holidays(request: StaffRequest) -> HttpResponse:
    """The organisation's own closed days."""
    form = forms.HolidayForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        access_services.add_holiday(
            actor=request.actor, on=form.cleaned_data["on"], name=form.cleaned_data["name"], now=real_now()
        )
        return _kept(request, "desk:settings-holidays")
    return _page(
        request,
        "holidays",
        form,
        "desk/settings/holidays.html",
        {
            "years": settings_law.closed_days(request),
            "country": dict(COUNTRIES).get(request.organisation.country, ""),
        },
    )


@require_POST
@staff(P.EDIT_SETTINGS)
def holiday_remove(request: StaffRequest) -> HttpResponse:
    """Forget a closed day."""
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError as strange:
        raise Http404 from strange
    access_services.remove_holiday(actor=request.actor, on=on, now=real_now())
    return _kept(request, "desk:settings-holidays")


@require_safe
@staff(*READERS)
def results(request: StaffRequest) -> HttpResponse:
    """Draw the tree of outcomes: what each asks for and the next step it leaves."""
    tree, language = outcomes.outcome_tree(request.actor), words.language()
    rows = [
        {"outcome": outcome, "name": outcome.label.of(language), "level": tree.contact_labels[outcome.contact].of(language),
         "next": forms.NEXT_WORDS[outcome.next_step.kind.value], "asks": ", ".join(field.label.of(language) for field in outcome.fields)}
        for outcome in tree.outcomes
    ]  # fmt: skip
    return render(request, "desk/settings/outcomes.html", {**index(request, "outcomes"), "rows": rows})


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def result(request: StaffRequest, key: str) -> HttpResponse:
    """Change what a result is called, its letter and its next step."""
    row = next(
        (each for each in tree_as_data(outcomes.outcome_tree(request.actor)) if each["key"] == key), None
    )
    if row is None:
        raise Http404
    step = row["next_step"]
    initial = {
        **row["label"], "contact": row["contact"], "letter": row.get("letter", ""), "next_kind": step["kind"],
        "business_days": step.get("business_days", 0), "is_active": row.get("is_active", True),
    }  # fmt: skip
    form = forms.OutcomeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        data = {
            **row, "label": {name: told[name] for name in ("es", "en", "pt")}, "contact": told["contact"], "letter": told["letter"].upper(),
            "is_active": told["is_active"], "next_step": {**step, "kind": told["next_kind"], "business_days": told["business_days"]},
        }  # fmt: skip
        try:
            outcome_services.save_outcome_type(actor=request.actor, data=data, now=real_now())
        except outcome_services.OutcomeTypeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _kept(request, "desk:settings-outcomes")
    return _page(
        request,
        "outcomes",
        form,
        "desk/settings/form.html",
        {"title": row["label"]["es"], "back": "desk:settings-outcomes"},
    )


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def alarms(request: StaffRequest) -> HttpResponse:
    """When alarms fire by themselves."""
    house = request.organisation
    own, usual = house.settings.get("alarms", {}), Thresholds()
    large = own.get("large_debt_minor", {}).get(house.currency)
    initial = {name: own.get(name, getattr(usual, name)) for name in _NUMBERS}
    initial["large_debt"] = amount_text(large, house.currency, house.locale) if large else ""
    form = forms.AlarmForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = {name: form.cleaned_data[name] for name in _NUMBERS}
        amounts = dict(own.get("large_debt_minor", {}))
        amounts.pop(house.currency, None)
        try:
            if text := form.cleaned_data["large_debt"]:
                amounts[house.currency] = read_amount(text, house.currency, house.locale)
        except ValidationError as refusal:
            form.add_error("large_debt", refusal)
        else:
            access_services.change_settings(
                actor=request.actor,
                now=real_now(),
                settings={"alarms": {**own, **told, "large_debt_minor": amounts}},
            )
            return _kept(request, "desk:settings-alarms")
    return _page(request, "alarms", form, "desk/settings/alarms.html", {"currency": house.currency})


def _page(
    request: StaffRequest, current: str, form: Any, template: str, more: dict[str, Any]
) -> HttpResponse:
    context = {
        **index(request, current),
        "form": form,
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _kept(request: StaffRequest, route: str) -> HttpResponse:
    toasts.say(request, _("Cambios guardados"))
    return HttpResponseRedirect(reverse(route))


def _found(read: Any, request: StaffRequest, key: int) -> Any:
    try:
        return read(request.actor, key)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _facts(row: Any) -> list[tuple[str, str]]:
    return [
        (_("país"), row.country), (_("clase de deuda"), row.debt_kind), (_("quién debe"), row.debtor_kind),
        (_("cómo pagar"), row.creditor.payment_instructions), (_("teléfono del acreedor"), row.creditor.phone),
    ]  # fmt: skip


urls: list[URLPattern] = [
    path("ajustes/", first, name="settings"),
    path("ajustes/organizacion/", organisation, name="settings-organisation"),
    path("ajustes/carteras/", portfolios, name="settings-portfolios"),
    path("ajustes/carteras/<int:portfolio_id>/", portfolio, name="settings-portfolio"),
    path("ajustes/acreedores/<int:creditor_id>/", creditor, name="settings-creditor"),
    path("ajustes/feriados/", holidays, name="settings-holidays"),
    path("ajustes/feriados/quitar/", holiday_remove, name="settings-holiday-remove"),
    *settings_mail.urls,
    *settings_gateways.urls,
    *settings_webhooks.urls,
    *settings_link.urls,
    *settings_tokens.urls,
    *settings_channels.urls,
    *settings_calls.urls,
    *settings_paying.urls,
    path("ajustes/resultados/", results, name="settings-outcomes"),
    path("ajustes/resultados/<slug:key>/", result, name="settings-outcome"),
    path("ajustes/alarmas/", alarms, name="settings-alarms"),
    *settings_live.urls,
    *settings_templates.urls,
    *settings_law.urls,
    *settings_negotiation.urls,
    *settings_rates.urls,
    *settings_lending.urls,
    *settings_allocation.urls,
]
