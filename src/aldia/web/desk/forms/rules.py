"""The rule editor: the same text as rows to choose from or as text to write, whichever the person prefers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aldia.engine.rules import RuleError, check, code_name
from aldia.engine.rules.outline import (
    OPERATORS,
    RAW,
    SEGMENT,
    WITHOUT_VALUE,
    Group,
    Outline,
    Row,
    outline,
    outline_text,
    row_text,
)
from aldia.engine.vocabulary import NO_OWN, Fact, visible_facts
from aldia.strategy import selectors as strategy

if TYPE_CHECKING:
    from django.http import QueryDict

_MOST_ROWS: Final = 60
ROWS, TEXT = "rows", "text"
_FIELDS: Final = ("group", "fact", "op", "value", "until")
_TOPICS: Final = {
    "ledger": _("La deuda"), "cases": _("El caso"), "parties": _("El cliente"), "contact": _("Los contactos"),
    "own": _("Los de tus archivos"), "outcomes": _("Los compromisos"), "payments": _("Los pagos"), "strategy": _("La estrategia"),
}  # fmt: skip
_WORDS: Final = {
    "=": _("es"), "<>": _("no es"), ">": _("es más que"), ">=": _("es como mínimo"), "<": _("es menos que"),
    "<=": _("es como máximo"), "between": _("está entre"), "not between": _("no está entre"), "in": _("es uno de"),
    "not in": _("no es ninguno de"), "starts_with": _("empieza con"), "not starts_with": _("no empieza con"),
    "contains": _("contiene"), "not contains": _("no contiene"), "null": _("está vacío"), "not null": _("tiene un valor"),
    "true": _("sí"), "false": _("no"),
}  # fmt: skip
_DATE_WORDS: Final = {
    ">": _("es después del"),
    ">=": _("es desde el"),
    "<": _("es antes del"),
    "<=": _("es hasta el"),
}
_INPUTS: Final = {"int": "number", "date": "date"}
_NEW: Final = Row("dpd", ">", "0")


@dataclass(frozen=True)
class Editor:
    """A rule being written. `grain`: what its facts are of; `segments`: the rules that it may name, by key; `own`: the facts
    that the organisation declared.

    In the mode ROWS `told` are the rows; in TEXT `text` is what was written.
    """

    grain: str
    segments: Mapping[str, str]
    own: Mapping[str, Fact]
    mode: str
    told: Outline
    text: str
    focus: str = ""

    @property
    def rule(self) -> str:
        """The text of the rule, whichever way it is written."""
        return outline_text(self.told, self.own) if self.mode == ROWS else self.text

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The groups as the page draws them, each row with its own refusal."""
        numbered = enumerate(self.told.groups)
        return [
            {"number": number, "joiner": group.joiner, "rows": [self._drawn(number, place, row) for place, row in enumerate(group.rows)]}
            for number, group in numbered
        ]  # fmt: skip

    @property
    def facts(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The facts to choose from, by topic, with their names."""
        language = get_language() or "es"
        topics: dict[str, list[tuple[str, str]]] = {}
        for fact in visible_facts(self.grain, self.own).values():
            topics.setdefault(str(_TOPICS[fact.room]), []).append((fact.key, fact.label.of(language)))
        found = [(topic, sorted(pairs, key=lambda pair: pair[1])) for topic, pairs in topics.items()]
        return (
            [*found, (str(_("Segmentos")), [(SEGMENT, str(_("está en el segmento")))])]
            if self.segments
            else found
        )

    def _drawn(self, group: int, place: int, row: Row) -> dict[str, Any]:
        fact = visible_facts(self.grain, self.own).get(row.fact)
        kind = SEGMENT if row.fact == SEGMENT else fact.type if fact else "text"
        named = {**_WORDS, **_DATE_WORDS} if kind == "date" else _WORDS
        return {
            "id": f"{group}-{place}", "fact": row.fact, "op": row.op, "value": row.value, "until": row.until,
            "is_raw": row.op == RAW, "ops": [(op, str(named[op])) for op in OPERATORS[kind]],
            "options": self._options(row, kind), "input": _INPUTS.get(kind, "text"), "is_decimal": kind == "money",
            "has_value": row.op not in WITHOUT_VALUE or kind == SEGMENT, "has_until": row.op.endswith("between"),
            "refusal": self._refusal(row), "is_new": self.focus == f"{group}-{place}",
        }  # fmt: skip

    def _options(self, row: Row, kind: str) -> list[tuple[str, str]]:
        if kind == SEGMENT:
            return [(key, key) for key in self.segments]
        fact = visible_facts(self.grain, self.own).get(row.fact)
        if fact is None or not fact.values or row.op not in ("=", "<>"):
            return []
        return [(code, code_name(code, get_language() or "es")) for code in fact.values]

    def _refusal(self, row: Row) -> str:
        try:
            check(row_text(row, self.own), grain=self.grain, segments=self.segments, own=self.own)
        except RuleError as refusal:
            return strategy.remark_text(refusal.remark)
        return ""


def editor_of(
    text: str, *, grain: str, segments: Mapping[str, str], own: Mapping[str, Fact] = NO_OWN
) -> Editor:
    """Return the editor of a rule: as rows, or as text when it does not read."""
    try:
        told = outline(check(text, grain=grain, segments=segments, own=own).tree)
    except RuleError:
        return Editor(grain, segments, own, TEXT, Outline("and", ()), text)
    return Editor(grain, segments, own, ROWS, told, text)


def read_editor(
    data: QueryDict, *, grain: str, segments: Mapping[str, str], own: Mapping[str, Fact] = NO_OWN
) -> Editor:
    """Return the editor as the page sent it, after the gesture of the button `do`."""
    text = data.get("rule", "").strip()
    mode = TEXT if data.get("mode") == TEXT else ROWS
    written = Editor(grain, segments, own, mode, _outline(data, visible_facts(grain, own)), text)
    gesture, _colon, place = data.get("do", "").partition(":")
    if gesture == "as_text" and written.mode == ROWS:
        return replace(written, mode=TEXT, text=written.rule)
    if gesture == "as_rows" and written.mode == TEXT:
        return editor_of(text, grain=grain, segments=segments, own=own)
    if gesture == "row" and place.isdecimal():
        return _with_row(written, int(place))
    if gesture == "group":
        groups = (*written.told.groups, Group("or" if written.told.joiner == "and" else "and", (_NEW,)))
        return replace(written, told=replace(written.told, groups=groups), focus=f"{len(groups) - 1}-0")
    return _without_row(written, place) if gesture == "drop" else written


def _outline(data: QueryDict, facts: Mapping[str, Fact]) -> Outline:
    """The rows come as lists of the same length, group after group."""
    columns = [data.getlist(name)[:_MOST_ROWS] for name in _FIELDS]
    groups: dict[str, list[Row]] = {}
    for group, fact, op, value, until in zip(*columns, strict=False):
        groups.setdefault(group[:4], []).append(
            _fitting(Row(fact, op, value[:300].strip(), until[:300].strip()), facts)
        )
    joined = tuple(
        Group("or" if data.get(f"joiner-{key}") == "or" else "and", tuple(rows))
        for key, rows in groups.items()
    )
    return Outline("or" if data.get("joiner") == "or" else "and", joined)


def _fitting(row: Row, facts: Mapping[str, Fact]) -> Row:
    """A row whose fact was just changed keeps its comparison only when the new fact has it; unknown facts never enter."""
    if row.op == RAW:
        return row
    fact = facts.get(row.fact)
    kind = SEGMENT if row.fact == SEGMENT else fact.type if fact else ""
    if not kind:
        return _NEW
    return row if row.op in OPERATORS[kind] else Row(row.fact, OPERATORS[kind][0])


def _with_row(written: Editor, number: int) -> Editor:
    groups: Sequence[Group] = written.told.groups
    if number >= len(groups):
        return written
    grown = replace(groups[number], rows=(*groups[number].rows, _NEW))
    told = (*groups[:number], grown, *groups[number + 1 :])
    return replace(written, told=replace(written.told, groups=told), focus=f"{number}-{len(grown.rows) - 1}")


def _without_row(written: Editor, place: str) -> Editor:
    groups = [
        replace(group, rows=tuple(row for at, row in enumerate(group.rows) if f"{number}-{at}" != place))
        for number, group in enumerate(written.told.groups)
    ]
    return replace(written, told=replace(written.told, groups=tuple(group for group in groups if group.rows)))
