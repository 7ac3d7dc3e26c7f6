"""What people answer: a date, «ya pagué», «no estoy de acuerdo». Ask, let them check, then keep it, once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from aldia.access import formats
from aldia.domain.money import money_of
from aldia.domain.outcome_tree import DISPUTE_REASONS
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.outcomes import services as outcomes
from aldia.payments import services as payments
from aldia.payments.running import owed_today
from aldia.web.portal.forms import REASON_WORDS, DisputeForm, PaidForm, PromiseForm
from aldia.web.portal.views import opinion
from aldia.web.portal.views.account import account_context, locale_of
from aldia.web.portal.visits import Visit, language_of, visitor

WRONG = 422


@visitor
@require_http_methods(["GET", "POST"])
def promise(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Choose how much and when; check; promise."""
    currency, owed = _owed(visit)
    if not owed:  # the link of an old message: it was paid meanwhile
        return redirect("portal:account", token=visit.token)
    form = PromiseForm(
        request.POST or None,
        currency=currency,
        most_minor=owed,
        as_of=visit.clock.as_of,
        language=language_of(visit),
    )
    context = account_context(visit) | {
        "form": form,
        "all_amount": formats.money(owed, currency, locale_of(visit)),
        "symbol": formats.symbol(currency, locale_of(visit)),
    }
    if request.method == "GET":
        return render(request, "portal/promise.html", context)
    if not form.is_valid():
        return render(request, "portal/promise.html", context, status=WRONG)
    minor, due_on = form.cleaned_data["minor"], form.cleaned_data["due_on"]
    if "confirm" not in request.POST:
        answers = [
            (_("Pagas"), formats.money(minor, currency, locale_of(visit))),
            (_("El día"), formats.day_words(due_on, visit.clock.as_of, weekday=True)),
        ]
        return render(request, "portal/check_answers.html", context | {"answers": answers, "kind": "promise"})
    try:
        outcomes.make_promise(
            actor=visit.actor,
            case_id=visit.case_id,
            amount_minor=minor,
            currency=currency,
            due_on=due_on,
            clock=visit.clock,
        )
    except outcomes.PromiseRefused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "portal/promise.html", context, status=WRONG)
    return redirect("portal:done", token=visit.token, kind="promesa")


@visitor
@require_http_methods(["GET", "POST"])
def already_paid(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Tell a payment, with its proof."""
    currency = money_of(_owed(visit)[0])
    form = PaidForm(
        request.POST or None,
        request.FILES or None,
        currency=currency,
        as_of=visit.clock.as_of,
        language=language_of(visit),
    )
    context = account_context(visit) | {"form": form, "symbol": formats.symbol(currency, locale_of(visit))}
    if request.method == "GET":
        return render(request, "portal/already_paid.html", context)
    if form.is_valid():
        try:
            payments.report_payment(
                actor=visit.actor,
                case_id=visit.case_id,
                draft=payments.ReportDraft(
                    amount_minor=form.cleaned_data["amount"],
                    currency=currency,
                    paid_on=form.cleaned_data["paid_on"],
                    means=form.cleaned_data["means"],
                    file_id=kept_file(visit, form.cleaned_data["proof"]),
                ),
                clock=visit.clock,
            )
            return redirect("portal:done", token=visit.token, kind="pago")
        except payments.BadReport as refusal:
            form.add_error(None, str(refusal))
    return render(request, "portal/already_paid.html", context, status=WRONG)


@visitor
@require_http_methods(["GET", "POST"])
def disagree(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what is wrong; messages stop while somebody looks into it."""
    lines = ledger.documents(visit.actor, case_id=visit.case_id, as_of=visit.clock.as_of, is_open=True)
    form = DisputeForm(
        request.POST or None,
        request.FILES or None,
        reasons=[(reason.key, str(REASON_WORDS[reason.key])) for reason in DISPUTE_REASONS],
        documents=[(str(line.id), line.number) for line in lines],
    )
    context = account_context(visit) | {"form": form}
    if request.method == "GET":
        return render(request, "portal/disagree.html", context)
    if form.is_valid():
        try:
            outcomes.open_dispute(
                actor=visit.actor,
                case_id=visit.case_id,
                reason=form.cleaned_data["reason"],
                clock=visit.clock,
                document_ids=[int(key) for key in form.cleaned_data["documents"]],
                description=form.cleaned_data["description"],
                file_id=kept_file(visit, form.cleaned_data["proof"]),
            )
            return redirect("portal:done", token=visit.token, kind="desacuerdo")
        except outcomes.DisputeRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "portal/disagree.html", context, status=WRONG)


@visitor
@require_GET
def done(request: HttpRequest, visit: Visit, kind: str) -> HttpResponse:
    """What was kept, and what happens next."""
    asked = {"de": kind, "words": opinion.WORDS} if kind in opinion.KINDS else {}
    return render(request, "portal/done.html", account_context(visit) | {"kind": kind} | asked)


def _owed(visit: Visit) -> tuple[str, int]:
    """The currency with most past due (or open), and how much: what «all» means."""
    lines = owed_today(visit.actor, visit.case_id, as_of=visit.clock.as_of)
    owed = [line for line in lines if line.dpd > 0] or lines
    totals = ledger.total_open(owed)
    currency = max(totals, key=lambda code: totals[code].minor, default=visit.portfolio.currency)
    return currency, max(totals[currency].minor, 0) if currency in totals else 0


def kept_file(visit: Visit, proof: Any) -> int | None:
    """Return the file of a proof as it is kept; None without one."""
    if not proof:
        return None
    stored = ledger_services.store_file(
        actor=visit.actor,
        name=proof.name[-100:],
        content_type=proof.content_type,
        content=proof.read(),
        now=visit.clock.now,
    )
    return int(stored.pk)


urls = [
    path("<str:token>/promesa/", promise, name="promise"),
    path("<str:token>/ya-pague/", already_paid, name="already_paid"),
    path("<str:token>/desacuerdo/", disagree, name="disagree"),
    path("<str:token>/listo/<slug:kind>/", done, name="done"),
]
