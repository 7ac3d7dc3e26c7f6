"""A draft while it is being designed: its parts as they are written, what the checks say of each, and how it differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aldia.access.actors import Actor
from aldia.engine.strategy import Problem, StrategyInvalid
from aldia.strategy.checking import checked, doubts_of
from aldia.strategy.complaints import ProblemView, problem_views
from aldia.strategy.selectors.strategies import Change, StrategyView, differences, strategy


@dataclass(frozen=True)
class Fault:
    """What a check says: `step` is the key of the step that it is about, empty when it is about another part."""

    step: str
    told: ProblemView
    stops: bool


@dataclass(frozen=True)
class Design:
    """A strategy with its draft. `faults`: problems, which stop it, and else doubts. `changes`: against what is published."""

    view: StrategyView
    document: dict[str, Any]
    faults: tuple[Fault, ...]
    changes: tuple[Change, ...]

    @property
    def mark(self) -> str:
        """Return what tells this draft from any other: publishing takes the one that was seen."""
        text = json.dumps(self.document, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def stages(self) -> list[dict[str, Any]]:
        """Return the stages as they are written; what is no stage is left out."""
        rows = self.document.get("stages")
        return (
            [row for row in rows if isinstance(row, dict) and row.get("key")]
            if isinstance(rows, list)
            else []
        )

    def steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (stage, step): first those of every stage, whose stage is empty."""
        groups = [
            ("", self.document.get("always")),
            *((row["key"], row.get("steps")) for row in self.stages()),
        ]
        for stage, group in groups:
            yield from (
                ((stage, one) for one in group if isinstance(one, dict)) if isinstance(group, list) else ()
            )

    def step(self, key: str) -> dict[str, Any] | None:
        """Return the step with this key, as it is written."""
        return next((raw for _stage, raw in self.steps() if key and raw.get("key") == key), None)

    def stage_of(self, step: str) -> str:
        """Return the key of the stage of a step; empty for one of every stage."""
        return next((stage for stage, raw in self.steps() if raw.get("key") == step), "")

    def stage(self, key: str) -> dict[str, Any] | None:
        """Return the stage with this key, as it is written."""
        return next((row for row in self.stages() if row["key"] == key), None)

    def faults_of(self, step: str) -> list[Fault]:
        """Return what the checks say of a step."""
        return [fault for fault in self.faults if step and fault.step == step]


def design(actor: Actor, key: str, *, as_of: date, language: str) -> Design:
    """Return a strategy as its designer shows it. Raises Strategy.DoesNotExist, NotAllowed."""
    view = strategy(actor, key, as_of=as_of, language=language)
    latest = view.versions[0].document if view.versions else {}
    try:
        value = checked(actor.organisation_id, view.draft, key=key)
    except StrategyInvalid as refusal:
        faults = _faults(view.draft, refusal.problems, stops=True)
        return Design(view, view.draft, faults, ())
    faults = _faults(view.draft, doubts_of(actor.organisation_id, value, on=as_of), stops=False)
    return Design(view, view.draft, faults, tuple(differences(latest, view.draft)))


def _faults(document: Mapping[str, Any], problems: tuple[Problem, ...], *, stops: bool) -> tuple[Fault, ...]:
    views = problem_views(document, problems)
    return tuple(
        Fault(_step_at(document, problem.place), told, stops)
        for problem, told in zip(problems, views, strict=True)
    )


def _step_at(document: Any, place: tuple[str | int, ...]) -> str:
    """The key of the step on the way to a place."""
    here, found = document, ""
    for before, part in zip(("", *place), place, strict=False):
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return found
        if before in ("always", "steps") and isinstance(here, Mapping):
            found = str(here.get("key", ""))
    return found
