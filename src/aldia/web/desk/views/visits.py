"""Screen: today's visits in the order of a walk, each with its address, what the law says now, and its result one touch away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.cache import cache
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from aldia.access.permissions import Permission
from aldia.contact import selectors as contact
from aldia.domain.visits import kind_of_place, walking_order
from aldia.outcomes import selectors as outcomes
from aldia.web.desk.doors import staff
from aldia.web.desk.views import case_contacts, words
from aldia.web.ui.context import counter

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.web.desk.doors import StaffRequest

MOST: Final = 40  # more doors than a day has; each asks the law its own question
NAV_SECONDS: Final = 60


@counter
def waiting(actor: Actor, clock: Clock) -> dict[str, int]:
    """The number beside «Visitas», as it was a moment ago; with none there is no such entry."""
    if actor.user_id is None or not actor.may(Permission.WORK_CASES):
        return {}
    count = cache.get_or_set(
        _waiting_key(actor, clock), lambda: outcomes.visits_waiting(actor, clock), NAV_SECONDS
    )
    return {"visits": count or 0}


def _waiting_key(actor: Actor, clock: Clock) -> str:
    return f"visits:{actor.organisation_id}:{actor.user_id}:{clock.as_of}"


@require_safe
@staff(Permission.WORK_CASES)
def route(request: StaffRequest) -> HttpResponse:
    """The visits of the reader that are due, neighbours one after the other; the first is the next one."""
    due = outcomes.visits(request.actor, request.clock)
    cache.set(_waiting_key(request.actor, request.clock), len(due), NAV_SECONDS)
    labels = outcomes.outcome_labels(request.actor, words.language())
    rows = [_row(request, visit, labels) for visit in due[:MOST]]
    stops = walking_order(rows, where=lambda row: (row["visit"].region, row["address"]))
    return render(
        request, "desk/visits/route.html", {"stops": stops, "total": len(due), "left": len(due) - len(rows)}
    )


def _row(request: StaffRequest, visit: outcomes.Visit, labels: dict[str, str]) -> dict[str, Any]:
    (answer,) = contact.may_contact_now(
        request.actor, visit.case_id, clock=request.clock, language=words.language(), channels=("visit",)
    )
    (gate,) = case_contacts.by_answer([case_contacts.drawn(answer)])
    return {
        "visit": visit, "address": answer.to, "label": answer.label, "gate": gate,
        "is_unknown_place": bool(answer.to) and not answer.is_allowed and kind_of_place(answer.label) is None,
        "map": f"geo:0,0?{urlencode({'q': answer.to})}" if answer.to else "", "last": labels.get(visit.last_outcome, ""),
    }  # fmt: skip


def to_visits(request: StaffRequest) -> HttpResponse:
    """Go to the visits that are left: the next one is on top."""
    address = reverse("desk:visits")
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


urls: list[URLPattern] = [path("visitas/", route, name="visits")]
