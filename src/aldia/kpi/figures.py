"""The figures of an organisation over a period, derived from the journal and the rooms' facts: never from a screen's own sum.

A period is [from_on, to_on): half-open. Receivables are those at its end. Currencies are never added: one set each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from aldia.domain import formulas
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.domain.periods import Period, first_of_month
from aldia.ledger import facts as ledger

NOT_DUE = DEFAULT_BUCKETS.rows[0].key
COUNTBACK_DAYS = 400  # how far back sales are read to use up the receivables


@dataclass(frozen=True)
class Receivables:
    """What is open at the end of a day in one currency, by bucket: (documents, open_minor)."""

    buckets: Mapping[str, tuple[int, int]]

    @property
    def total_minor(self) -> int:
        """Everything open, credit notes taken off."""
        return sum(open_minor for _documents, open_minor in self.buckets.values())

    @property
    def current_minor(self) -> int:
        """What is not past due."""
        return self.buckets[NOT_DUE][1]

    @property
    def overdue_minor(self) -> int:
        """What is past due."""
        return self.total_minor - self.current_minor


@dataclass(frozen=True)
class Figures:
    """Every money indicator of one currency over a period. Ratios are exact; None where there is nothing to divide by."""

    currency: str
    beginning: Receivables
    ending: Receivables
    sales_minor: int
    recovered_minor: int
    days: int
    sales_by_month: Mapping[date, int]
    last_on: date
    inputs: Mapping[str, int] = field(default_factory=dict)

    @property
    def dso_simple(self) -> Fraction | None:
        """Days sales outstanding, in days."""
        return formulas.dso_simple(self.ending.total_minor, self.sales_minor, self.days)

    @property
    def dso_countback(self) -> Fraction | None:
        """Days of the latest sales that use up the receivables."""
        return formulas.dso_countback(self.ending.total_minor, self.sales_by_month, self.last_on)

    @property
    def best_possible_dso(self) -> Fraction | None:
        """What the DSO would be with nothing past due, in days."""
        return formulas.best_possible_dso(self.ending.current_minor, self.sales_minor, self.days)

    @property
    def add(self) -> Fraction | None:
        """Average days delinquent."""
        return formulas.add(self.ending.total_minor, self.ending.current_minor, self.sales_minor, self.days)

    @property
    def cei(self) -> Fraction | None:
        """Collection effectiveness index, percent."""
        return formulas.cei(
            self.beginning.total_minor, self.sales_minor, self.ending.total_minor, self.ending.current_minor
        )

    @property
    def delinquency_ratio(self) -> Fraction | None:
        """Past due over everything open, percent."""
        return formulas.delinquency_ratio(self.ending.overdue_minor, self.ending.total_minor)


def figures(
    organisation_id: int, period: Period, *, portfolio_ids: frozenset[int] | None = None
) -> dict[str, Figures]:
    """Return the figures by currency over [from_on, to_on), of some portfolios or of all."""
    last_on = _last(period)
    beginning = receivables(
        organisation_id, as_of=period.start - timedelta(days=1), portfolio_ids=portfolio_ids
    )
    ending = receivables(organisation_id, as_of=last_on, portfolio_ids=portfolio_ids)
    since = first_of_month(last_on - timedelta(days=COUNTBACK_DAYS))
    sales = _chosen(ledger.sales_frame(organisation_id, from_on=since, to_on=_end(period)), portfolio_ids)
    paid = _chosen(
        ledger.payments_frame(organisation_id, from_on=period.start, to_on=_end(period)), portfolio_ids
    )
    in_period = sales.filter(pl.col("on") >= period.start)
    currencies = sorted({*beginning, *ending, *sales["currency"], *paid["currency"]})
    empty = Receivables({bucket.key: (0, 0) for bucket in DEFAULT_BUCKETS.rows})
    return {
        currency: Figures(
            currency=currency,
            beginning=beginning.get(currency, empty),
            ending=ending.get(currency, empty),
            sales_minor=_sum(in_period, "gross_minor", currency),
            recovered_minor=_sum(paid, "amount_minor", currency),
            days=(_end(period) - period.start).days,
            sales_by_month=_by_month(sales, currency),
            last_on=last_on,
        )
        for currency in currencies
    }


def receivables(
    organisation_id: int, *, as_of: date, portfolio_ids: frozenset[int] | None = None
) -> dict[str, Receivables]:
    """Return what is open at the end of a day by currency, in the default buckets; empty buckets are there with zeros."""
    documents = _chosen(ledger.document_frame(organisation_id, as_of=as_of), portfolio_ids)
    name, _position = ledger.bucket_expressions(DEFAULT_BUCKETS)
    aged = (
        documents.with_columns(dpd=(pl.lit(as_of) - pl.col("due_on")).dt.total_days())
        .with_columns(bucket=name)
        .group_by("currency", "bucket")
        .agg(documents=pl.len(), open_minor=pl.col("open_minor").sum())
    )
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for currency, bucket, count, open_minor in aged.iter_rows():
        rows = found.setdefault(currency, {row.key: (0, 0) for row in DEFAULT_BUCKETS.rows})
        rows[bucket] = (count, open_minor)
    return {currency: Receivables(rows) for currency, rows in found.items()}


def trailing(as_of: date, days: int) -> Period:
    """Return the period of that many days that ends with `as_of`."""
    return Period(as_of - timedelta(days=days - 1), as_of + timedelta(days=1))


def _chosen(frame: pl.DataFrame, portfolio_ids: frozenset[int] | None) -> pl.DataFrame:
    return frame if portfolio_ids is None else frame.filter(pl.col("portfolio_id").is_in(list(portfolio_ids)))


def _sum(frame: pl.DataFrame, column: str, currency: str) -> int:
    return int(frame.filter(pl.col("currency") == currency)[column].sum())


def _by_month(sales: pl.DataFrame, currency: str) -> dict[date, int]:
    monthly = (
        sales.filter(pl.col("currency") == currency)
        .group_by(pl.col("on").dt.truncate("1mo").alias("month"))
        .agg(pl.col("gross_minor").sum())
    )
    return dict(monthly.iter_rows())


def _end(period: Period) -> date:
    if period.end is None:
        raise ValueError("figures need a period with an end")
    return period.end


def _last(period: Period) -> date:
    return _end(period) - timedelta(days=1)
