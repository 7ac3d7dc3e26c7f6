"""A dry run: what a strategy would do today and in the days ahead if nobody answered, what it takes, and ten cases told."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.engine.forecast import forecast
from aldia.engine.rolling import frozen_facts
from aldia.strategy.lab.effort import Effort, effort_of
from aldia.strategy.lab.opening import AT_MOST, Bench, bench, gathered, law_ahead, parts
from aldia.strategy.reasons import action_name, channel_name, reason_text, state_name
from aldia.strategy.reporting import rule_of
from aldia.strategy.selectors.reports import step_names

DAYS: Final = 30
SAMPLES: Final = 10
_STEPS_TOLD: Final = 12


@dataclass(frozen=True)
class DryDay:
    """What one day would do: messages by channel, tasks by kind, other acts, acts withheld that are news, minutes of people."""

    on: date
    notices: Mapping[str, int]
    tasks: Mapping[str, int]
    others: Mapping[str, int]
    withheld: int
    minutes: int


@dataclass(frozen=True)
class TeamWork:
    """The work of one team: hours that the first five working days ask for, and hours that it has in five days."""

    name: str
    hours_needed: float
    hours_at_hand: float
    busiest_on: date | None
    busiest_hours: float


@dataclass(frozen=True)
class SampleStep:
    """One act of a sampled case, in words."""

    on: date
    step: str
    action: str
    channel: str
    state: str
    state_label: str
    reason: str


@dataclass(frozen=True)
class Sample:
    """A case with what would happen to it, day by day."""

    case_id: int
    debtor: str
    steps: tuple[SampleStep, ...]


@dataclass(frozen=True)
class DryRun:
    """The answer. Figures stand for the whole portfolio; `share` is the part of the people that was looked at."""

    strategy: str
    version: int
    is_used: bool
    as_of: date
    cases: int
    share: float
    days: tuple[DryDay, ...]
    cost_minor: Mapping[str, int | None]
    currency: str
    teams: tuple[TeamWork, ...]
    withheld_by: Mapping[str, int]
    samples: tuple[Sample, ...]
    frozen: tuple[str, ...]

    @property
    def notices(self) -> Counter[str]:
        """Messages of all the days by channel."""
        return sum((Counter(day.notices) for day in self.days), Counter())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "notices": dict(self.notices)}


def dry_run(
    actor: Actor,
    key: str,
    *,
    as_of: date,
    language: str,
    version: int | None = None,
    days: int = DAYS,
    at_most: int = AT_MOST,
) -> DryRun:
    """Return what a version (the latest, unless told; DRAFT for the draft) would do from `as_of` on with no payment and no answer.

    Nothing is written. Raises NotInLab, StrategyInvalid, NotAllowed.
    """
    actor.check(Permission.SEE_STRATEGIES)
    tried = bench(actor.organisation_id, key, as_of=as_of, version=version)
    partitions, share = parts(tried, at_most=at_most)
    found, teams, count = [], [], 0
    for part in gathered(tried, partitions):
        law = law_ahead(actor.organisation_id, part, as_of=as_of, days=days)
        found.append(forecast(part.frames, tried.strategy, law, as_of=as_of, days=days))
        teams.append(part.gathered.cases.select("case_id", "team_id"))
        count += part.frames.cases.height
    if not found:
        return _nothing(tried, as_of, effort_of(actor))
    rows = pl.concat(found).join(pl.concat(teams), on="case_id", how="left", maintain_order="left")
    return _told(actor, tried, rows, (count, share, days), language)


def _nothing(tried: Bench, as_of: date, effort: Effort) -> DryRun:
    return DryRun(
        tried.strategy.key, tried.strategy.version, tried.is_used, as_of, 0, 1.0, (), {}, effort.currency, (), {}, (), (),
    )  # fmt: skip


def _told(
    actor: Actor,
    tried: Bench,
    rows: pl.DataFrame,
    seen: tuple[int, float, int],
    language: str,
) -> DryRun:
    count, share, days = seen
    as_of, effort = tried.plan.as_of, effort_of(actor)
    lived = tuple(_days(rows, effort, share, (as_of, days)))
    notices = sum((Counter(day.notices) for day in lived), Counter())
    return DryRun(
        strategy=tried.strategy.key, version=tried.strategy.version, is_used=tried.is_used, as_of=as_of,
        cases=round(count / share), share=round(share, 4), days=lived, cost_minor=effort.cost_minor(notices),
        currency=effort.currency, teams=tuple(_teams(rows, effort, share, as_of)),
        withheld_by=_withheld(rows, share), samples=tuple(_samples(actor, tried, rows, language)),
        frozen=tuple(tried.strategy.named[key].label.of(language) for key in frozen_facts(tried.strategy)),
    )  # fmt: skip


def _days(rows: pl.DataFrame, effort: Effort, share: float, span: tuple[date, int]) -> Iterable[DryDay]:
    as_of, days = span
    acts = rows.filter(pl.col("state") != "missed").group_by("on", "action", "channel", "target", "state").agg(
        groups=pl.col("group").n_unique(), subjects=pl.len()
    )  # fmt: skip
    by_day: dict[date, list[tuple[Any, ...]]] = defaultdict(list)
    for on, *rest in acts.sort("on", "action", "channel", "target", nulls_last=True).iter_rows():
        by_day[on].append(tuple(rest))
    for ahead in range(days):
        on = as_of + timedelta(days=ahead)
        told: dict[str, Counter[str]] = {"notice": Counter(), "task": Counter(), "other": Counter()}
        withheld = 0
        for action, channel, target, state, groups, subjects in by_day[on]:
            if state == "withheld":
                withheld += subjects
            elif channel:
                told["notice"][channel] += groups
            elif action == "task":
                told["task"][target or ""] += groups
            else:
                told["other"][action] += groups
        scaled = {name: {key: round(n / share) for key, n in counts.items()} for name, counts in told.items()}
        minutes = sum(effort.minutes_of(kind) * total for kind, total in scaled["task"].items())
        yield DryDay(on, scaled["notice"], scaled["task"], scaled["other"], round(withheld / share), minutes)


def _teams(rows: pl.DataFrame, effort: Effort, share: float, as_of: date) -> Iterable[TeamWork]:
    """The week to come against the team's week of five days."""
    tasks = rows.filter((pl.col("action") == "task") & (pl.col("state") == "take"))
    tasks = (
        tasks.unique(["on", "group"], maintain_order=True)
        .group_by("team_id", "on", "target")
        .agg(total=pl.len())
    )
    hours: dict[int | None, Counter[date]] = defaultdict(Counter)
    for team_id, on, kind, total in tasks.iter_rows():
        hours[team_id][on] += total * effort.minutes_of(kind) / share / 60
    week = as_of + timedelta(days=7)
    for team in effort.teams:
        needed = hours.get(team.id, Counter())
        busiest = max(needed, key=lambda on: (needed[on], -on.toordinal()), default=None)
        yield TeamWork(
            team.name, round(sum(total for on, total in needed.items() if on < week), 1), round(5 * team.hours, 1), busiest,
            round(needed[busiest], 1) if busiest else 0.0,
        )  # fmt: skip


def _withheld(rows: pl.DataFrame, share: float) -> dict[str, int]:
    cells = rows.filter(pl.col("state") == "withheld").group_by("reason", "reason_args").agg(total=pl.len())
    found: Counter[str] = Counter()
    for reason, told, total in cells.iter_rows():
        found[rule_of(reason, told)] += total
    return {key: round(total / share) for key, total in found.most_common()}


def _samples(actor: Actor, tried: Bench, rows: pl.DataFrame, language: str) -> Iterable[Sample]:
    """Ten cases that the actor sees, of the different ways that cases go: one of each kind of first steps, then more."""
    acts = rows.unique(["on", "group", "state"], maintain_order=True).sort("on", maintain_order=True)
    ways = acts.group_by("case_id", maintain_order=True).agg(
        way=pl.concat_str("step", "state").head(4).str.join(" "), most=pl.col("priority").max()
    )
    ways = ways.with_columns(nth=pl.int_range(pl.len()).over("way")).sort(
        "nth", "most", descending=[False, True]
    )
    wanted = ways.head(5 * SAMPLES)["case_id"].to_list()
    debtors = dict(cases.scope(actor).filter(pk__in=wanted).values_list("pk", "debtor_name"))
    names = step_names(tried.strategy, language)
    for case_id in [pk for pk in wanted if pk in debtors][:SAMPLES]:
        own = acts.filter(pl.col("case_id") == case_id).head(_STEPS_TOLD)
        steps = tuple(_step(row, names, language) for row in own.iter_rows(named=True))
        yield Sample(case_id, debtors[case_id], steps)


def _step(row: Mapping[str, Any], names: Mapping[str, str], language: str) -> SampleStep:
    channel = row["channel"] or ""
    reason = reason_text(row["reason"], json.loads(row["reason_args"]), channel=channel, language=language)
    return SampleStep(
        on=row["on"], step=names.get(row["step"], row["step"]), action=action_name(row["action"], language),
        channel=channel_name(channel, language) if channel else "", state=row["state"],
        state_label=state_name(row["state"], language), reason=reason,
    )  # fmt: skip
