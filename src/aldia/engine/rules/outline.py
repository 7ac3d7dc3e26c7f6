"""A rule as rows that people fill in: groups of fact, comparison and value. What has no row keeps its own text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from aldia.engine.rules import tree
from aldia.engine.rules.format import format_rule, plain
from aldia.engine.vocabulary import FACTS, NO_OWN, Fact

Joiner = Literal["and", "or"]
SEGMENT: Final = "segment"
"""In the place of a fact: the row asks for a saved segment."""
RAW: Final = "raw"
"""In the place of the comparison: the row holds a condition as text."""

_ORDERED: Final = ("=", "<>", ">", ">=", "<", "<=", "between", "not between", "null", "not null")
OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "int": _ORDERED,
    "money": _ORDERED,
    "date": _ORDERED,
    "text": ("=", "<>", "in", "not in", "starts_with", "contains", "not starts_with", "not contains", "null", "not null"),
    "bool": ("true", "false", "null", "not null"),
    SEGMENT: ("true", "false"),
}  # fmt: skip
"""The comparisons of each type of fact, in the order in which they are offered."""
WITHOUT_VALUE: Final = frozenset({"true", "false", "null", "not null"})
_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,6})?")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition. ``value`` as people write it, a list with commas; ``until`` is the second value of BETWEEN."""

    fact: str
    op: str
    value: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of which all must hold (``and``) or any (``or``)."""

    joiner: Joiner
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """Groups of which all must hold, or any; without groups, every case matches."""

    joiner: Joiner
    groups: tuple[Group, ...]


def outline(node: tree.Condition) -> Outline:
    """The rows of a checked tree: ``outline_text`` of them means the same tree again."""
    if node == tree.Flag(value=True):
        return Outline("and", ())
    if isinstance(node, tree.Or):
        return Outline("or", _groups(node.parts, "or"))
    return Outline("and", _groups(node.parts if isinstance(node, tree.And) else (node,), "and"))


def outline_text(told: Outline, own: Mapping[str, Fact] = NO_OWN) -> str:
    """The text of the rows; ``TRUE`` when there is none. ``own`` are the facts that the organisation declared."""
    groups = [group for group in told.groups if group.rows]
    if not groups:
        return "TRUE"
    texts = []
    for group in groups:
        text = f" {group.joiner.upper()} ".join(row_text(row, own) for row in group.rows)
        texts.append(f"({text})" if group.joiner != told.joiner and len(group.rows) > 1 else text)
    return f" {told.joiner.upper()} ".join(texts)


def row_text(row: Row, own: Mapping[str, Fact] = NO_OWN) -> str:
    """The text of one row. A value of another type than the fact's is left for the checker to refuse."""
    if row.op == RAW:
        return f"({row.value})"
    if row.op.startswith("not ") and row.op != "not null":
        return f"NOT ({row_text(replace(row, op=row.op.removeprefix('not ')), own)})"
    if row.fact == SEGMENT:
        text = f"segment({_quoted(row.value)})"
        return text if row.op == "true" else f"NOT {text}"
    known = FACTS.get(row.fact) or own.get(row.fact)
    kind = known.type if known is not None else "text"
    match row.op:
        case "true":
            return row.fact
        case "false":
            return f"NOT {row.fact}"
        case "null" | "not null":
            return f"{row.fact} IS {row.op.upper()}"
        case "between":
            return f"{row.fact} BETWEEN {_literal(kind, row.value)} AND {_literal(kind, row.until)}"
        case "in":
            values = [_literal(kind, value.strip()) for value in row.value.split(",") if value.strip()]
            return f"{row.fact} IN ({', '.join(values) or _quoted('')})"
        case "starts_with" | "contains":
            return f"{row.op}({row.fact}, {_quoted(row.value)})"
        case _:
            return f"{row.fact} {row.op} {_literal(kind, row.value)}"


def _groups(parts: tuple[tree.Condition, ...], joiner: Joiner) -> tuple[Group, ...]:
    """Neighbours without a group of their own share one, joined as the whole is."""
    other: Joiner = "or" if joiner == "and" else "and"
    kind = tree.Or if joiner == "and" else tree.And
    groups: list[Group] = []
    for part in parts:
        if isinstance(part, kind):
            groups.append(Group(other, tuple(map(_row, part.parts))))
        elif groups and groups[-1].joiner == joiner:
            groups[-1] = Group(joiner, (*groups[-1].rows, _row(part)))
        else:
            groups.append(Group(joiner, (_row(part),)))
    return tuple(groups)


def _row(node: tree.Condition) -> Row:
    found = _plain_row(node)
    if found is None and isinstance(node, tree.Not):
        inner = _plain_row(node.part)
        if inner is not None and inner.op in ("between", "in", "starts_with", "contains"):
            found = replace(inner, op=f"not {inner.op}")
    return found or Row("", RAW, format_rule(node))


def _plain_row(node: tree.Condition) -> Row | None:
    match node:
        case tree.FactRef(key):
            return Row(key, "true")
        case tree.Not(tree.FactRef(key)):
            return Row(key, "false")
        case tree.InSegment(key):
            return Row(SEGMENT, "true", key)
        case tree.Not(tree.InSegment(key)):
            return Row(SEGMENT, "false", key)
        case tree.IsNull(fact):
            return Row(fact.key, "null")
        case tree.Not(tree.IsNull(fact)):
            return Row(fact.key, "not null")
        case tree.TextMatch(kind, fact, text):
            return Row(fact.key, kind, text.value)
        case tree.Compare() | tree.Between() | tree.OneOf():
            return _compared_row(node)
    return None


def _compared_row(node: tree.Compare | tree.Between | tree.OneOf) -> Row | None:
    match node:
        case tree.Compare(op, tree.FactRef(key), right):
            value = _written(right)
            return None if value is None else Row(key, op, value)
        case tree.Between(tree.FactRef(key), low, high):
            first, second = _written(low), _written(high)
            return None if first is None or second is None else Row(key, "between", first, second)
        case tree.OneOf(tree.FactRef(key), options) if all(isinstance(one, tree.Text) for one in options):
            values = [_written(option) for option in options]
            is_plain = all(value and "," not in value and value == value.strip() for value in values)
            return Row(key, "in", ", ".join(map(str, values))) if is_plain else None
    return None


def _written(node: tree.Value) -> str | None:
    match node:
        case tree.Number(value) | tree.Amount(value):
            return plain(value)
        case tree.Text(text):
            return text
        case tree.Day(day):
            return day.isoformat()
    return None


def _literal(kind: str, value: str) -> str:
    number = value.replace(" ", "").replace(",", ".")
    if kind in ("int", "money") and _NUMBER.fullmatch(number):
        return number
    if kind == "date" and _DATE.fullmatch(value):
        return f"DATE '{value}'"
    return _quoted(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
