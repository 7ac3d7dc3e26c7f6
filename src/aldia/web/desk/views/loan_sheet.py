"""The sheet of a loan: what was agreed, paid and is owed today; money at the counter, and changes."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.loans.schedules import BadSchedule
from aldia.domain.money import money_of
from aldia.ledger import loans as reading
from aldia.ledger.indexed import NoUnitValue
from aldia.ledger.services import BadChange
from aldia.payments import cash, running, services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import loan_changes as changes
from aldia.web.desk.forms import loans as forms
from aldia.web.desk.once import once
from aldia.web.desk.views import loan_words, words
from aldia.web.desk.views.receipts import READERS
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.ledger.models import Loan

_REFUSALS: Final = (
    services.BadBox, services.BadPrepayment, services.BadReceipt, services.DifferentReceipt, services.NothingOpen, BadChange, BadSchedule,
    NoUnitValue,
)  # fmt: skip


@require_safe
@staff(*READERS)
def sheet(request: StaffRequest, loan_id: int) -> HttpResponse:
    """Draw one loan: its plan, what was paid, what is owed today by component, and what ends it."""
    row = _loan(request, loan_id)
    lines = running.instalments(request.actor, row, request.clock.as_of)
    settled = running.settlement(request.actor, row, request.clock.as_of)
    owed = loan_words.total([settled.due, settled.late])
    overdue = sum(line.owed_minor for line in lines if line.due_on < request.clock.as_of)
    ahead = [line for line in lines if line.due_on > request.clock.as_of and line.open_minor]
    context = {
        **_head(row), "state": loan_words.state(row, sum(line.open_minor for line in lines), overdue),
        "lines": [_line(line, request) for line in lines if line.charged_minor or line.paid_minor],
        "settled": settled, "ending": loan_words.parts(settled.parts), "owed": loan_words.parts(owed), "owed_minor": sum(owed.values()),
        "overdue": overdue, "coming": ahead[0] if ahead else None, "terms": _terms(request, row),
        "changes": [(version, loan_words.REASONS.get(version.reason, version.reason)) for version in reading.terms(request.actor, row.pk)],
        "to_recover": sum(minor for _d, minor in reading.written_off(request.actor, row)) if row.state == "written_off" else 0,
        "may_take": request.actor.may(P.TAKE_CASH), "may_change": request.actor.may(P.CHANGE_LOANS) and row.state == "active",
    }  # fmt: skip
    return render(request, "desk/loans/sheet.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.TAKE_CASH)
@once
def counter(request: StaffRequest, loan_id: int) -> HttpResponse:
    """Take money for a loan; what each purpose needs is beside it. Afterwards the receipt is there to print."""
    row = _loan(request, loan_id)
    settled = running.settlement(request.actor, row, request.clock.as_of)
    usual, missing = _usual(row, settled, running.instalments(request.actor, row, request.clock.as_of)), ""
    try:
        usual = {key: cash.in_money(row, minor, request.clock.as_of) for key, minor in usual.items()}
    except NoUnitValue as problem:
        usual, missing = {}, str(problem)
    money = money_of(row.currency)
    first = {
        "purpose": request.GET.get("para") or ("recovery" if row.state == "written_off" else "instalment"),
        "means": "cash",
    }
    first |= {
        "amount": forms.as_typed(usual.get(first["purpose"], 0), request, money),
        "client_id": uuid.uuid4().hex,
    }
    form = changes.CounterForm(request.POST or None, initial=first, request=request, currency=money)
    if request.method == "POST" and form.is_valid():
        told = form.as_counter()
        try:
            receipt = services.take_at_counter(
                actor=request.actor,
                loan_id=row.pk,
                purpose=told.purpose,
                tender=told.tender,
                clock=request.clock,
            )
        except _REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            paid = formats.money(receipt.amount_minor, receipt.currency, request.organisation.locale)
            toasts.say(
                request, _("Cobro registrado: %(money)s. Ya puedes imprimir el recibo.") % {"money": paid}
            )
            return HttpResponseRedirect(reverse("desk:receipt", args=[receipt.pk]))
    purposes = [("recovery", _("Recupero"))] if row.state == "written_off" else list(forms.PURPOSES)
    context = {
        **_head(row), "currency": money, "missing": missing, "form": form,
        "purposes": [(key, str(word)) for key, word in purposes], "means": words.options(words.MEANS),
        "usual": [(dict(forms.PURPOSES).get(key, _("Recupero")), minor) for key, minor in usual.items() if minor > 0],
        "boxes": [box for box in cash.own_boxes(request.actor) if box.currency == money],
    }  # fmt: skip
    return render(request, "desk/loans/counter.html", context, status=422 if form.errors else 200)


@require_safe
@staff(P.CHANGE_LOANS)
def change(request: StaffRequest, loan_id: int) -> HttpResponse:
    """Draw the ways of changing a loan: plan it anew, pay it with another, give it up."""
    row = _loan(request, loan_id)
    if row.state != "active":
        return HttpResponseRedirect(reverse("desk:loan", args=[row.pk]))
    return _change_page(request, row, {})


@require_POST
@staff(P.CHANGE_LOANS)
@once
def reschedule(request: StaffRequest, loan_id: int) -> HttpResponse:
    """Plan what is to come anew."""
    row, form = _loan(request, loan_id), changes.RescheduleForm(request.POST, request=request)
    if form.is_valid():
        try:
            services.reschedule_loan(
                actor=request.actor, loan_id=row.pk, change=form.as_change(), clock=request.clock
            )
        except _REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, row, _("Préstamo reprogramado"))
    return _change_page(request, row, {"reschedule": form})


@require_POST
@staff(P.CHANGE_LOANS)
@once
def refinance(request: StaffRequest, loan_id: int) -> HttpResponse:
    """Pay it with a new loan, arrears capitalised."""
    row = _loan(request, loan_id)
    form = changes.RefinanceForm(request.POST, request=request, currency=row.currency)
    if form.is_valid():
        given = form.cleaned_data
        owed = running.settlement(request.actor, row, request.clock.as_of).total_minor
        terms = replace(
            reading.agreement_of(request.actor, row.pk), principal_minor=owed + given["extra"], granted_on=request.clock.as_of,
            first_due_on=None, count=given["count"], yearly_rate=given["yearly_rate"], interest_only=0, deferred=0, balloon_minor=0,
        )  # fmt: skip
        try:
            fresh = services.refinance_loan(
                actor=request.actor, loan_id=row.pk, agreement=terms, clock=request.clock
            )
        except _REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, fresh, _("Refinanciado con %(number)s") % {"number": fresh.number})
    return _change_page(request, row, {"refinance": form})


@require_POST
@staff(P.CHANGE_LOANS)
@once
def hand_out(request: StaffRequest, loan_id: int) -> HttpResponse:
    """Hand out more money: it joins the instalments to come."""
    row = _loan(request, loan_id)
    form = changes.HandOutForm(request.POST, request=request, currency=row.currency)
    if form.is_valid():
        try:
            services.hand_out_at_counter(
                actor=request.actor, loan_id=row.pk, amount_minor=form.cleaned_data["amount"],
                is_cash=form.cleaned_data["hands"] == "cash", clock=request.clock,
            )  # fmt: skip
        except _REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, row, _("Entregado: las cuotas que faltan lo incluyen"))
    return _change_page(request, row, {"hand_out": form})


@require_POST
@staff(P.CHANGE_LOANS)
@once
def write_off(request: StaffRequest, loan_id: int) -> HttpResponse:
    """Give the loan up; what comes later is a recovery."""
    row, reason = _loan(request, loan_id), request.POST.get("reason", "").strip()
    if not reason:
        return _change_page(request, row, {"problem": _("Escribe por qué se castiga.")})
    try:
        services.write_off_loan(actor=request.actor, loan_id=row.pk, reason=reason[:200], clock=request.clock)
    except _REFUSALS as refusal:
        return _change_page(request, row, {"problem": str(refusal)})
    return _done(request, row, _("Préstamo castigado: lo que llegue después es un recupero"))


def _loan(request: StaffRequest, loan_id: int) -> Loan:
    """The loan, when its case may be seen."""
    try:
        row = reading.loan(request.actor, loan_id)
        cases.case(request.actor, row.account_id, as_of=request.clock.as_of)
    except (reading.UnknownLoan, cases.UnknownCase) as refusal:
        raise Http404 from refusal
    return row


def _head(row: Loan) -> dict[str, Any]:
    return {"loan": row, "name": row.account.party.name, "currency": row.currency}


def _line(line: reading.InstalmentLine, request: StaffRequest) -> dict[str, Any]:
    return {
        "line": line, "name": line.number.rpartition("/")[2], "principal": line.charged.get("principal", 0),
        "charges": line.charged_minor - line.charged.get("principal", 0),
        "state": loan_words.instalment_state(line, request.clock.as_of),
    }  # fmt: skip


def _terms(request: StaffRequest, row: Loan) -> dict[str, Any]:
    terms, locale = reading.agreement_of(request.actor, row.pk), request.organisation.locale
    late = [
        (loan_words.COMPONENTS[component], formats.percent(rate.rate.rates[0].rate, locale, digits=2))
        for component, rate in terms.late.terms().items()
    ]
    return {
        "method": dict(forms.METHODS).get(terms.method.value, ""), "rate": formats.percent(terms.yearly_rate, locale, digits=2),
        "kind": dict(forms.RATE_KINDS)[terms.rate_kind.value], "effective": formats.percent(terms.effective_rate, locale, digits=2),
        "late": late,
    }  # fmt: skip


def _usual(row: Loan, settled: reading.Settlement, lines: list[reading.InstalmentLine]) -> dict[str, int]:
    """What each purpose usually takes."""
    due = sum(settled.due.values()) + sum(settled.late.values())
    coming = next((line.open_minor for line in lines if line.due_on > settled.on and line.open_minor), 0)
    return {"instalment": due or coming, "payoff": settled.total_minor} if row.state == "active" else {}


def _change_page(request: StaffRequest, row: Loan, told: dict[str, Any]) -> HttpResponse:
    terms = reading.agreement_of(request.actor, row.pk)
    rate = formats.number(terms.yearly_rate * 100, request.organisation.locale, digits=2)
    context = {
        **_head(row), "settled": running.settlement(request.actor, row, request.clock.as_of),
        "reschedule": told.get("reschedule") or changes.RescheduleForm(request=request),
        "refinance": told.get("refinance")
        or changes.RefinanceForm(initial={"yearly_rate": rate, "count": terms.count}, request=request, currency=row.currency),
        "hand_out": told.get("hand_out") or changes.HandOutForm(request=request, currency=row.currency),
        "problem": told.get("problem", ""),
    }  # fmt: skip
    return render(request, "desk/loans/change.html", context, status=422 if told else 200)


def _done(request: StaffRequest, row: Loan, text: str) -> HttpResponse:
    toasts.say(request, text)
    return HttpResponseRedirect(reverse("desk:loan", args=[row.pk]))


urls = [
    path("prestamos/<int:loan_id>/", sheet, name="loan"),
    path("prestamos/<int:loan_id>/cobrar/", counter, name="loan-counter"),
    path("prestamos/<int:loan_id>/cambiar/", change, name="loan-change"),
    path("prestamos/<int:loan_id>/reprogramar/", reschedule, name="loan-reschedule"),
    path("prestamos/<int:loan_id>/entregar/", hand_out, name="loan-hand-out"),
    path("prestamos/<int:loan_id>/refinanciar/", refinance, name="loan-refinance"),
    path("prestamos/<int:loan_id>/castigar/", write_off, name="loan-write-off"),
]
