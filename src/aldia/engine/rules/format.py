"""A tree back to its text, in one canonical form: what the visual builder writes."""

from decimal import Decimal

from aldia.engine.rules import tree

_RANK = {tree.Or: 1, tree.And: 2, tree.Not: 3}


def format_rule(node: tree.Condition) -> str:
    """The canonical text: keywords in capitals, facts in lower case, brackets only where needed."""
    match node:
        case tree.And(parts):
            return " AND ".join(_inside(part, 2) for part in parts)
        case tree.Or(parts):
            return " OR ".join(_inside(part, 1) for part in parts)
        case tree.Not(tree.IsNull(value)):
            return f"{value.key} IS NOT NULL"
        case tree.Not(part):
            return f"NOT {_inside(part, 4)}"
        case tree.FactRef(key):
            return key
        case tree.Flag(value):
            return _flag(value)
        case tree.InSegment(key):
            return f"segment({_quoted(key)})"
        case tree.IsNull(fact):
            return f"{fact.key} IS NULL"
        case tree.TextMatch(kind, fact, text):
            return f"{kind}({fact.key}, {_quoted(text.value)})"
        case _:
            return _comparison(node)


def _inside(node: tree.Condition, rank: int) -> str:
    text = format_rule(node)
    is_not_null = isinstance(node, tree.Not) and isinstance(node.part, tree.IsNull)
    own = 5 if is_not_null else _RANK.get(type(node), 5)
    is_spaced = rank == 4 and not isinstance(node, tree.FactRef | tree.Flag | tree.TextMatch | tree.InSegment)
    return f"({text})" if own <= rank or is_spaced else text


def _comparison(node: tree.Compare | tree.Between | tree.OneOf) -> str:
    match node:
        case tree.Compare(op, left, right):
            return f"{_value(left)} {op} {_value(right)}"
        case tree.Between(value, low, high):
            return f"{_value(value)} BETWEEN {_value(low)} AND {_value(high)}"
        case tree.OneOf(value, options):
            return f"{_value(value)} IN ({', '.join(_value(option) for option in options)})"


def _value(node: tree.Value) -> str:
    match node:
        case tree.FactRef(key):
            return key
        case tree.Number(value) | tree.Amount(value):
            return plain(value)
        case tree.Text(text):
            return _quoted(text)
        case tree.Day(day):
            return f"DATE '{day.isoformat()}'"
        case tree.Flag(value):
            return _flag(value)
        case tree.Arithmetic(op, left, right):
            return f"{_operand(left, op, is_right=False)} {op} {_operand(right, op, is_right=True)}"


def _operand(node: tree.Value, op: str, *, is_right: bool) -> str:
    text = _value(node)
    needs = isinstance(node, tree.Arithmetic) and (op == "*" or is_right)
    return f"({text})" if needs else text


def plain(value: Decimal) -> str:
    """A number without exponent or useless zeros: ``1000``, ``0.5``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _flag(value: bool) -> str:
    return "TRUE" if value else "FALSE"
