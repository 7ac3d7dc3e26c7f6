"""A rule over rows of several currencies: amounts are read with the decimals of each row's currency."""

from collections.abc import Sequence

import polars as pl

from aldia.engine.rules import Rule, tree_names_money
from aldia.engine.rules.to_polars import to_polars

EXPONENT = "currency_exponent"


def condition(rule: Rule, exponents: Sequence[int]) -> pl.Expr:
    """A Boolean expression, never null. ``exponents`` are those of the column currency_exponent.

    Raises RuleError when an amount is finer than one of the currencies.
    """
    if not exponents:
        return pl.lit(value=False)
    first, *others = exponents
    found = to_polars(rule, exponent=first)
    if not tree_names_money(rule):
        return found
    for exponent in others:
        found = (
            pl.when(pl.col(EXPONENT) == exponent).then(to_polars(rule, exponent=exponent)).otherwise(found)
        )
    return found
