"""The mail written to those who work here: the digest of each morning, as it left or would leave."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.contact import selectors as contact
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.views.mailbox import STATES, kinds


@require_safe
@staff(P.SEE_TEAM, P.READ_EVERYTHING)
def staff_mail(request: StaffRequest) -> HttpResponse:
    """Draw the mails to the staff, newest first, and the chosen one."""
    rows, asked = contact.staff_mails(request.actor), request.GET.get("mensaje", "")
    chosen = next((row for row in rows if str(row.pk) == asked), rows[0] if rows else None)
    if asked and (chosen is None or str(chosen.pk) != asked):
        raise Http404
    context = {
        "items": [(row, STATES[row.state]) for row in rows], "chosen": chosen, "kinds": kinds("equipo"), "is_picked": bool(asked),
        "state": STATES[chosen.state] if chosen else None, "counts": contact.outbox_counts(request.actor.organisation_id),
    }  # fmt: skip
    return render(request, "desk/mailbox/staff.html", context)


urls = [path("buzon/equipo/", staff_mail, name="mailbox-staff")]
