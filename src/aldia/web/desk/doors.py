"""How a staff view is guarded: every view names the permission it needs, and a test fails on one that does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone

from aldia.access.actors import Actor, Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.db.pages import BadCursor
from aldia.db.walls import behind_wall
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.access.models import Organisation

View = Callable[..., HttpResponseBase]
_LONGEST_KEY: Final = 18  # digits that every database takes as a key


class StaffRequest(HttpRequest):
    """A request whose actor, organisation and clock were set by the middleware; never None inside a guarded view."""

    actor: Actor
    organisation: Organisation
    clock: Clock
    htmx: Any


def staff(*needed: Permission) -> Callable[[View], View]:
    """Let in signed-in members whose role gives one of the permissions; with none named, any member who works in the house.

    People from outside have a window of their own. Others go to sign in, or get 403. The auditor reads whatever any reader
    may, but only with GET. A page of a list that is no more leads to the first.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.actor is None or request.actor.is_limited or not _is_let_in(request, needed):
                raise PermissionDenied
            try:
                with behind_wall(request.actor.organisation_id):
                    return view(request, *args, **kwargs)
            except NotAllowed as refusal:
                raise PermissionDenied(str(refusal)) from refusal
            except BadCursor as gone:
                toasts.warn(request, str(gone))
                return HttpResponseRedirect(request.path)

        guarded.needs = needed  # type: ignore[attr-defined]
        return guarded

    return guard


def _is_let_in(request: StaffRequest, needed: tuple[Permission, ...]) -> bool:
    if any(request.actor.may(permission) for permission in needed) or not needed:
        return request.method in {"GET", "HEAD"} or not request.actor.may(Permission.READ_EVERYTHING)
    return request.method in {"GET", "HEAD"} and request.actor.may(Permission.READ_EVERYTHING)


def key_of(text: str) -> int | None:
    """Return the key that an address or a form names, or None where it is no key."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_KEY else None


def real_now() -> Any:
    """Return the real instant: for audit rows and sessions; business time is `request.clock`."""
    return timezone.now()
