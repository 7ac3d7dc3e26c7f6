"""What currencies were worth on a day, and amounts of rows in another one: for facts that compare, never for postings."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from aldia.db.frames import read_frame
from aldia.domain.money import EXPONENTS, MONEY_OF_UNIT

RATE_DAYS = 10  # how old a rate may be: markets close for holidays, not for longer


def rates_frame(organisation_id: int, *, as_of: date) -> pl.DataFrame:
    """Return (currency, quote, rate, on): what one unit of each currency is worth on the day, by the newest rate at hand.

    A pair told only the other way round is inverted. For facts in rules, which compare; what is posted keeps its own rate.
    """
    sql = """
        SELECT id, currency, quote, "on", CAST(rate AS double precision) FROM ledger_exchangerate
        WHERE organisation_id = %s AND "on" <= %s AND "on" >= %s
    """
    schema = {"id": pl.Int64, "currency": pl.String, "quote": pl.String, "on": pl.Date, "rate": pl.Float64}
    told = read_frame(sql, [organisation_id, as_of, as_of - timedelta(RATE_DAYS)], schema)
    turned = told.with_columns(currency="quote", quote="currency", rate=1 / pl.col("rate"))
    each = pl.concat([turned.with_columns(is_told=False), told.with_columns(is_told=True)])
    newest = each.sort("is_told", "on", "id").group_by("currency", "quote").last()
    return newest.select("currency", "quote", "rate", "on")


def in_own_currency(
    organisation_id: int, rows: pl.DataFrame, *, as_of: date, amounts: Sequence[str]
) -> pl.DataFrame:
    """Return the rows with these amounts (minor units of `currency`) in minor units of the row's `own` currency.

    At the rates of the day; null where there is no rate of the pair.
    """
    if (rows["currency"] == rows["own"]).all():
        return rows
    rates = rates_frame(organisation_id, as_of=as_of).select("currency", own="quote", of_day="rate")
    joined = rows.join(rates, on=["currency", "own"], how="left", maintain_order="left")
    scale = _unit("own") / _unit("currency")
    is_own = pl.col("currency") == pl.col("own")
    told = {
        name: pl.when(is_own)
        .then(name)
        .otherwise((pl.col(name) * pl.col("of_day") * scale).round().cast(pl.Int64))
        for name in amounts
    }
    return joined.with_columns(**told).drop("of_day")


def valued_units(organisation_id: int, *, as_of: date) -> list[str]:
    """Return the indexed units whose value of that very day in their money is known: a payment needs it exactly."""
    sql = """SELECT currency, quote FROM ledger_exchangerate WHERE organisation_id = %s AND "on" = %s"""
    told = read_frame(sql, [organisation_id, as_of], {"currency": pl.String, "quote": pl.String})
    return sorted({unit for unit, money in told.iter_rows() if MONEY_OF_UNIT.get(unit) == money})


def _unit(column: str) -> pl.Expr:
    return pl.lit(10.0).pow(pl.col(column).replace_strict(EXPONENTS, default=2, return_dtype=pl.Int64))
