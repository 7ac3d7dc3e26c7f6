"""Consents: given and withdrawn, never changed."""

from datetime import datetime

from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.parties.models import Consent


@transaction.atomic
def record_consent(
    *,
    actor: Actor,
    party_id: int,
    creditor_id: int | None,
    channel: str,
    is_granted: bool,
    evidence: str,
    now: datetime,
) -> Consent:
    """Return a consent given (or an opt-out, `is_granted=False`) for a channel or `all`, towards one creditor or every one."""
    consent: Consent = Consent.objects.create(
        organisation_id=actor.organisation_id,
        party_id=party_id,
        creditor_id=creditor_id,
        channel=channel,
        is_granted=is_granted,
        at=now,
        evidence=evidence[:60],
        recorded_by=actor.label,
    )
    audit.record(
        actor=actor, verb="parties.consent.grant" if is_granted else "parties.consent.withdraw", object_type="party",
        object_id=party_id, now=now, data={"channel": channel, "creditor": creditor_id},
    )  # fmt: skip
    return consent
