"""Certificates of what clients withheld: those that have not come, and the form that records one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.payments import certificates as reads
from aldia.payments import services
from aldia.web.desk.doors import key_of, staff
from aldia.web.desk.forms.outcome import stored_file
from aldia.web.desk.forms.payments import read_past_day
from aldia.web.desk.once import once, refused
from aldia.web.desk.views import words
from aldia.web.desk.views.payments import tabs
from aldia.web.desk.views.receipts import READERS
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_HERE: Final = "desk:certificates"


@require_safe
@staff(*READERS)
def certificates(request: StaffRequest) -> HttpResponse:
    """Draw the withholdings without certificate, the first that was due first."""
    page = reads.pending_certificates(request.actor, request.GET.get("pagina"))
    context = {
        "rows": [
            (line, line.label.of(words.language()), bool(line.due_on and line.due_on < request.clock.as_of)) for line in page.rows
        ],
        "next": page.next_cursor, "previous": page.previous_cursor, "tabs": tabs(request, "certificados"),
    }  # fmt: skip
    return render(request, "desk/payments/certificates.html", context)


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def record(request: StaffRequest, deduction_id: int) -> HttpResponse:
    """Record the certificate of a withholding, with its file when there is one."""
    problems: dict[str, str] = {}
    back = key_of(request.POST.get("receipt", ""))
    try:
        on = read_past_day(request.POST.get("on", ""), request)
        file_id = stored_file(request, "file", problems)
        if problems:
            raise ValidationError(problems["file"])
        kept = services.record_certificate(
            actor=request.actor, deduction_id=deduction_id, certificate=request.POST.get("certificate", ""), on=on,
            clock=request.clock, file_id=file_id,
        )  # fmt: skip
    except services.UnknownDeduction as unknown:
        raise Http404(str(unknown)) from unknown
    except ValidationError as problem:
        toasts.warn(request, problem.messages[0])
    except services.BadDeduction as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Certificado guardado"))
        return HttpResponseRedirect(reverse("desk:receipt", args=[kept.receipt_id]))
    return refused(HttpResponseRedirect(reverse("desk:receipt", args=[back]) if back else reverse(_HERE)))


urls: list[URLPattern] = [
    path("pagos/certificados/", certificates, name="certificates"),
    path("pagos/certificados/<int:deduction_id>/", record, name="certificate"),
]
