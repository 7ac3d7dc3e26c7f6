"""Roll rates: what became, in a month, of the balance that each ageing bucket held at its beginning.

Documents are followed one by one, never net balances. Of each, what was paid counts as paid and the rest, never more than it
had, goes to the bucket it ends in: each row of the matrix adds up to what the bucket held. Twin of `formulas.roll_rates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

import polars as pl
from django.db import transaction
from django.db.models import Sum

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases.facts import partitions
from aldia.db.partitions import Partition
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.domain.formulas import RollRates, loss_forecast
from aldia.domain.periods import first_of_month, last_of_month
from aldia.kpi.dashboard import DashboardQuery
from aldia.kpi.models import RollMonth
from aldia.kpi.rows import RowsPage, in_scope, page_of
from aldia.ledger import facts as ledger

PAID: Final = "paid"
BUCKETS: Final = tuple(row.key for row in DEFAULT_BUCKETS.rows)
_CELL: Final = ("portfolio_id", "currency", "from_bucket", "to_bucket")


@dataclass(frozen=True)
class Cell:
    """What went from a bucket to another, or was paid. A document counts where its rest went; paid whole, as paid."""

    documents: int
    minor: int


@dataclass(frozen=True)
class RollRow:
    """A bucket at the beginning of the month and where its balance went, by bucket and `paid`."""

    bucket: str
    cells: Mapping[str, Cell]

    @property
    def minor(self) -> int:
        """What the bucket held, in minor units."""
        return sum(cell.minor for cell in self.cells.values())

    @property
    def documents(self) -> int:
        """How many documents it held."""
        return sum(cell.documents for cell in self.cells.values())

    @property
    def rates(self) -> RollRates | None:
        """Cured, stayed, rolled and paid, percent; None when the bucket held nothing."""
        whole, here = self.minor, BUCKETS.index(self.bucket)
        if not whole:
            return None
        places = {key: BUCKETS.index(key) for key in self.cells if key != PAID}
        cured = sum(self.cells[key].minor for key, there in places.items() if there < here)
        rolled = sum(self.cells[key].minor for key, there in places.items() if there > here)
        paid = self.cells[PAID].minor if PAID in self.cells else 0
        parts = (cured, whole - cured - rolled - paid, rolled, paid)
        return RollRates(*(Fraction(100 * part, whole) for part in parts))


def rolled(organisation_id: int, month_on: date, partition: Partition | None = None) -> pl.DataFrame:
    """Return the documents (of a partition, when given) that had money open when a month began, as `followed` does."""
    last = last_of_month(month_on)
    eve = first_of_month(month_on) - timedelta(days=1)
    before, after = (
        ledger.document_frame(organisation_id, as_of=on, partition=partition) for on in (eve, last)
    )
    return followed(_aged(before, eve, "from_bucket"), _aged(after, last, "to_bucket"))


def followed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return the documents of `before` with money open: what of it rests and in which bucket of `after`, and what was paid."""
    joined = before.filter(pl.col("open_minor") > 0).join(
        after.select("document_id", "to_bucket", after_minor="open_minor"), on="document_id", how="left"
    )
    rest = pl.min_horizontal(pl.col("after_minor").fill_null(0).clip(lower_bound=0), "open_minor")
    return joined.with_columns(
        rest_minor=rest, paid_minor=pl.col("open_minor") - rest,
        to_bucket=pl.when(rest > 0).then("to_bucket").otherwise(pl.lit(PAID)),
    )  # fmt: skip


def cells(documents: pl.DataFrame) -> pl.DataFrame:
    """Return what went from each bucket to each other or was paid: portfolio, currency, from_bucket, to_bucket, documents, minor."""
    went = documents.group_by(_CELL).agg(documents=pl.len(), minor=pl.col("rest_minor").sum())
    paid = documents.filter(pl.col("paid_minor") > 0).with_columns(to_bucket=pl.lit(PAID)).group_by(_CELL)
    both = pl.concat([went, paid.agg(documents=pl.lit(0, pl.UInt32), minor=pl.col("paid_minor").sum())])
    return both.group_by(_CELL).agg(pl.col("documents").sum(), pl.col("minor").sum()).sort(_CELL)


def keep_rolls(organisation_id: int, month_on: date) -> int:
    """Keep the matrix of a whole month and return how many cells it took; the same month again replaces itself."""
    on = first_of_month(month_on)
    parts = partitions(organisation_id, has_closed=True)
    found = pl.concat(cells(rolled(organisation_id, on, part)) for part in parts)
    whole = found.group_by(_CELL).agg(pl.col("documents", "minor").sum()).sort(_CELL)
    rows = [
        RollMonth(organisation_id=organisation_id, month_on=on, **row) for row in whole.iter_rows(named=True)
    ]
    with transaction.atomic():
        RollMonth.objects.of(organisation_id).filter(month_on=on).delete()
        return len(RollMonth.objects.bulk_create(rows))


def roll_months(actor: Actor) -> list[date]:
    """Return the months with a matrix, the latest first, as their first days."""
    rows = RollMonth.objects.of(actor.organisation_id).order_by("-month_on")
    return list(rows.values_list("month_on", flat=True).distinct())


def roll_matrix(
    actor: Actor, *, month_on: date, currency: str, portfolio_ids: frozenset[int] | None = None
) -> list[RollRow]:
    """Return one row per bucket that held something, in the order of age. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    rows = RollMonth.objects.of(actor.organisation_id).filter(month_on=month_on, currency=currency)
    if portfolio_ids is not None:
        rows = rows.filter(portfolio_id__in=portfolio_ids)
    sums = rows.values_list("from_bucket", "to_bucket").annotate(count=Sum("documents"), money=Sum("minor"))
    return roll_table(sums.order_by())


def roll_table(sums: Iterable[tuple[str, str, int, int]]) -> list[RollRow]:
    """Return the rows of a matrix from (from, to, documents, minor), in the order of age."""
    found: dict[str, dict[str, Cell]] = {}
    for origin, end, count, money in sums:
        found.setdefault(origin, {})[end] = Cell(int(count), int(money))
    return [RollRow(bucket, found[bucket]) for bucket in BUCKETS if bucket in found]


def heading_for_the_end(rows: Iterable[RollRow]) -> dict[str, int]:
    """Return, by bucket, how much of its balance would reach the oldest bucket at the month's own rates, in minor units.

    `formulas.loss_forecast`: the rate of each bucket on the way, one after the other. A way with a bucket that held nothing
    that month is left out, since its rate is not known.
    """
    found = {row.bucket: row for row in rows}
    told: dict[str, int] = {}
    for place, bucket in enumerate(BUCKETS[:-1]):
        way = [found[key].rates for key in BUCKETS[place:-1] if key in found]
        rates = [row.roll for row in way if row is not None]
        if bucket in found and len(rates) == len(BUCKETS) - 1 - place:
            told[bucket] = round(loss_forecast(found[bucket].minor, rates))
    return told


def roll_rows(
    actor: Actor, query: DashboardQuery, origin: str, end: str, cursor: str = "", *, limit: int = 50
) -> RowsPage:
    """Return a page of the documents behind a cell of the month of `query`, the largest first. Raises BadCursor, NotAllowed.

    Behind `paid` are those paid in part too: `total` counts the ones paid whole, as the cell does.
    """
    actor.check(Permission.SEE_TEAM)
    frame = in_scope(rolled(actor.organisation_id, query.period.start), query)
    is_there = (pl.col("paid_minor") > 0) if end == PAID else (pl.col("to_bucket") == end)
    behind = frame.filter(pl.col("from_bucket") == origin, is_there).with_columns(
        amount_minor=pl.col("paid_minor" if end == PAID else "rest_minor"),
        dpd=(pl.lit(query.period.start - timedelta(days=1)) - pl.col("due_on")).dt.total_days(),
    )
    page = page_of(actor, "documents", behind, cursor, limit=limit)
    return replace(page, total=behind.filter(pl.col("to_bucket") == end).height)


def _aged(documents: pl.DataFrame, on: date, name: str) -> pl.DataFrame:
    bucket, _position = ledger.bucket_expressions(DEFAULT_BUCKETS)
    dpd = (pl.lit(on) - pl.col("due_on")).dt.total_days()
    return documents.with_columns(dpd=dpd).with_columns(bucket.alias(name))
