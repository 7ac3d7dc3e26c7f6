"""Two records of one person: a pointer that can be taken back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.parties.models import Party


class UnableToMerge(Exception):
    """Two parties that cannot be joined; says why."""


class NotMerged(Exception):
    """There is no merge to take back."""


@transaction.atomic
def merge(*, actor: Actor, party_id: int, into_id: int, now: datetime) -> Party:
    """Return the party, now pointing at the one that it is. Accounts stay where they are. Raises UnableToMerge, NotAllowed."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    rows = {
        row.pk: row
        for row in Party.objects.of(actor.organisation_id)
        .select_for_update()
        .filter(pk__in=[party_id, into_id])
    }
    if party_id == into_id or len(rows) < 2:
        raise UnableToMerge(_("Elige dos clientes distintos de esta organización."))
    party: Party = rows[party_id]
    into: Party = rows[into_id]
    if into.merged_into_id is not None or party.merged_into_id is not None:
        raise UnableToMerge(_("Uno de los dos ya está unido a otro: elige el que quedó."))
    if Party.objects.of(actor.organisation_id).filter(merged_into=party).exists():
        raise UnableToMerge(_("A este cliente ya se unieron otros: únelo al revés."))
    party.merged_into = into
    party.save(update_fields=["merged_into"])
    data = {"into": into_id}
    audit.record(
        actor=actor, verb="parties.party.merge", object_type="party", object_id=party_id, now=now, data=data
    )
    return party


@transaction.atomic
def unmerge(*, actor: Actor, party_id: int, now: datetime) -> Party:
    """Return the party on its own again. Raises NotMerged, NotAllowed."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    party: Party | None = (
        Party.objects.of(actor.organisation_id)
        .select_for_update()
        .filter(pk=party_id, merged_into__isnull=False)
        .first()
    )
    if party is None:
        raise NotMerged(_("Este cliente no está unido a otro."))
    before, party.merged_into = party.merged_into_id, None
    party.save(update_fields=["merged_into"])
    data = {"from": before}
    audit.record(
        actor=actor, verb="parties.party.unmerge", object_type="party", object_id=party_id, now=now, data=data
    )
    return party
