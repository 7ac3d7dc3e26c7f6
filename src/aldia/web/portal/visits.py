"""Who is at the door: a link that lives, and whether its visitor has shown who they are. Its own cookie, its own path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from aldia.access import actors
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.contact import services as contact
from aldia.db.walls import behind_wall
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.contact.models import DebtorLink
    from aldia.ledger.models import Creditor, Portfolio
    from aldia.parties.models import Party

COOKIE = "aldia_portal"
SALT = "aldia.portal.visit"
MINUTES = 30
LANGUAGES = ("es", "en", "pt-br")

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Visit:
    """A link that lives, and all that its pages need."""

    token: str
    link: DebtorLink
    organisation: Organisation
    portfolio: Portfolio
    party: Party
    actor: Actor
    clock: Clock

    @property
    def case_id(self) -> int:
        return self.link.case_id

    @property
    def creditor(self) -> Creditor:
        return self.portfolio.creditor


def visit_of(token: str) -> Visit | None:
    """Return the visit of a token; None for an unknown, expired or revoked link."""
    now = timezone.now()
    link = contact.resolve_link(token, now=now)
    if link is None:
        return None
    organisation = link.organisation
    actor = actors.debtor(organisation.pk, party_id=link.party_id)
    return Visit(
        token=token,
        link=link,
        organisation=organisation,
        portfolio=ledger.account(organisation.pk, link.case_id).portfolio,
        party=parties.party(actor, link.party_id),
        actor=actor,
        clock=access.clock_of(organisation, now),
    )


def is_verified(request: HttpRequest, visit: Visit) -> bool:
    """Return whether this browser has shown who it is for this link, or the creditor asks for nothing."""
    if not visit.creditor.has_verification and visit.portfolio.debtor_kind == "business":
        return True
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        return False
    return bool(kept == [visit.link.pk, visit.link.token_hash])


def remember(response: HttpResponse, visit: Visit) -> HttpResponse:
    """Let this browser in for half an hour."""
    response.set_cookie(
        COOKIE,
        signing.dumps([visit.link.pk, visit.link.token_hash], salt=SALT),
        max_age=MINUTES * 60,
        path="/p/",
        secure=settings.BEHIND_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


def visitor(view: View) -> View:
    """Let in verified visitors of a living link; everybody else sees the same neutral page."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        visit = visit_of(token)
        if visit is None or not is_verified(request, visit):
            return redirect("portal:entry", token=token)
        with translation.override(language_of(visit)), behind_wall(visit.organisation.pk):
            response = view(request, visit, **kwargs)
        return _private(response)

    guarded.needs = ("portal",)  # type: ignore[attr-defined]
    return guarded


def anyone(view: View) -> View:
    """A page that anybody may see: neutral, and never kept by a cache."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return _private(view(request, **kwargs))

    guarded.needs = ("anyone",)  # type: ignore[attr-defined]
    return guarded


def language_of(visit: Visit) -> str:
    """Return the language of the visitor's pages."""
    wanted = (visit.party.language or visit.portfolio.language or visit.organisation.language).lower()
    if wanted in LANGUAGES:
        return wanted
    return {"pt": "pt-br", "en": "en"}.get(wanted[:2], "es")


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = (
        "same-origin"  # with no-referrer a browser posts with the origin «null», which CSRF refuses
    )
    return response
