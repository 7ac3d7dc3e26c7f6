"""Segments: how many cases each has now and had before, which they share, and a rule tried while it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.db.models import Min, Q

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.engine.rules import Rule, RuleError, check, explain
from aldia.engine.vocabulary import Fact
from aldia.strategy.checking import segment_rules
from aldia.strategy.complaints import pointed, remark_text
from aldia.strategy.matching import matches
from aldia.strategy.models import Segment, SegmentMember, SegmentSize
from aldia.strategy.own_facts import own_facts

SAMPLE: Final = 10
NIGHTS: Final = 90


@dataclass(frozen=True)
class SegmentView:
    """A segment with its rule in words and how many open cases it has; `count` is empty when its rule no longer reads."""

    id: int
    key: str
    name: str
    rule: str
    explained: str
    count: int | None


@dataclass(frozen=True)
class Overlap:
    """How many open cases of a segment are in another one too, and how many that one has."""

    key: str
    name: str
    shared: int
    count: int


@dataclass(frozen=True)
class SegmentPage:
    """One segment with the sizes of its last nights, oldest first, and what it shares with the others, most first.

    `since`: the first night of which its members are known; None before any.
    """

    segment: SegmentView
    sizes: tuple[tuple[date, int], ...]
    overlaps: tuple[Overlap, ...]
    since: date | None


@dataclass(frozen=True)
class Trial:
    """A rule while it is written: what it says and whom it finds, or why it is refused.

    `refusal` is in words with the column; `warnings` too. `total` are all open cases; `sample` the first of those found.
    """

    refusal: str = ""
    explained: str = ""
    warnings: tuple[str, ...] = ()
    count: int | None = None
    total: int = 0
    sample: tuple[cases.CaseRow, ...] = ()


def segments(actor: Actor, *, as_of: date, language: str) -> list[SegmentView]:
    """Return the segments by name with their live counts, all counted in one pass. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows, rules = _readable(actor)
    counts = dict.fromkeys(rules, 0)
    for found in matches(actor.organisation_id, rules, as_of=as_of):
        for key in rules:
            counts[key] += int(found[str(key)].sum())
    return [_view(row, rules, counts, language) for row in rows]


def segment_page(actor: Actor, key: str, *, as_of: date, language: str) -> SegmentPage:
    """Return one segment with its history and overlaps, counted in one pass. Raises Segment.DoesNotExist, NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    own: Segment = Segment.objects.of(actor.organisation_id).get(key=key)
    rows, rules = _readable(actor)
    counts, shared = dict.fromkeys(rules, 0), dict.fromkeys(rules, 0)
    for found in matches(actor.organisation_id, rules, as_of=as_of):
        inside = found.filter(found[str(own.pk)]) if own.pk in rules else found.clear()
        for number in rules:
            counts[number] += int(found[str(number)].sum())
            shared[number] += int(inside[str(number)].sum())
    overlaps = [
        Overlap(row.key, row.name, shared[row.pk], counts[row.pk])
        for row in rows
        if row.pk != own.pk and shared.get(row.pk)
    ]
    sizes = SegmentSize.objects.of(actor.organisation_id).filter(segment=own)
    newest = sizes.order_by("-on").values_list("on", "cases")[:NIGHTS]
    return SegmentPage(
        segment=_view(own, rules, counts, language),
        sizes=tuple(sorted(newest)),
        overlaps=tuple(sorted(overlaps, key=lambda each: (-each.shared, each.name))),
        since=sizes.aggregate(first=Min("on"))["first"],
    )


def segment_names(actor: Actor) -> list[tuple[str, str]]:
    """Return (key, name) of the segments by name."""
    return list(Segment.objects.of(actor.organisation_id).order_by("name", "id").values_list("key", "name"))


def segment_cases(actor: Actor, key: str, *, on: date | None = None) -> Any:
    """Return, as a query, the ids of the cases that were in a segment on a day; without a day, since its last night."""
    rows = SegmentMember.objects.of(actor.organisation_id).filter(segment__key=key)
    if on is None:
        rows = rows.filter(left_on=None)
    else:
        rows = rows.filter(Q(left_on=None) | Q(left_on__gt=on), entered_on__lte=on)
    return rows.values("case_id")


def segment_members(
    actor: Actor, key: str, *, on: date, as_of: date, limit: int = SAMPLE
) -> tuple[int, tuple[cases.CaseRow, ...]]:
    """Return how many cases were in a segment on a day, and the first of them as they are today. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    among = segment_cases(actor, key, on=on)
    found = cases.case_list(
        actor, cases.CaseQuery(as_of=as_of, filter=cases.CaseFilter(is_open=None, among=among), limit=limit)
    )
    return among.count(), found.rows


def try_rule(actor: Actor, text: str, *, of: str, as_of: date, language: str) -> Trial:
    """Return what a rule says and how many open cases it finds, or why it is refused. Raises NotAllowed.

    `of`: segment, or the grain of a step: case, document. Those may name segments; of documents nobody is counted.
    """
    actor.check(Permission.SEE_STRATEGIES)
    segments = {} if of == "segment" else segment_rules(actor.organisation_id)
    own = own_facts(actor.organisation_id)
    try:
        rule = check(text, grain="document" if of == "document" else "case", segments=segments, own=own)
    except RuleError as refusal:
        return Trial(refusal=pointed(refusal.remark))
    told = Trial(
        explained=explain(rule, language), warnings=tuple(remark_text(remark) for remark in rule.warnings)
    )
    return told if of == "document" else _counted(actor, rule, told, as_of)


def rules_in_words(actor: Actor, texts: Iterable[str], *, language: str) -> dict[str, str]:
    """Return what each rule over cases says in plain words; its own text when it does not read."""
    segments, own = segment_rules(actor.organisation_id), own_facts(actor.organisation_id)
    told = {}
    for text in texts:
        try:
            told[text] = explain(check(text, segments=segments, own=own), language)
        except RuleError:
            told[text] = text
    return told


def _counted(actor: Actor, rule: Rule, told: Trial, as_of: date) -> Trial:
    count, total, first = 0, 0, list[int]()
    for found in matches(actor.organisation_id, {0: rule}, as_of=as_of):
        chosen = found.filter(found["0"])["case_id"]
        count, total = count + len(chosen), total + found.height
        first += chosen.head(SAMPLE - len(first)).to_list()
    return replace(told, count=count, total=total, sample=_rows(actor, first, as_of))


def _rows(actor: Actor, case_ids: Sequence[int], as_of: date) -> tuple[cases.CaseRow, ...]:
    wanted = cases.CaseFilter(among=tuple(case_ids))
    query = cases.CaseQuery(as_of=as_of, filter=wanted, limit=SAMPLE)
    return cases.case_list(actor, query).rows if case_ids else ()


def _readable(actor: Actor) -> tuple[list[Segment], dict[int, Rule]]:
    """The segments by name, and the rules of those that still read."""
    rows = list(Segment.objects.of(actor.organisation_id).order_by("name", "id"))
    own = own_facts(actor.organisation_id)
    read = {row.pk: read_rule(row.rule, own) for row in rows}
    return rows, {key: rule for key, rule in read.items() if rule is not None}


def read_rule(text: str, own: Mapping[str, Fact]) -> Rule | None:
    """Return the rule of a segment, or None when it no longer reads: the vocabulary may have changed since."""
    try:
        return check(text, own=own)
    except RuleError:
        return None


def _view(row: Segment, rules: dict[int, Rule], counts: dict[int, int], language: str) -> SegmentView:
    rule = rules.get(row.pk)
    words = explain(rule, language) if rule is not None else ""
    return SegmentView(row.pk, row.key, row.name, row.rule, words, counts.get(row.pk))
