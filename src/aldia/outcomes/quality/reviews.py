"""Quality: the criteria of the house, the week's fair sample of each agent, the review, and the agent's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access import audit
from aldia.access.permissions import NotAllowed, Permission
from aldia.db.frames import read_frame
from aldia.domain.quality import BadCriteria, BadMarks, Criterion, fair_sample, read_criteria, score_of
from aldia.outcomes.models import Outcome, OutcomeDetail
from aldia.outcomes.quality.models import QualityForm, QualityReview

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock

EACH: Final = 5  # conversations of each agent and week
MOST_CRITERIA: Final = 12
SHIPPED: Final = (
    ("identity", gettext_lazy("Comprobó con quién hablaba antes de hablar de la deuda"), 3),
    ("respect", gettext_lazy("Trató con calma y respeto, sin apuro ni amenazas"), 3),
    ("listening", gettext_lazy("Escuchó y entendió por qué no se pagó"), 2),
    ("clarity", gettext_lazy("Dijo claro cuánto, desde cuándo y cómo pagar"), 2),
    ("offer", gettext_lazy("Ofreció solo lo que la política permite"), 2),
    ("closing", gettext_lazy("Cerró con un paso, una fecha y lo anotó bien"), 2),
)
_REVIEWED: Final[dict[str, Any]] = {
    "id": pl.Int64, "portfolio_id": pl.Int64, "user_id": pl.Int64, "score": pl.Int64, "on": pl.Date,
}  # fmt: skip


class ReviewRefused(ValueError):
    """Raised when a review cannot be kept: not that outcome, one's own work, marks that are missing, or one already kept."""


@dataclass(frozen=True)
class Scorecard:
    """The criteria in force and their version; 0 for those that ship with aldia."""

    version: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Sampled:
    """One conversation of the sample, with its review when there is one."""

    outcome_id: int
    case_id: int
    user_id: int
    on: date
    type_key: str
    channel: str
    review: QualityReview | None


def scorecard(organisation_id: int, *, version: int | None = None) -> Scorecard:
    """Return the criteria in force, or those of a version."""
    rows = QualityForm.objects.of(organisation_id).order_by("-version")
    row = rows.first() if version is None else rows.filter(version=version).first()
    if row is None:
        return Scorecard(0, tuple(Criterion(key, str(label), weight) for key, label, weight in SHIPPED))
    return Scorecard(row.version, read_criteria(row.criteria))


@transaction.atomic
def save_criteria(*, actor: Actor, criteria: Sequence[tuple[str, int]], clock: Clock) -> QualityForm:
    """Keep the criteria (what is looked at, its weight) as their next version. Raises BadCriteria, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    told = [
        {"key": f"c{place}", "label": label.strip()[:200], "weight": weight}
        for place, (label, weight) in enumerate(criteria, start=1)
        if label.strip()
    ]
    if len(told) > MOST_CRITERIA:
        raise BadCriteria(f"at most {MOST_CRITERIA} criteria")
    read_criteria(told)
    rows = QualityForm.objects.of(actor.organisation_id)
    kept: QualityForm = QualityForm.objects.create(
        organisation_id=actor.organisation_id, version=(rows.aggregate(last=Max("version"))["last"] or 0) + 1,
        criteria=told, written_by=actor.label, written_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="outcomes.quality.criteria", object_type="quality_form", object_id=kept.pk, now=clock.now,
        data={"version": kept.version},
    )  # fmt: skip
    return kept


def sample(actor: Actor, *, week_on: date, each: int = EACH) -> list[Sampled]:
    """Return the week's sample, `each` conversations of every agent, drawn so that nobody chooses. Raises NotAllowed.

    `week_on`: any day of it, weeks begin on Monday. Voided outcomes are left out.
    """
    actor.check(Permission.SEE_TEAM)
    monday = week_on - timedelta(days=week_on.weekday())
    rows = _talked(actor.organisation_id, monday)
    of_agent: dict[int, dict[int, Outcome]] = {}
    for row in rows:
        of_agent.setdefault(row.user_id, {})[row.pk] = row
    chosen = [
        mine[pk]
        for user_id, mine in sorted(of_agent.items())
        for pk in fair_sample(mine, each, seed=f"{actor.organisation_id}:{user_id}:{monday}")
    ]
    reviews = _reviews(actor.organisation_id, [row.pk for row in chosen])
    return [
        Sampled(row.pk, row.case_id, row.user_id or 0, row.on, row.type_key, row.channel, reviews.get(row.pk))
        for row in chosen
    ]


@transaction.atomic
def review(
    *, actor: Actor, outcome_id: int, marks: Mapping[str, int | None], comment: str, clock: Clock
) -> QualityReview:
    """Keep how a conversation was handled, once. Raises ReviewRefused, NotAllowed."""
    actor.check(Permission.APPROVE_AGREEMENTS)
    told = Outcome.objects.of(actor.organisation_id).select_for_update().filter(pk=outcome_id).first()
    if told is None or told.user_id is None or told.voids_id is not None:
        raise ReviewRefused(_("Esa gestión no existe o no la hizo una persona."))
    if told.user_id == actor.user_id:
        raise ReviewRefused(_("Tu propia gestión la revisa otra persona."))
    if _reviews(actor.organisation_id, [outcome_id]):
        raise ReviewRefused(_("Esa gestión ya tiene su revisión."))
    card = scorecard(actor.organisation_id)
    try:
        score = score_of(card.criteria, marks)
    except BadMarks as missing:
        raise ReviewRefused(_("Marca cada criterio; al menos uno tiene que aplicar.")) from missing
    kept: QualityReview = QualityReview.objects.create(
        organisation_id=actor.organisation_id, outcome_id=told.pk, case_id=told.case_id, portfolio_id=told.portfolio_id,
        user_id=told.user_id, on=told.on, form_version=card.version, marks=dict(marks), score=score,
        comment=comment.strip()[:2000], reviewed_by_id=actor.user_id or 0, reviewed_at=clock.now,
    )  # fmt: skip
    _record(actor, "outcomes.quality.review", kept, clock, score=score)
    return kept


@transaction.atomic
def answer_review(*, actor: Actor, review_id: int, text: str, clock: Clock) -> QualityReview:
    """Keep what the agent says of a review of his work. Raises ReviewRefused, QualityReview.DoesNotExist, NotAllowed."""
    row: QualityReview = QualityReview.objects.of(actor.organisation_id).select_for_update().get(pk=review_id)
    if row.user_id != actor.user_id:
        raise NotAllowed(Permission.WORK_CASES)
    if not text.strip() or row.answered_at is not None:
        raise ReviewRefused(_("Escribe tu respuesta; se da una sola vez."))
    row.answer, row.answered_at = text.strip()[:2000], clock.now
    row.save(update_fields=["answer", "answered_at"])
    _record(actor, "outcomes.quality.answer", row, clock)
    return row


def review_of(actor: Actor, outcome_id: int) -> tuple[Sampled, str]:
    """Return a conversation with its review and its note, for who reviews or for its agent. Raises Outcome.DoesNotExist, NotAllowed."""
    row: Outcome = Outcome.objects.of(actor.organisation_id).get(
        pk=outcome_id, user_id__isnull=False, voids_id=None
    )
    if row.user_id != actor.user_id:
        actor.check(Permission.SEE_TEAM)
    found = _reviews(actor.organisation_id, [row.pk]).get(row.pk)
    detail = OutcomeDetail.objects.of(actor.organisation_id).filter(outcome_id=row.pk).first()
    told = Sampled(row.pk, row.case_id, row.user_id or 0, row.on, row.type_key, row.channel, found)
    return told, detail.note if detail else ""


def own_reviews(actor: Actor, *, limit: int = 30) -> list[QualityReview]:
    """Return the newest reviews of the actor's own work."""
    rows = QualityReview.objects.of(actor.organisation_id).filter(user_id=actor.user_id or 0)
    return list(rows.order_by("-on", "-pk")[:limit])


def review_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the reviews of conversations of [from_on, to_on): whose, in which portfolio, the score."""
    sql = """
        SELECT id, portfolio_id, user_id, score, "on" FROM outcomes_qualityreview
        WHERE organisation_id = %s AND "on" >= %s AND "on" < %s
    """
    return read_frame(sql, [organisation_id, from_on, to_on], _REVIEWED)


def _talked(organisation_id: int, monday: date) -> list[Any]:
    """The conversations of a week that people logged and nobody undid."""
    rows = Outcome.objects.of(organisation_id).filter(
        on__gte=monday,
        on__lt=monday + timedelta(days=7),
        is_contact=True,
        user_id__isnull=False,
        voids_id=None,
    )
    undone = Outcome.objects.of(organisation_id).filter(voids_id__isnull=False).values("voids_id")
    return list(rows.exclude(pk__in=undone))


def _reviews(organisation_id: int, outcome_ids: Sequence[int]) -> dict[int, QualityReview]:
    rows = QualityReview.objects.of(organisation_id).filter(outcome_id__in=outcome_ids)
    return {row.outcome_id: row for row in rows}


def _record(actor: Actor, verb: str, row: QualityReview, clock: Clock, **data: Any) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="quality_review", object_id=row.pk, now=clock.now, data=data,
    )  # fmt: skip
