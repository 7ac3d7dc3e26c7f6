"""The type checker: every word means one thing, or the rule is refused with its column and a repair."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from aldia.engine.rules import tree
from aldia.engine.rules.errors import Remark, RuleError
from aldia.engine.rules.folding import fold
from aldia.engine.rules.parse import calendar_date, parse
from aldia.engine.rules.scan import nearest
from aldia.engine.vocabulary import NO_OWN, Fact, visible_facts

EXPONENT_LIMIT: Final = 4
_INT64: Final = 2**63 - 1
_SAMPLES: Final = {
    "int": "30",
    "money": "1000",
    "text": "'AR-C'",
    "bool": "TRUE",
    "date": "DATE '2026-01-31'",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule: its text, its typed tree, the facts and segments it names, and warnings for its author."""

    text: str
    grain: str
    tree: tree.Condition
    named: Mapping[str, Fact] = field(compare=False)
    warnings: tuple[Remark, ...] = ()
    segments: frozenset[str] = frozenset()

    @property
    def facts(self) -> frozenset[str]:
        """The keys of the facts that it names."""
        return frozenset(self.named)


@dataclass(frozen=True, slots=True)
class _Typed:
    value: tree.Value
    type: str
    bound: int


def check(
    text: str,
    *,
    grain: str = "case",
    segments: Mapping[str, str] = MappingProxyType({}),
    own: Mapping[str, Fact] = NO_OWN,
) -> Rule:
    """The checked rule over the facts that a rule of this grain sees, the organisation's ``own`` too. Raises RuleError.

    ``segments`` are the rules, by key, that it may name as ``segment('key')``; those name no segments themselves.
    """
    facts = visible_facts(grain, own)
    checker = _Checker(facts, segments, own)
    condition = checker.condition(parse(text, facts))
    return Rule(
        text, grain, condition, checker.named, tuple(checker.warnings.values()),
        frozenset(checker.segments_named),
    )  # fmt: skip


def minor_units(literal: tree.Amount, exponent: int) -> int:
    """A money literal in minor units of a currency with that many decimals. Raises RuleError when it is finer."""
    scaled = literal.value.scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise RuleError("too_fine", at=literal.at, found=str(literal.value), decimals=exponent)
    return int(scaled)


class _Checker:
    def __init__(
        self, facts: Mapping[str, Fact], segments: Mapping[str, str], own: Mapping[str, Fact]
    ) -> None:
        self.facts = facts
        self.segments = segments
        self.own = own
        self.named: dict[str, Fact] = {}
        self.segments_named: set[str] = set()
        self.warnings: dict[int, Remark] = {}

    def condition(self, node: tree.Condition) -> tree.Condition:
        match node:
            case tree.And(parts):
                return tree.And(tuple(self.condition(part) for part in parts))
            case tree.Or(parts):
                return tree.Or(tuple(self.condition(part) for part in parts))
            case tree.Not(part):
                return replace(node, part=self.condition(part))
            case tree.FactRef():
                return self._flag_fact(node)
            case tree.Flag():
                return node
            case tree.IsNull(value):
                self._fact(value)
                return node
            case tree.InSegment():
                return self._segment(node)
            case tree.TextMatch():
                return self._text_match(node)
            case _:
                return self._comparison(node)

    def _comparison(self, node: tree.Compare | tree.Between | tree.OneOf) -> tree.Condition:
        match node:
            case tree.Compare(op, left, right):
                first, second = self._pair(left, right, op, node.at)
                return replace(node, left=first, right=second)
            case tree.Between(value, low, high):
                first, lower = self._pair(value, low, "BETWEEN", node.at)
                _, upper = self._pair(value, high, "BETWEEN", node.at)
                self._ordered(lower, upper)
                return replace(node, value=first, low=lower, high=upper)
            case tree.OneOf(value, options):
                checked = [self._pair(value, option, "IN", node.at) for option in options]
                return replace(node, value=checked[0][0], options=tuple(option for _, option in checked))

    def _ordered(self, low: tree.Value, high: tree.Value) -> None:
        for kind in (tree.Number, tree.Amount, tree.Day):
            if isinstance(low, kind) and isinstance(high, kind) and low.value > high.value:  # type: ignore[operator]
                raise RuleError("never_between", at=low.at, found=str(low.value))

    def _fact(self, node: tree.FactRef) -> Fact:
        fact = self.facts.get(node.key)
        if fact is None:
            raise RuleError("unknown_word", at=node.at, found=node.key, near=nearest(node.key, self.facts))
        self.named[fact.key] = fact
        return fact

    def _flag_fact(self, node: tree.FactRef) -> tree.Condition:
        fact = self._fact(node)
        if fact.type != "bool":
            raise RuleError(
                "not_yes_no", at=node.at, fact=fact.key, type=fact.type, sample=_SAMPLES[fact.type]
            )
        return node

    def _segment(self, node: tree.InSegment) -> tree.Condition:
        text = self.segments.get(node.key)
        if text is None:
            near = nearest(node.key, self.segments)
            raise RuleError(
                "near_segment" if near else "unknown_segment", at=node.at, found=node.key, near=near
            )
        try:
            rule = check(text, own=self.own)
        except RuleError as refusal:
            raise RuleError("broken_segment", at=node.at, found=node.key) from refusal
        self.named |= rule.named
        self.segments_named.add(node.key)
        return replace(node, part=rule.tree)

    def _text_match(self, node: tree.TextMatch) -> tree.Condition:
        fact = self._fact(node.value)
        if fact.type != "text":
            raise RuleError(
                "match_needs_text", at=node.value.at, fact=fact.key, type=fact.type, kind=node.kind
            )
        return node

    def _pair(self, left: tree.Value, right: tree.Value, op: str, at: int) -> tuple[tree.Value, tree.Value]:
        first, second = self._typed(left), self._typed(right)
        if not self._names_fact(left) and not self._names_fact(right):
            raise RuleError("no_fact", at=at)
        kind = self._common(first, second)
        left_value, right_value = self._settle(first, kind, second), self._settle(second, kind, first)
        if kind == "bool" and op not in ("=", "<>", "IN"):
            raise RuleError("yes_no_order", at=at, found=op)
        if kind == "text" and op not in ("=", "<>", "IN"):
            raise RuleError("text_order", at=at, found=op)
        if kind == "text":
            left_value, right_value = (
                self._codes(left_value, right_value),
                self._codes(right_value, left_value),
            )
        if op == "<>":
            self._warn(left_value, right_value)
        return left_value, right_value

    def _warn(self, *values: tree.Value) -> None:
        for value in values:
            if isinstance(value, tree.FactRef) and self.facts[value.key].is_nullable:
                self.warnings[value.at] = Remark("may_be_empty", value.at, told={"fact": value.key})

    def _names_fact(self, value: tree.Value) -> bool:
        if isinstance(value, tree.Arithmetic):
            return self._names_fact(value.left) or self._names_fact(value.right)
        return isinstance(value, tree.FactRef)

    def _typed(self, value: tree.Value) -> _Typed:
        match value:
            case tree.FactRef():
                fact = self._fact(value)
                return _Typed(value, fact.type, fact.bound)
            case tree.Number() | tree.Amount():
                return _Typed(
                    value, "number", int(abs(value.value).to_integral_value(rounding="ROUND_CEILING"))
                )
            case tree.Text():
                return _Typed(value, "text", 0)
            case tree.Day():
                return _Typed(value, "date", 0)
            case tree.Flag():
                return _Typed(value, "bool", 0)
            case tree.Arithmetic():
                return self._sum(value)

    def _sum(self, node: tree.Arithmetic) -> _Typed:
        if not self._names_fact(node):
            raise RuleError("sum_without_fact", at=node.at)
        left, right = self._typed(node.left), self._typed(node.right)
        for side in (left, right):
            if side.type not in ("int", "money", "number"):
                raise RuleError("sum_of", at=side.value.at, type=side.type)
        if node.op == "*":
            return self._product(node, left, right)
        kind = self._common(left, right)
        first, second = self._settle(left, kind, right), self._settle(right, kind, left)
        bound = self._bound(left, kind) + self._bound(right, kind)
        return self._within(replace(node, left=first, right=second), kind, bound)

    def _product(self, node: tree.Arithmetic, left: _Typed, right: _Typed) -> _Typed:
        if isinstance(left.value, tree.Number) == isinstance(right.value, tree.Number):
            raise RuleError("product", at=node.at)
        factor, other = (left, right) if isinstance(left.value, tree.Number) else (right, left)
        number = factor.value
        assert isinstance(number, tree.Number)
        if number.value != number.value.to_integral_value():
            raise RuleError("broken_factor", at=number.at, found=str(number.value))
        return self._within(
            replace(node, left=left.value, right=right.value), other.type, factor.bound * other.bound
        )

    def _bound(self, side: _Typed, kind: str) -> int:
        return side.bound * 10**EXPONENT_LIMIT if kind == "money" and side.type == "number" else side.bound

    def _within(self, node: tree.Arithmetic, kind: str, bound: int) -> _Typed:
        if bound > _INT64:
            raise RuleError("too_large_result", at=node.at)
        return _Typed(node, kind, bound)

    def _common(self, left: _Typed, right: _Typed) -> str:
        kinds = {left.type, right.type}
        if len(kinds) == 1:
            return left.type
        if "number" in kinds and kinds & {"int", "money"}:
            return (kinds - {"number"}).pop()
        if kinds == {"date", "text"} and any(isinstance(side.value, tree.Text) for side in (left, right)):
            return "date"
        named, other = (left, right) if self._names_fact(left.value) else (right, left)
        raise RuleError(
            "types_differ" if isinstance(named.value, tree.FactRef) else "sum_differs", at=other.value.at,
            fact=named.value.key if isinstance(named.value, tree.FactRef) else "", type=named.type, other=other.type,
            sample=_SAMPLES.get(named.type, "30"),
        )  # fmt: skip

    def _settle(self, side: _Typed, kind: str, other: _Typed) -> tree.Value:
        value = side.value
        if isinstance(value, tree.Text) and kind == "date":
            return self._as_day(value)
        if (
            isinstance(value, tree.Number)
            and kind == "int"
            and value.value != value.value.to_integral_value()
        ):
            raise RuleError("whole_number", at=value.at, found=str(value.value))
        if isinstance(value, tree.Number):
            if side.bound > 10**14:
                raise RuleError("too_large_number", at=value.at, found=str(value.value))
            if kind == "money" and value.value != round(value.value, EXPONENT_LIMIT):
                raise RuleError("too_fine", at=value.at, found=str(value.value), decimals=EXPONENT_LIMIT)
            return tree.Amount(value.value, at=value.at) if kind == "money" else value
        return value

    def _as_day(self, value: tree.Text) -> tree.Day:
        try:
            return tree.Day(calendar_date(value.value), at=value.at)
        except ValueError as refusal:
            raise RuleError("not_a_date", at=value.at, found=value.value) from refusal

    def _codes(self, value: tree.Value, other: tree.Value) -> tree.Value:
        if not isinstance(value, tree.Text) or not isinstance(other, tree.FactRef):
            return value
        codes = self.facts[other.key].values
        if codes and fold(value.value) not in codes:
            raise RuleError(
                "not_a_code", at=value.at, found=value.value, fact=other.key, codes=", ".join(codes)
            )
        return tree.Text(fold(value.value), at=value.at) if codes else value


def tree_names_money(rule: Rule) -> bool:
    """True when the rule reads an amount of money, so that the row's currency matters."""
    return any(fact.type == "money" for fact in rule.named.values())
