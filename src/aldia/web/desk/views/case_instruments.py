"""Screen: the cheques, promissory notes and bills of a case, what may be done with each today, and who else stands behind."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.domain.instruments import (
    Ask,
    InstrumentKind,
    InstrumentState,
    possible_moves,
    prescribes_on,
    protest_until,
)
from aldia.ledger import instruments as ledger
from aldia.ledger import selectors as portfolios
from aldia.ledger.services import instruments as paper
from aldia.ledger.services.documents import UnknownDocument
from aldia.outcomes.terms import working_calendar
from aldia.payments.services import instruments as services
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.payments import read_amount, read_day, read_past_day
from aldia.web.desk.once import once
from aldia.web.desk.views.space import go_on, panel, sheet_of
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.domain.calendars import Calendar
    from aldia.ledger.models import Instrument
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

UNPROCESSABLE: Final = 422
KINDS: Final = (
    ("cheque", gettext_lazy("Cheque")),
    ("promissory_note", gettext_lazy("Pagaré")),
    ("bill_of_exchange", gettext_lazy("Letra de cambio")),
)
STATES: Final = {
    "held": (gettext_lazy("En cartera"), "info", "document"),
    "deposited": (gettext_lazy("Depositado"), "info", "bank"),
    "cleared": (gettext_lazy("Acreditado"), "ok", "check"),
    "endorsed": (gettext_lazy("Endosado"), "neutral", "check"),
    "bounced": (gettext_lazy("Rechazado"), "bad", "close"),
    "protested": (gettext_lazy("Protestado"), "bad", "legal"),
}
MOVES: Final = {
    "deposit": gettext_lazy("Depositar"),
    "deposit_again": gettext_lazy("Depositar otra vez"),
    "clear": gettext_lazy("Se acreditó"),
    "collect": gettext_lazy("Se cobró"),
    "endorse": gettext_lazy("Endosar"),
    "bounce": gettext_lazy("El banco lo rechazó"),
    "protest": gettext_lazy("Protestar"),
    "replace": gettext_lazy("Reemplazar"),
    "give_back": gettext_lazy("Devolver al cliente"),
}
CODES: Final = (
    ("no_funds", gettext_lazy("Sin fondos")),
    ("account_closed", gettext_lazy("Cuenta cerrada")),
    ("stop_payment", gettext_lazy("Orden de no pagar")),
    ("signature", gettext_lazy("La firma no coincide")),
    ("form", gettext_lazy("Mal escrito")),
    ("other", gettext_lazy("Otro motivo")),
)
ROLES: Final = (
    ("guarantor", gettext_lazy("Avalista")),
    ("co_debtor", gettext_lazy("Codeudor")),
    ("endorser", gettext_lazy("Endosante")),
    ("payer", gettext_lazy("Paga por el cliente")),
)
_REFUSALS: Final = (services.BadMove, services.BadInstrument, UnknownDocument)


@staff(P.WORK_CASES)
@once
def instruments(request: StaffRequest, case_id: int) -> HttpResponse:
    """Draw the instruments of a case, or register one."""
    if request.method != "POST":
        return _drawn(request, sheet_of(request, case_id))
    sheet, told = sheet_of(request, case_id), request.POST
    try:
        draft = _draft(request, sheet)
        replaces = int(told["replaces"]) if told.get("replaces", "").isdigit() else None
        services.register_instrument(
            actor=request.actor, case_id=case_id, draft=draft, clock=request.clock, replaces_id=replaces
        )
    except (ValidationError, *_REFUSALS) as refusal:
        return _drawn(request, sheet, problem=_text(refusal))
    toasts.say(request, _("Valor registrado: la deuda que cubre queda a la espera de él"))
    return go_on(request, case_id)


@require_POST
@staff(P.WORK_CASES)
@once
def move(request: StaffRequest, case_id: int, document_id: int) -> HttpResponse:
    """Carry out one move of an instrument."""
    sheet, told = sheet_of(request, case_id), request.POST
    row = next(
        (each for each in ledger.instruments(request.actor, case_id) if each.document_id == document_id), None
    )
    try:
        if row is None:
            raise UnknownDocument(_("Ese valor no es de este cliente."))
        charge = told.get("charge", "").strip()
        currency = row.document.currency
        services.move_instrument(
            actor=request.actor, document_id=document_id, move=told.get("move", ""), clock=request.clock,
            on=read_past_day(told.get("on", ""), request), code=told.get("code", ""), to=told.get("to", ""),
            charge_minor=read_amount(charge, currency, request.organisation.locale) if charge else 0,
        )  # fmt: skip
    except (ValidationError, *_REFUSALS) as refusal:
        return _drawn(request, sheet, problem=_text(refusal), open_id=document_id)
    toasts.say(request, _("Valor al día"))
    return go_on(request, case_id)


@require_POST
@staff(P.WORK_CASES)
@once
def guarantor(request: StaffRequest, case_id: int) -> HttpResponse:
    """Name who else stands behind a document."""
    sheet, told = sheet_of(request, case_id), request.POST
    try:
        document_id = int(told.get("document", "0") or 0)
        if document_id not in _documents(sheet):
            raise UnknownDocument(_("Elige el documento por el que responde."))
        paper.name_guarantor(
            actor=request.actor, document_id=document_id, role=told.get("role", ""), name=told.get("name", ""),
            tax_id=told.get("tax_id", ""), country=request.organisation.country, now=request.clock.now,
        )  # fmt: skip
    except (ValueError, *_REFUSALS) as refusal:
        return _drawn(request, sheet, problem=_text(refusal))
    toasts.say(request, _("Anotado quién más responde"))
    return go_on(request, case_id)


def _draft(request: StaffRequest, sheet: CaseSheet) -> services.InstrumentDraft:
    """What was written. Raises ValidationError."""
    told, currency = request.POST, request.POST.get("currency") or sheet.card.currency
    kind = told.get("kind", "")
    if kind not in dict(KINDS):
        raise ValidationError(_("Di si es un cheque, un pagaré o una letra."))
    due = read_day(told.get("due_on", ""), request)
    issued = (
        read_past_day(told["issued_on"], request) if told.get("issued_on") else min(request.clock.as_of, due)
    )
    return services.InstrumentDraft(
        kind=InstrumentKind(kind), number=told.get("number", ""), currency=currency, issued_on=issued, due_on=due,
        amount_minor=read_amount(told.get("amount", ""), currency, request.organisation.locale),
        bank=told.get("bank", ""), place=told.get("place", ""), maker=told.get("maker", ""),
        covers=tuple(int(each) for each in told.getlist("covers") if each.isdigit()),
    )  # fmt: skip


def _drawn(request: StaffRequest, sheet: CaseSheet, *, problem: str = "", open_id: int = 0) -> HttpResponse:
    as_of, law = request.clock.as_of, _law(request, sheet)
    rows = [_row(row, as_of, *law) for row in ledger.instruments(request.actor, sheet.case_id)]
    owned = {each.id: each for each in sheet.documents}
    people = ledger.guarantors(request.actor, [*owned, *(row["id"] for row in rows)])
    numbers = _documents(sheet) | {row["id"]: row["number"] for row in rows}
    return panel(
        request, "instruments", sheet, status=UNPROCESSABLE if problem else 200, problems=[("", problem)] if problem else [],
        told=request.POST, open_id=open_id, rows=rows, kinds=KINDS, codes=CODES, roles=ROLES,
        may_register=request.actor.may(P.REGISTER_RECEIPTS), covers=[row for row in sheet.documents if row.open_minor > 0],
        documents=sorted(numbers.items()), replaceable=[(row["id"], row["number"]) for row in rows if row["is_replaceable"]],
        people=[(dict(ROLES)[role], name, numbers.get(key, "")) for key, role, name, _tax_id in people],
    )  # fmt: skip


def _law(request: StaffRequest, sheet: CaseSheet) -> tuple[str, Calendar]:
    """The country whose law dates the papers of a case, and its working days."""
    portfolio = portfolios.portfolio(request.actor, sheet.card.portfolio_id)
    country = portfolio.country or portfolio.creditor.country
    holidays = access.holidays(request.actor.organisation_id)
    return country, working_calendar(request.organisation.country, holidays, request.clock.as_of)


def _row(row: Instrument, as_of: date, country: str, calendar: Calendar) -> dict[str, Any]:
    document, kind = row.document, InstrumentKind(row.document.kind)
    is_debt = ledger.stands_alone(row)
    moves = possible_moves(
        kind, InstrumentState(row.state), due_on=document.due_on, as_of=as_of, is_debt=is_debt
    )
    made = [
        {"key": each.key, "label": MOVES[each.key], "asks": {ask.value for ask in each.asks}}
        for each in moves
        if each.key != "replace"
    ]
    asks = {ask for each in moves for ask in each.asks}
    is_unpaid = row.state == InstrumentState.HELD
    last_day = protest_until(kind, country, document.due_on, calendar) if is_unpaid else None
    return {
        "id": document.pk, "number": document.number, "kind": dict(KINDS)[kind.value], "minor": document.original_minor,
        "currency": document.currency, "due_on": document.due_on, "state": STATES[row.state], "moved_on": row.moved_on,
        "details": row.details, "code": dict(CODES).get(row.details.get("code", "")), "protest_until": last_day,
        "prescribes_on": document.prescribes_on or prescribes_on(kind, country, document.due_on),
        "moves": [(each["key"], each["label"]) for each in made], "asks_code": Ask.CODE in asks, "asks_to": Ask.TO in asks,
        "is_replaceable": len(moves) != len(made),
    }  # fmt: skip


def _documents(sheet: CaseSheet) -> dict[int, str]:
    return {line.id: line.number for line in sheet.documents}


def _text(refusal: Exception) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/valores/", instruments, name="instruments"),
    path("clientes/<int:case_id>/valores/<int:document_id>/", move, name="instrument-move"),
    path("clientes/<int:case_id>/responden/", guarantor, name="guarantor"),
]
