"""Checks that must find nothing: every open case has somebody and something to come; the roll-up tells what the rows tell."""

from dataclasses import dataclass

import polars as pl
from django.db.models import Q

from aldia.cases.models import Case
from aldia.cases.totals import SUMMED, cells_now, cells_stored


@dataclass(frozen=True)
class Neglected:
    """An open case that lacks what every open case has: stage, holder, next_step or next_on."""

    case_id: int
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class TotalsDrift:
    """A cell whose stored sum is not that of its cases."""

    cell: str
    column: str
    stored: int
    expected: int


def neglected(organisation_id: int) -> list[Neglected]:
    """Return the open cases without stage, without holder and team, or without a next step (S2-15, S1-13a); must be empty."""
    lacking = Q(stage="") | Q(holder=None, team=None) | Q(next_step="") | Q(next_on=None)
    rows = Case.objects.of(organisation_id).filter(lacking, is_open=True).order_by("pk")
    return [Neglected(row.account_id, _lacks(row)) for row in rows]


def _lacks(row: Case) -> tuple[str, ...]:
    has = {
        "stage": row.stage, "holder": row.holder_id or row.team_id, "next_step": row.next_step, "next_on": row.next_on,
    }  # fmt: skip
    return tuple(name for name, value in has.items() if not value)


def totals_drift(organisation_id: int) -> list[TotalsDrift]:
    """Return where the roll-up differs from its cases; must be empty. `totals.rebuild` repairs it."""
    stored, expected = cells_stored(organisation_id), cells_now(organisation_id)
    keys = [name for name in stored.columns if name not in SUMMED]
    both = expected.join(
        stored, on=keys, how="full", coalesce=True, nulls_equal=True, suffix="_stored"
    ).with_columns(pl.col(pl.Int64).exclude(keys).fill_null(0))
    drifts = []
    for name in SUMMED:
        for row in both.filter(pl.col(name) != pl.col(f"{name}_stored")).iter_rows(named=True):
            drifts.append(
                TotalsDrift(" ".join(str(row[key]) for key in keys), name, row[f"{name}_stored"], row[name])
            )
    return drifts
