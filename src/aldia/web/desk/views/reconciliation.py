"""The reconciliation desk: sure lines are applied, and people decide the rest, the largest first."""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.money import units_of
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import values_of_units
from aldia.payments import reconciliation as reads
from aldia.payments import services
from aldia.web.desk.doors import StaffRequest, key_of, staff
from aldia.web.desk.forms import payments as amounts
from aldia.web.desk.forms import reconciliation as forms
from aldia.web.desk.once import once, refused
from aldia.web.desk.views import reconciliation_words as words
from aldia.web.desk.views.statement_upload import upload
from aldia.web.ui import formats, toasts

_DOCUMENTS: Final = 40
REFUSALS: Final = (
    services.BadDecision,
    services.BadReceipt,
    services.NothingOpen,
    services.NotThatPayment,
    services.AlreadyReversed,
    services.BadReversal,
)


@require_safe
@staff(P.REGISTER_RECEIPTS)
def desk(request: StaffRequest) -> HttpResponse:
    """Draw the lines of a view, and one of them with who may have paid it."""
    view = request.GET.get("ver", "waiting")
    if view not in {key for key, _word, _icon in words.VIEWS}:
        view = "waiting"
    page = reads.lines(request.actor, _filters(view), request.GET.get("pagina") or None)
    chosen = _chosen(request, page.rows)
    context = {
        "view": view,
        "rows": page.rows,
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "kinds": _kinds(request, view),
        "totals": reads.totals(request.actor),
        "chosen": chosen,
        "is_picked": "movimiento" in request.GET,
        "detail": _detail(request, chosen) if chosen else None,
        "may_act": request.actor.may(P.REGISTER_RECEIPTS),
    }
    return render(request, "desk/reconciliation/desk.html", context)


@require_safe
@staff(P.REGISTER_RECEIPTS)
def statements(request: StaffRequest) -> HttpResponse:
    """Draw the statements with their balances, what is missing between one and the next, and how lines are matched."""
    return _statements_page(request)


@require_POST
@staff(P.EDIT_SETTINGS)
def policy(request: StaffRequest) -> HttpResponse:
    """Keep from which confidence nobody is asked, and which differences are known."""
    form = forms.PolicyForm(request.POST, request=request)
    if form.is_valid():
        try:
            services.change_policy(actor=request.actor, policy=form.as_policy(), clock=request.clock)
        except services.BadPolicy as refusal:
            form.add_error(None, str(refusal))
        else:
            toasts.say(request, _("Guardado: vale desde el próximo extracto"))
            return HttpResponseRedirect(reverse("desk:reconciliation-statements"))
    return _statements_page(request, form)


def _statements_page(request: StaffRequest, form: forms.PolicyForm | None = None) -> HttpResponse:
    now = reads.policy_of(request.actor)
    context = {
        "rows": reads.statements(request.actor),
        "may_act": request.actor.may(P.REGISTER_RECEIPTS),
        "may_set": request.actor.may(P.EDIT_SETTINGS),
        "policy": now,
        "form": form or forms.PolicyForm(request=request, initial=forms.policy_values(now, request)),
    }
    return render(request, "desk/reconciliation/statements.html", context, status=422 if form else 200)


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def accept(request: StaffRequest, line_id: int) -> HttpResponse:
    """Give a line, or a part of it, to a client."""
    row = _line(request, line_id)
    case_id = key_of(request.POST.get("caso", "")) or 0
    documents = _documents(request, case_id, row) if case_id else []
    form = forms.DecisionForm(
        request.POST, request=request, currency=row.currency, documents=[each.id for each in documents]
    )
    if not form.is_valid():
        return _refuse(request, row, *chain.from_iterable(form.errors.values()))
    chosen = form.cleaned_data
    share = services.Share(case_id, chosen["amount"], tuple(int(key) for key in chosen["documents"]))
    proposals = _proposals(request, row, is_new=True)
    best = next((each for each in proposals if each.client == case_id), None)
    try:
        done = services.accept_line(
            actor=request.actor, line_id=line_id, shares=[share], clock=request.clock,
            confidence=best.confidence if best else 0, reasons=reads.reasons_of(best) if best else [],
        )  # fmt: skip
    except REFUSALS as refusal:
        return _refuse(request, row, str(refusal))
    if done.state == "waiting":
        toasts.say(request, _("Parte aplicada: falta decir de quién es el resto"))
        return _at(request, line_id)
    undo = _undo_url(request, line_id)
    toasts.say(request, _("Aplicado: los avisos por lo pagado se detienen"), undo=undo)
    return _at(request, reads.next_line(request.actor, row))


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def known(request: StaffRequest, line_id: int) -> HttpResponse:
    """Say that a line is the money of receipts that were here before it."""
    row, case_id = _line(request, line_id), key_of(request.POST.get("caso", ""))
    best = next((each for each in _proposals(request, row) if each.client == case_id), None)
    if best is None or not best.receipts:
        return _refuse(
            request, row, _("Ese cobro ya es de otro movimiento o se reversó: mira quién más puede ser.")
        )
    try:
        services.accept_known(
            actor=request.actor, line_id=line_id, receipt_ids=list(dict(best.receipts)), clock=request.clock,
            confidence=best.confidence, reasons=reads.reasons_of(best),
        )  # fmt: skip
    except REFUSALS as refusal:
        return _refuse(request, row, str(refusal))
    toasts.say(request, _("Unido a su cobro: el dinero cuenta una vez"), undo=_undo_url(request, line_id))
    return _at(request, reads.next_line(request.actor, row))


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def unidentified(request: StaffRequest, line_id: int) -> HttpResponse:
    """Leave a line in the books as money of nobody, with who looks for its client and until when."""
    row, form = _line(request, line_id), forms.UnidentifiedForm(request.POST, request=request)
    if not form.is_valid():
        return _refuse(request, row, *chain.from_iterable(form.errors.values()))
    try:
        done = services.leave_unidentified(
            actor=request.actor, line_id=line_id, clock=request.clock, owner_id=form.cleaned_data["owner"],
            review_on=form.cleaned_data["review_on"],
        )  # fmt: skip
    except REFUSALS as refusal:
        return _refuse(request, row, str(refusal))
    when = formats.day(done.review_on or request.clock.as_of, request.clock.as_of)
    toasts.say(request, _("Sin identificar: vuelve a avisar el %(on)s") % {"on": when})
    return _at(request, reads.next_line(request.actor, row))


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def ignore(request: StaffRequest, line_id: int) -> HttpResponse:
    """Set a line aside: it is no collection."""
    row = _line(request, line_id)
    try:
        services.ignore_line(
            actor=request.actor, line_id=line_id, reason=request.POST.get("reason", ""), clock=request.clock
        )
    except REFUSALS as refusal:
        return _refuse(request, row, str(refusal))
    toasts.say(request, _("Movimiento apartado"), undo=reverse("desk:reconciliation-undo", args=[line_id]))
    return _at(request, reads.next_line(request.actor, row))


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def take_back(request: StaffRequest, line_id: int) -> HttpResponse:
    """Say which payment a returned line took back."""
    row, receipt_id = _line(request, line_id), key_of(request.POST.get("cobro", ""))
    if receipt_id is None:
        raise Http404
    try:
        services.take_back_line(
            actor=request.actor, line_id=line_id, receipt_id=receipt_id, clock=request.clock
        )
    except REFUSALS as refusal:
        return _refuse(request, row, str(refusal))
    toasts.say(request, _("Cobro reversado: la deuda vuelve a estar abierta y quedó una alarma"))
    return _at(request, reads.next_line(request.actor, row))


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def undo(request: StaffRequest, line_id: int) -> HttpResponse:
    """Take a decision back: what it posted is reversed, and the line waits again."""
    row = _line(request, line_id)
    try:
        services.undo_line(actor=request.actor, line_id=line_id, clock=request.clock)
    except REFUSALS as refusal:
        return _refuse(request, row, str(refusal))
    toasts.say(request, _("Deshecho: el movimiento espera otra decisión"))
    return _at(request, line_id)


def _filters(view: str) -> dict[str, Any]:
    if view == "automatic":
        return {"state": "applied", "is_automatic": True}
    return {"state": "applied", "is_automatic": False} if view == "applied" else {"state": view}


def _kinds(request: StaffRequest, view: str) -> list[dict[str, Any]]:
    counts = reads.counts(request.actor)
    base = reverse("desk:reconciliation")
    return [
        {"word": word, "icon": icon, "count": counts[key], "is_on": key == view,
         "href": base if key == "waiting" else f"{base}?ver={key}"}
        for key, word, icon in words.VIEWS
    ]  # fmt: skip


def _chosen(request: StaffRequest, rows: Any) -> Any:
    line_id = key_of(request.GET.get("movimiento", "")) or (rows[0].pk if rows else None)
    return _line(request, line_id) if line_id else None


def _line(request: StaffRequest, line_id: int) -> Any:
    try:
        return reads.line(request.actor, line_id)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal


def _detail(request: StaffRequest, row: Any) -> dict[str, Any]:
    """What the panel beside the list shows of one line."""
    is_waiting = row.state == "waiting"
    detail: dict[str, Any] = {
        "row": row,
        "open_minor": reads.open_minor(row),
        "reason": words.set_aside(row.reason) if row.state == "ignored" else row.reason,
        "matches": [
            (match, words.reasons(match.reasons, row.currency, formats.regional_of(request)))
            for match in reads.matches(request.actor, row.pk)
        ],
        "can_undo": row.state in {"applied", "unidentified", "ignored"}
        and (row.state == "ignored" or request.actor.may(P.REVERSE_RECEIPTS)),
    }
    if is_waiting and row.amount_minor < 0:
        return detail | {"payments": reads.possible_payments(request.actor, row)[:9]}
    if is_waiting:
        detail |= _candidates(request, row, detail["open_minor"])
    return detail


def _candidates(request: StaffRequest, row: Any, open_minor: int) -> dict[str, Any]:
    text = request.GET.get("q", "").strip()
    found = cases.search(request.actor, text, as_of=request.clock.as_of, limit=6) if len(text) >= 2 else []
    is_new, asked = "otro" in request.GET, request.GET.get("elegido", "")
    proposals = _proposals(request, row, is_new=is_new)
    names = _names(request, [each.client for each in proposals])
    picked = next(
        (each for each in proposals if str(each.client) == asked), proposals[0] if proposals else None
    )
    regional = formats.regional_of(request)
    return {
        "text": text,
        "found": [hit.case for hit in found],
        "candidates": [
            {"proposal": each, "name": names.get(each.client, ""), "is_on": each is picked,
             "reasons": words.reasons([asdict(reason) for reason in each.reasons], row.currency, regional)}
            for each in proposals
        ],
        "picked": picked,
        "documents": _with_worth(request, row, _documents(request, picked.client, row, picked.documents)) if picked else [],
        "amount": amounts.amount_text(open_minor, row.currency, request.organisation.locale),
        "next_id": reads.next_line(request.actor, row),
        "ignored": words.IGNORED,
        "team": access.members(request.actor),
        "review": services.DAYS_TO_IDENTIFY,
    }  # fmt: skip


def _proposals(request: StaffRequest, row: Any, *, is_new: bool = False) -> Any:
    extra = key_of(request.GET.get("elegido") or request.POST.get("caso") or "")
    policy = reads.policy_of(request.actor)
    return reads.proposals(request.actor, row, policy, extra=extra, is_new=is_new)


def _documents(request: StaffRequest, case_id: int, row: Any, first: tuple[int, ...] = ()) -> list[Any]:
    """The client's open documents that the line's money pays, those that it would cover first."""
    try:
        lines = ledger.documents(request.actor, case_id=case_id, as_of=request.clock.as_of, is_open=True)
    except LookupError:
        return []
    paid = {row.currency, *units_of(row.currency)}
    owed = [line for line in lines if line.open_minor > 0 and line.currency in paid]
    return sorted(owed, key=lambda line: (line.id not in first, line.due_on))[:_DOCUMENTS]


def _with_worth(request: StaffRequest, row: Any, documents: list[Any]) -> list[tuple[Any, str]]:
    """Each document with what it is worth in money of the line's day where it is owed in a unit; nothing for money."""
    values = values_of_units(request.organisation.pk, row.currency, row.booked_on)

    def worth(line: Any) -> str:
        if line.currency == row.currency:
            return ""
        if line.currency not in values:
            return _("falta el valor de ese día")
        minor = values[line.currency].to_currency(line.open_minor)
        return formats.money(minor, row.currency, request.organisation.locale)

    return [(line, worth(line)) for line in documents]


def _names(request: StaffRequest, case_ids: list[int]) -> dict[int, str]:
    return dict(cases.scope(request.actor).filter(pk__in=case_ids).values_list("pk", "debtor_name"))


def _undo_url(request: StaffRequest, line_id: int) -> str:
    return (
        reverse("desk:reconciliation-undo", args=[line_id]) if request.actor.may(P.REVERSE_RECEIPTS) else ""
    )


def _refuse(request: StaffRequest, row: Any, *texts: object) -> HttpResponse:
    toasts.warn(request, " ".join(map(str, texts)))
    return refused(_at(request, row.pk))


def _at(request: StaffRequest, line_id: int | None) -> HttpResponse:
    base = reverse("desk:reconciliation")
    return HttpResponseRedirect(f"{base}?movimiento={line_id}" if line_id else base)


urls = [
    path("pagos/conciliacion/", desk, name="reconciliation"),
    path("pagos/conciliacion/subir/", upload, name="reconciliation-upload"),
    path("pagos/conciliacion/extractos/", statements, name="reconciliation-statements"),
    path("pagos/conciliacion/criterio/", policy, name="reconciliation-policy"),
    path("pagos/conciliacion/<int:line_id>/aceptar/", accept, name="reconciliation-accept"),
    path("pagos/conciliacion/<int:line_id>/ya-esta/", known, name="reconciliation-known"),
    path(
        "pagos/conciliacion/<int:line_id>/sin-identificar/", unidentified, name="reconciliation-unidentified"
    ),
    path("pagos/conciliacion/<int:line_id>/apartar/", ignore, name="reconciliation-ignore"),
    path("pagos/conciliacion/<int:line_id>/devolver/", take_back, name="reconciliation-take-back"),
    path("pagos/conciliacion/<int:line_id>/deshacer/", undo, name="reconciliation-undo"),
]
