"""Loans of a lender without another system: the list, a quote with its plan as it is typed, and the grant."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.loans import agreement as agreed
from aldia.domain.loans.rates import NoRate
from aldia.domain.loans.schedules import BadSchedule
from aldia.ledger import loans as reading
from aldia.ledger.indexed import NoUnitValue
from aldia.ledger.services import NotLending
from aldia.parties import selectors as parties
from aldia.payments import services
from aldia.web.desk.doors import StaffRequest, key_of, staff
from aldia.web.desk.forms import loans as forms
from aldia.web.desk.once import once
from aldia.web.desk.views import loan_words
from aldia.web.desk.views.receipts import READERS
from aldia.web.ui import formats, toasts

SHOWN: Final = 24  # instalments of a plan before the rest folds


@require_safe
@staff(*READERS)
def loans(request: StaffRequest) -> HttpResponse:
    """Draw the loans, the newest first, with what each owes."""
    text, state = request.GET.get("q", "").strip(), request.GET.get("estado", "")
    page = reading.loans(request.actor, search=text, state=state, cursor=request.GET.get("pagina"))
    owed = reading.owed_by_loan(request.actor, page.rows, request.clock.as_of)
    rows = [
        {
            "row": row, "name": row.account.party.name, "open": owed.get(row.pk, (0, 0))[0], "overdue": owed.get(row.pk, (0, 0))[1],
            "state": loan_words.state(row, *owed.get(row.pk, (0, 0))),
        }
        for row in page.rows
    ]  # fmt: skip
    context = {
        "rows": rows, "next": page.next_cursor, "previous": page.previous_cursor, "text": text, "tabs": _tabs(state),
        "lends": bool(reading.lending_portfolios(request.actor)), "may_grant": request.actor.may(P.GRANT_LOANS),
        "may_cash": request.actor.may(P.TAKE_CASH), "may_set": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/loans/list.html", context)


@require_safe
@staff(P.GRANT_LOANS)
def quote(request: StaffRequest) -> HttpResponse:
    """Draw the terms and what they give; nothing is saved. «Otorgar» carries the terms to the grant."""
    if not reading.lending_portfolios(request.actor):
        return HttpResponseRedirect(reverse("desk:loans"))  # which says how a portfolio begins to lend
    form = _quote_form(request)
    context = {**_quoted(form, request), "form": form, "borrower": request.GET.get("cliente", "")}
    return render(request, "desk/loans/quote.html", context)


@require_safe
@staff(P.GRANT_LOANS)
def plan(request: StaffRequest) -> HttpResponse:
    """Show the plan of the terms as they are typed."""
    return render(request, "desk/loans/_plan.html", _quoted(_quote_form(request), request))


@require_http_methods(["GET", "POST"])
@staff(P.GRANT_LOANS)
@once
def grant(request: StaffRequest) -> HttpResponse:
    """Say who borrows, see it once more, and grant."""
    terms = _quote_form(request)
    if terms.agreement is None:
        return HttpResponseRedirect(f"{reverse('desk:loan-quote')}?{request.GET.urlencode()}")
    initial = {"party": request.GET.get("cliente", ""), "hands": "transfer"}
    form = forms.BorrowerForm(request.POST or None, initial=initial, request=request)
    if request.method == "POST" and form.is_valid() and (granted := _granted(request, terms, form)):
        toasts.say(request, _("Préstamo %(number)s otorgado") % {"number": granted.number})
        return HttpResponseRedirect(reverse("desk:loan", args=[granted.pk]))
    text = request.GET.get("q", "").strip()
    found = cases.search(request.actor, text, as_of=request.clock.as_of, limit=6) if len(text) >= 2 else []
    context = {
        "form": form, "terms": terms, "plan": _plan(terms, request), "text": text, "found": [hit.case for hit in found],
        "carried": [(name, value) for name, value in request.GET.items() if name not in {"q", "cliente"}],
        "button": ("otorgar", _("Otorgar el préstamo")), "chosen": _party_name(request, form["party"].value()),
    }  # fmt: skip
    return render(request, "desk/loans/grant.html", context, status=422 if form.errors else 200)


def _granted(request: StaffRequest, terms: forms.QuoteForm, form: forms.BorrowerForm) -> Any:
    """The new loan; None with the reason in the form."""
    given, agreement = form.cleaned_data, terms.agreement
    if agreement is None:
        return None
    try:
        return services.grant_to_borrower(
            actor=request.actor, portfolio_id=terms.chosen.pk, agreement=agreement,
            borrower=key_of(given["party"]) or form.draft(), is_cash=given["hands"] == "cash", clock=request.clock,
        )  # fmt: skip
    except (NotLending, BadSchedule, services.BadBox, NoUnitValue) as refusal:
        form.add_error(None, str(refusal))
        return None


def _quote_form(request: StaffRequest) -> forms.QuoteForm:
    portfolios = reading.lending_portfolios(request.actor)
    if not portfolios:
        raise Http404
    asked = request.GET.get("portfolio", "")
    chosen = next((row for row in portfolios if str(row.pk) == asked), portfolios[0])
    data = request.GET if "amount" in request.GET else None
    form = forms.QuoteForm(
        data, initial=forms.first_terms(request, chosen), request=request, portfolios=portfolios
    )
    form.is_valid()
    return form


def _quoted(form: forms.QuoteForm, request: StaffRequest) -> dict[str, Any]:
    return {"plan": _plan(form, request), "button": ("cotizacion", _("Otorgar con estas condiciones"))}


def _plan(form: forms.QuoteForm, request: StaffRequest) -> Any:
    """What the terms give: instalments, sums, yearly rates; None until there is an amount."""
    if form.agreement is None:
        problems = list(form.non_field_errors()) if form.is_bound else []
        return {"problems": problems} if problems else None
    rows = form.instalments
    locale, currency = request.organisation.locale, form.chosen.currency
    lines = [
        {"number": row.line.number, "due_on": row.due_on, "minor": row.due_minor}
        for row in rows
    ]  # fmt: skip
    paid = sum(row.due_minor for row in rows)
    return {
        "lines": lines[:SHOWN], "rest": lines[SHOWN:], "currency": currency, "first": rows[0], "last": rows[-1],
        "is_level": len({row.due_minor for row in rows}) <= 2, "total": paid, "extra": paid - form.agreement.principal_minor,
        "effective": formats.percent(form.agreement.effective_rate, locale, digits=2), "cost": _cost(form.agreement, rows, locale),
        "principal": form.agreement.principal_minor, "count": len(rows),
    }  # fmt: skip


def _cost(agreement: agreed.Agreement, rows: Any, locale: str) -> str:
    try:
        return formats.percent(agreed.yearly_cost_of(agreement, rows), locale, digits=2)
    except NoRate:
        return "–"


def _party_name(request: StaffRequest, party: Any) -> str:
    try:
        return parties.party(request.actor, key_of(str(party or "")) or 0).name
    except parties.UnknownParty:
        return ""


def _tabs(state: str) -> list[dict[str, Any]]:
    base = reverse("desk:loans")
    kinds = (
        ("", _("Todos")),
        ("active", _("Vigentes")),
        ("refinanced", _("Refinanciados")),
        ("written_off", _("Castigados")),
    )
    return [
        {"label": word, "href": f"{base}?estado={key}" if key else base, "count": "", "is_on": state == key}
        for key, word in kinds
    ]


urls = [
    path("prestamos/", loans, name="loans"),
    path("prestamos/cotizar/", quote, name="loan-quote"),
    path("prestamos/cotizar/plan/", plan, name="loan-plan"),
    path("prestamos/otorgar/", grant, name="loan-grant"),
]
