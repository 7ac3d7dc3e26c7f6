"""The type checker: every word means one thing, or the rule is refused with its column and a repair."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aldia.engine.rules import tree
from aldia.engine.rules.errors import RuleError
from aldia.engine.rules.folding import fold
from aldia.engine.rules.parse import calendar_date, parse
from aldia.engine.rules.scan import nearest
from aldia.engine.vocabulary import FACTS, Fact, visible_facts

EXPONENT_LIMIT: Final = 4
_INT64: Final = 2**63 - 1
_NAMES: Final = {"int": "a whole number", "money": "money", "text": "text", "bool": "yes or no", "date": "a date",
                 "number": "a number"}  # fmt: skip
_SAMPLES: Final = {
    "int": "30",
    "money": "1000",
    "text": "'AR-C'",
    "bool": "TRUE",
    "date": "DATE '2026-01-31'",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule: its text, its typed tree, the facts it names, and warnings for its author."""

    text: str
    grain: str
    tree: tree.Condition
    facts: frozenset[str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Typed:
    value: tree.Value
    type: str
    bound: int


def check(text: str, *, grain: str = "case") -> Rule:
    """The checked rule over the facts that a rule of this grain sees. Raises RuleError."""
    facts = visible_facts(grain)
    checker = _Checker(facts)
    condition = checker.condition(parse(text, facts))
    return Rule(text, grain, condition, frozenset(checker.named), tuple(dict.fromkeys(checker.warnings)))


def minor_units(literal: tree.Amount, exponent: int) -> int:
    """A money literal in minor units of a currency with that many decimals. Raises RuleError when it is finer."""
    scaled = literal.value.scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise RuleError(
            f"the amount is finer than a currency with {exponent} decimals", at=literal.at, found=str(literal.value),
            hint="write fewer decimals",
        )  # fmt: skip
    return int(scaled)


class _Checker:
    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        self.named: set[str] = set()
        self.warnings: list[str] = []

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
                raise RuleError("BETWEEN can never be true: the first value is greater than the second", at=low.at,
                                found=str(low.value), hint="write the lower value first")  # fmt: skip

    def _fact(self, node: tree.FactRef) -> Fact:
        fact = self.facts.get(node.key)
        if fact is None:
            raise RuleError("this is not a fact of this grain", at=node.at, found=node.key,
                            hint=nearest(node.key, self.facts) or "see the vocabulary")  # fmt: skip
        self.named.add(fact.key)
        return fact

    def _flag_fact(self, node: tree.FactRef) -> tree.Condition:
        fact = self._fact(node)
        if fact.type != "bool":
            raise RuleError(f"`{fact.key}` is {_NAMES[fact.type]}, not a yes or no", at=node.at, found=fact.key,
                            hint=f"compare it, as in {fact.key} = {_SAMPLES[fact.type]}")  # fmt: skip
        return node

    def _text_match(self, node: tree.TextMatch) -> tree.Condition:
        fact = self._fact(node.value)
        if fact.type != "text":
            raise RuleError(f"`{fact.key}` is {_NAMES[fact.type]}, {node.kind} needs a text", at=node.value.at,
                            found=fact.key, hint="compare it with = < >")  # fmt: skip
        return node

    def _pair(self, left: tree.Value, right: tree.Value, op: str, at: int) -> tuple[tree.Value, tree.Value]:
        first, second = self._typed(left), self._typed(right)
        if not self._names_fact(left) and not self._names_fact(right):
            raise RuleError("the comparison names no fact", at=at, hint="compare a fact with a value")
        kind = self._common(first, second)
        left_value, right_value = self._settle(first, kind, second), self._settle(second, kind, first)
        if kind == "bool" and op not in ("=", "<>", "IN"):
            raise RuleError("a yes or no is compared with = only", at=at, found=op, hint="write fact = TRUE")
        if kind == "text" and op not in ("=", "<>", "IN"):
            raise RuleError(
                "texts have no order here", at=at, found=op, hint="use =, <>, IN, starts_with, contains"
            )
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
                self.warnings.append(
                    f"column {value.at}: `{value.key}` may be empty, and an empty value never matches <>; "
                    f"add OR {value.key} IS NULL if those should match"
                )

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
            raise RuleError("arithmetic without a fact", at=node.at, hint="write the result")
        left, right = self._typed(node.left), self._typed(node.right)
        for side in (left, right):
            if side.type not in ("int", "money", "number"):
                raise RuleError(
                    f"arithmetic over {_NAMES[side.type]}", at=side.value.at, hint="use numbers and amounts"
                )
        if node.op == "*":
            return self._product(node, left, right)
        kind = self._common(left, right)
        first, second = self._settle(left, kind, right), self._settle(right, kind, left)
        bound = self._bound(left, kind) + self._bound(right, kind)
        return self._within(replace(node, left=first, right=second), kind, bound)

    def _product(self, node: tree.Arithmetic, left: _Typed, right: _Typed) -> _Typed:
        if isinstance(left.value, tree.Number) == isinstance(right.value, tree.Number):
            raise RuleError("only a fact times a constant", at=node.at, hint="write 2 * overdue")
        factor, other = (left, right) if isinstance(left.value, tree.Number) else (right, left)
        number = factor.value
        assert isinstance(number, tree.Number)
        if number.value != number.value.to_integral_value():
            raise RuleError("the factor must be a whole number", at=number.at, found=str(number.value),
                            hint="multiply the other side, as in 2 * overdue > total")  # fmt: skip
        return self._within(
            replace(node, left=left.value, right=right.value), other.type, factor.bound * other.bound
        )

    def _bound(self, side: _Typed, kind: str) -> int:
        return side.bound * 10**EXPONENT_LIMIT if kind == "money" and side.type == "number" else side.bound

    def _within(self, node: tree.Arithmetic, kind: str, bound: int) -> _Typed:
        if bound > _INT64:
            raise RuleError(
                "the result could be too large to be exact", at=node.at, hint="use smaller factors"
            )
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
        name = f"`{named.value.key}`" if isinstance(named.value, tree.FactRef) else "this"
        raise RuleError(
            f"{name} is {_NAMES[named.type]}, compared with {_NAMES[other.type]}", at=other.value.at,
            hint=f"write {_SAMPLES.get(named.type, '30')}",
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
            raise RuleError(
                "a whole number is needed here", at=value.at, found=str(value.value), hint="write 30"
            )
        if isinstance(value, tree.Number):
            if side.bound > 10**14:
                raise RuleError(
                    "the number is too large", at=value.at, found=str(value.value), hint="at most 10^14"
                )
            if kind == "money" and value.value != round(value.value, EXPONENT_LIMIT):
                raise RuleError("more decimals than any currency has", at=value.at, found=str(value.value),
                                hint="write at most 4 decimals")  # fmt: skip
            return tree.Amount(value.value, at=value.at) if kind == "money" else value
        return value

    def _as_day(self, value: tree.Text) -> tree.Day:
        try:
            return tree.Day(calendar_date(value.value), at=value.at)
        except ValueError as refusal:
            raise RuleError("not a calendar date", at=value.at, found=value.value,
                            hint="write DATE '2026-01-31'") from refusal  # fmt: skip

    def _codes(self, value: tree.Value, other: tree.Value) -> tree.Value:
        if not isinstance(value, tree.Text) or not isinstance(other, tree.FactRef):
            return value
        codes = self.facts[other.key].values
        if codes and fold(value.value) not in codes:
            raise RuleError(f"`{other.key}` never has this value", at=value.at, found=value.value,
                            hint="it is one of " + ", ".join(codes))  # fmt: skip
        return tree.Text(fold(value.value), at=value.at) if codes else value


def tree_names_money(rule: Rule) -> bool:
    """True when the rule reads an amount of money, so that the row's currency matters."""
    return any(FACTS[key].type == "money" for key in rule.facts)
