"""Whether two conditions can be true at once, as far as their plain comparisons tell."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product

from aldia.engine.rules import tree

Span = tuple[Decimal | date | None, bool, Decimal | date | None, bool]
"""From a value (included?) to a value (included?); None is without end."""


def exclude_each_other(first: tree.Condition, second: tree.Condition) -> bool:
    """True when they certainly never hold together: one part of the one contradicts a part of the other."""
    return any(_contradict(one, other) for one, other in product(_parts(first), _parts(second)))


def _parts(node: tree.Condition) -> Iterator[tree.Condition]:
    if isinstance(node, tree.And):
        for part in node.parts:
            yield from _parts(part)
    elif isinstance(node, tree.InSegment):
        yield from _parts(node.part)
    else:
        yield node


def _contradict(one: tree.Condition, other: tree.Condition) -> bool:
    if one == tree.Not(other) or other == tree.Not(one):
        return True
    first, second = _allowed(one), _allowed(other)
    if first and second and first[0] == second[0]:
        return not first[1] & second[1]
    left, right = _span(one), _span(other)
    return bool(left and right and left[0] == right[0] and _apart(left[1], right[1]))


def _allowed(node: tree.Condition) -> tuple[str, frozenset[object]] | None:
    """The fact and its only possible values, of ``=`` and ``IN``."""
    match node:
        case tree.Compare("=", tree.FactRef(key), tree.Text(value) | tree.Flag(value) | tree.Number(value)):
            return key, frozenset((value,))
        case tree.OneOf(tree.FactRef(key), options):
            return key, frozenset(getattr(option, "value", option) for option in options)
        case tree.FactRef(key):
            return key, frozenset((True,))
        case tree.Not(tree.FactRef(key)):
            return key, frozenset((False,))
    return None


def _span(node: tree.Condition) -> tuple[str, Span] | None:
    match node:
        case tree.Between(tree.FactRef(key), low, high):
            lower, upper = _plain(low), _plain(high)
            return (key, (lower, True, upper, True)) if lower is not None and upper is not None else None
        case tree.Compare(op, tree.FactRef(key), side) if (value := _plain(side)) is not None:
            if op == "=":
                return key, (value, True, value, True)
            if op in (">", ">="):
                return key, (value, op == ">=", None, False)
            if op in ("<", "<="):
                return key, (None, False, value, op == "<=")
    return None


def _plain(node: tree.Value) -> Decimal | date | None:
    return node.value if isinstance(node, tree.Number | tree.Amount | tree.Day) else None


def _apart(one: Span, other: Span) -> bool:
    return _before(one, other) or _before(other, one)


def _before(one: Span, other: Span) -> bool:
    end, starts = one[2], other[0]
    if end is None or starts is None:
        return False
    return end < starts or (end == starts and not (one[3] and other[1]))  # type: ignore[operator]
