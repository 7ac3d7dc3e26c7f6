"""Who is asking, in which organisation, at what time: set once per request for every staff view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from aldia.access import selectors as access
from aldia.db.memory import already_read, remembering

SESSION_KEY = "organisation"


class StaffMiddleware:
    """Adds `request.actor`, `request.organisation`, `request.clock` for signed-in staff; None for everybody else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = request.organisation = request.clock = None  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        with remembering():
            if request.user.is_authenticated:
                self._identify(request)
            return self.get_response(request)

    def _identify(self, request: HttpRequest) -> None:
        memberships = access.memberships_of(request.user)  # type: ignore[arg-type]
        request.memberships = memberships  # type: ignore[attr-defined]
        language: str = request.user.language  # type: ignore[union-attr]
        translation.activate(language)
        request.LANGUAGE_CODE = language
        chosen = request.session.get(SESSION_KEY)
        membership = next(
            (m for m in memberships if m.organisation_id == chosen), memberships[0] if memberships else None
        )
        if membership:
            request.actor = access.actor_of(membership)  # type: ignore[attr-defined]
            request.organisation = membership.organisation  # type: ignore[attr-defined]
            already_read(access.organisation_of, membership.organisation, request.actor)  # type: ignore[attr-defined]
            request.clock = access.clock_of(membership.organisation, timezone.now())  # type: ignore[attr-defined]
