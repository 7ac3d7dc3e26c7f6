"""The way in: a neutral page, the same for a link that lives and for one that does not; looking never uses it up."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access import formats
from aldia.access import selectors as access
from aldia.contact import selectors as contact_selectors
from aldia.contact import services as contact
from aldia.parties import services as parties
from aldia.web.portal.visits import Visit, anyone, is_verified, language_of, remember, visit_of

if TYPE_CHECKING:
    from aldia.contact.models import Message

WRONG = 422


@anyone
@require_http_methods(["GET", "HEAD"])
def entry(request: HttpRequest, token: str) -> HttpResponse:
    """Ask who is there, without a name and without an amount; who is known already goes on."""
    visit = visit_of(token)
    if visit is not None:
        contact.note_opening(link=visit.link, now=timezone.now())
        if is_verified(request, visit):
            return redirect("portal:account", token=token)
    with _spoken_to(visit):
        return render(request, "portal/entry.html", {"token": token})


def _spoken_to(visit: Visit | None) -> translation.override:
    """The visitor's language; for who has no link, the one of the browser."""
    return translation.override(language_of(visit) if visit else translation.get_language())


@anyone
@require_POST
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Accept digits of the document or a code; every failure says the same."""
    visit = visit_of(token)
    code, digits = request.POST.get("code", ""), request.POST.get("digits", "")
    with _spoken_to(visit):
        problem = _("No coincide con lo que tenemos. Revisa los números, o pide un código.")
        if visit is not None:
            try:
                if code:
                    contact.verify_code(link=visit.link, code=code, now=timezone.now())
                else:
                    contact.verify_digits(link=visit.link, digits=digits, now=timezone.now())
                return remember(redirect("portal:account", token=token), visit)
            except contact.TooManyTries as failure:
                problem = str(failure)
            except contact.VerificationFailed:
                pass  # its own words would tell a link that lives from one that does not
        context = {"token": token, "problem": problem, "has_code": bool(code)}
        return render(request, "portal/entry.html", context, status=WRONG)


@anyone
@require_POST
def send_code(request: HttpRequest, token: str) -> HttpResponse:
    """Send a code to a point we know; the page says the same whether there is one or not."""
    visit = visit_of(token)
    with _spoken_to(visit):
        if visit is not None:
            channel = "sms" if request.POST.get("channel") == "sms" else "email"
            try:
                contact.send_code(link=visit.link, channel=channel, clock=visit.clock, now=timezone.now())
            except contact.TooManyTries as failure:
                context = {"token": token, "problem": str(failure)}
                return render(request, "portal/entry.html", context, status=WRONG)
        return render(request, "portal/entry.html", {"token": token, "has_code": True})


def _sent_day(message: Message) -> str:
    """The day a message left, where its organisation is: late in the evening it is another day for the machine."""
    if message.sent_at is None:
        return ""
    organisation = message.organisation
    on = message.sent_at.astimezone(ZoneInfo(organisation.timezone)).date()
    return formats.day_words(on, access.clock_of(organisation, timezone.now()).as_of)


@anyone
@require_http_methods(["GET", "POST"])
def check_message(request: HttpRequest) -> HttpResponse:
    """Say whether a message is really ours, by the code that it carries; nothing of its content."""
    code = request.POST.get("code", "").strip()
    found = contact_selectors.is_our_message(code) if code else None
    context = {
        "code": code,
        "is_asked": bool(code),
        "sent_day": _sent_day(found) if found else "",
        "creditor": contact_selectors.creditor_of_message(found) if found else "",
    }
    return render(request, "portal/check.html", context)


@csrf_exempt
@anyone
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop messages of a channel. Needs no verification: leaving must be easier than staying.

    A mail program posts here by itself, from its own servers and without a page before (RFC 8058): the link is the proof.
    """
    visit = visit_of(token)
    is_done = request.method == "POST"
    if is_done and visit is not None:
        chosen = request.POST.get("channel", "email")
        parties.record_consent(
            actor=visit.actor,
            party_id=visit.link.party_id,
            creditor_id=visit.portfolio.creditor_id,
            channel=chosen if chosen in {"email", "sms", "whatsapp", "all"} else "email",
            is_granted=False,
            evidence="portal",
            now=visit.clock.now,
        )
    with _spoken_to(visit):
        return render(request, "portal/unsubscribe.html", {"token": token, "is_done": is_done})


urls = [
    path("comprobar/", check_message, name="check"),
    path("<str:token>/", entry, name="entry"),
    path("<str:token>/verificar/", verify, name="verify"),
    path("<str:token>/codigo/", send_code, name="send_code"),
    path("<str:token>/baja/", unsubscribe, name="unsubscribe"),
]
