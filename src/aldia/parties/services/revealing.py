"""A masked tax id shown whole: a person's gesture, and the audit keeps it."""

from datetime import datetime

from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.parties import selectors


@transaction.atomic
def reveal_tax_id(*, actor: Actor, party_id: int, now: datetime) -> str:
    """Return the party's tax id, unmasked. Raises UnknownParty, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    party = selectors.party(actor, party_id)
    audit.record(actor=actor, verb="parties.tax_id.reveal", object_type="party", object_id=party_id, now=now)
    return str(party.tax_id)
