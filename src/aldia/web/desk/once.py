"""A form that posts money or makes something is done once, however often it is sent: a double click, a key held, a lost answer."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from aldia.access import sent_forms
from aldia.web.desk.doors import real_now
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from aldia.web.desk.doors import StaffRequest, View

Response = TypeVar("Response", bound=HttpResponse)
FIELD: Final = "una_vez"
"""The hidden field that the tag `once` writes beside the CSRF token."""
_REDIRECTS: Final = range(300, 400)


def once(view: View) -> View:
    """Let a form do its work the first time it comes; the next ones change nothing and lead where the first did.

    Goes under `staff`. A refusal leaves the form free: it comes corrected, or again.
    """

    @wraps(view)
    def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not key:
            return view(request, *args, **kwargs)
        try:
            return sent_forms.send_once(
                actor=request.actor, key=key, now=real_now(), act=lambda: view(request, *args, **kwargs), led_to=_led_to
            )  # fmt: skip
        except sent_forms.SentBefore as before:
            toasts.say(request, _("Ya estaba hecho: llegó una vez y no se repitió."))
            return _to(request, before.led_to)

    return guarded


def refused(answer: Response) -> Response:
    """Mark an answer that leads elsewhere though nothing was done, so that the form stays free."""
    answer.is_refused = True  # type: ignore[attr-defined]
    return answer


def _led_to(answer: HttpResponseBase) -> str | None:
    """Where an answer leads; empty when the case goes on in its own place, None when nothing was done."""
    if getattr(answer, "is_refused", False):
        return None
    if answer.status_code in _REDIRECTS:
        return answer.headers["Location"]
    if "HX-Redirect" in answer.headers:
        return answer.headers["HX-Redirect"]
    return "" if "HX-Retarget" in answer.headers else None


def _to(request: StaffRequest, address: str) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(address) if address else HttpResponseClientRefresh()
    return HttpResponseRedirect(address or request.get_full_path())
