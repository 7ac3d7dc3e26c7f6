"""A checked rule as parameterised SQL for list screens: only our own tree speaks, values go as parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aldia.engine.rules import tree
from aldia.engine.rules.check import Rule, minor_units
from aldia.engine.rules.folding import FOLD, FOLD_ACCENTS, fold
from aldia.engine.vocabulary import Fact

DIALECTS: Final = ("sqlite", "postgresql")
_NESTED: Final = 20
Parameter = int | str | bool


@dataclass(frozen=True, slots=True)
class SqlCondition:
    """A condition for a WHERE clause, true only where the rule is TRUE, and its parameters in order."""

    text: str
    parameters: tuple[Parameter, ...]


def to_sql(
    rule: Rule,
    *,
    exponent: int,
    dialect: str,
    columns: Mapping[str, str] | None = None,
    placeholder: str = "%s",
) -> SqlCondition:
    """The rule in the SQL of a dialect (sqlite, postgresql).

    ``columns`` gives the SQL of each fact (our own code, never a user's text); by default its quoted name.
    ``exponent`` is the number of decimals of the rows' currency. Raises RuleError when an amount is finer.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"dialect {dialect!r} is not one of {', '.join(DIALECTS)}")
    writer = _Writer(exponent, dialect, columns, placeholder, rule.named)
    text = writer.condition(rule.tree)
    return SqlCondition(f"(({text}) IS TRUE)", tuple(writer.parameters))


class _Writer:
    def __init__(
        self,
        exponent: int,
        dialect: str,
        columns: Mapping[str, str] | None,
        placeholder: str,
        facts: Mapping[str, Fact],
    ) -> None:
        self.exponent = exponent
        self.dialect = dialect
        self.columns = columns
        self.placeholder = placeholder
        self.facts = facts
        self.parameters: list[Parameter] = []

    def condition(self, node: tree.Condition) -> str:
        match node:
            case tree.And(parts):
                return " AND ".join(f"({self.condition(part)})" for part in parts)
            case tree.Or(parts):
                return " OR ".join(f"({self.condition(part)})" for part in parts)
            case tree.InSegment(_, part):
                return self.condition(part)
            case tree.Not(part):
                return f"NOT ({self.condition(part)})"
            case tree.FactRef(key):
                return self._column(key)
            case tree.Flag(value):
                return "1 = 1" if value else "1 = 0"
            case tree.IsNull(fact):
                return f"{self._column(fact.key)} IS NULL"
            case tree.TextMatch():
                return self._text_match(node)
            case _:
                return self._comparison(node)

    def _comparison(self, node: tree.Compare | tree.Between | tree.OneOf) -> str:
        match node:
            case tree.Compare(op, left, right):
                return f"{self.value(left)} {op} {self.value(right)}"
            case tree.Between(value, low, high):
                return f"{self.value(value)} BETWEEN {self.value(low)} AND {self.value(high)}"
            case tree.OneOf(value, options):
                return f"{self.value(value)} IN ({', '.join(self.value(option) for option in options)})"

    def _text_match(self, node: tree.TextMatch) -> str:
        column, wanted = self._text(node.value.key), fold(node.text.value)
        if node.kind == "starts_with":
            return f"substr({column}, 1, {len(wanted)}) = {self._parameter(wanted)}"
        finder = "instr" if self.dialect == "sqlite" else "strpos"
        return f"{finder}({column}, {self._parameter(wanted)}) > 0"

    def value(self, node: tree.Value) -> str:
        match node:
            case tree.FactRef(key):
                return self._fact(key)
            case tree.Arithmetic(op, left, right):
                return f"({self.value(left)} {op} {self.value(right)})"
            case tree.Amount():
                return self._parameter(minor_units(node, self.exponent))
            case tree.Number(value):
                return self._parameter(int(value))
            case tree.Text(text):
                return self._parameter(fold(text))
            case tree.Day(day):
                # SQLite keeps dates as ISO text, whose order is the order of the dates
                mark = self._parameter(day.isoformat())
                return mark if self.dialect == "sqlite" else f"CAST({mark} AS date)"
            case tree.Flag(flag):
                return self._parameter(flag)

    def _fact(self, key: str) -> str:
        kind = self.facts[key].type
        if kind == "text":
            return self._text(key)
        # narrow integer columns would overflow in PostgreSQL's arithmetic
        return f"CAST({self._column(key)} AS bigint)" if kind in ("int", "money") else self._column(key)

    def _parameter(self, value: Parameter) -> str:
        self.parameters.append(value)
        if self.dialect == "postgresql" and isinstance(value, int) and not isinstance(value, bool):
            return f"CAST({self.placeholder} AS bigint)"
        return self.placeholder

    def _column(self, key: str) -> str:
        return f'"{key}"' if self.columns is None else self.columns[key]

    def _text(self, key: str) -> str:
        column = self._column(key)
        if self.facts[key].values:
            return column
        if self.dialect == "postgresql":
            return f"translate({column}, '{''.join(FOLD)}', '{''.join(FOLD.values())}')"
        return _sqlite_fold(column)


def _sqlite_fold(column: str) -> str:
    """SQLite has no translate(), its lower() folds A to Z only, and its parser takes few nested calls: so in steps."""
    steps = [f"s0(v) AS (SELECT lower({column}))"]
    letters = list(FOLD_ACCENTS.items())
    for number, start in enumerate(range(0, len(letters), _NESTED), start=1):
        folded = "v"
        for accented, plain in letters[start : start + _NESTED]:
            folded = f"replace({folded}, '{accented}', '{plain}')"
        steps.append(f"s{number}(v) AS (SELECT {folded} FROM s{number - 1})")
    return f"(WITH {', '.join(steps)} SELECT v FROM s{len(steps) - 1})"
