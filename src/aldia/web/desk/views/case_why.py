"""Why this case now, in words with the figure inside: the points that it has and, while the queue goes by it, its worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from aldia.cases.rules import is_by_worth
from aldia.contact import selectors as contact
from aldia.domain.attention import ReasonKind
from aldia.web.desk.views import words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.cases.selectors import CaseCard
    from aldia.domain.attention import ScoreReason
    from aldia.outcomes.selectors import PromiseLine
    from aldia.web.desk.doors import StaffRequest


def reasons(request: StaffRequest, card: CaseCard, promise: PromiseLine | None) -> list[dict[str, Any]]:
    """Return the reasons of a case with the weight of each, the strongest 100; `promise` is the one that its head tells."""
    found = card.priority.reasons
    strongest = max((reason.points for reason in found), default=1)
    told = [
        {"text": _reason(request, card, promise, row), "weight": round(row.points * 100 / strongest)}
        for row in found
    ]
    return [*_worth(request, card), *told]


def _worth(request: StaffRequest, card: CaseCard) -> list[dict[str, Any]]:
    """The first of all while the queue goes by it."""
    if not card.worth_minor or not is_by_worth(request.actor):
        return []
    amount = formats.money(card.worth_minor, card.currency, request.organisation.locale)
    return [
        {"text": _("Un minuto con este caso debería traer %(amount)s") % {"amount": amount}, "weight": 100}
    ]


def _reason(request: StaffRequest, card: CaseCard, promise: PromiseLine | None, reason: ScoreReason) -> str:
    regional = formats.regional_of(request)
    if reason.kind is ReasonKind.AMOUNT_AND_AGE:
        amount = formats.money(card.overdue_minor, card.currency, regional.locale)
        told = {"amount": amount, "days": formats.days(dict(reason.args)["dpd"])}
        return _("Debe %(amount)s desde hace %(days)s") % told
    if reason.kind is ReasonKind.PROMISE_BROKEN and promise:
        amount = formats.money(promise.amount_minor, promise.currency, regional.locale)
        on = formats.day(promise.due_on, regional.today)
        return _("No llegó la promesa de %(amount)s del %(on)s") % {"amount": amount, "on": on}
    text = reason.text(words.language())
    text = text[:1].upper() + text[1:]
    if reason.kind is ReasonKind.NEVER_CONTACTED:
        sent = contact.sent_counts(request.actor, card.id)
        return "; ".join([text, *(words.sent(channel, count) for channel, count in sent.items())])
    return text
