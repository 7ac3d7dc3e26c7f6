"""How a view of the window is guarded: only people from outside come in, and they act on their own part alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from aldia.access.actors import Actor, Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.cases.selectors import UnknownCase
from aldia.db.pages import BadCursor
from aldia.db.walls import behind_wall
from aldia.ledger.owning import seen_by_owner
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.access.models import Organisation

View = Callable[..., HttpResponseBase]


class WindowRequest(HttpRequest):
    """A request of somebody from outside: its actor is limited to the portfolios of a creditor, or to what an agency was given."""

    actor: Actor
    organisation: Organisation
    clock: Clock


def window(*needed: Permission) -> Callable[[View], View]:
    """Let in signed-in people from outside whose role gives one of the permissions; nobody of the house.

    What is not theirs does not exist: it is a 404. A page of a list that is no more leads to the first.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not (request.actor and request.actor.is_limited and any(map(request.actor.may, needed))):
                raise PermissionDenied
            try:
                with behind_wall(request.actor.organisation_id):
                    request.actor = seen_by_owner(request.actor, as_of=request.clock.as_of)
                    return view(request, *args, **kwargs)
            except NotAllowed as refusal:
                raise PermissionDenied(str(refusal)) from refusal
            except (UnknownCase, ObjectDoesNotExist) as unknown:
                raise Http404 from unknown
            except BadCursor as gone:
                toasts.warn(request, str(gone))
                return HttpResponseRedirect(request.path)

        guarded.needs = needed  # type: ignore[attr-defined]
        return guarded

    return guard
