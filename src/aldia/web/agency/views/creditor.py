"""What was done for a creditor: its portfolios, receipts, promises, complaints, and what was handed over with its paper."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.money import to_major
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.payments import remittance_paper
from aldia.payments import remittances as handed
from aldia.payments import selectors as payments
from aldia.web.agency.doors import WindowRequest, window
from aldia.web.ui import export

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio

PAGE = 50
MOST_EXPORTED = 10_000


@require_safe
@window(P.SEE_OWN_PORTFOLIOS)
def portfolios(request: WindowRequest) -> HttpResponse:
    """Draw how each portfolio goes: what is owed, what came in this month, what was promised."""
    today = request.clock.as_of
    came_in = payments.collected(request.actor, from_on=today.replace(day=1), to_on=today + timedelta(days=1))
    promised = outcomes.promised(request.actor)
    rows = [
        _progress(request, row, came_in.get(row.pk, {}), promised.get(row.pk, {}))
        for row in ledger.portfolios(request.actor)
    ]
    return render(request, "agency/portfolios.html", {"rows": rows})


def _progress(
    request: WindowRequest, row: Portfolio, came_in: dict[str, int], promised: dict[str, tuple[int, int]]
) -> dict[str, Any]:
    query = cases.CaseQuery(as_of=request.clock.as_of, filter=cases.CaseFilter(portfolio_id=row.pk))
    owed = cases.ageing_totals(request.actor, query)
    codes = sorted({*owed.currencies, *came_in, *promised} or {row.currency})
    money = [
        {
            "currency": code,
            "total_minor": owed.currencies[code].total_minor if code in owed.currencies else 0,
            "overdue_minor": owed.currencies[code].overdue_minor if code in owed.currencies else 0,
            "came_in_minor": came_in.get(code, 0),
            "promises": promised.get(code, (0, 0))[0],
            "promised_minor": promised.get(code, (0, 0))[1],
        }
        for code in codes
    ]
    return {"portfolio": row, "cases": owed.cases, "money": money}


@require_safe
@window(P.SEE_OWN_PORTFOLIOS)
def receipts(request: WindowRequest) -> HttpResponse:
    """Draw what came in, the newest first."""
    page = payments.receipts(request.actor, cursor=request.GET.get("pagina"), limit=PAGE)
    return _list(request, "agency/receipts.html", page)


@require_safe
@window(P.SEE_OWN_PORTFOLIOS)
def receipts_file(request: WindowRequest, kind: str) -> HttpResponse:
    """Send what came in as a file."""
    found, cursor = list[Any](), None
    while len(found) < MOST_EXPORTED:
        page = payments.receipts(request.actor, cursor=cursor, limit=200)
        found += page.rows
        if (cursor := page.next_cursor) is None:
            break
    head = [_("Fecha"), _("Cartera"), _("De"), _("Importe"), _("Moneda"), _("Referencia"), _("Estado")]
    rows = [
        [row.on, row.portfolio.name, row.payer, to_major(row.amount_minor, row.currency), row.currency, row.said, row.get_state_display()]
        for row in found
    ]  # fmt: skip
    return export.as_file(kind, "cobros", head, rows)


@require_safe
@window(P.SEE_OWN_PORTFOLIOS)
def promises(request: WindowRequest) -> HttpResponse:
    """Draw the promises in force, the first due first."""
    wanted = outcomes.CommitmentFilter(state="open")
    page = outcomes.promises(request.actor, wanted, request.GET.get("pagina"), limit=PAGE)
    return _list(request, "agency/promises.html", page)


@require_safe
@window(P.SEE_OWN_PORTFOLIOS)
def complaints(request: WindowRequest) -> HttpResponse:
    """Draw the complaints of its clients, with who must answer and by when."""
    page = outcomes.disputes(
        request.actor, None, request.GET.get("pagina"), as_of=request.clock.as_of, limit=PAGE
    )
    return _list(request, "agency/complaints.html", page)


@require_safe
@window(P.SEE_OWN_PORTFOLIOS)
def remittances(request: WindowRequest) -> HttpResponse:
    """Draw what was handed over, each with its paper."""
    return _list(
        request, "agency/remittances.html", handed.remittances(request.actor, request.GET.get("pagina"))
    )


@require_safe
@window(P.SEE_OWN_PORTFOLIOS)
def paper(request: WindowRequest, remittance_id: int) -> HttpResponse:
    """Send the settlement of a remittance as a PDF."""
    content = remittance_paper.settlement_paper(request.actor, remittance_id, as_of=request.clock.as_of)
    name = f"liquidacion-{remittance_id}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _list(request: WindowRequest, template: str, page: Any) -> HttpResponse:
    return render(
        request, template, {"rows": page.rows, "next": page.next_cursor, "previous": page.previous_cursor}
    )


urls: list[URLPattern] = [
    path("carteras/", portfolios, name="portfolios"),
    path("cobros/", receipts, name="receipts"),
    path("cobros.<str:kind>", receipts_file, name="receipts-file"),
    path("promesas/", promises, name="promises"),
    path("reclamos/", complaints, name="complaints"),
    path("rendiciones/", remittances, name="remittances"),
    path("rendiciones/<int:remittance_id>/liquidacion.pdf", paper, name="remittance-paper"),
]
