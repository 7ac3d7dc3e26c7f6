"""Negotiation policies: written as versions, each whole; the newest rules."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.domain.negotiation import NegotiationPolicy as Rules
from aldia.domain.negotiation import to_data
from aldia.outcomes.models import NegotiationPolicy, NegotiationVersion


class PolicyRefused(ValueError):
    """A policy that cannot be kept; `field` says what to repair."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class NegotiationDraft:
    """A policy as somebody writes it. Without key it is new; without portfolio and segment, of the whole house."""

    key: str
    name: str
    rules: Rules
    portfolio_id: int | None = None
    segment_key: str = ""
    is_active: bool = True


@transaction.atomic
def save_negotiation_policy(*, actor: Actor, draft: NegotiationDraft, clock: Clock) -> NegotiationPolicy:
    """Return the policy with these rules as its next version. The same rules again make none.

    Agreements made before keep the version they were made under. Raises PolicyRefused, NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    if not draft.name.strip():
        raise PolicyRefused("name", _("Ponle un nombre a la política."))
    rows = NegotiationPolicy.objects.of(actor.organisation_id)
    others = rows.filter(portfolio_id=draft.portfolio_id, segment_key=draft.segment_key, is_active=True)
    if draft.is_active and others.exclude(key=draft.key).exists():
        raise PolicyRefused(
            "portfolio", _("Ya hay otra política para esa cartera y ese segmento: cámbiala a ella.")
        )
    told = {
        "name": draft.name.strip()[:120], "portfolio_id": draft.portfolio_id, "segment_key": draft.segment_key,
        "is_active": draft.is_active,
    }  # fmt: skip
    policy, _is_new = rows.update_or_create(
        organisation_id=actor.organisation_id, key=draft.key or _free_key(actor, draft.name), defaults=told
    )
    versions = NegotiationVersion.objects.of(actor.organisation_id).filter(policy_id=policy.pk)
    latest = versions.order_by("-number").first()
    data = to_data(draft.rules)
    if latest is None or latest.rules != data:
        NegotiationVersion.objects.create(
            organisation_id=actor.organisation_id, policy_id=policy.pk, number=latest.number + 1 if latest else 1,
            rules=data, made_by=actor.label, made_at=clock.now,
        )  # fmt: skip
    number = versions.aggregate(latest=Max("number"))["latest"]
    audit.record(
        actor=actor, verb="outcomes.negotiation.write", object_type="negotiation", object_id=policy.pk, now=clock.now,
        data={"key": policy.key, "version": number, **{name: told[name] for name in ("portfolio_id", "segment_key", "is_active")}},
    )  # fmt: skip
    return policy


def _free_key(actor: Actor, name: str) -> str:
    first = slugify(name)[:50] or "politica"
    taken = set(NegotiationPolicy.objects.of(actor.organisation_id).values_list("key", flat=True))
    return next(key for key in (first, *(f"{first}-{turn}" for turn in range(2, 1_000))) if key not in taken)
