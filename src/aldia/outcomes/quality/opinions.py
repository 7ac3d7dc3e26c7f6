"""Clients' opinions: one question after an act, answered once, with a sentence if they wish, and without a name if they prefer."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aldia.access.permissions import Permission
from aldia.db.frames import read_frame
from aldia.ledger import selectors as ledger
from aldia.outcomes.models import Dispute, Outcome
from aldia.outcomes.quality.models import Opinion

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock

KINDS: Final = ("promise", "dispute", "answer", "payment", "chat", "link")
SCORES: Final = (1, 2, 3, 4, 5)
SPOKE_WITHIN: Final = timedelta(days=30)
_LONGEST: Final = 300
_SCHEMA: Final[dict[str, Any]] = {
    "id": pl.Int64, "portfolio_id": pl.Int64, "user_id": pl.Int64, "kind": pl.String, "score": pl.Int64, "on": pl.Date,
}  # fmt: skip


class OpinionRefused(ValueError):
    """Raised when an opinion has no score from 1 to 5, or was already given for that act."""


@dataclass(frozen=True)
class OpinionDraft:
    """An opinion as it is given: about which act (`promise`, 12), its score, and whether its author wants no name on it."""

    kind: str
    act_id: int
    score: int
    text: str = ""
    is_anonymous: bool = False


@transaction.atomic
def give_opinion(*, actor: Actor, case_id: int, draft: OpinionDraft, clock: Clock) -> Opinion:
    """Keep what a client says of how he was treated. Raises OpinionRefused, NotAllowed.

    No audit row: it would say whose an anonymous opinion is.
    """
    actor.check(Permission.ANSWER_AS_DEBTOR)
    if draft.kind not in KINDS or draft.score not in SCORES:
        raise OpinionRefused(_("Elige del 1 al 5."))
    portfolio_id, _creditor, _party = ledger.account_of(actor, case_id)
    try:
        with transaction.atomic():
            kept: Opinion = Opinion.objects.create(
                organisation_id=actor.organisation_id, mark=_mark(actor.organisation_id, case_id, draft), kind=draft.kind,
                portfolio_id=portfolio_id, case_id=None if draft.is_anonymous else case_id, score=draft.score,
                user_id=_who_spoke(actor.organisation_id, case_id, clock.as_of), text=draft.text.strip()[:_LONGEST],
                on=clock.as_of,
            )  # fmt: skip
    except IntegrityError as twice:
        raise OpinionRefused(_("Ya nos lo dijiste. Gracias.")) from twice
    return kept


def has_opined(organisation_id: int, case_id: int, *, kind: str, act_id: int) -> bool:
    """Return whether there is an opinion of that act."""
    mark = _mark(organisation_id, case_id, OpinionDraft(kind, act_id, 0))
    return Opinion.objects.of(organisation_id).filter(mark=mark).exists()


def opinion_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the opinions given in [from_on, to_on), without text and without case."""
    sql = """
        SELECT id, portfolio_id, user_id, kind, score, "on" FROM outcomes_opinion
        WHERE organisation_id = %s AND "on" >= %s AND "on" < %s
    """
    return read_frame(sql, [organisation_id, from_on, to_on], _SCHEMA)


def opinions(actor: Actor, *, from_on: date, to_on: date, limit: int = 50) -> list[Opinion]:
    """Return the newest opinions of a period; who does not see the team reads those about himself. Raises NotAllowed."""
    actor.check(Permission.SEE_INDICATORS)
    rows = Opinion.objects.of(actor.organisation_id).filter(on__gte=from_on, on__lt=to_on)
    if not actor.may(Permission.SEE_TEAM):
        rows = rows.filter(user_id=actor.user_id or 0)
    return list(rows.order_by("-on", "-pk")[:limit])


def disputes_opened(
    actor: Actor, *, from_on: date, to_on: date, portfolio_ids: Collection[int] | None = None
) -> int:
    """Return how many disputes were opened in [from_on, to_on), in some portfolios or all."""
    rows = Dispute.objects.of(actor.organisation_id).filter(opened_on__gte=from_on, opened_on__lt=to_on)
    if portfolio_ids is not None:
        rows = rows.filter(case__portfolio_id__in=portfolio_ids)
    return int(rows.count())


def _mark(organisation_id: int, case_id: int, draft: OpinionDraft) -> str:
    told = f"{organisation_id}:{case_id}:{draft.kind}:{draft.act_id}".encode()
    return hmac.new(f"opinion:{settings.SECRET_KEY}".encode(), told, sha256).hexdigest()


def _who_spoke(organisation_id: int, case_id: int, as_of: date) -> int | None:
    rows = Outcome.objects.of(organisation_id).filter(
        case_id=case_id, is_contact=True, user_id__isnull=False, voids_id=None, on__gte=as_of - SPOKE_WITHIN
    )
    found: int | None = rows.order_by("-on", "-pk").values_list("user_id", flat=True).first()
    return found
