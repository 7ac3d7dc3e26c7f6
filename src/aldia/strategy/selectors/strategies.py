"""Strategies for the screen: their versions, the timeline of one, and what changed from one version to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.db.memory import remembered
from aldia.domain.labels import base_language
from aldia.engine.rules import explain, format_rule
from aldia.engine.strategy import Notice, Proposal, Step, StrategyInvalid, Task
from aldia.engine.strategy import Strategy as StrategyValue
from aldia.engine.strategy_reading import load_strategy
from aldia.ledger import facts as ledger_facts
from aldia.strategy.checking import checked, doubts_of, segment_rules, steps_of
from aldia.strategy.complaints import ProblemView, problem_views
from aldia.strategy.models import Decision, Experiment, Strategy, StrategyVersion
from aldia.strategy.night.in_use import key_of
from aldia.strategy.own_facts import own_facts
from aldia.strategy.reasons import action_name, channel_name
from aldia.strategy.shipped import shipped_documents
from aldia.strategy.titles import title_of

TWO_PERSONS: Final = "has_second_publisher"
"""The organisation's setting: a version is proposed by one person and published by another."""


@dataclass(frozen=True)
class StepView:
    """One step of the timeline, in the reader's language. `day`: D+10; `rule` as text, `explained` in plain words."""

    key: str
    name: str
    stage: str
    grain: str
    anchor: str
    offset: int
    day: str
    unit: str
    lateness: int | None
    action: str
    action_label: str
    channels: tuple[str, ...]
    channel_labels: tuple[str, ...]
    is_by_reach: bool
    target: str
    attach: tuple[str, ...]
    rule: str
    explained: str
    priority: int


@dataclass(frozen=True)
class StageView:
    """A stage with its steps; the steps that are there in every stage come in one with an empty key."""

    key: str
    name: str
    entry: str
    entry_explained: str
    steps: tuple[StepView, ...]


@dataclass(frozen=True)
class VersionView:
    """One published version."""

    number: int
    effective_on: date
    published_by: str
    published_at: datetime
    note: str
    document: dict[str, Any]


@dataclass(frozen=True)
class StrategyCard:
    """One strategy of the list. `number` is 0 when nothing was published; `portfolios` are the names of those that it works: they name it,
    or name none and it is the default one of their kind.

    `is_proposed`: its draft waits for somebody else to publish it. `is_tried`: an experiment compares it with the one in use.
    """

    id: int
    key: str
    name: str
    number: int
    portfolios: tuple[str, ...]
    has_draft: bool
    is_proposed: bool
    is_tried: bool


@dataclass(frozen=True)
class StrategyView:
    """One strategy with its timeline (of the version asked for), versions newest first, and its draft with its problems."""

    card: StrategyCard
    name: str
    description: str
    stages: tuple[StageView, ...]
    versions: tuple[VersionView, ...]
    draft: dict[str, Any]
    problems: tuple[ProblemView, ...]
    doubts: tuple[ProblemView, ...]
    proposed_by: str
    can_publish: bool


@dataclass(frozen=True)
class DraftStep:
    """A step of a draft whose condition is being written: its name, grain, rule, and the rules of the segments it may name."""

    name: str
    grain: str
    rule: str
    segments: dict[str, str]


@dataclass(frozen=True)
class Change:
    """One thing that differs between two versions: where (a step's or stage's key, or the heading), what it was and is."""

    place: str
    kind: str
    before: str
    after: str


def strategies(actor: Actor) -> list[StrategyCard]:
    """Return the strategies by name. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    return [
        _card(actor, row, _versions(actor, row))
        for row in Strategy.objects.of(actor.organisation_id).order_by("name", "id")
    ]


def asks_for_two(actor: Actor) -> bool:
    """Return whether a version needs two persons here: one who proposes it and another who publishes it."""
    return bool(access.organisation_of(actor).settings.get(TWO_PERSONS))


def catalogue(actor: Actor, *, language: str) -> list[tuple[str, str, str]]:
    """Return (key, name, description) of the shipped strategies that the organisation has not. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    known = set(Strategy.objects.of(actor.organisation_id).values_list("key", flat=True))
    told = base_language(language)
    return [
        (key, document["name"][told], document["description"][told])
        for key, document in shipped_documents().items()
        if key not in known
    ]


def strategy(
    actor: Actor, key: str, *, as_of: date, language: str, number: int | None = None
) -> StrategyView:
    """Return one strategy as its timeline: the version of that number, else the latest, else the draft.

    Raises Strategy.DoesNotExist, StrategyVersion.DoesNotExist, NotAllowed; StrategyInvalid for a first draft with problems.
    """
    actor.check(Permission.SEE_STRATEGIES)
    row: Strategy = Strategy.objects.of(actor.organisation_id).get(key=key)
    versions = _versions(actor, row)
    shown = _chosen(versions, number).document if versions or number else row.draft
    is_published = bool(versions or number)
    value = load_strategy(shown) if is_published else _draft(actor.organisation_id, shown)
    problems, doubts = draft_checks(actor, row.draft, as_of=as_of)
    return StrategyView(
        card=_card(actor, row, versions),
        name=value.name.of(language),
        description=value.description.of(language),
        stages=timeline(value, language),
        versions=tuple(_version_view(version) for version in versions),
        draft=row.draft,
        problems=problems,
        doubts=doubts,
        proposed_by=row.proposed_by.name if row.proposed_by else "",
        can_publish=not asks_for_two(actor)
        or (row.proposed == row.draft and row.proposed_by_id != actor.user_id),
    )


def _draft(organisation_id: int, document: Mapping[str, Any]) -> StrategyValue:
    return load_strategy(document, segments=segment_rules(organisation_id), own=own_facts(organisation_id))


def timeline(value: StrategyValue, language: str) -> tuple[StageView, ...]:
    """Return the stages with their steps for people; what is due in every stage first."""
    always = StageView(
        "", _("En todas las etapas"), "", "", tuple(_step_view(step, language) for step in value.always)
    )
    stages = [
        StageView(
            stage.key, stage.name.of(language), format_rule(stage.entry.tree), explain(stage.entry, language),
            tuple(_step_view(step, language) for step in stage.steps),
        )
        for stage in value.stages
    ]  # fmt: skip
    return (always, *stages) if value.always else tuple(stages)


def draft_checks(
    actor: Actor, document: Mapping[str, Any], *, as_of: date
) -> tuple[tuple[ProblemView, ...], tuple[ProblemView, ...]]:
    """Return, in words, what keeps a draft from being published, and, when nothing does, what to look at before."""
    try:
        value = checked(actor.organisation_id, document)
    except StrategyInvalid as refusal:
        return problem_views(document, refusal.problems), ()
    return (), problem_views(document, doubts_of(actor.organisation_id, value, on=as_of))


def draft_step(actor: Actor, key: str, step: str, *, language: str) -> DraftStep:
    """Return a step of a strategy's draft. Raises LookupError when there is no such strategy or step, NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    row = Strategy.objects.of(actor.organisation_id).filter(key=key).first()
    for raw in steps_of(row.draft) if row is not None else ():
        if raw.get("key") == step:
            name = raw.get("name")
            told = name.get(base_language(language)) if isinstance(name, Mapping) else None
            grain = "document" if raw.get("grain") == "document" else "case"
            rules = segment_rules(actor.organisation_id)
            return DraftStep(str(told or step), grain, str(raw.get("condition", "TRUE")), rules)
    raise LookupError(step)


def version_of_case(actor: Actor, case_id: int, on: date) -> tuple[str, int] | None:
    """Return (strategy's key, number) of the version that worked a case on a day: by the last thing it decided by then.

    None when nothing had been decided. Raises NotAllowed, and LookupError for a case that the actor does not see.
    """
    cases.check_seen(actor, case_id)
    rows = (
        Decision.objects.of(actor.organisation_id).filter(case_id=case_id, on__lte=on).order_by("-on", "-id")
    )
    return rows.values_list("strategy_key", "version").first()


def version_on(actor: Actor, strategy_key: str, on: date) -> VersionView | None:
    """Return the version in force on a day, or None. Raises Strategy.DoesNotExist."""
    row: Strategy = Strategy.objects.of(actor.organisation_id).get(key=strategy_key)
    found = [version for version in _versions(actor, row) if version.effective_on <= on]
    return _version_view(found[0]) if found else None


def changes(actor: Actor, key: str, before: int, after: int) -> list[Change]:
    """Return what differs between two published versions, step by step. Raises StrategyVersion.DoesNotExist."""
    actor.check(Permission.SEE_STRATEGIES)
    versions = _versions(actor, Strategy.objects.of(actor.organisation_id).get(key=key))
    return differences(_chosen(versions, before).document, _chosen(versions, after).document)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two documents: heads, stages and steps added, removed and changed, field by field."""
    old, new = _parts(before), _parts(after)
    found = [Change(place, "removed", place, "") for place in old if place not in new]
    found += [Change(place, "added", "", place) for place in new if place not in old]
    for place in (place for place in new if place in old):
        for name in sorted({*old[place], *new[place]}):
            was, now = old[place].get(name), new[place].get(name)
            if was != now:
                found.append(Change(f"{place}.{name}", "changed", _plain(was), _plain(now)))
    return found


def _parts(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    head = {name: document.get(name) for name in ("name", "description")}
    parts: dict[str, Mapping[str, Any]] = {"strategy": head}
    for step in document.get("always", []):
        parts[f"step {step['key']}"] = {**step, "stage": ""}
    for stage in document.get("stages", []):
        parts[f"stage {stage['key']}"] = {name: value for name, value in stage.items() if name != "steps"}
        for step in stage.get("steps", []):
            parts[f"step {step['key']}"] = {**step, "stage": stage["key"]}
    return parts


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _step_view(step: Step, language: str) -> StepView:
    action = step.action
    channels = action.channels if isinstance(action, Notice) else ()
    return StepView(
        key=step.key, name=step.name.of(language), stage=step.stage, grain=step.grain, anchor=step.anchor, offset=step.offset,
        day=day_name(step.offset), unit=step.unit, lateness=step.lateness, action=action.kind,
        action_label=action_name(action.kind, language), channels=channels,
        channel_labels=tuple(channel_name(name, language) for name in channels),
        is_by_reach=isinstance(action, Notice) and action.is_by_reach, target=_target(step, language),
        attach=action.attach if isinstance(action, Notice) else (), rule=format_rule(step.condition.tree),
        explained=explain(step.condition, language), priority=step.priority,
    )  # fmt: skip


def day_name(offset: int) -> str:
    """Return D+10, D−3 or D: a day counted from the step's date, with the minus of figures."""
    return f"D{offset:+d}".replace("-", "−") if offset else "D"


def _target(step: Step, language: str) -> str:
    match step.action:
        case Notice(template):
            return template
        case Task(title=title):
            return title.of(language)
        case Proposal(percent=percent) if percent:
            return f"{percent} %"
    return step.target or ""


def _versions(actor: Actor, row: Strategy) -> list[StrategyVersion]:
    rows = StrategyVersion.objects.of(actor.organisation_id).filter(strategy_id=row.pk)
    return list(rows.order_by("-number"))


def _chosen(versions: list[StrategyVersion], number: int | None) -> StrategyVersion:
    if number is None:
        return versions[0]
    for version in versions:
        if version.number == number:
            return version
    raise StrategyVersion.DoesNotExist(f"version {number}")


@remembered
def _tried(organisation_id: int) -> set[str]:
    """The strategies that an experiment compares with the one in use."""
    rows = Experiment.objects.of(organisation_id).filter(stopped_on=None)
    return set(rows.values_list("challenger_key", flat=True))


def _card(actor: Actor, row: Strategy, versions: list[StrategyVersion]) -> StrategyCard:
    house = access.organisation_of(actor)
    portfolios = ledger_facts.portfolio_frame(actor.organisation_id).iter_rows(named=True)
    worked = tuple(portfolio["name"] for portfolio in portfolios if key_of(portfolio, house) == row.key)
    latest = versions[0] if versions else None
    has_draft = latest is None or {**row.draft, "version": latest.number} != latest.document
    document = latest.document if latest else row.draft
    return StrategyCard(
        row.pk, row.key, title_of(document, row.name), latest.number if latest else 0, worked, has_draft,
        is_proposed=row.proposed is not None and row.proposed == row.draft, is_tried=row.key in _tried(actor.organisation_id),
    )  # fmt: skip


def _version_view(version: StrategyVersion) -> VersionView:
    return VersionView(
        version.number,
        version.effective_on,
        version.published_by,
        version.published_at,
        _(version.note) if version.published_by == "system" else version.note,  # ours, kept in Spanish
        version.document,
    )
