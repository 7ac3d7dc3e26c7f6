"""What a run did, counted from its decisions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import polars as pl

from aldia.engine.strategy import MESSAGES


@dataclass
class RunReport:
    """`decided`: acts taken, by case or document; `withheld` and `missed`: those that are news tonight. `notices`: messages by
    channel. `withheld_by`: by rule of the law, or reason. `run_id` is empty for a dry run."""

    cases: int = 0
    decided: int = 0
    withheld: int = 0
    missed: int = 0
    notices: Counter[str] = field(default_factory=Counter)
    tasks: int = 0
    stages: int = 0
    alarms: int = 0
    acts: Counter[str] = field(default_factory=Counter)  # the others, by kind: assign, fee, webhook …
    withheld_by: Counter[str] = field(default_factory=Counter)
    run_id: int | None = None
    problems: tuple[str, ...] = ()

    def add(self, rows: pl.DataFrame) -> None:
        """Count decided rows (DECISIONS with `act`)."""
        if rows.is_empty():
            return
        keys = ["action", "channel", "state", "reason", "reason_args"]
        cells = rows.group_by(keys, maintain_order=True).agg(rows=pl.len(), acts=pl.col("act").n_unique())
        for action, channel, state, reason, reason_args, count, acts in cells.iter_rows():
            if state == "withheld":
                self.withheld += count
                self.withheld_by[rule_of(reason, reason_args)] += count
            elif state == "missed":
                self.missed += count
            else:
                self.decided += count
                self._add_act(action, channel or "", acts)

    def _add_act(self, action: str, channel: str, acts: int) -> None:
        if action in MESSAGES:
            self.notices[channel] += acts
        elif action == "task":
            self.tasks += acts
        elif action == "stage":
            self.stages += acts
        elif action == "alarm":
            self.alarms += acts
        else:
            self.acts[action] += acts

    def plus(self, other: RunReport) -> RunReport:
        """Return both counts together, as of this run."""
        both = {name: getattr(self, name) + getattr(other, name) for name in _COUNTED}
        return replace(self, **both)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {name: getattr(self, name) for name in _COUNTED} | {"problems": list(self.problems)}

    @classmethod
    def from_json(cls, counts: Mapping[str, Any]) -> RunReport:
        """Return the counts that `to_json` wrote; nothing where nothing is written yet."""
        told: dict[str, Any] = {name: counts[name] for name in _COUNTED if name in counts}
        by_key: dict[str, Any] = {
            name: Counter(told.pop(name, {})) for name in ("notices", "withheld_by", "acts")
        }
        return cls(**told, **by_key)


_COUNTED: Final = (
    "cases", "decided", "withheld", "missed", "notices", "tasks", "stages", "alarms", "withheld_by", "acts",
)  # fmt: skip


def rule_of(reason: str, reason_args: str) -> str:
    """Return the law's rule when it is one that withholds; else the reason, with the kind of a hold."""
    told = json.loads(reason_args or "{}")
    if reason == "hold":
        return f"hold:{told.get('kind', '')}"
    return str(told.get("rule", reason))
