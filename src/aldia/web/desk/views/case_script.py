"""Screen: what to say and what to offer in a case: its plan, the step of its strategy, the script and the offers that are allowed.

It is asked for when somebody opens it, so that a case costs nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission
from aldia.contact import pressure, scripts
from aldia.ledger import selectors as ledger
from aldia.strategy import selectors as strategy
from aldia.strategy.selectors.absences import fates
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.agreements import proposal_of
from aldia.web.desk.views import words
from aldia.web.desk.views.space import sheet_of

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet


@require_safe
@staff(Permission.WORK_CASES)
def script(request: StaffRequest, case_id: int) -> HttpResponse:
    """Draw where the case stands in its plan, what to say and what may be offered: a part of the case, or a page of its own."""
    sheet = sheet_of(request, case_id)
    context = {
        "sheet": sheet, **_place(sheet), "script": _script(sheet), "offers": proposal_of(sheet, {}).offers,
        "may_plan": request.actor.may(Permission.SEE_STRATEGIES),
    }  # fmt: skip
    template = "desk/case/_script.html" if request.htmx else "desk/case/script.html"
    return render(request, template, context)


def _place(sheet: CaseSheet) -> dict[str, Any]:
    """The plan of the case's portfolio, and of its strategy the last step taken and the next one."""
    request, as_of = sheet.request, sheet.request.clock.as_of
    portfolio_id, _creditor, party_id = ledger.account_of(request.actor, sheet.case_id)
    plans = strategy.policies(request.actor, on=as_of, kind="plan")
    mine = [row for row in plans if row.portfolio_id in (portfolio_id, None)]
    found = fates(request.actor, sheet.case_id, as_of=as_of, language=words.language())
    steps = found.steps if found else ()
    return {
        "plan": min(mine, key=lambda row: row.portfolio_id is None, default=None), "fates": found,
        "last": next((step for step in reversed(steps) if step.state == "taken"), None),
        "next": next((step for step in steps if step.is_ahead), None),
        "contacts": pressure.contacts_of(request.actor.organisation_id, party_id, as_of=as_of),
        "cap": pressure.weekly_cap(request.actor, as_of=as_of, portfolio_id=portfolio_id),
    }  # fmt: skip


def _script(sheet: CaseSheet) -> scripts.Script | None:
    actor = sheet.request.actor
    is_broken = bool(sheet.promise and sheet.promise.state == "broken")
    base = scripts.base_of(sheet.card.stage, has_broken_promise=is_broken)
    mine = [key for key in scripts.segments_with_script(actor.organisation_id, base) if _is_in(sheet, key)]
    return scripts.script_of(actor, sheet.case_id, base=base, segments=mine, now=real_now())


def _is_in(sheet: CaseSheet, key: str) -> bool:
    return bool(strategy.segment_cases(sheet.request.actor, key).filter(case_id=sheet.case_id).exists())


urls: list[URLPattern] = [path("clientes/<int:case_id>/guion/", script, name="script")]
