"""Remittances: what waits to be handed over to each owner, its settlement, its conditions, and whose each portfolio is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.domain.remitting import BadTerms, RemittanceTerms
from aldia.ledger import owning
from aldia.ledger import selectors as ledger
from aldia.ledger.services.owning import BadOwner, change_owner
from aldia.payments import entrusted, remittance_paper, services
from aldia.payments import remittances as reads
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms.loans import read_percent
from aldia.web.desk.forms.payments import read_day, read_past_day
from aldia.web.desk.once import once
from aldia.web.desk.views.payments import tabs
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio

_READERS = (P.REMIT, P.READ_EVERYTHING)


@require_safe
@staff(*_READERS)
def remittances(request: StaffRequest) -> HttpResponse:
    """Draw what waits for each owner through today, and the remittances made."""
    page = reads.remittances(request.actor, request.GET.get("pagina"))
    portfolios = [_conditions(request, row) for row in ledger.portfolios(request.actor)]
    context = {
        "waiting": entrusted.pending(request.actor, until_on=request.clock.as_of), "rows": page.rows, "next": page.next_cursor,
        "previous": page.previous_cursor, "tabs": tabs(request, "rendiciones"), "portfolios": portfolios,
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/remittances/list.html", context)


def _conditions(request: StaffRequest, row: Portfolio) -> tuple[Portfolio, str, dict[str, str]]:
    """A portfolio, whose it is today, and what is kept of its money; nothing for money of the house."""
    changes = [
        each for each in owning.ownerships(request.actor, row.pk) if each.from_on <= request.clock.as_of
    ]
    return row, (changes[0].owner if changes else row.creditor).name, _percents(request, row)


def _percents(request: StaffRequest, row: Portfolio) -> dict[str, str]:
    held, locale = entrusted.terms_of(row), request.organisation.locale
    if held is None:
        return {}
    return {
        name: formats.number(getattr(held, f"{name}_hundredths") / 100, locale, digits=2)
        for name in ("commission", "tax")
    }


@require_http_methods(["GET", "POST"])
@staff(P.REMIT)
@once
def closing(request: StaffRequest, portfolio_id: int, owner_id: int, currency: str) -> HttpResponse:
    """Draw what would be handed over to an owner through a day; close it."""
    problem, until = "", request.clock.as_of
    try:
        if asked := (request.POST or request.GET).get("until", ""):
            until = read_past_day(asked, request)
        if request.method == "POST":
            row = services.close_remittance(
                actor=request.actor, portfolio_id=portfolio_id, owner_id=owner_id, currency=currency, until_on=until,
                clock=request.clock,
            )  # fmt: skip
            toasts.say(request, _("Rendición %(number)s cerrada") % {"number": row.number})
            return HttpResponseRedirect(reverse("desk:remittance", args=[row.pk]))
    except ValidationError as refusal:
        problem = refusal.messages[0]
    except services.BadRemittance as refusal:
        problem = str(refusal)
    waiting = entrusted.pending(request.actor, until_on=until, portfolio_id=portfolio_id)
    chosen = next((each for each in waiting if (each.owner.pk, each.currency) == (owner_id, currency)), None)
    context = {
        "waiting": chosen,
        "lines": reads.first_lines(request.actor, chosen, until_on=until) if chosen else [],
        "more": max(chosen.receipts - reads.SHOWN, 0) if chosen else 0,
        "portfolio": _found(request, portfolio_id),
        "until": until,
        "problem": problem,
        "currency": currency,
    }
    return render(request, "desk/remittances/closing.html", context, status=422 if problem else 200)


@require_safe
@staff(*_READERS)
def remittance(request: StaffRequest, remittance_id: int) -> HttpResponse:
    """Draw one remittance with its receipts."""
    return _one(request, remittance_id)


@require_POST
@staff(P.REMIT)
@once
def pay(request: StaffRequest, remittance_id: int) -> HttpResponse:
    """Say that its money was transferred."""
    try:
        services.pay_remittance(
            actor=request.actor, remittance_id=remittance_id, on=read_past_day(request.POST.get("on", ""), request),
            reference=request.POST.get("reference", ""), clock=request.clock,
        )  # fmt: skip
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
    except ValidationError as refusal:
        return _one(request, remittance_id, problem=refusal.messages[0])
    except services.BadRemittance as refusal:
        return _one(request, remittance_id, problem=str(refusal))
    toasts.say(request, _("Transferencia anotada"))
    return HttpResponseRedirect(reverse("desk:remittance", args=[remittance_id]))


@require_safe
@staff(*_READERS)
def paper(request: StaffRequest, remittance_id: int) -> HttpResponse:
    """Send the settlement as a PDF."""
    try:
        content = remittance_paper.settlement_paper(request.actor, remittance_id, as_of=request.clock.as_of)
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
    name = f"liquidacion-{remittance_id}.pdf"
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_SETTINGS)
def terms(request: StaffRequest, portfolio_id: int) -> HttpResponse:
    """Say what is kept of a portfolio's money, and whose the portfolio is from a day on."""
    row, problems = _found(request, portfolio_id), dict[str, str]()
    if request.method == "POST":
        act = _change_owner if request.POST.get("what") == "owner" else _set_terms
        try:
            text = act(request, row)
        except ValidationError as refusal:
            problems[request.POST.get("what", "")] = refusal.messages[0]
        except (BadOwner, BadTerms) as refusal:
            problems[request.POST.get("what", "")] = str(refusal)
        else:
            toasts.say(request, text)
            return HttpResponseRedirect(reverse("desk:remittance-terms", args=[row.pk]))
    held = entrusted.terms_of(row)
    told: dict[str, Any] = {
        **_percents(request, row),
        "placed_on": held.placed_on.isoformat() if held and held.placed_on else "",
    }
    told |= {name: value for name, value in request.POST.items() if problems}
    context = {
        "row": row,
        "told": told,
        "problems": problems,
        "owners": owning.ownerships(request.actor, row.pk),
    }
    return render(request, "desk/remittances/terms.html", context, status=422 if problems else 200)


def _set_terms(request: StaffRequest, row: Portfolio) -> str:
    told, locale = request.POST, request.organisation.locale
    commission, tax = (
        int(read_percent(told.get(name, ""), locale) * 10_000) for name in ("commission", "tax")
    )
    if commission > 10_000 or tax > 10_000:
        raise ValidationError(_("La comisión y su impuesto van de 0 a 100 %."))
    placed: date | None = read_day(told["placed_on"], request) if told.get("placed_on") else None
    services.set_terms(
        actor=request.actor,
        portfolio_id=row.pk,
        terms=RemittanceTerms(commission, tax, placed),
        clock=request.clock,
    )
    return _("Guardado: lo que se cobre de %(name)s se rinde así") % {"name": row.name}


def _change_owner(request: StaffRequest, row: Portfolio) -> str:
    told = request.POST
    done = change_owner(
        actor=request.actor, portfolio_id=row.pk, name=told.get("name", ""), tax_id=told.get("tax_id", ""),
        from_on=read_day(told.get("from_on", ""), request), note=told.get("note", ""), clock=request.clock,
    )  # fmt: skip
    return _("Desde ese día la cartera es de %(name)s") % {"name": done.owner.name}


def _one(request: StaffRequest, remittance_id: int, *, problem: str = "") -> HttpResponse:
    try:
        row = reads.remittance(request.actor, remittance_id)
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
    context = {
        "row": row, "lines": reads.lines_of(request.actor, row.pk), "problem": problem, "kept_minor": row.commission_minor + row.tax_minor,
        "may_remit": request.actor.may(P.REMIT), "told": request.POST, "today": request.clock.as_of,
    }  # fmt: skip
    return render(request, "desk/remittances/one.html", context, status=422 if problem else 200)


def _found(request: StaffRequest, portfolio_id: int) -> Portfolio:
    try:
        return ledger.portfolio(request.actor, portfolio_id)
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown


urls: list[URLPattern] = [
    path("pagos/rendiciones/", remittances, name="remittances"),
    path("pagos/rendiciones/<int:remittance_id>/", remittance, name="remittance"),
    path("pagos/rendiciones/<int:remittance_id>/pagar/", pay, name="remittance-pay"),
    path("pagos/rendiciones/<int:remittance_id>/liquidacion.pdf", paper, name="remittance-paper"),
    path("pagos/rendiciones/cartera/<int:portfolio_id>/", terms, name="remittance-terms"),
    path(
        "pagos/rendiciones/cartera/<int:portfolio_id>/<int:owner_id>/<str:currency>/",
        closing,
        name="remittance-close",
    ),
]
