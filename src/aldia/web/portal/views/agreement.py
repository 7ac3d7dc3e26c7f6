"""The offer of an agreement: read whole, then accepted with a tick. The text, the instant, the link and the address are sealed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from aldia.access import formats
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services
from aldia.web.portal.views.account import account_context, locale_of
from aldia.web.portal.visits import Visit, visitor

_WRONG = 422
_SHOWN = ("offered", "active")


def offered(visit: Visit) -> outcomes.AgreementLine | None:
    """Return the agreement that waits for this visitor, or that runs; an offer whose time is over is none."""
    rows = outcomes.agreements_of_case(visit.actor, visit.case_id)
    running = next((row for row in rows if row.state in _SHOWN), None)
    if running and running.state == "offered" and running.valid_until_on < visit.clock.as_of:
        return None
    return running


@visitor
@require_http_methods(["GET", "POST"])
def agreement(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Read the offer; accept it once it was read, or go back to the other doors."""
    row = offered(visit)
    if row is None:
        return redirect("portal:account", token=visit.token)
    if request.method == "GET" or row.state == "active":
        return _draw(request, visit, row, "")
    if "read" not in request.POST:
        return _draw(request, visit, row, _("Marca que lo leíste y estás de acuerdo."))
    consent = services.Consent(
        "portal", version=request.POST.get("version", ""), link_id=visit.link.pk,
        address=request.META.get("REMOTE_ADDR", ""),
    )  # fmt: skip
    try:
        services.accept_agreement(actor=visit.actor, agreement_id=row.id, consent=consent, clock=visit.clock)
    except (services.AgreementRefused, services.UnknownAgreement) as refusal:
        return _draw(request, visit, row, str(refusal))
    return redirect("portal:agreement", token=visit.token)


@visitor
@require_GET
def paper(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The accepted agreement as it was kept."""
    row = offered(visit)
    if row is None or row.file_id is None:
        return redirect("portal:account", token=visit.token)
    _stored, where = ledger.open_file(visit.actor, row.file_id)
    response = HttpResponse(where.read_bytes(), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="acuerdo.pdf"'
    return response


def _draw(request: HttpRequest, visit: Visit, row: outcomes.AgreementLine, problem: str) -> HttpResponse:
    locale, today = locale_of(visit), visit.clock.as_of
    context = account_context(visit) | {
        "row": row, "paragraphs": row.text.split("\n"), "version": services.version_of(row.text), "problem": problem,
        "total": formats.money(row.total_minor, row.currency, locale),
        "discount": formats.money(row.discount_minor, row.currency, locale) if row.discount_minor else "",
        "payments": [
            {
                "number": line.number, "amount": formats.money(line.amount_minor, row.currency, locale),
                "day": formats.day_words(line.due_on, today, weekday=True),
            }
            for line in row.lines
        ],
        "until": formats.day_words(row.valid_until_on, today, weekday=True),
    }  # fmt: skip
    return render(request, "portal/agreement.html", context, status=_WRONG if problem else 200)


urls = [
    path("<str:token>/acuerdo/", agreement, name="agreement"),
    path("<str:token>/acuerdo.pdf", paper, name="agreement-pdf"),
]
