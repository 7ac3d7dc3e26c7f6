"""Our own small tree: the only shapes that a rule can have. Frozen, comparable, without behaviour.

``at`` is the 1-based column in the text, kept for messages and ignored by comparison.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class FactRef:
    """A fact named by the rule."""

    key: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written. The checker leaves only whole ones; those that meet money become an Amount."""

    value: Decimal
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Amount:
    """A literal amount of money in major units; only the checker makes it."""

    value: Decimal
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text."""

    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date, written ``DATE '2026-01-31'``."""

    value: date
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """TRUE or FALSE."""

    value: bool
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left op right`` with op one of ``+ - *``."""

    op: str
    left: "Value"
    right: "Value"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right`` with op one of ``= <> < <= > >=``."""

    op: str
    left: "Value"
    right: "Value"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """``value BETWEEN low AND high``, both ends included."""

    value: "Value"
    low: "Value"
    high: "Value"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """``value IN (a, b, ...)``, literals only."""

    value: "Value"
    options: tuple["Value", ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    """``fact IS NULL``."""

    value: FactRef
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TextMatch:
    """``starts_with(fact, 'x')`` or ``contains(fact, 'x')``."""

    kind: str
    value: FactRef
    text: Text
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class InSegment:
    """``segment('key')``: the condition of a saved segment, by its name. The checker puts the condition in ``part``."""

    key: str
    part: "Condition"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary; unknown stays unknown."""

    part: "Condition"
    at: int = field(default=0, compare=False)


Value = FactRef | Number | Amount | Text | Day | Flag | Arithmetic
Literal = Number | Amount | Text | Day | Flag
Condition = FactRef | Flag | Compare | Between | OneOf | IsNull | TextMatch | InSegment | And | Or | Not
