"""Parties that may be one person: looked for, joined, or told apart for good."""

from datetime import datetime
from typing import Final

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.db.frames import read_frame
from aldia.engine.duplicates import FACTS, find_pairs
from aldia.parties.models import Party, PartyPair, PointKind
from aldia.parties.services.merging import UnableToMerge, merge, unmerge

MOST_PAIRS: Final = 5_000  # the likeliest: nobody reads more
_POINTS: Final = {PointKind.PHONE: "phone", PointKind.EMAIL: "email", PointKind.ADDRESS: "address"}


class PairDecided(Exception):
    """Raised when somebody decided of two parties before."""


@transaction.atomic
def look_for_duplicates(*, actor: Actor, now: datetime) -> int:
    """Return how many pairs of parties wait for a decision, after looking at all. What was told apart does not come back."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    found = find_pairs(_records(actor.organisation_id)).head(MOST_PAIRS)
    pairs = PartyPair.objects.of(actor.organisation_id)
    pairs.filter(state=PartyPair.OPEN).delete()
    decided = set(pairs.values_list("left_id", "right_id"))
    rows = [
        PartyPair(
            organisation_id=actor.organisation_id,
            left_id=row["left"],
            right_id=row["right"],
            score=round(row["score"]),
            weights={name: row[name] for name in FACTS if row[name] is not None},
            found_at=now,
        )
        for row in found.iter_rows(named=True)
        if (row["left"], row["right"]) not in decided
    ]
    PartyPair.objects.bulk_create(rows, batch_size=500)
    data = {"pairs": len(rows)}
    audit.record(
        actor=actor, verb="parties.pair.look", object_type="organisation", object_id=actor.organisation_id, now=now, data=data
    )  # fmt: skip
    return len(rows)


@transaction.atomic
def join_pair(*, actor: Actor, pair_id: int, into_id: int, now: datetime) -> Party:
    """Return the party that from now on points at the other of the pair. Raises PairDecided, UnableToMerge, NotAllowed."""
    pair = _open(actor, pair_id)
    if into_id not in (pair.left_id, pair.right_id):
        raise UnableToMerge(_("Elige cuál de los dos queda."))
    other = pair.left_id if into_id == pair.right_id else pair.right_id
    joined = merge(actor=actor, party_id=other, into_id=into_id, now=now)
    pair.state = PartyPair.MERGED
    pair.save(update_fields=["state"])
    return joined


@transaction.atomic
def tell_apart(*, actor: Actor, pair_id: int, now: datetime) -> PartyPair:
    """Return the pair, known to be two people: it is not shown again. Raises PairDecided, NotAllowed."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    pair = _open(actor, pair_id)
    pair.state = PartyPair.APART
    pair.save(update_fields=["state"])
    _record(actor, "parties.pair.apart", pair, now)
    return pair


@transaction.atomic
def ask_again(*, actor: Actor, pair_id: int, now: datetime) -> PartyPair:
    """Return the pair waiting for a decision again, its parties each on its own. Raises NotMerged, NotAllowed."""
    actor.check(Permission.EDIT_CONTACT_POINTS)
    pair: PartyPair = PartyPair.objects.of(actor.organisation_id).select_for_update().get(pk=pair_id)
    if pair.state == PartyPair.MERGED:
        joined = Party.objects.of(actor.organisation_id).filter(
            pk__in=[pair.left_id, pair.right_id], merged_into__in=[pair.left_id, pair.right_id]
        )
        for party in joined:
            unmerge(actor=actor, party_id=party.pk, now=now)
    pair.state = PartyPair.OPEN
    pair.save(update_fields=["state"])
    _record(actor, "parties.pair.reopen", pair, now)
    return pair


def _open(actor: Actor, pair_id: int) -> PartyPair:
    pairs = PartyPair.objects.of(actor.organisation_id).select_for_update()
    pair: PartyPair | None = pairs.filter(pk=pair_id, state=PartyPair.OPEN).first()
    if pair is None:
        raise PairDecided(_("Alguien ya decidió sobre estos dos clientes."))
    return pair


def _record(actor: Actor, verb: str, pair: PartyPair, now: datetime) -> None:
    data = {"left": pair.left_id, "right": pair.right_id}
    audit.record(actor=actor, verb=verb, object_type="party_pair", object_id=pair.pk, now=now, data=data)


def _records(organisation_id: int) -> pl.DataFrame:
    """Every party on its own, with its first phone, e-mail and address."""
    text = pl.String
    people = read_frame(
        "SELECT id, name_folded, tax_id FROM parties_party WHERE organisation_id = %s AND merged_into_id IS NULL",
        [organisation_id],
        {"key": pl.Int64, "name": text, "tax_id": text},
    )
    points = read_frame(
        "SELECT party_id, kind, value FROM parties_contactpoint WHERE organisation_id = %s ORDER BY position, id",
        [organisation_id],
        {"key": pl.Int64, "kind": text, "value": text},
    )
    for kind, name in _POINTS.items():
        first = points.filter(pl.col("kind") == kind.value).unique("key", keep="first", maintain_order=True)
        value = pl.col("value").str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "")
        people = people.join(first.select("key", value.alias(name)), on="key", how="left")
    return people
