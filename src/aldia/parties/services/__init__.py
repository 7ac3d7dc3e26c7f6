"""Writes of the room: parties as files tell them, contact points, consents, merges."""

from aldia.parties.normal import BadPoint, normalise_point
from aldia.parties.services.consents import FROM_FILE, record_consent, record_consents, take_back_consents
from aldia.parties.services.likeness import PairDecided, ask_again, join_pair, look_for_duplicates, tell_apart
from aldia.parties.services.merging import NotMerged, UnableToMerge, merge, unmerge
from aldia.parties.services.points import (
    PointDraft,
    UnknownPoint,
    add_point,
    change_party,
    change_point,
    mark_point,
    note_reference,
    retire_point,
)
from aldia.parties.services.revealing import reveal_tax_id
from aldia.parties.services.upserting import UPSERT_COLUMNS, Upserted, upsert_frame

__all__ = [
    "FROM_FILE",
    "UPSERT_COLUMNS",
    "BadPoint",
    "NotMerged",
    "PairDecided",
    "PointDraft",
    "UnableToMerge",
    "UnknownPoint",
    "Upserted",
    "add_point",
    "ask_again",
    "change_party",
    "change_point",
    "join_pair",
    "look_for_duplicates",
    "mark_point",
    "merge",
    "normalise_point",
    "note_reference",
    "record_consent",
    "record_consents",
    "retire_point",
    "reveal_tax_id",
    "take_back_consents",
    "tell_apart",
    "unmerge",
    "upsert_frame",
]
