"""What a run did, counted: from the decisions of a dry run, or from the rows that a real one left."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from aldia.db.frames import read_frame

_CELLS = {
    "action": pl.String, "channel": pl.String, "state": pl.String, "reason": pl.String, "reason_args": pl.String,
    "rows": pl.Int64, "acts": pl.Int64,
}  # fmt: skip


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
    withheld_by: Counter[str] = field(default_factory=Counter)
    run_id: int | None = None
    problems: tuple[str, ...] = ()

    def add(self, cells: Iterable[tuple[Any, ...]]) -> None:
        """Count cells of _CELLS."""
        for action, channel, state, reason, reason_args, rows, acts in cells:
            if state == "withheld":
                self.withheld += rows
                self.withheld_by[_rule_of(reason, reason_args)] += rows
            elif state == "missed":
                self.missed += rows
            else:
                self.decided += rows
                self._add_act(action, channel, acts)

    def _add_act(self, action: str, channel: str, acts: int) -> None:
        if action == "notice":
            self.notices[channel] += acts
        elif action == "task":
            self.tasks += acts
        elif action == "stage":
            self.stages += acts
        else:
            self.alarms += acts

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "cases": self.cases, "decided": self.decided, "withheld": self.withheld, "missed": self.missed,
            "notices": dict(self.notices), "tasks": self.tasks, "stages": self.stages, "alarms": self.alarms,
            "withheld_by": dict(self.withheld_by), "problems": list(self.problems),
        }  # fmt: skip


def cells_of_frame(rows: pl.DataFrame) -> Iterable[tuple[Any, ...]]:
    """Return the cells of decided rows (DECISIONS with `act`)."""
    keys = ["action", "channel", "state", "reason", "reason_args"]
    told = rows.with_columns(pl.col("channel").fill_null(""), state=pl.col("state").replace("take", "taken"))
    return (
        told.group_by(keys, maintain_order=True).agg(rows=pl.len(), acts=pl.col("act").n_unique()).iter_rows()
    )


def cells_of_run(organisation_id: int, run_id: int) -> Iterable[tuple[Any, ...]]:
    """Return the cells of what a run left, whoever resumed it."""
    sql = """
        SELECT action, channel, state, reason, CAST(reason_args AS text), COUNT(*), COUNT(DISTINCT act)
        FROM strategy_decision WHERE organisation_id = %s AND run_id = %s
        GROUP BY action, channel, state, reason, CAST(reason_args AS text)
    """
    return read_frame(sql, [organisation_id, run_id], _CELLS).iter_rows()


def _rule_of(reason: str, reason_args: str) -> str:
    """The law's rule when it is one that withholds; else the reason, with the kind of a hold."""
    told = json.loads(reason_args or "{}")
    if reason == "hold":
        return f"hold:{told.get('kind', '')}"
    return str(told.get("rule", reason))
