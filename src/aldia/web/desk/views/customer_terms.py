"""Screen: how a client pays. Its days, its discount for paying early, and its own papers on each open document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from aldia.access.permissions import Permission
from aldia.domain.customer_terms import UnreadableTerms, read_early_discount, read_payment_days
from aldia.parties.names import fold
from aldia.payments import customer_terms as reads
from aldia.payments import services
from aldia.payments.customer_terms import Terms
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.payments import amount_text, read_amount
from aldia.web.desk.views import words
from aldia.web.desk.views.space import go_on, panel, sheet_of
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet


@staff(Permission.WORK_CASES)
def terms(request: StaffRequest, case_id: int) -> HttpResponse:
    """Write how the client pays; promises then propose its next payment day."""
    sheet = sheet_of(request, case_id)
    if request.method != "POST":
        before = _told(request, sheet, reads.terms_of(request.actor, case_id))
        return panel(request, "terms", sheet, **_context(sheet, before))
    problems, told = [], request.POST
    try:
        days = read_payment_days(told.get("days", ""))
    except UnreadableTerms:
        problems.append(("days", _("Escribe sus días como «viernes», «lun y jue», «5 y 20» o «fin de mes».")))
    try:
        early = read_early_discount(told.get("early", ""))
    except UnreadableTerms:
        problems.append(("early", _("Escríbelo como «2/10»: el porcentaje y los días.")))
    try:
        credit = _credit(request, sheet)
    except ValidationError as problem:
        problems.append(("credit", problem.messages[0]))
    try:
        group_credit = _group_credit(request, sheet)
    except ValidationError as problem:
        problems.append(("group_credit", problem.messages[0]))
    if problems:
        return panel(request, "terms", sheet, status=422, problems=problems, **_context(sheet, told))
    kept = Terms(
        days,
        early,
        "needs_order" in told,
        "needs_counter_receipt" in told,
        told.get("note", "").strip(),
        credit,
    )
    papers = _papers(request, sheet)
    services.save_terms(actor=request.actor, case_id=case_id, terms=kept, papers=papers, clock=request.clock)
    if sheet.can_limit_credit and "group" in told:
        services.put_in_group(
            actor=request.actor, case_id=case_id, name=told["group"], credit_minor=group_credit, clock=request.clock
        )  # fmt: skip
    toasts.say(request, _("Guardado: las promesas proponen su próximo día de pago"))
    return go_on(request, case_id)


def _papers(request: StaffRequest, sheet: CaseSheet) -> dict[int, dict[str, str]]:
    """What was written of the papers of each open document."""
    told = request.POST
    return {
        line.id: {name: told[f"{name}-{line.id}"] for name in services.PAPERS if f"{name}-{line.id}" in told}
        for line in sheet.documents
    }


def _credit(request: StaffRequest, sheet: CaseSheet) -> int:
    """The most that the client may owe; nothing written is no limit, and who may not change it leaves it. Raises ValidationError."""
    if not sheet.can_limit_credit:
        return reads.terms_of(request.actor, sheet.case_id).credit_minor
    text = request.POST.get("credit", "").strip()
    return read_amount(text, sheet.card.currency, request.organisation.locale) if text else 0


def _group_credit(request: StaffRequest, sheet: CaseSheet) -> int | None:
    """The most that the group may owe, in the group's own money when it has one. Raises ValidationError."""
    text = request.POST.get("group_credit", "").strip()
    if text:
        return read_amount(text, _group_currency(sheet), request.organisation.locale)
    named = " ".join(request.POST.get("group", "").split())
    is_its_own = sheet.group is not None and fold(sheet.group.name) == fold(named)
    return 0 if is_its_own else None  # who joins a group without a limit written leaves the one it has


def _group_currency(sheet: CaseSheet) -> str:
    """The money of the client's group; of a new one, the case's."""
    return sheet.group.exposure.currency if sheet.group else str(sheet.card.currency)


def _told(request: StaffRequest, sheet: CaseSheet, kept: Terms) -> dict[str, Any]:
    names = [words.weekday(at) for at in sorted(kept.days.weekdays)] + [
        str(day) for day in sorted(kept.days.month_days)
    ]
    currency, locale = sheet.card.currency, request.organisation.locale
    return _group_told(sheet, locale) | {
        "credit": amount_text(kept.credit_minor, currency, locale) if kept.credit_minor else "",
        "days": ", ".join(names), "early": str(kept.early) if kept.early else "", "needs_order": kept.needs_order,
        "needs_counter_receipt": kept.needs_counter_receipt, "note": kept.note,
    }  # fmt: skip


def _group_told(sheet: CaseSheet, locale: str) -> dict[str, Any]:
    """The client's group as the panel writes it."""
    group = sheet.group
    if group is None:
        return {}
    held = group.exposure
    text = amount_text(held.credit_minor, held.currency, locale) if held.credit_minor else ""
    return {"group": group.name, "group_credit": text}


def _context(sheet: CaseSheet, told: Any) -> dict[str, Any]:
    return {
        "told": told,
        "group_currency": _group_currency(sheet),
        "papers": [(line, line.attributes) for line in sheet.documents if line.open_minor > 0][:12],
    }


urls: list[URLPattern] = [path("clientes/<int:case_id>/condiciones/", terms, name="terms")]
