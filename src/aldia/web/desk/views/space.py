"""How the workspace answers: a whole page, or the space alone when htmx asked; after a gesture, the same case or the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from aldia.cases import selectors as cases
from aldia.web.desk.views.case_sheet import CaseSheet

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

SPACE = "desk/case/_space.html"
PAGE = "desk/case/page.html"


def sheet_of(request: StaffRequest, case_id: int) -> CaseSheet:
    """Return the case's sheet. Raises Http404 when the reader may not see it."""
    told = request.GET.get("visita", "")
    visit_id = int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0
    sheet = CaseSheet(request, case_id, "cola" in request.GET or "cola" in request.POST, visit_id)
    try:
        cases.check_seen(request.actor, case_id)
    except cases.UnknownCase as unknown:
        raise Http404(str(unknown)) from unknown
    return sheet


def show(request: StaffRequest, sheet: CaseSheet, **more: Any) -> HttpResponse:
    """Draw the case, whole or as the space that htmx swaps."""
    context = {"sheet": sheet, **more}
    if not request.htmx:
        return render(request, PAGE, context)
    case = reverse("desk:case", args=[sheet.case_id]) + sheet.suffix
    address = reverse("desk:today") if sheet.in_queue else case
    return in_place(request, render(request, SPACE, context | {"is_swap": True}), address)


def in_place(request: StaffRequest, response: HttpResponse, address: str) -> HttpResponse:
    """Let the answer take the place of the space; the browser keeps a copy of the page only when it goes elsewhere."""
    if request.htmx.current_url_abs_path != address:
        response["HX-Push-Url"] = address
    response["HX-Retarget"], response["HX-Reswap"] = "#espacio", "outerHTML"
    return response


def go_on(request: StaffRequest, case_id: int) -> HttpResponse:
    """Answer a gesture that was saved: the case again, in its round or on its own page."""
    sheet = sheet_of(request, case_id)
    if request.htmx:
        return show(request, sheet)
    return HttpResponseRedirect(reverse("desk:case", args=[case_id]) + sheet.suffix)


def panel(
    request: StaffRequest, template: str, sheet: CaseSheet, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Draw a panel: alone for htmx, else inside its page."""
    told = {"sheet": sheet, "panel": f"desk/case/panels/{template}.html", **context}
    if request.htmx:
        return render(request, "desk/case/_panel.html", told, status=status)
    return render(request, PAGE, told, status=status)
