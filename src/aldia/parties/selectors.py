"""Reads of the room: a party, how to reach it, what it agreed to, and search."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.db.ahead import read_by
from aldia.db.memory import already_read, remembered
from aldia.db.prepared import prepared
from aldia.parties.models import (
    Channel,
    Consent,
    ContactPoint,
    Party,
    PartyPair,
    PartyReference,
    PartyWord,
    PointKind,
    PointState,
)
from aldia.parties.names import phone_word, words

ALL_CHANNELS = "all"
POINT_OF_CHANNEL = {
    Channel.EMAIL: PointKind.EMAIL, Channel.CALL: PointKind.PHONE, Channel.SMS: PointKind.PHONE,
    Channel.WHATSAPP: PointKind.PHONE, Channel.LETTER: PointKind.ADDRESS, Channel.VISIT: PointKind.ADDRESS,
}  # fmt: skip
NEEDS_MOBILE = frozenset({Channel.SMS, Channel.WHATSAPP})
_SHORTEST_NUMBER = 5
MOST_LISTED = 1_000
_RARE = 2_000  # how far the rows of a word are counted to find the rarest


_Source = tuple[QuerySet[Any], str]  # rows that a text finds, and their column that holds the party


class UnknownParty(LookupError):
    """No such party in this organisation."""


@dataclass(frozen=True)
class ConsentState:
    """What holds now for a channel (or `all`) towards a creditor (None: every one)."""

    creditor_id: int | None
    channel: str
    is_granted: bool
    at: datetime
    evidence: str
    recorded_by: str


@dataclass(frozen=True)
class PartyHit:
    """A party found by search, and by what: name, tax_id, phone or email."""

    id: int
    name: str
    tax_id_masked: str
    matched: str


def mask(tax_id: str) -> str:
    """Return a tax id that can be recognised but not copied: `30-71234567-8` -> `•••••••••567-8`."""
    return "•" * max(len(tax_id) - 4, 0) + tax_id[-4:] if len(tax_id) > 4 else tax_id


@remembered
def party(actor: Actor, party_id: int) -> Party:
    """Return the party. Raises UnknownParty."""
    found: Party | None = next(iter(_party(actor.organisation_id, party_id)), None)
    if found is None:
        raise UnknownParty(_("Ese cliente no existe en esta organización."))
    return found


@prepared
def _party(organisation_id: int, party_id: int) -> Any:
    return Party.objects.of(organisation_id).filter(pk=party_id)


def tax_ids(actor: Actor, party_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return (tax id, its kind) of each of these parties, by id, for lists that show them masked."""
    rows = Party.objects.of(actor.organisation_id).filter(pk__in=party_ids)
    return {pk: (tax_id, kind) for pk, tax_id, kind in rows.values_list("pk", "tax_id", "tax_id_kind")}


def rare_words(actor: Actor, asked: Collection[str], *, at_most: int) -> frozenset[str]:
    """Return those of these words that some party bears and no more than so many."""
    rows = PartyWord.objects.of(actor.organisation_id).filter(word__in=asked)
    found = rows.values("word").annotate(bearers=Count("party_id")).filter(bearers__lte=at_most)
    return frozenset(found.order_by().values_list("word", flat=True))


@remembered
def group_of(organisation_id: int, party_id: int) -> list[int]:
    """Return the party and all that are the same person by merge, itself first."""
    family = dict(_family(organisation_id, party_id))
    root = family.get(party_id) or party_id
    others = family if root == party_id else dict(_family(organisation_id, root))
    return list(dict.fromkeys([party_id, root, *others]))


def everybody(organisation_id: int, party_ids: Collection[int]) -> list[int]:
    """Return these parties and all that are the same persons by merge, each once."""
    near = dict(_families(organisation_id, list(party_ids)))
    roots = {root or party_id for party_id, root in near.items()}
    return sorted(near.keys() | dict(_families(organisation_id, sorted(roots))).keys())


def _family(organisation_id: int, party_id: int) -> Any:
    return _families(organisation_id, [party_id])


@prepared
def _families(organisation_id: int, party_ids: list[int]) -> Any:
    rows = Party.objects.of(organisation_id).filter(Q(pk__in=party_ids) | Q(merged_into_id__in=party_ids))
    return rows.values_list("pk", "merged_into_id")


def read_ahead(organisation_id: int, party_ids: Sequence[int], *, creditor_id: int) -> None:
    """Read together what `group_of`, `best_points` and `wishes` will be asked of each of these parties."""
    _active.ahead(organisation_id, party_ids, creditor_id)
    _consents.ahead(organisation_id, party_ids)
    united = {
        key
        for family in _families(organisation_id, list(party_ids))
        if family[1] is not None
        for key in family
    }
    for party_id in set(party_ids) - united:
        already_read(group_of, [party_id], organisation_id, party_id)


def points(actor: Actor, party_id: int, creditor_id: int | None = None) -> list[ContactPoint]:
    """Return the contact points that may serve a creditor (all when not given), active first, then by their order."""
    rows = ContactPoint.objects.of(actor.organisation_id).filter(
        party_id__in=group_of(actor.organisation_id, party_id)
    )
    if creditor_id is not None:
        rows = rows.filter(Q(creditor_id=None) | Q(creditor_id=creditor_id))
    return sorted(rows, key=lambda row: (row.state != PointState.ACTIVE, row.kind, row.position, row.pk))


def with_point(organisation_id: int, kind: str, value: str) -> list[int]:
    """Return the parties that a contact point, as it is kept, belongs to."""
    rows = ContactPoint.objects.of(organisation_id).filter(kind=kind, value=value)
    return sorted(set(rows.values_list("party_id", flat=True)))


def called(organisation_id: int, source: str, external_id: str) -> int | None:
    """Return the party that a source calls by that name, None when nobody is known by it."""
    rows = PartyReference.objects.of(organisation_id).filter(source=source, external_id=external_id)
    found: int | None = rows.values_list("party_id", flat=True).first()
    return found


def best_point(
    organisation_id: int, party_id: int, creditor_id: int | None, channel: str
) -> ContactPoint | None:
    """Return the active point that a channel would use first, or None. Opt-outs are not looked at: see `opted_out`.

    SMS and WhatsApp need a phone known to be mobile; a point given to this very creditor goes before a general one.
    """
    return best_points(organisation_id, party_id, creditor_id).get(Channel(channel).value)


@remembered
def best_points(organisation_id: int, party_id: int, creditor_id: int | None) -> dict[str, ContactPoint]:
    """Return the point that each channel would use first, in one read; a channel without one is left out."""
    rows = active_points(organisation_id, party_id, creditor_id)
    found = {
        channel.value: _best([row for row in rows if row.kind == kind], channel)
        for channel, kind in POINT_OF_CHANNEL.items()
    }
    return {channel: point for channel, point in found.items() if point is not None}


def active_points(organisation_id: int, party_id: int, creditor_id: int | None) -> list[ContactPoint]:
    """Return the points in use that may serve a creditor, in no order."""
    group = group_of(organisation_id, party_id)
    return [row for member in group for row in _active(organisation_id, member, creditor_id)]


@read_by(lambda point: point.party_id)
def _active(organisation_id: int, party_ids: list[int], creditor_id: int | None) -> Any:
    rows = ContactPoint.objects.of(organisation_id).filter(party_id__in=party_ids, state=PointState.ACTIVE)
    return rows.filter(Q(creditor_id=None) | Q(creditor_id=creditor_id))


def _best(rows: Iterable[ContactPoint], channel: str) -> ContactPoint | None:
    fitting = [row for row in rows if row.is_mobile or channel not in NEEDS_MOBILE]
    return min(fitting, key=lambda row: (row.creditor_id is None, row.position, row.pk), default=None)


def consents(organisation_id: int, party_id: int) -> list[ConsentState]:
    """Return what holds now, by creditor and channel: the latest word on each that was not taken back."""
    rows = consents_told(organisation_id, party_id)
    gone = {row.takes_back_id for row in rows}
    said = (row for row in rows if row.takes_back_id is None and row.pk not in gone)
    latest = {(row.creditor_id, row.channel): row for row in said}
    return [
        ConsentState(row.creditor_id, row.channel, row.is_granted, row.at, row.evidence, row.recorded_by)
        for row in latest.values()
    ]


def consents_told(organisation_id: int, party_id: int) -> list[Consent]:
    """Return every word about consent, given, withdrawn or taken back, oldest first."""
    group = group_of(organisation_id, party_id)
    told = [row for member in group for row in _consents(organisation_id, member)]
    return sorted(told, key=lambda row: (row.at, row.pk))


@read_by(lambda consent: consent.party_id)
def _consents(organisation_id: int, party_ids: list[int]) -> Any:
    return Consent.objects.of(organisation_id).filter(party_id__in=party_ids)


def opted_out(organisation_id: int, party_id: int, creditor_id: int | None) -> frozenset[str]:
    """Return the channels that the person does not want from a creditor, by the latest word that concerns each channel.

    A word about one creditor does not bind another; a word about every creditor, or about all channels, does.
    """
    return wishes(organisation_id, party_id, creditor_id)[1]


def wishes(
    organisation_id: int, party_id: int, creditor_id: int | None
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the channels that the person has agreed to and those that he does not want, read as `opted_out` tells."""
    states = consents(organisation_id, party_id)
    concerned = sorted(
        (state for state in states if state.creditor_id in (None, creditor_id)), key=lambda state: state.at
    )
    agreed: dict[str, bool] = {}
    for state in concerned:
        for channel in Channel.values if state.channel == ALL_CHANNELS else [state.channel]:
            agreed[channel] = state.is_granted
    return (
        frozenset(channel for channel, is_in in agreed.items() if is_in),
        frozenset(channel for channel, is_in in agreed.items() if not is_in),
    )


@remembered
def first_found(organisation_id: int, text: str) -> list[int]:
    """Return the parties that a text finds, up to MOST_LISTED and one more, in no order."""
    return _keys(_lookup(organisation_id, text)[0], MOST_LISTED + 1)


def possible_duplicates(
    actor: Actor, *, limit: int = 10
) -> list[tuple[PartyPair, dict[str, tuple[str, str]]]]:
    """Return the likeliest pairs that wait for a decision, each with what both say, tax ids masked: fact -> (left, right)."""
    pairs = PartyPair.objects.of(actor.organisation_id).select_related("left", "right")
    waiting = pairs.filter(state=PartyPair.OPEN, left__merged_into=None, right__merged_into=None)
    shown = list(waiting.order_by("-score", "pk")[:limit])
    people = [party for pair in shown for party in (pair.left_id, pair.right_id)]
    points = ContactPoint.objects.of(actor.organisation_id).filter(party_id__in=people)
    first: dict[tuple[int, str], str] = {}
    for point in points.order_by("position", "pk"):
        first.setdefault((point.party_id, point.kind), point.value)
    return [
        (
            pair,
            {name: (_said(pair.left, name, first), _said(pair.right, name, first)) for name in pair.weights},
        )
        for pair in shown
    ]


def _said(party: Party, fact: str, points: dict[tuple[int, str], str]) -> str:
    if fact == "tax_id":
        return mask(party.tax_id)
    return party.name if fact == "name" else points.get((party.pk, fact.upper()), "")


@remembered
def matching(organisation_id: int, text: str) -> Q:
    """Return the condition on `party` that a text finds it, for lists. See `search` for what it looks into.

    Up to MOST_LISTED parties are looked up once and named. More are asked for row by row: a list that is walked in its own order
    soon meets enough of them, and never has to gather them all.
    """
    keys = first_found(organisation_id, text)
    if len(keys) <= MOST_LISTED:
        return Q(party__among=keys)
    sources, _matched = _lookup(organisation_id, text)
    every = (Q(Exists(rows.filter(**{column: OuterRef("party_id")}))) for rows, column in sources)
    return reduce(or_, every)


def search(actor: Actor, text: str, limit: int = 20) -> list[PartyHit]:
    """Return up to `limit` parties by the beginnings of the words of their name, tax id, end of a phone, or e-mail."""
    sources, matched = _lookup(actor.organisation_id, text)
    ids = _keys(sources, limit * 3)[:limit]
    kept = Party.objects.of(actor.organisation_id).filter(pk__in=ids).order_by("name_folded", "pk")
    return [PartyHit(row.pk, row.name, mask(row.tax_id), _matched_by(row, matched, text)) for row in kept]


def _keys(sources: list[_Source], most: int) -> list[int]:
    return list(
        dict.fromkeys(key for rows, column in sources for key in rows.values_list(column, flat=True)[:most])
    )


def _matched_by(row: Party, matched: str, text: str) -> str:
    if matched != "number":
        return matched
    return "tax_id" if row.tax_id.startswith(re.sub(r"\W", "", text)) else "phone"


def _lookup(organisation_id: int, text: str) -> tuple[list[_Source], str]:
    """Where to look, and what it is: email, number or name."""
    text = text.strip()
    if "@" in text:
        points = ContactPoint.objects.of(organisation_id)
        return [(points.filter(kind=PointKind.EMAIL, value__begins=text.lower()), "party_id")], "email"
    digits = re.sub(r"\D", "", text)
    if len(digits) >= _SHORTEST_NUMBER and not re.search(r"[^\d\s().+\-/]", text):
        phones = PartyWord.objects.of(organisation_id).filter(word__begins=phone_word(digits))
        return [
            (phones, "party_id"),
            (Party.objects.of(organisation_id).filter(tax_id__begins=digits), "pk"),
        ], "number"
    return [(_by_words(organisation_id, words(text)), "party_id")], "name"


def _by_words(organisation_id: int, asked: list[str]) -> QuerySet[Any]:
    """The rarest word is looked up; the others are asked of the few that it finds."""
    rows: QuerySet[Any] = PartyWord.objects.of(organisation_id)
    if not asked:
        return rows.none()
    if len(asked) > 1:
        asked = sorted(asked, key=lambda word: (rows.filter(word__begins=word)[:_RARE].count(), -len(word)))
    first, *others = asked
    rows = rows.filter(word__begins=first)
    for word in others:
        same = PartyWord.objects.of(organisation_id).filter(party_id=OuterRef("party_id"), word__begins=word)
        rows = rows.filter(Exists(same))
    return rows
