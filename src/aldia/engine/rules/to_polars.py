"""A checked rule as a Polars expression: three-valued inside, only TRUE matches outside."""

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

import polars as pl

from aldia.engine.rules import tree
from aldia.engine.rules.check import Rule, minor_units
from aldia.engine.rules.folding import FOLD, fold
from aldia.engine.vocabulary import Fact

_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "+": operator.add, "-": operator.sub, "*": operator.mul,
}  # fmt: skip
_FOLD_FROM: Final = list(FOLD)
_FOLD_TO: Final = [FOLD[char] for char in _FOLD_FROM]


def to_polars(rule: Rule, *, exponent: int) -> pl.Expr:
    """A Boolean expression, never null, true where the rule is TRUE.

    ``exponent`` is the number of decimals of the currency of the rows; money columns are minor units.
    Raises RuleError when an amount is finer than that currency.
    """
    return _Compiler(exponent, rule.named).condition(rule.tree).fill_null(value=False)


class _Compiler:
    def __init__(self, exponent: int, facts: Mapping[str, Fact]) -> None:
        self.exponent = exponent
        self.facts = facts

    def condition(self, node: tree.Condition) -> pl.Expr:
        match node:
            case tree.And(parts):
                return reduce(operator.and_, [self.condition(part) for part in parts])
            case tree.Or(parts):
                return reduce(operator.or_, [self.condition(part) for part in parts])
            case tree.InSegment(_, part):
                return self.condition(part)
            case tree.Not(part):
                return ~self.condition(part)
            case tree.FactRef(key):
                return pl.col(key)
            case tree.Flag(value):
                return pl.lit(value)
            case tree.IsNull(fact):
                return pl.col(fact.key).is_null()
            case tree.TextMatch(kind, fact, text):
                column, wanted = self._text_column(fact.key), fold(text.value)
                if kind == "starts_with":
                    return column.str.starts_with(wanted)
                return column.str.contains(wanted, literal=True)
            case _:
                return self._comparison(node)

    def _comparison(self, node: tree.Compare | tree.Between | tree.OneOf) -> pl.Expr:
        match node:
            case tree.Compare(op, left, right):
                compared: pl.Expr = _OPERATORS[op](self.value(left), self.value(right))
                return compared
            case tree.Between(value, low, high):
                middle = self.value(value)
                return (middle >= self.value(low)) & (middle <= self.value(high))
            case tree.OneOf(value, options):
                return self.value(value).is_in([self._literal(option) for option in options])

    def value(self, node: tree.Value) -> pl.Expr:
        match node:
            case tree.FactRef(key):
                return self._text_column(key) if self.facts[key].type == "text" else pl.col(key)
            case tree.Arithmetic(op, left, right):
                joined: pl.Expr = _OPERATORS[op](self.value(left), self.value(right))
                return joined
            case _:
                return pl.lit(self._literal(node))

    def _literal(self, node: tree.Value) -> Any:
        match node:
            case tree.Amount():
                return minor_units(node, self.exponent)
            case tree.Number(value):
                return int(value)
            case tree.Text(text):
                return fold(text)
            case tree.Day(day):
                return day
            case tree.Flag(flag):
                return flag
            case _:
                raise TypeError(f"not a literal: {node!r}")

    def _text_column(self, key: str) -> pl.Expr:
        column = pl.col(key)
        return column if self.facts[key].values else column.str.replace_many(_FOLD_FROM, _FOLD_TO)
