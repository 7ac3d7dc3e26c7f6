"""Which open cases match which rules on a day, partition after partition of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from aldia.domain.money import exponent_of
from aldia.engine.conditions import EXPONENT, condition
from aldia.engine.rules import Rule
from aldia.strategy.night import case_facts
from aldia.strategy.night.in_use import night_plan


def matches(organisation_id: int, rules: Mapping[int, Rule], *, as_of: date) -> Iterator[pl.DataFrame]:
    """Yield frames of every open case: case_id, and a Boolean column for each rule, named by its key as text."""
    if not rules:
        return
    needed = frozenset().union(*(rule.facts for rule in rules.values()))
    for partition in night_plan(organisation_id, as_of=as_of).partitions():
        facts = case_facts(organisation_id, as_of=as_of, needed=needed, partition=partition)
        decimals = {currency: exponent_of(currency) for currency in facts["currency"].unique().to_list()}
        facts = facts.with_columns(
            pl.col("currency").replace_strict(decimals, return_dtype=pl.Int64).alias(EXPONENT)
        )
        exponents = tuple(sorted(set(decimals.values())))
        yield facts.select(
            "case_id", *(condition(rule, exponents).alias(str(key)) for key, rule in rules.items())
        )
