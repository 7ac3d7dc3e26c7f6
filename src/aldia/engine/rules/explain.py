"""A rule in plain words, in es, en and pt."""

from collections.abc import Mapping
from typing import Final

from aldia.domain.labels import Label
from aldia.engine.rules import tree
from aldia.engine.rules.check import Rule
from aldia.engine.rules.format import plain
from aldia.engine.vocabulary import Fact

_WORDS: Final[dict[str, Label]] = {
    "and": Label(" y ", " and ", " e "),
    "or": Label(" o ", " or ", " ou "),
    "not": Label("no es cierto que {0}", "it is not so that {0}", "não é verdade que {0}"),
    "=": Label("{0} es {1}", "{0} is {1}", "{0} é {1}"),
    "<>": Label("{0} no es {1}", "{0} is not {1}", "{0} não é {1}"),
    "<": Label("{0} es menor que {1}", "{0} is less than {1}", "{0} é menor que {1}"),
    "<=": Label("{0} es {1} o menos", "{0} is {1} or less", "{0} é {1} ou menos"),
    ">": Label("{0} es mayor que {1}", "{0} is more than {1}", "{0} é maior que {1}"),
    ">=": Label("{0} es {1} o más", "{0} is {1} or more", "{0} é {1} ou mais"),
    "date<": Label("{0} es antes del {1}", "{0} is before {1}", "{0} é antes de {1}"),
    "date<=": Label("{0} es hasta el {1}", "{0} is up to {1}", "{0} é até {1}"),
    "date>": Label("{0} es después del {1}", "{0} is after {1}", "{0} é depois de {1}"),
    "date>=": Label("{0} es desde el {1}", "{0} is from {1}", "{0} é a partir de {1}"),
    "between": Label("{0} está entre {1} y {2}", "{0} is between {1} and {2}", "{0} está entre {1} e {2}"),
    "in": Label("{0} es uno de: {1}", "{0} is one of: {1}", "{0} é um de: {1}"),
    "null": Label("{0} está vacío", "{0} is empty", "{0} está vazio"),
    "not null": Label("{0} tiene un valor", "{0} has a value", "{0} tem um valor"),
    "segment": Label("está en el segmento «{0}»", "is in segment «{0}»", "está no segmento «{0}»"),
    "starts_with": Label("{0} empieza con {1}", "{0} starts with {1}", "{0} começa com {1}"),
    "contains": Label("{0} contiene {1}", "{0} contains {1}", "{0} contém {1}"),
    "+": Label("{0} más {1}", "{0} plus {1}", "{0} mais {1}"),
    "-": Label("{0} menos {1}", "{0} minus {1}", "{0} menos {1}"),
    "*": Label("{0} por {1}", "{0} times {1}", "{0} vezes {1}"),
    "true": Label("sí", "yes", "sim"),
    "false": Label("no", "no", "não"),
    "all": Label("siempre", "always", "sempre"),
    "none": Label("nunca", "never", "nunca"),
}

_CODES: Final[dict[str, Label]] = {
    "none": Label("ninguna", "none", "nenhuma"),
    "open": Label("vigente", "open", "em aberto"),
    "kept": Label("cumplida", "kept", "cumprida"),
    "broken": Label("no cumplida", "broken", "não cumprida"),
    "person": Label("una persona", "a person", "uma pessoa"),
    "company": Label("una empresa", "a company", "uma empresa"),
    "team": Label("un equipo", "a team", "uma equipe"),
    "agency": Label("una agencia", "an agency", "uma agência"),
    "lawyer": Label("un abogado", "a lawyer", "um advogado"),
    "insurer": Label("una aseguradora", "an insurer", "uma seguradora"),
}


def explain(rule: Rule, language: str) -> str:
    """One sentence that says when the rule matches, in the language (es unless en or pt)."""
    return _Speaker(language, rule.named).condition(rule.tree)


def code_name(code: str, language: str) -> str:
    """The name of a code of a coded fact for people; an unknown one as it is."""
    return _CODES[code].of(language) if code in _CODES else code


_COMMAS: Final = str.maketrans(",.", ".,")


class _Speaker:
    def __init__(self, language: str, facts: Mapping[str, Fact]) -> None:
        self.language = language
        self.facts = facts

    def _say(self, word: str, *parts: str) -> str:
        return _WORDS[word].of(self.language).format(*parts)

    def condition(self, node: tree.Condition) -> str:
        match node:
            case tree.And(parts):
                return _WORDS["and"].of(self.language).join(self._inside(part) for part in parts)
            case tree.Or(parts):
                return _WORDS["or"].of(self.language).join(self._inside(part) for part in parts)
            case tree.Not(tree.IsNull(fact)):
                return self._say("not null", self._fact(fact))
            case tree.Not(part):
                return self._say("not", self._inside(part))
            case tree.FactRef():
                return self._fact(node)
            case tree.Flag(value):
                return self._say("all" if value else "none")
            case tree.InSegment(key):
                return self._say("segment", key)
            case tree.IsNull(fact):
                return self._say("null", self._fact(fact))
            case tree.TextMatch(kind, fact, text):
                return self._say(kind, self._fact(fact), f"«{text.value}»")
            case _:
                return self._comparison(node)

    def _inside(self, node: tree.Condition) -> str:
        text = self.condition(node)
        return f"({text})" if isinstance(node, tree.And | tree.Or) else text

    def _comparison(self, node: tree.Compare | tree.Between | tree.OneOf) -> str:
        match node:
            case tree.Compare(op, left, right):
                about_dates = self._is_date(left) or self._is_date(right)
                word = "date" + op if about_dates and op not in ("=", "<>") else op
                return self._say(word, self._value(left), self._value(right))
            case tree.Between(value, low, high):
                return self._say("between", self._value(value), self._value(low), self._value(high))
            case tree.OneOf(value, options):
                return self._say(
                    "in", self._value(value), ", ".join(self._value(option) for option in options)
                )

    def _is_date(self, node: tree.Value) -> bool:
        return isinstance(node, tree.Day) or (
            isinstance(node, tree.FactRef) and self.facts[node.key].type == "date"
        )

    def _fact(self, node: tree.FactRef) -> str:
        return self.facts[node.key].label.of(self.language)

    def _amount(self, text: str) -> str:
        """An amount as the language writes it: 1000000.5 is 1.000.000,5, and in English 1,000,000.5."""
        whole, _point, rest = text.partition(".")
        grouped = f"{int(whole):,}" + (f".{rest}" if rest else "")
        return grouped if self.language == "en" else grouped.translate(_COMMAS)

    def _value(self, node: tree.Value) -> str:
        match node:
            case tree.FactRef():
                return self._fact(node)
            case tree.Number(value):
                return plain(value)
            case tree.Amount(value):
                return self._amount(plain(value))
            case tree.Text(text):
                return code_name(text, self.language) if text in _CODES else f"«{text}»"
            case tree.Day(day):
                return day.isoformat()
            case tree.Flag(flag):
                return self._say("true" if flag else "false")
            case tree.Arithmetic(op, left, right):
                return self._say(op, self._value(left), self._value(right))
