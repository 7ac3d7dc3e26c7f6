"""The manual on its screen: every topic by chapter, and first the one of the page that the reader comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, URLPattern, path, resolve
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.web.desk.doors import staff
from aldia.web.desk.manual import CHAPTERS, Topic, topic_of

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_safe
@staff()
def manual(request: StaffRequest) -> HttpResponse:
    """Draw what each screen is for and how it is worked."""
    chapters = [(chapter.title, [_shown(request, topic) for topic in chapter.topics]) for chapter in CHAPTERS]
    here = topic_of(request.GET.get("pagina", "").lstrip("/"))
    context = {"chapters": chapters, "here": _shown(request, here) if here else None}
    return render(request, "desk/shell/manual.html", context)


def _shown(request: StaffRequest, topic: Topic) -> dict[str, Any]:
    """The topic, and its address where it is one page that the reader may open."""
    place = f"/{topic.places[0]}"
    return {"topic": topic, "href": place if topic.is_page and _may_open(request, place) else ""}


def _may_open(request: StaffRequest, place: str) -> bool:
    try:
        match = resolve(place)
    except Resolver404:
        return False
    if match.kwargs:  # the place is only the beginning of addresses, and another page took it for a name
        return False
    needed = getattr(match.func, "needs", None)
    may = request.actor.may
    return needed is not None and (not needed or may(P.READ_EVERYTHING) or any(may(each) for each in needed))


urls: list[URLPattern] = [path("ayuda/", manual, name="manual")]
