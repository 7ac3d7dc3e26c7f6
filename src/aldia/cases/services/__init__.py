"""Writes of the room: cases opened and refreshed, stages, holders, holds, next steps, notes, gestures over many."""

from aldia.cases.refusals import UnknownCase
from aldia.cases.services.assigning import HandOvers, NotAHolder, assign, assign_by_rule, hand_over
from aldia.cases.services.bulk import BulkRefused, BulkUndone, bulk, undo_bulk
from aldia.cases.services.holding import (
    HoldDraft,
    UnknownHold,
    place_hold,
    place_holds,
    release_hold,
    release_holds_of,
)
from aldia.cases.services.many import release_holds_of_many, set_next_steps, set_promises
from aldia.cases.services.news import forget_news, note_news
from aldia.cases.services.placing import placed_with, record_activity
from aldia.cases.services.planning import Moves, case_moves, change_stages
from aldia.cases.services.refreshing import Changed, NobodyToHold, open_missing, refresh
from aldia.cases.services.reserving import AlreadyReserved, release_reservation, reserve, take_next
from aldia.cases.services.valuing import keep_worth
from aldia.cases.services.working import (
    EmptyNote,
    EmptyStep,
    NextStep,
    add_note,
    change_stage,
    locked,
    record_work,
    rename_debtors,
    set_commitments,
    set_next_step,
)

__all__ = [
    "AlreadyReserved",
    "BulkRefused",
    "BulkUndone",
    "Changed",
    "EmptyNote",
    "EmptyStep",
    "HandOvers",
    "HoldDraft",
    "Moves",
    "NextStep",
    "NobodyToHold",
    "NotAHolder",
    "UnknownCase",
    "UnknownHold",
    "add_note",
    "assign",
    "assign_by_rule",
    "bulk",
    "case_moves",
    "change_stage",
    "change_stages",
    "forget_news",
    "hand_over",
    "keep_worth",
    "locked",
    "note_news",
    "open_missing",
    "place_hold",
    "place_holds",
    "placed_with",
    "record_activity",
    "record_work",
    "refresh",
    "release_hold",
    "release_holds_of",
    "release_holds_of_many",
    "release_reservation",
    "rename_debtors",
    "reserve",
    "set_commitments",
    "set_next_step",
    "set_next_steps",
    "set_promises",
    "take_next",
    "undo_bulk",
]
