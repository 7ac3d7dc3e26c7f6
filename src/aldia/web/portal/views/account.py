"""What I owe, from what it is made up, how to pay it, and my papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from aldia.access import formats
from aldia.chat.switching import rules_of
from aldia.contact.statements import statement_of_case
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import amount_text
from aldia.outcomes import selectors as outcomes
from aldia.outcomes.quality import opinions
from aldia.payments.running import owed_today
from aldia.web.portal.offers import offers_of
from aldia.web.portal.visits import Visit, language_of, visitor

ANSWER_SHOWN: Final = timedelta(days=30)


def account_context(visit: Visit) -> dict[str, Any]:
    """Return what every page of the account shows: amounts written already, one a currency."""
    lines = owed_today(visit.actor, visit.case_id, as_of=visit.clock.as_of)
    overdue = [line for line in lines if line.dpd > 0]
    owed = overdue or lines
    locale = locale_of(visit)
    promise = outcomes.open_promise(visit.actor, visit.case_id)
    waiting = [
        row.state
        for row in outcomes.agreements_of_case(visit.actor, visit.case_id)
        if row.state == "active" or (row.state == "offered" and row.valid_until_on >= visit.clock.as_of)
    ]
    return {
        "visit": visit,
        "token": visit.token,
        "creditor": visit.creditor,
        "name": _called(visit),
        "amounts": [
            amount_text(visit.actor.organisation_id, total.minor, currency, visit.clock.as_of, locale)
            for currency, total in ledger.total_open(owed).items()
            if total.minor > 0
        ],
        "is_overdue": bool(overdue),
        "oldest": min((line.due_on for line in owed), default=None),
        "today": visit.clock.as_of,
        "lines": [
            {
                "number": line.number,
                "day": formats.day_words(line.due_on, visit.clock.as_of),
                "is_overdue": line.dpd > 0,
                "amount": formats.money(line.open_minor, line.currency, locale),
                "running": formats.money(line.running_minor, line.currency, locale)
                if line.running_minor > 0
                else "",
            }
            for line in lines
        ],
        "has_chat": rules_of(visit.organisation, visit.portfolio).answers("portal"),
        "agreement_state": waiting[0] if waiting else "",
        "promise": promise,
        "promise_amount": formats.money(promise.amount_minor, promise.currency, locale) if promise else "",
        "promise_day": formats.day_words(promise.due_on, visit.clock.as_of, weekday=True) if promise else "",
        "oldest_day": formats.day_words(min(line.due_on for line in owed), visit.clock.as_of) if owed else "",
    }


def answered_dispute(visit: Visit) -> outcomes.DisputeLine | None:
    """Return the disagreement that was answered last, whoever did, while its answer is news."""
    since = visit.clock.now - ANSWER_SHOWN
    rows = outcomes.disputes_of_case(visit.actor, visit.case_id, as_of=visit.clock.as_of)
    news = [row for row in rows if row.answered_at is not None and row.answered_at > since]
    return max(news, key=lambda row: (row.answered_at, row.id), default=None)


def _called(visit: Visit) -> str:
    """How the page greets: a person by the first name, a company without the dot that the sentence brings itself."""
    name = visit.party.name
    return name.split()[0].title() if visit.party.kind == "PERSON" else name.rstrip(".")


def locale_of(visit: Visit) -> str:
    """Return the regional formats of the organisation."""
    return formats.known_locale(visit.organisation.locale)


@visitor
@require_GET
def account(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The amount and the four doors; the answer to a disagreement, and how the client was treated in it."""
    answered = answered_dispute(visit)
    told = {"answered": answered, "is_answer_rated": answered is not None and _is_rated(visit, answered.id)}
    return render(request, "portal/account.html", account_context(visit) | offers_of(visit) | told)


def _is_rated(visit: Visit, dispute_id: int) -> bool:
    return opinions.has_opined(visit.organisation.pk, visit.case_id, kind="answer", act_id=dispute_id)


@visitor
@require_GET
def talk(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A person: telephone and mail of the creditor."""
    return render(request, "portal/talk.html", account_context(visit))


@visitor
@require_GET
def statement(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The statement of account as a PDF."""
    lines = owed_today(visit.actor, visit.case_id, as_of=visit.clock.as_of)
    content = statement_of_case(
        visit.actor, case_id=visit.case_id, as_of=visit.clock.as_of, language=language_of(visit), lines=lines
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="estado-de-cuenta.pdf"'
    return response


urls = [
    path("<str:token>/cuenta/", account, name="account"),
    path("<str:token>/persona/", talk, name="talk"),
    path("<str:token>/estado-de-cuenta.pdf", statement, name="statement"),
]
