"""How much each person of an experiment brought in the time that counts, and how much people usually bring: in one currency."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from aldia.domain.experiments import LEAST_IN_ARM, AmountPlan, sequential_size
from aldia.ledger import facts as ledger
from aldia.strategy.night.in_use import night_plan


@dataclass(frozen=True)
class Amounts:
    """The plan of a test of mean amounts, in minor units of a currency, and how many people each arm needs for it."""

    currency: str
    deviation: float
    effect: float
    size: int

    @property
    def plan(self) -> AmountPlan:
        """The plan as the test reads it."""
        return AmountPlan(self.deviation, self.effect)


def worked_portfolios(organisation_id: int, strategy_key: str, on: date) -> tuple[int, ...]:
    """Return the portfolios that a strategy works on a day; none if it works none."""
    plan = night_plan(organisation_id, as_of=on)
    return next((one.portfolio_ids for one in plan.strategies if one.strategy.key == strategy_key), ())


def late_people(organisation_id: int, portfolios: Collection[int], on: date) -> pl.DataFrame:
    """Return who has something overdue in those portfolios on a day: party_id, case_id, on."""
    rows = ledger.document_frame(organisation_id, as_of=on).filter(
        (pl.col("open_minor") > 0) & (pl.col("due_on") < on) & pl.col("portfolio_id").is_in(list(portfolios))
    )
    return rows.select("party_id", "case_id", on=pl.lit(on)).unique()


def with_brought(people: pl.DataFrame, paid: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return people (party_id, their case_id, on, counts_on) with `brought`: the cash in [on, counts_on), what was reversed taken off.

    `paid` are rows of the ledger's cash by case, day and currency.
    """
    own = paid.filter(pl.col("currency") == currency).select("case_id", "amount_minor", did_on="on")
    rows = people.select("party_id", "case_id", "on", "counts_on").explode("case_id").join(own, on="case_id")
    within = rows.filter((pl.col("did_on") >= pl.col("on")) & (pl.col("did_on") < pl.col("counts_on")))
    sums = within.group_by("party_id").agg(brought=pl.col("amount_minor").sum())
    return people.join(sums, on="party_id", how="left", maintain_order="left").with_columns(
        pl.col("brought").fill_null(0)
    )


def usual_amounts(
    organisation_id: int,
    portfolios: Collection[int],
    *,
    as_of: date,
    horizon: int,
    currency: str,
    lift: float,
) -> Amounts | None:
    """Return the plan of a test that finds a rise of `lift` (0.2 is a fifth more) over what late people brought in the last
    `horizon` days; None where that history is too thin to say."""
    begin = as_of - timedelta(days=horizon)
    people = late_people(organisation_id, portfolios, begin).group_by("party_id", "on").agg("case_id")
    people = people.with_columns(counts_on=pl.lit(as_of))
    paid = ledger.payments_frame(organisation_id, from_on=begin, to_on=as_of)
    brought = with_brought(people, paid, currency)["brought"].cast(pl.Float64)
    mean, deviation = brought.mean(), brought.std()
    if brought.len() < LEAST_IN_ARM or not isinstance(mean, float) or mean <= 0 or not deviation:
        return None
    plan = AmountPlan(float(deviation), mean * lift)  # type: ignore[arg-type]
    return Amounts(currency, plan.deviation, plan.effect, sequential_size(plan))
