"""Segments, and the policies and collection plans of the house: texts with an owner, a version and a date."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.engine.rules import RuleError, check
from aldia.strategy.complaints import pointed
from aldia.strategy.models import PolicyDocument, Segment

KINDS = ("policy", "plan")


class SegmentRefused(ValueError):
    """A segment whose rule cannot be read; `at` is the column of the word that is wrong."""

    def __init__(self, text: str, at: int) -> None:
        self.at = at
        super().__init__(text)


class UnknownSegment(LookupError):
    """There is no such segment in this organisation."""


@transaction.atomic
def save_segment(*, actor: Actor, key: str, name: str, rule: str, now: datetime) -> Segment:
    """Return the segment, new or changed by its key. Raises SegmentRefused, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    try:
        check(rule, grain="case")
    except RuleError as refusal:
        raise SegmentRefused(pointed(refusal.remark), refusal.remark.at) from refusal
    segment: Segment
    segment, _made = Segment.objects.of(actor.organisation_id).update_or_create(
        organisation_id=actor.organisation_id, key=key, defaults={"name": name, "rule": rule}
    )
    audit.record(
        actor=actor,
        verb="strategy.segment.save",
        object_type="segment",
        object_id=segment.pk,
        now=now,
        data={"rule": rule},
    )
    return segment


@transaction.atomic
def delete_segment(*, actor: Actor, key: str, now: datetime) -> None:
    """Forget a segment. Raises UnknownSegment, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    segment = Segment.objects.of(actor.organisation_id).filter(key=key).first()
    if segment is None:
        raise UnknownSegment(_("Ese segmento no existe."))
    audit.record(
        actor=actor,
        verb="strategy.segment.delete",
        object_type="segment",
        object_id=segment.pk,
        now=now,
        data={"key": key},
    )
    segment.delete()


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy or collection plan as somebody writes it; without owner, the writer's. Without portfolio, of the whole house."""

    kind: str
    key: str
    title: str
    body: str
    effective_on: date
    owner_id: int | None = None
    portfolio_id: int | None = None


@transaction.atomic
def write_policy(*, actor: Actor, policy: PolicyDraft, clock: Clock) -> PolicyDocument:
    """Return a policy or collection plan written as its next version; earlier ones stay and tell what held before.

    Raises ValueError for another kind or an empty text, NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    if policy.kind not in KINDS:
        raise ValueError(f"a document is one of {', '.join(KINDS)}, found {policy.kind!r}")
    if not (policy.title.strip() and policy.body.strip()):
        raise ValueError(_("Escribe el título y el texto."))
    rows = PolicyDocument.objects.of(actor.organisation_id).filter(kind=policy.kind, key=policy.key)
    latest = rows.aggregate(latest=Max("version"))["latest"] or 0
    written: PolicyDocument = PolicyDocument.objects.create(
        organisation_id=actor.organisation_id, kind=policy.kind, key=policy.key, version=latest + 1,
        title=policy.title.strip()[:150], body=policy.body, portfolio_id=policy.portfolio_id,
        owner_id=policy.owner_id if policy.owner_id is not None else actor.user_id, effective_on=policy.effective_on,
        written_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="strategy.policy.write", object_type="policy", object_id=written.pk, now=clock.now,
        data={"kind": policy.kind, "key": policy.key, "version": written.version},
    )  # fmt: skip
    return written
