"""What is owed and what came in, cut by what tells debts apart: portfolio, stage, place, kind of client, who holds it, or a
column of the files, such as the product."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases.traits import trait_frame
from aldia.domain import formulas
from aldia.kpi.dashboard import DashboardQuery
from aldia.kpi.rows import cash_rows, document_rows
from aldia.ledger import facts as ledger

CUTS: Final = ("portfolio_id", "stage", "region", "party_kind", "holder_id", "team_id")
COLUMN: Final = "column:"
"""What stands before the name of a column of the files."""
_LOOKED_AT: Final = 500
_MOST_VALUES: Final = 40  # a column with more different texts tells documents apart, not kinds of them
MOST_ROWS: Final = 60


class UnknownCut(LookupError):
    """Debts are not told apart by this."""


@dataclass(frozen=True)
class CutRow:
    """One part: its cases and documents with money open, what they owe at the end of the period, and what came in during it
    (None for a column of the files: money is the client's, not the document's). Amounts in minor units."""

    value: str
    cases: int
    documents: int
    total_minor: int
    overdue_minor: int
    received_minor: int | None

    @property
    def overdue_index(self) -> Fraction | None:
        """What part of it is overdue, percent; None where nothing is owed."""
        return formulas.delinquency_ratio(self.overdue_minor, self.total_minor)


def columns(actor: Actor) -> list[str]:
    """Return the columns of the files by which debts can be told apart."""
    found = ledger.newest_attributes(actor.organisation_id, limit=_LOOKED_AT)
    return sorted(name for name, cells in found.items() if 1 < len(set(cells)) <= _MOST_VALUES)


def cut(actor: Actor, query: DashboardQuery, by: str) -> list[CutRow]:
    """Return the parts, the most overdue first. An empty `value`: not told. Raises UnknownCut, NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    documents = document_rows(actor.organisation_id, query)
    if by.startswith(COLUMN):
        name = by.removeprefix(COLUMN)
        told = ledger.attribute_frame(actor.organisation_id, columns=[name]).rename({name: "value"})
        return _rows(documents.join(told, on="document_id", how="left"), None)
    if by not in CUTS:
        raise UnknownCut(by)
    traits = trait_frame(actor.organisation_id).select("case_id", value=pl.col(by).cast(pl.String))
    cash = cash_rows(actor.organisation_id, query).join(traits, on="case_id", how="left")
    return _rows(documents.join(traits, on="case_id", how="left"), cash)


def _rows(documents: pl.DataFrame, cash: pl.DataFrame | None) -> list[CutRow]:
    is_overdue = pl.col("dpd") > 0
    parts = documents.group_by(pl.col("value").fill_null("")).agg(
        cases=pl.col("case_id").n_unique().cast(pl.Int64), documents=pl.len().cast(pl.Int64),
        total_minor=pl.col("amount_minor").sum(), overdue_minor=pl.col("amount_minor").filter(is_overdue).sum(),
    )  # fmt: skip
    if cash is None:
        return _listed(parts.with_columns(received_minor=pl.lit(None, pl.Int64)))
    came = cash.group_by(pl.col("value").fill_null("")).agg(received_minor=pl.col("amount_minor").sum())
    return _listed(parts.join(came, on="value", how="full", coalesce=True).fill_null(0))


def _listed(parts: pl.DataFrame) -> list[CutRow]:
    order = ["overdue_minor", "total_minor", "value"]
    rows = parts.sort(order, descending=[True, True, False]).select(
        "value", "cases", "documents", "total_minor", "overdue_minor", "received_minor"
    )
    return [CutRow(*row) for row in rows.iter_rows()]
