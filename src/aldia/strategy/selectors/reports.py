"""What would happen today and why; and why a case got what it got."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.db.prepared import prepared
from aldia.domain.labels import Label
from aldia.engine.strategy import MESSAGES
from aldia.engine.strategy import Strategy as StrategyValue
from aldia.strategy.models import Decision, StrategyVersion
from aldia.strategy.models import Strategy as StrategyRow
from aldia.strategy.night import NightPlan, decide_partition, night_plan
from aldia.strategy.night.in_use import read_version
from aldia.strategy.reasons import action_name, channel_name, reason_text, state_name

_KEYS: Final = ["strategy", "step", "action", "channel", "state", "reason"]


@dataclass(frozen=True)
class PreviewCell:
    """So many acts alike: `messages` counts groups (one message or task), `subjects` cases or documents."""

    strategy: str
    step: str
    step_name: str
    action: str
    channel: str
    state: str
    reason: str
    messages: int
    subjects: int


@dataclass(frozen=True)
class PreviewRow:
    """One act of the sample, in words."""

    case_id: int
    debtor: str
    step_name: str
    action: str
    action_label: str
    channel_label: str
    state: str
    state_label: str
    due_on: date
    documents: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Preview:
    """What a run would do that day if it ran now: totals, the same by step, and a sample, greatest priority first."""

    as_of: date
    cases: int
    notices: Counter[str]
    tasks: int
    stages: int
    alarms: int
    withheld: int
    missed: int
    cells: tuple[PreviewCell, ...]
    rows: tuple[PreviewRow, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class WhyRow:
    """One decision of a case, in words."""

    on: date
    strategy: str
    version: int
    step_name: str
    action_label: str
    channel_label: str
    state: str
    state_label: str
    document_id: int | None
    reason: str
    act: str = field(default="", repr=False)


def preview(actor: Actor, as_of: date, *, language: str, limit: int = 50) -> Preview:
    """Return what the strategies would do that day, with the balances and stages of now, and why. Nothing is written.

    Withheld acts count while they last, also those that began before. Raises NotAllowed.
    """
    actor.check(Permission.SEE_STRATEGIES)
    plan = night_plan(actor.organisation_id, as_of=as_of)
    parts: list[pl.DataFrame] = []
    numbers: dict[int, str] = {}
    count = 0
    for partition in plan.partitions():
        decided = decide_partition(plan, partition)
        count += decided.gathered.cases.height
        rows = decided.decisions.sort("priority", descending=True, maintain_order=True)
        parts.append(rows)
        wanted = rows.unique("group", keep="first", maintain_order=True).head(limit)["group"]
        shown = rows.filter((pl.col("subject_kind") == "document") & pl.col("group").is_in(wanted.implode()))
        named = decided.gathered.documents.join(
            shown.select(document_id="subject_id").unique(), on="document_id"
        )
        numbers |= dict(named.select("document_id", "number").iter_rows())
    rows = pl.concat(parts).sort("priority", descending=True, maintain_order=True)
    return _told(actor, plan, rows, (count, numbers), (language, limit))


def why(actor: Actor, case_id: int, *, language: str, limit: int = 100) -> list[WhyRow]:
    """Return the decisions about a case, newest first, each with its reason in es, en or pt. Raises UnknownCase."""
    cases.check_seen(actor, case_id)
    found = _decisions(actor.organisation_id, case_id)[:limit]
    texts = _texts(actor.organisation_id, {row.strategy_key for row in found}, language)
    return [
        WhyRow(
            on=row.on, strategy=row.strategy_key, version=row.version,
            step_name=texts.get((row.strategy_key, row.version, row.step), row.step),
            action_label=action_name(row.action, language),
            channel_label=channel_name(row.channel, language) if row.channel else "",
            state=row.state, state_label=state_name(row.state, language),
            document_id=row.subject_id if row.subject_kind == "document" else None,
            reason=reason_text(row.reason, row.reason_args, channel=row.channel, language=language), act=row.act,
        )
        for row in found
    ]  # fmt: skip


@prepared
def _decisions(organisation_id: int, case_id: int) -> Any:
    return Decision.objects.of(organisation_id).filter(case_id=case_id).order_by("-on", "-id")[:100]


def _told(
    actor: Actor,
    plan: NightPlan,
    rows: pl.DataFrame,
    counted: tuple[int, dict[int, str]],
    asked: tuple[str, int],
) -> Preview:
    count, numbers = counted
    language, limit = asked
    names = {
        (one.strategy.key, key): name
        for one in plan.strategies
        for key, name in step_names(one.strategy, language).items()
    }
    totals = rows.group_by(_KEYS, maintain_order=True).agg(
        messages=pl.col("group").n_unique(), subjects=pl.len()
    )
    cells = [
        PreviewCell(row["strategy"], row["step"], names.get((row["strategy"], row["step"]), row["step"]), row["action"],
                    row["channel"] or "", row["state"], row["reason"], row["messages"], row["subjects"])
        for row in totals.iter_rows(named=True)
    ]  # fmt: skip
    taken = [cell for cell in cells if cell.state == "take"]
    notices: Counter[str] = Counter()
    for cell in taken:
        if cell.action in MESSAGES:
            notices[cell.channel] += cell.messages
    sums = {
        action: sum(cell.messages for cell in taken if cell.action == action)
        for action in ("task", "stage", "alarm")
    }
    return Preview(
        as_of=plan.as_of, cases=count, notices=notices, tasks=sums["task"], stages=sums["stage"], alarms=sums["alarm"],
        withheld=sum(cell.subjects for cell in cells if cell.state == "withheld"),
        missed=sum(cell.subjects for cell in cells if cell.state == "missed"),
        cells=tuple(cells), rows=tuple(_sample(actor, rows, names, numbers, (language, limit))), problems=plan.problems,
    )  # fmt: skip


def _sample(
    actor: Actor,
    rows: pl.DataFrame,
    names: dict[tuple[str, str], str],
    numbers: dict[int, str],
    asked: tuple[str, int],
) -> list[PreviewRow]:
    language, limit = asked
    groups = rows.group_by("strategy", "group", "state", maintain_order=True).agg(
        pl.exclude("subject_id").first(), pl.col("subject_id")
    )
    chosen = groups.head(limit)
    debtors = dict(
        cases.scope(actor).filter(pk__in=chosen["case_id"].to_list()).values_list("pk", "debtor_name")
    )
    return [_row(row, debtors, names, numbers, language) for row in chosen.iter_rows(named=True)]


def _row(
    row: dict[str, Any],
    debtors: dict[int, str],
    names: dict[tuple[str, str], str],
    numbers: dict[int, str],
    language: str,
) -> PreviewRow:
    channel = row["channel"] or ""
    documents = (
        [numbers[key] for key in row["subject_id"] if key in numbers]
        if row["subject_kind"] == "document"
        else []
    )
    return PreviewRow(
        case_id=row["case_id"], debtor=debtors.get(row["case_id"], ""),
        step_name=names.get((row["strategy"], row["step"]), row["step"]), action=row["action"],
        action_label=action_name(row["action"], language), channel_label=channel_name(channel, language) if channel else "",
        state=row["state"], state_label=state_name(row["state"], language), due_on=row["due_on"], documents=tuple(documents),
        reason=reason_text(row["reason"], json.loads(row["reason_args"]), channel=channel, language=language),
    )  # fmt: skip


_ENTERS: Final = Label("Entra en {stage}", "Enters {stage}", "Entra em {stage}")


def step_names(value: StrategyValue, language: str) -> dict[str, str]:
    """Return the name of each step, and of the entry into each stage, by the key that decisions carry."""
    names = {step.key: step.name.of(language) for step in value.steps}
    enters = {
        f"stage:{stage.key}": _ENTERS.of(language).format(stage=stage.name.of(language))
        for stage in value.stages
    }
    return names | enters


def _texts(organisation_id: int, keys: set[str], language: str) -> dict[tuple[str, int, str], str]:
    if not keys:
        return {}
    named = dict(StrategyRow.objects.of(organisation_id).filter(key__in=keys).values_list("pk", "key"))
    return {
        (named[version.strategy_id], version.number, step): name
        for version in StrategyVersion.objects.of(organisation_id).filter(strategy_id__in=named)
        for step, name in step_names(read_version(version), language).items()
    }
