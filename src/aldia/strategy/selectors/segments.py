"""Segments with how many cases are in each now; policies and collection plans as they held on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.money import exponent_of
from aldia.engine.conditions import EXPONENT, condition
from aldia.engine.rules import Rule, RuleError, check, explain
from aldia.strategy.models import PolicyDocument, Segment
from aldia.strategy.night import case_facts
from aldia.strategy.night.in_use import night_plan


@dataclass(frozen=True)
class SegmentView:
    """A segment with its rule in words and how many open cases it has; `count` is empty when its rule no longer reads."""

    id: int
    key: str
    name: str
    rule: str
    explained: str
    count: int | None


def segments(actor: Actor, *, as_of: date, language: str) -> list[SegmentView]:
    """Return the segments by name with their live counts, all counted in one pass. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = list(Segment.objects.of(actor.organisation_id).order_by("name", "id"))
    read = {row.pk: _read(row.rule) for row in rows}
    counts = count_rules(actor, {key: rule for key, rule in read.items() if rule is not None}, as_of=as_of)
    return [
        SegmentView(row.pk, row.key, row.name, row.rule, _words(read[row.pk], language), counts.get(row.pk))
        for row in rows
    ]


def count_rules(actor: Actor, rules: dict[int, Rule], *, as_of: date) -> dict[int, int]:
    """Return how many open cases match each rule, by its key."""
    counts = dict.fromkeys(rules, 0)
    if not rules:
        return counts
    for partition in night_plan(actor.organisation_id, as_of=as_of).partitions():
        facts = case_facts(actor.organisation_id, as_of=as_of, partition=partition)
        decimals = {currency: exponent_of(currency) for currency in facts["currency"].unique().to_list()}
        facts = facts.with_columns(
            pl.col("currency").replace_strict(decimals, return_dtype=pl.Int64).alias(EXPONENT)
        )
        exponents = tuple(sorted(set(decimals.values())))
        found = facts.select(condition(rule, exponents).sum().alias(str(key)) for key, rule in rules.items())
        for key in rules:
            counts[key] += int(found[str(key)][0] or 0)
    return counts


def count_rule(actor: Actor, text: str, *, as_of: date) -> int:
    """Return how many open cases match a rule while it is being written. Raises RuleError, NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    return count_rules(actor, {0: check(text, grain="case")}, as_of=as_of)[0]


def policies(
    actor: Actor, *, on: date, kind: str | None = None, portfolio_id: int | None = None
) -> list[PolicyDocument]:
    """Return, for each policy and plan, the version that held on a day, by title. Raises NotAllowed."""
    actor.check(Permission.WORK_CASES if actor.may(Permission.WORK_CASES) else Permission.SEE_STRATEGIES)
    rows = (
        PolicyDocument.objects.of(actor.organisation_id)
        .filter(effective_on__lte=on)
        .select_related("owner", "portfolio")
    )
    if kind:
        rows = rows.filter(kind=kind)
    if portfolio_id is not None:
        rows = rows.filter(portfolio_id=portfolio_id)
    latest: dict[tuple[str, str], PolicyDocument] = {}
    for row in rows.order_by("effective_on", "version"):
        latest[row.kind, row.key] = row
    return sorted(latest.values(), key=lambda row: (row.title, row.pk))


def policy_versions(actor: Actor, kind: str, key: str) -> list[PolicyDocument]:
    """Return every version of a policy or plan, newest first."""
    rows = (
        PolicyDocument.objects.of(actor.organisation_id)
        .filter(kind=kind, key=key)
        .select_related("owner", "portfolio")
    )
    return list(rows.order_by("-version"))


def policy_on(actor: Actor, kind: str, key: str, on: date) -> PolicyDocument | None:
    """Return the version of a policy or plan that held on a day, or None."""
    rows = PolicyDocument.objects.of(actor.organisation_id).filter(kind=kind, key=key, effective_on__lte=on)
    found: PolicyDocument | None = rows.order_by("-effective_on", "-version").first()
    return found


def _read(text: str) -> Rule | None:
    try:
        return check(text, grain="case")
    except RuleError:
        return None


def _words(rule: Rule | None, language: str) -> str:
    return explain(rule, language) if rule is not None else ""
