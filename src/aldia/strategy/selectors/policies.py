"""Policies and collection plans as they held on a day."""

from __future__ import annotations

from datetime import date

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.strategy import plan_parts as parts
from aldia.strategy.models import PolicyDocument


def policies(
    actor: Actor, *, on: date, kind: str | None = None, portfolio_id: int | None = None
) -> list[PolicyDocument]:
    """Return, for each policy and plan, the version that held on a day, by title. Raises NotAllowed."""
    actor.check(Permission.WORK_CASES if actor.may(Permission.WORK_CASES) else Permission.SEE_STRATEGIES)
    rows = (
        PolicyDocument.objects.of(actor.organisation_id)
        .filter(effective_on__lte=on)
        .select_related("owner", "portfolio")
    )
    if kind:
        rows = rows.filter(kind=kind)
    if portfolio_id is not None:
        rows = rows.filter(portfolio_id=portfolio_id)
    latest: dict[tuple[str, str], PolicyDocument] = {}
    for row in rows.order_by("effective_on", "version"):
        latest[row.kind, row.key] = row
    return sorted(latest.values(), key=lambda row: (row.title, row.pk))


def policy_versions(actor: Actor, kind: str, key: str) -> list[PolicyDocument]:
    """Return every version of a policy or plan, newest first."""
    rows = (
        PolicyDocument.objects.of(actor.organisation_id)
        .filter(kind=kind, key=key)
        .select_related("owner", "portfolio")
    )
    return list(rows.order_by("-version"))


def policy_on(actor: Actor, kind: str, key: str, on: date) -> PolicyDocument | None:
    """Return the version of a policy or plan that held on a day, or None."""
    rows = PolicyDocument.objects.of(actor.organisation_id).filter(kind=kind, key=key, effective_on__lte=on)
    found: PolicyDocument | None = rows.order_by("-effective_on", "-version").first()
    return found


def plan_choices(actor: Actor, *, on: date) -> dict[str, list[parts.Choice]]:
    """Return what a plan may name, by part. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    return parts.choices(actor, on=on)


def plan_parts(actor: Actor, plan: PolicyDocument, *, on: date) -> dict[str, list[parts.Named]]:
    """Return the parts of a version of a plan, each with how it stands on a day. Raises NotAllowed."""
    return parts.named(plan, plan_choices(actor, on=on))


def plan_changes(
    actor: Actor, before: PolicyDocument, after: PolicyDocument, *, on: date
) -> list[parts.PlanChange]:
    """Return what changed from one version to another. Raises NotAllowed."""
    return parts.changes(before, after, plan_choices(actor, on=on))
