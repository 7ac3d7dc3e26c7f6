"""The calm pages of what goes wrong. They ask the database nothing, since it may be what is away."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from aldia.access.permissions import NotAllowed
from aldia.db.faults import is_away
from aldia.web.ui.context import THEME_COOKIE, THEMES

PORTAL: Final = "/p/"
RETRY_SECONDS: Final = "10"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the address or the form is not one of ours."""
    return page(request, 400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, naming the permission that the role lacks."""
    cause = exception.__cause__ if isinstance(exception.__cause__, NotAllowed) else exception
    return page(request, 403, permission=getattr(cause, "permission", ""))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return page(request, 404)


def not_by_hand(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, since Django has no handler for it. 405: a form's step, typed or opened again, would be the browser's empty page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if (
            response.status_code != HTTPStatus.METHOD_NOT_ALLOWED
            or request.method != "GET"
            or response.content
        ):
            return response
        told = page(request, response.status_code)
        told["Allow"] = response["Allow"]
        return told

    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """503 with a moment to wait when the database or the disk is away; 500 for a fault of ours."""
    if not is_away(sys.exc_info()[1]):
        return page(request, 500)
    response = page(request, 503)
    response["Retry-After"] = RETRY_SECONDS
    return response


def page(request: HttpRequest, status: int, **said: object) -> HttpResponse:
    """Return the page of a status, in the reader's language and theme."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    told = {
        "theme": theme if theme in THEMES else "auto",
        "home": _home_of(request.path),
        "retry": _where_they_were(request) if status >= 500 else "",
        **said,
    }
    with translation.override(_language_of(request)):
        return HttpResponse(render_to_string(f"{status}.html", told), status=status)


def _home_of(path: str) -> str:
    """The desk's first page; for a customer, the first page of the own link."""
    return "/".join(path.split("/")[:3]) + "/" if path.startswith(PORTAL) and len(path) > len(PORTAL) else "/"


def _language_of(request: HttpRequest) -> str:
    """The reader's own when it was known before the fault; else the cookie's, else the browser's."""
    return getattr(request, "LANGUAGE_CODE", "") or translation.get_language_from_request(request)


def _where_they_were(request: HttpRequest) -> str:
    """The page to try again: this one, or the one that the form was on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    if not url_has_allowed_host_and_scheme(came_from, {host}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(came_from)
    return parts.path + (f"?{parts.query}" if parts.query else "")
