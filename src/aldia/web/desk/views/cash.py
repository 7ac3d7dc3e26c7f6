"""The cash box: opened with what is in it, moved by money at the counter and by hand, counted and closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.ledger import selectors as ledger
from aldia.payments import cash, services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms.loan_changes import AmountForm
from aldia.web.desk.once import once
from aldia.web.ui import toasts

HANDS: Final = (
    ("added", gettext_lazy("Entra")),
    ("deposit", gettext_lazy("Al banco")),
    ("expense", gettext_lazy("Gasto")),
)


@require_safe
@staff(P.TAKE_CASH, P.READ_EVERYTHING)
def boxes(request: StaffRequest) -> HttpResponse:
    """Draw one's own boxes and those counted before; the whole team's for who sees it."""
    return _boxes_page(request)


@require_POST
@staff(P.TAKE_CASH)
@once
def open_box(request: StaffRequest) -> HttpResponse:
    """Open a box with what is in it."""
    currency = request.POST.get("currency", "")
    if currency not in _currencies(request):
        raise Http404
    form = AmountForm(request.POST, request=request, currency=currency)
    row = _done(
        form, lambda told: services.open_box(
            actor=request.actor, currency=currency, opening_minor=told["amount"], clock=request.clock,
        ),
    )  # fmt: skip
    return _boxes_page(request, form) if row is None else _said(request, row.pk, _("Caja abierta"))


@require_safe
@staff(P.TAKE_CASH, P.READ_EVERYTHING)
def box(request: StaffRequest, box_id: int) -> HttpResponse:
    """Draw one box: what it should hold, and why."""
    return _box_page(request, box_id)


@require_POST
@staff(P.TAKE_CASH)
@once
def move(request: StaffRequest, box_id: int) -> HttpResponse:
    """Move cash by hand."""
    form = AmountForm(request.POST, request=request, currency=_found(request, box_id).currency)
    line = _done(
        form, lambda told: services.move_cash(
            actor=request.actor, box_id=box_id, reason=told["reason"], amount_minor=told["amount"], clock=request.clock,
        ),
    )  # fmt: skip
    return (
        _box_page(request, box_id, move_form=form)
        if line is None
        else _said(request, box_id, _("Movimiento anotado"))
    )


@require_POST
@staff(P.TAKE_CASH)
@once
def close(request: StaffRequest, box_id: int) -> HttpResponse:
    """Count the box and close it; a difference is explained."""
    form = AmountForm(request.POST, request=request, currency=_found(request, box_id).currency)
    row = _done(
        form, lambda told: services.close_box(
            actor=request.actor, box_id=box_id, counted_minor=told["amount"], explanation=told["explanation"], clock=request.clock,
        ),
        field="explanation",
    )  # fmt: skip
    return (
        _box_page(request, box_id, close_form=form)
        if row is None
        else _said(request, box_id, _("Caja cerrada"))
    )


def _done(form: AmountForm, act: Callable[[dict[str, Any]], Any], *, field: str | None = None) -> Any:
    """What the act made of a form that is right; None, with the refusal told in the field, where it is not."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except services.BadBox as refusal:
        form.add_error(field, str(refusal))
        return None


def _said(request: StaffRequest, box_id: int, text: str) -> HttpResponse:
    toasts.say(request, text)
    return HttpResponseRedirect(reverse("desk:cash-box", args=[box_id]))


def _found(request: StaffRequest, box_id: int) -> Any:
    try:
        return cash.box(request.actor, box_id)
    except cash.UnknownBox as refusal:
        raise Http404 from refusal


def _currencies(request: StaffRequest) -> list[str]:
    return sorted({row.currency for row in ledger.portfolios(request.actor)})


def _boxes_page(request: StaffRequest, form: AmountForm | None = None) -> HttpResponse:
    page = cash.boxes(request.actor, request.GET.get("pagina"))
    held = {row.currency for row in cash.own_boxes(request.actor)}
    context = {
        "rows": [_row(row) for row in page.rows], "next": page.next_cursor, "previous": page.previous_cursor, "form": form,
        "currencies": [(code, code) for code in _currencies(request) if code not in held],
        "may_open": request.actor.may(P.TAKE_CASH),
    }  # fmt: skip
    return render(request, "desk/cash/list.html", context, status=422 if form else 200)


def _row(row: Any) -> dict[str, Any]:
    should = cash.expected(row)
    return {
        "row": row, "expected": should, "difference": (row.counted_minor or 0) - should if row.state == "closed" else 0,
    }  # fmt: skip


def _box_page(
    request: StaffRequest,
    box_id: int,
    *,
    move_form: AmountForm | None = None,
    close_form: AmountForm | None = None,
) -> HttpResponse:
    row = _found(request, box_id)
    context = {
        **_row(row), "lines": cash.movements(request.actor, row), "hands": [(key, str(word)) for key, word in HANDS],
        "is_mine": row.state == "open" and row.user_id == request.actor.user_id, "move_form": move_form, "close_form": close_form,
    }  # fmt: skip
    return render(request, "desk/cash/box.html", context, status=422 if move_form or close_form else 200)


urls = [
    path("caja/", boxes, name="cash-boxes"),
    path("caja/abrir/", open_box, name="cash-open"),
    path("caja/<int:box_id>/", box, name="cash-box"),
    path("caja/<int:box_id>/mover/", move, name="cash-move"),
    path("caja/<int:box_id>/cerrar/", close, name="cash-close"),
]
