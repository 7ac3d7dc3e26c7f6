"""The oracle: a rule over one row, in plain Python, as slow and as obvious as it gets."""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from aldia.engine.rules import tree
from aldia.engine.rules.check import Rule, minor_units
from aldia.engine.rules.folding import fold

Cell = int | str | bool | date | None
Row = Mapping[str, Cell]
_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def matches(rule: Rule, row: Row, *, exponent: int) -> bool:
    """True when the rule is TRUE for the row; FALSE and unknown do not match."""
    return truth(rule.tree, row, exponent) is True


def truth(node: tree.Condition, row: Row, exponent: int) -> bool | None:
    """TRUE, FALSE or unknown (None), by three-valued logic."""
    match node:
        case tree.And(parts):
            found = [truth(part, row, exponent) for part in parts]
            return False if False in found else (None if None in found else True)
        case tree.Or(parts):
            found = [truth(part, row, exponent) for part in parts]
            return True if True in found else (None if None in found else False)
        case tree.InSegment(_, part):
            return truth(part, row, exponent)
        case tree.Not(part):
            inner = truth(part, row, exponent)
            return None if inner is None else not inner
        case tree.FactRef(key):
            cell = row[key]
            return None if cell is None else bool(cell)
        case tree.Flag(value):
            return value
        case tree.IsNull(fact):
            return row[fact.key] is None
        case tree.TextMatch(kind, fact, text):
            cell = row[fact.key]
            if cell is None:
                return None
            here, wanted = fold(str(cell)), fold(text.value)
            return here.startswith(wanted) if kind == "starts_with" else wanted in here
        case _:
            return _comparison(node, row, exponent)


def _comparison(node: tree.Compare | tree.Between | tree.OneOf, row: Row, exponent: int) -> bool | None:
    match node:
        case tree.Compare(op, left, right):
            return _compare(op, _value(left, row, exponent), _value(right, row, exponent))
        case tree.Between(value, low, high):
            middle = _value(value, row, exponent)
            above = _compare(">=", middle, _value(low, row, exponent))
            below = _compare("<=", middle, _value(high, row, exponent))
            return False if False in (above, below) else (None if None in (above, below) else True)
        case tree.OneOf(value, options):
            here = _value(value, row, exponent)
            return None if here is None else here in [_value(option, row, exponent) for option in options]


def _compare(op: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    answer: bool = _OPERATORS[op](left, right)
    return answer


def _value(node: tree.Value, row: Row, exponent: int) -> Any:
    match node:
        case tree.FactRef(key):
            cell = row[key]
            return fold(cell) if isinstance(cell, str) else cell
        case tree.Amount():
            return minor_units(node, exponent)
        case tree.Number(value):
            return int(value)
        case tree.Text(text):
            return fold(text)
        case tree.Day(value) | tree.Flag(value):
            return value
        case tree.Arithmetic(op, left, right):
            first, second = _value(left, row, exponent), _value(right, row, exponent)
            if first is None or second is None:
                return None
            return {"+": first + second, "-": first - second, "*": first * second}[op]
