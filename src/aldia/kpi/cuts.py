"""What is owed and what came in, cut by what tells debts apart: portfolio, stage, place, kind of client, who holds it, or a
column of the files, such as the product. What is owed is added up once a day, while the day's documents are read anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import polars as pl
from django.db.models import Q, Sum

from aldia.access.permissions import Permission
from aldia.cases.traits import trait_frame
from aldia.domain import formulas
from aldia.kpi.models import CutDay
from aldia.kpi.rows import cash_rows
from aldia.ledger import facts as ledger

if TYPE_CHECKING:
    from aldia.access.actors import Actor
    from aldia.db.partitions import Partition
    from aldia.kpi.dashboard import DashboardQuery

CUTS: Final = ("portfolio_id", "stage", "region", "party_kind", "holder_id", "team_id")
COLUMN: Final = "column:"
"""What stands before the name of a column of the files."""
_LOOKED_AT: Final = 500
_MOST_VALUES: Final = 40  # a column with more different texts tells documents apart, not kinds of them
_LONGEST: Final = 200  # as much of a name or a text of the files as a day keeps
MOST_ROWS: Final = 60
_PLACE: Final = ("portfolio_id", "currency")
_SUMS: Final = ("cases", "documents", "total_minor", "overdue_minor")


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
    """Return the columns of the files by which debts were told apart on the last day kept."""
    kept = CutDay.objects.of(actor.organisation_id)
    last = kept.order_by("-on").values_list("on", flat=True).first()
    names = kept.filter(on=last, cut__startswith=COLUMN).order_by("cut").values_list("cut", flat=True)
    return [name.removeprefix(COLUMN) for name in names.distinct()]


def cut(actor: Actor, query: DashboardQuery, by: str) -> list[CutRow]:
    """Return the parts on the last day kept of the period or before it, the most overdue first. An empty `value`: not told.

    Money that came in counts where its case is today. Raises UnknownCut, NotAllowed.
    """
    actor.check(Permission.SEE_TEAM)
    if by not in CUTS and not by.startswith(COLUMN):
        raise UnknownCut(by)
    owed = _owed(actor.organisation_id, query, by)
    came = None if by.startswith(COLUMN) else _came(actor.organisation_id, query, by)
    rows = [
        CutRow(value, *owed.get(value, (0, 0, 0, 0)), None if came is None else came.get(value, 0))
        for value in owed.keys() | (came or {}).keys()
    ]
    return sorted(rows, key=lambda row: (-row.overdue_minor, -row.total_minor, row.value))


def _owed(organisation_id: int, query: DashboardQuery, by: str) -> dict[str, tuple[int, int, int, int]]:
    """The sums of _SUMS by part, on the last day kept."""
    asked = Q(cut=by, currency=query.currency)
    if query.portfolio_ids is not None:
        asked &= Q(portfolio_id__in=query.portfolio_ids)
    kept = CutDay.objects.of(organisation_id)
    last = kept.filter(on__lte=query.last_on).order_by("-on").values_list("on", flat=True).first()
    sums = kept.filter(asked, on=last).order_by().values_list("value")
    rows = sums.annotate(Sum("cases"), Sum("documents"), Sum("total_minor"), Sum("overdue_minor"))
    return {value: (cases, documents, total, overdue) for value, cases, documents, total, overdue in rows}


def _came(organisation_id: int, query: DashboardQuery, by: str) -> dict[str, int]:
    """The money of the period by part, minor units."""
    cash = cash_rows(organisation_id, query).group_by("case_id").agg(pl.col("amount_minor").sum())
    told = cash.join(trait_frame(organisation_id).select("case_id", _text(by)), on="case_id", how="left")
    return dict(told.group_by(pl.col(by).fill_null("")).agg(pl.col("amount_minor").sum()).iter_rows())


class DayOfCuts:
    """Adds up what is open on a day by every cut, from the documents of one part of the people after another."""

    def __init__(self, organisation_id: int, as_of: date) -> None:
        self.organisation_id, self.as_of = organisation_id, as_of
        self.columns = _telling_columns(organisation_id)
        self.cells: list[pl.DataFrame] = []

    def add(self, documents: pl.DataFrame, part: Partition) -> None:
        """Take in the open documents of a part: case_id, document_id, portfolio_id, currency, open_minor, dpd."""
        traits = trait_frame(self.organisation_id, part)
        told = documents.join(
            traits.select("case_id", *(_text(by) for by in CUTS if by not in _PLACE)),
            on="case_id",
            how="left",
        ).with_columns(cut_by_portfolio=pl.col("portfolio_id").cast(pl.String))
        names = {by: "cut_by_portfolio" if by == "portfolio_id" else by for by in CUTS}
        if self.columns:
            cells = ledger.attribute_frame(self.organisation_id, columns=self.columns, partition=part)
            told = told.join(
                cells.rename({name: COLUMN + name for name in self.columns}), on="document_id", how="left"
            )
            names |= {COLUMN + name: COLUMN + name for name in self.columns}
        self.cells += [_cells(told, by, column) for by, column in names.items()]

    def rows(self) -> Iterator[CutDay]:
        """Yield what the day keeps."""
        if not self.cells:
            return
        whole = pl.concat(self.cells).group_by(*_PLACE, "cut", "value").agg(pl.col(_SUMS).sum())
        for row in whole.iter_rows(named=True):
            yield CutDay(organisation_id=self.organisation_id, on=self.as_of, **row)


def _telling_columns(organisation_id: int) -> list[str]:
    """The columns of the files with few different texts: they tell kinds of debts apart."""
    found = ledger.newest_attributes(organisation_id, limit=_LOOKED_AT)
    return sorted(
        name
        for name, texts in found.items()
        if 1 < len(set(texts)) <= _MOST_VALUES and len(COLUMN + name) <= _LONGEST
    )


def _cells(told: pl.DataFrame, by: str, column: str) -> pl.DataFrame:
    value = pl.col(column).fill_null("").str.slice(0, _LONGEST)
    is_overdue = pl.col("dpd") > 0
    return told.group_by(*_PLACE, value=value).agg(
        cut=pl.lit(by), cases=pl.col("case_id").n_unique(), documents=pl.len(),
        total_minor=pl.col("open_minor").sum(), overdue_minor=pl.col("open_minor").filter(is_overdue).sum(),
    ).select(*_PLACE, "cut", "value", *(pl.col(name).cast(pl.Int64) for name in _SUMS))  # fmt: skip


def _text(by: str) -> pl.Expr:
    return pl.col(by).cast(pl.String)
