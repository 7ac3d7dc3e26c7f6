"""Reads of the room for screens, scoped by actor."""

from aldia.cases.refusals import UnknownCase
from aldia.cases.selectors.card import (
    BalanceFigures,
    CaseCard,
    HoldView,
    NoteView,
    case,
    check_seen,
    debtor_name,
    history,
    holds,
    is_seen,
    notes,
    read_ahead,
)
from aldia.cases.selectors.checks import Neglected, TotalsDrift, neglected, totals_drift
from aldia.cases.selectors.filters import (
    FILTERS,
    SORTS,
    BadFilter,
    CaseFilter,
    CaseQuery,
    is_narrowed,
    of_seen_cases,
    scope,
)
from aldia.cases.selectors.lists import BadCursor, CaseRow, Page, case_list, rows_of
from aldia.cases.selectors.previews import BULK_KINDS, BULK_LIMIT, BulkPreview, bulk_actions, bulk_preview
from aldia.cases.selectors.searching import Found, search
from aldia.cases.selectors.sums import AgeingCell, AgeingTotals, CurrencyTotals, ageing_totals
from aldia.cases.selectors.work import covered_users, next_case, next_cases, queue

__all__ = [
    "BULK_KINDS",
    "BULK_LIMIT",
    "FILTERS",
    "SORTS",
    "AgeingCell",
    "AgeingTotals",
    "BadCursor",
    "BadFilter",
    "BalanceFigures",
    "BulkPreview",
    "CaseCard",
    "CaseFilter",
    "CaseQuery",
    "CaseRow",
    "CurrencyTotals",
    "Found",
    "HoldView",
    "Neglected",
    "NoteView",
    "Page",
    "TotalsDrift",
    "UnknownCase",
    "ageing_totals",
    "bulk_actions",
    "bulk_preview",
    "case",
    "case_list",
    "check_seen",
    "covered_users",
    "debtor_name",
    "history",
    "holds",
    "is_narrowed",
    "is_seen",
    "neglected",
    "next_case",
    "next_cases",
    "notes",
    "of_seen_cases",
    "queue",
    "read_ahead",
    "rows_of",
    "scope",
    "search",
    "totals_drift",
]
