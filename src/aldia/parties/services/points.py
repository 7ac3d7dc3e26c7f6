"""Contact points by hand: add, change, retire; and the facts of one party."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.parties.models import ContactPoint, Party, PartyReference, PointKind, PointState
from aldia.parties.names import fold
from aldia.parties.normal import BadPoint, normalise_point
from aldia.parties.words import add_phone_word, rewrite_name_words

_PARTY_FIELDS = frozenset(
    {"name", "tax_id", "tax_id_kind", "kind", "country", "region", "language", "timezone"}
)


class UnknownPoint(LookupError):
    """No such contact point in this organisation."""


@dataclass(frozen=True)
class PointDraft:
    """A contact point as somebody types it. `country` reads a phone without international prefix."""

    kind: str
    value: str
    label: str = ""
    creditor_id: int | None = None
    country: str = ""
    source: str = "desk"


@transaction.atomic
def add_point(*, actor: Actor, party_id: int, point: PointDraft, now: datetime) -> ContactPoint:
    """Return the contact point of a party; one that was retired serves again. Raises BadPoint, NotAllowed."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    party = Party.objects.of(actor.organisation_id).get(pk=party_id)
    value, is_mobile = normalise_point(point.kind, point.value, point.country or party.country)
    mine = ContactPoint.objects.of(actor.organisation_id).filter(party_id=party_id)
    kept: ContactPoint = mine.filter(kind=point.kind, value=value).first() or ContactPoint(
        organisation_id=actor.organisation_id, party_id=party_id, kind=point.kind, value=value, created_at=now,
        position=mine.filter(kind=point.kind).count(), source=point.source,
    )  # fmt: skip
    kept.state, kept.label, kept.creditor_id = PointState.ACTIVE, point.label[:100], point.creditor_id
    kept.is_mobile = is_mobile
    kept.save()
    if point.kind == PointKind.PHONE:
        add_phone_word(actor.organisation_id, party_id, value)
    _record(actor, "parties.point.add", kept, now)
    return kept


@transaction.atomic
def change_point(*, actor: Actor, point_id: int, now: datetime, value: str | None = None, label: str | None = None,
                 position: int | None = None) -> ContactPoint:  # fmt: skip
    """Return the point with another value, label or order; what is None stays. Raises BadPoint, UnknownPoint, NotAllowed."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    point = _locked(actor, point_id)
    if value is not None:
        point.value, point.is_mobile = normalise_point(point.kind, value, point.party.country)
        point.verified_at = None
    point.label = point.label if label is None else label[:100]
    point.position = point.position if position is None else position
    try:
        with transaction.atomic():
            point.save()
    except IntegrityError as error:
        raise BadPoint(_("«%(value)s» ya está entre sus datos.") % {"value": point.value}) from error
    if point.kind == PointKind.PHONE and value is not None:
        add_phone_word(actor.organisation_id, point.party_id, point.value)
    _record(actor, "parties.point.change", point, now)
    return point


def retire_point(*, actor: Actor, point_id: int, now: datetime) -> ContactPoint:
    """Return the point, not to be used any more. Raises UnknownPoint, NotAllowed."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    return mark_point(actor=actor, point_id=point_id, state=PointState.RETIRED, now=now)


@transaction.atomic
def mark_point(*, actor: Actor, point_id: int, state: str, now: datetime) -> ContactPoint:
    """Return the point in another state (ACTIVE, BOUNCED, WRONG, RETIRED): for outcomes and bounces. Raises UnknownPoint."""
    point = _locked(actor, point_id)
    point.state = PointState(state)
    point.save(update_fields=["state"])
    _record(actor, "parties.point.mark", point, now, state=point.state)
    return point


@transaction.atomic
def change_party(*, actor: Actor, party_id: int, now: datetime, **changes: Any) -> Party:
    """Return the party with other facts: name, tax_id, tax_id_kind, kind, country, region, language, timezone.

    Raises ValueError for any other field, NotAllowed.
    """
    actor.check(Permission.EDIT_CONTACT_POINTS)
    if strange := sorted(set(changes) - _PARTY_FIELDS):
        raise ValueError(f"not a fact of a party: {', '.join(strange)}")
    party: Party = Party.objects.of(actor.organisation_id).select_for_update().get(pk=party_id)
    for field, value in changes.items():
        setattr(party, field, value)
    party.name_folded = fold(party.name)[:250]
    party.save()
    if "name" in changes:
        rewrite_name_words(
            actor.organisation_id, pl.DataFrame({"party_id": [party_id], "name": [party.name]}), is_new=False
        )
    audit.record(actor=actor, verb="parties.party.change", object_type="party", object_id=party_id, now=now,
                 data={"fields": sorted(changes)})  # fmt: skip
    return party


def _locked(actor: Actor, point_id: int) -> ContactPoint:
    rows = (
        ContactPoint.objects.of(actor.organisation_id).select_for_update(of=("self",)).select_related("party")
    )
    point: ContactPoint | None = rows.filter(pk=point_id).first()
    if point is None:
        raise UnknownPoint(_("Ese dato de contacto no existe."))
    return point


def _record(actor: Actor, verb: str, point: ContactPoint, now: datetime, **data: Any) -> None:
    audit.record(actor=actor, verb=verb, object_type="contact_point", object_id=point.pk, now=now,
                 data={"party": point.party_id, "kind": point.kind, **data})  # fmt: skip


@transaction.atomic
def note_reference(*, actor: Actor, party_id: int, source: str, external_id: str, now: datetime) -> bool:
    """Keep how a source calls a party, the first time that it is known; False when it was. What was known of another stays."""
    made, is_new = PartyReference.objects.of(actor.organisation_id).get_or_create(
        organisation_id=actor.organisation_id, source=source, external_id=external_id[:100], defaults={"party_id": party_id}
    )  # fmt: skip
    if is_new:
        audit.record(
            actor=actor, verb="parties.reference.note", object_type="party", object_id=made.party_id, now=now,
            data={"source": source},
        )  # fmt: skip
    return bool(is_new)
