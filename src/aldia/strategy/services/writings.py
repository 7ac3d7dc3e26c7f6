"""The policies and collection plans of the house: texts with an owner, a version and a date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.strategy.models import PolicyDocument
from aldia.strategy.plan_parts import choices, pinned

KINDS = ("policy", "plan")


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
    parts: Mapping[str, Iterable[str]] = field(default_factory=dict)  # of a plan: part -> keys


@transaction.atomic
def write_policy(*, actor: Actor, policy: PolicyDraft, clock: Clock) -> PolicyDocument:
    """Return a policy or collection plan written as its next version; earlier ones stay and tell what held before.

    A plan's parts are pinned at the versions of that day. Raises ValueError for another kind or an empty text, UnknownPart,
    NotAllowed.
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
        parts=pinned(policy.parts, choices(actor, on=clock.as_of)) if policy.parts else {}, written_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="strategy.policy.write", object_type="policy", object_id=written.pk, now=clock.now,
        data={"kind": policy.kind, "key": policy.key, "version": written.version},
    )  # fmt: skip
    return written
