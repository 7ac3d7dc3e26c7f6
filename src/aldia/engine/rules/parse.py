"""Text to tree: sqlglot reads, and only an allow-list of its nodes becomes our own tree."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from aldia.engine.rules import tree
from aldia.engine.rules.errors import RuleError, Told
from aldia.engine.rules.scan import scan

_COMPARISONS: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_SUMS: Final[dict[type[exp.Expr], str]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_MATCHES: Final[dict[type[exp.Expr], str]] = {exp.StartsWith: "starts_with", exp.Contains: "contains"}
OPTIONS_LIMIT: Final = 200
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse(text: str, known: Iterable[str]) -> tree.Condition:
    """The tree of a rule over the known facts; types are not yet checked. Raises RuleError."""
    scan(text, known)
    try:
        found = sqlglot.parse_one(text)
        return _condition(found)
    except SqlglotError as refusal:
        raise _unreadable(refusal) from refusal
    except RecursionError as refusal:
        raise RuleError("too_deep", at=1) from refusal


def _unreadable(refusal: SqlglotError) -> RuleError:
    details = getattr(refusal, "errors", None) or [{}]
    first = details[0]
    column = first.get("col")
    at = column if isinstance(column, int) and column > 0 else 1
    return RuleError("unreadable", at=at, found=str(first.get("highlight") or ""))


def _at(node: exp.Expr) -> int:
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return int(min(starts)) + 1 if starts else 1


def _refuse(node: exp.Expr, code: str, **told: Told) -> RuleError:
    return RuleError(code, at=_at(node), found=node.sql(comments=False)[:60], **told)


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _flatten(node: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    parts: list[exp.Expr] = []
    pending = [node]
    while pending:
        here = _bare(pending.pop())
        if isinstance(here, kind):
            pending += [here.args["expression"], here.this]
        else:
            parts.append(here)
    return parts


def _condition(node: exp.Expr) -> tree.Condition:
    node = _bare(node)
    if isinstance(node, exp.And):
        return tree.And(tuple(_condition(part) for part in _flatten(node, exp.And)))
    if isinstance(node, exp.Or):
        return tree.Or(tuple(_condition(part) for part in _flatten(node, exp.Or)))
    if isinstance(node, exp.Not):
        return tree.Not(_condition(node.this), at=_at(node))
    builder = _BUILDERS.get(type(node))
    if builder is not None:
        return builder(node)
    if type(node) in _COMPARISONS:
        left, right = _value(node.this), _value(node.args["expression"])
        return tree.Compare(_COMPARISONS[type(node)], left, right, at=_at(node))
    if type(node) in _MATCHES:
        return _match(node)
    raise _refuse(node, "not_a_condition")


def _between(node: exp.Expr) -> tree.Condition:
    if node.args.get("symmetric"):
        raise _refuse(node, "between_symmetric")
    return tree.Between(_value(node.this), _value(node.args["low"]), _value(node.args["high"]), at=_at(node))


def _one_of(node: exp.Expr) -> tree.Condition:
    options = node.args.get("expressions") or []
    if not options or node.args.get("query") is not None:
        raise _refuse(node, "empty_list")
    if len(options) > OPTIONS_LIMIT:
        raise _refuse(node, "long_list", limit=OPTIONS_LIMIT)
    values = []
    for option in options:
        if isinstance(_bare(option), exp.Null):
            raise _refuse(node, "null_in_list")
        value = _value(option)
        if isinstance(value, tree.FactRef | tree.Arithmetic):
            raise _refuse(option, "list_of_values")
        values.append(value)
    return tree.OneOf(_value(node.this), tuple(values), at=_at(node))


def _is(node: exp.Expr) -> tree.Condition:
    fact, other = _bare(node.this), _bare(node.args["expression"])
    if isinstance(other, exp.Null) and isinstance(fact, exp.Column):
        return tree.IsNull(_fact(fact), at=_at(node))
    raise _refuse(node, "is_null_only")


def _fact(node: exp.Expr) -> tree.FactRef:
    name = node.this
    if not isinstance(name, exp.Identifier) or name.args.get("quoted") or node.args.get("table"):
        raise _refuse(node, "quoted_fact")
    return tree.FactRef(str(name.this).lower(), at=_at(node))


def _flag_condition(node: exp.Expr) -> tree.Condition:
    return tree.Flag(bool(node.this), at=_at(node))


def _match(node: exp.Expr) -> tree.Condition:
    kind = _MATCHES[type(node)]
    fact, text = _bare(node.this), _bare(node.args.get("expression") or node)
    has_more = any(value for name, value in node.args.items() if name not in ("this", "expression"))
    if has_more or not isinstance(fact, exp.Column) or not (isinstance(text, exp.Literal) and text.is_string):
        raise _refuse(node, "match_arguments", kind=kind)
    if not text.this:
        raise _refuse(node, "empty_match")
    return tree.TextMatch(kind, _fact(fact), tree.Text(str(text.this), at=_at(text)), at=_at(node))


def _segment(node: exp.Expr) -> tree.Condition:
    given = node.args.get("expressions") or []
    if len(given) != 1 or not (isinstance(given[0], exp.Literal) and given[0].is_string):
        raise _refuse(node, "segment_arguments")
    return tree.InSegment(str(given[0].this), tree.Flag(value=True), at=_at(node))


_BUILDERS: Final[dict[type[exp.Expr], Callable[[exp.Expr], tree.Condition]]] = {
    exp.Between: _between, exp.In: _one_of, exp.Is: _is, exp.Column: _fact, exp.Boolean: _flag_condition,
    exp.Anonymous: _segment,
}  # fmt: skip


def _value(node: exp.Expr) -> tree.Value:
    node = _bare(node)
    if isinstance(node, exp.Column):
        return _fact(node)
    if isinstance(node, exp.Boolean):
        return tree.Flag(bool(node.this), at=_at(node))
    if isinstance(node, exp.Null):
        raise _refuse(node, "equals_null")
    if isinstance(node, exp.Literal):
        text = str(node.this)
        return tree.Text(text, at=_at(node)) if node.is_string else tree.Number(Decimal(text), at=_at(node))
    if isinstance(node, exp.Neg):
        return _negative(node)
    if isinstance(node, exp.Cast):
        return _day(node)
    if type(node) in _SUMS:
        left, right = _value(node.this), _value(node.args["expression"])
        return tree.Arithmetic(_SUMS[type(node)], left, right, at=_at(node))
    raise _refuse(node, "not_a_value")


def _negative(node: exp.Expr) -> tree.Value:
    inner = _value(node.this)
    if isinstance(inner, tree.Number):
        return tree.Number(-inner.value, at=inner.at)
    return tree.Arithmetic("*", tree.Number(Decimal(-1), at=_at(node)), inner, at=_at(node))


def calendar_date(text: str) -> date:
    """Year, month, day only: fromisoformat also takes 20260131 and week dates. Raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _day(node: exp.Expr) -> tree.Value:
    kind, text = node.args.get("to"), node.this
    is_date = isinstance(kind, exp.DataType) and kind.this == exp.DataType.Type.DATE
    if not is_date or not (isinstance(text, exp.Literal) and text.is_string):
        raise _refuse(node, "conversion")
    try:
        return tree.Day(calendar_date(str(text.this)), at=_at(node))
    except ValueError as refusal:
        raise _refuse(node, "not_a_date") from refusal
