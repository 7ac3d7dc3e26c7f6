"""Many cases moved by the strategies: their stages, and their next steps where nobody has planned anything himself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.cases.models import Case, StageChange
from aldia.cases.steps import CONTACT, NOTICE_MARK, WAIT
from aldia.cases.totals import among, lock_cases, restaging
from aldia.db.frames import Changes, Overtaken, Rows, read_frame
from aldia.db.partitions import Partition, within

STAGE_LENGTH: Final = 40
_WRITTEN: Final = ("stage", "stage_since_on", "next_step", "next_on", "next_at")
_COMPARED: Final = ("is_open", "stage", "next_step", "next_on")
_HEADS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "party_id": pl.Int64, "is_open": pl.Boolean, "oldest_due_on": pl.Date, "stage": pl.String,
    "stage_since_on": pl.Date, "next_step": pl.String, "next_on": pl.Date, "next_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
_PLAN: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "offset": pl.Int64, "on": pl.Date, "title": pl.String, "due_on": pl.Date,
}  # fmt: skip


@transaction.atomic
def change_stages(
    *, actor: Actor, stages: Mapping[int, str], as_of: date, now: datetime, reason: str = ""
) -> int:
    """Put cases in their stages (case id -> stage), keeping the history; return how many moved. Those already there stay."""
    wanted = pl.DataFrame(
        list(stages.items()), schema={"case_id": pl.Int64, "stage": pl.String}, orient="row"
    )
    asked = _Asked(actor, wanted, pl.DataFrame(schema=_PLAN), as_of, now, reason)
    return _locked(asked, sorted(stages)).write_all()


def case_moves(
    *,
    actor: Actor,
    partition: Partition,
    stages: pl.DataFrame,
    plans: pl.DataFrame,
    as_of: date,
    now: datetime,
    reason: str,
) -> Moves:
    """Return what changes in the cases of a partition, ready to be written: their stages (case_id, stage), and as their next
    step a task, else «Aviso D+10», and its day. What a person planned stays. Each case is written once.

    `plans`: case_id, offset and on, the days from the due date of the next notice and its day, empty when none is left, which
    gives a case in arrears back to people; title and due_on of a task, which comes first.
    """
    heads = _heads(actor.organisation_id, *within("party_id", partition))
    return Moves(_Asked(actor, stages, plans, as_of, now, reason), heads)


@dataclass(frozen=True)
class _Asked:
    """What is asked of cases: their stages, the plans of their next steps, who asks, when and why."""

    actor: Actor
    stages: pl.DataFrame
    plans: pl.DataFrame
    as_of: date
    now: datetime
    reason: str

    def changes(self, heads: pl.DataFrame) -> pl.DataFrame:
        """Those of these cases that change, as they become and as they were, by party."""
        entered = self.stages.select("case_id", after=pl.col("stage").str.slice(0, STAGE_LENGTH))
        moved = heads.join(entered, on="case_id").filter(pl.col("after") != pl.col("stage"))
        staged = moved.select("case_id", stage="after", stage_since_on=pl.lit(self.as_of))
        planned = _steps(heads, self.plans, self.as_of).with_columns(next_at=pl.lit(None, _HEADS["next_at"]))
        changed = pl.concat([staged["case_id"], planned["case_id"]]).unique().to_frame()
        before = heads.join(changed, on="case_id", how="semi").with_columns(
            pl.col(name).alias(f"was_{name}") for name in _COMPARED
        )
        after = before
        if not before.is_empty():  # most events of a day change no case
            after = before.update(staged, on="case_id").update(planned, on="case_id", include_nulls=True)
        return after.rename({"case_id": "account_id"}).sort("party_id", "account_id")

    def history(self, changes: pl.DataFrame) -> pl.DataFrame:
        """What is kept of the stages that they leave."""
        return changes.filter(pl.col("stage") != pl.col("was_stage")).select(
            case_id="account_id", before="was_stage", after="stage",
            organisation_id=pl.lit(self.actor.organisation_id, pl.Int64), field=pl.lit("stage"), on=pl.lit(self.as_of),
            at=pl.lit(self.now), actor=pl.lit(self.actor.label), reason=pl.lit(self.reason[:200]),
        )  # fmt: skip


class Moves:
    """Changes of cases, in the order of `parties`, made ready before the transaction that writes them."""

    def __init__(self, asked: _Asked, heads: pl.DataFrame) -> None:
        changes = asked.changes(heads)
        self.parties = changes["party_id"]
        self._asked, self._ids = asked, changes["account_id"]
        self._update = Changes(Case, changes, key="account_id", columns=_WRITTEN, was=_COMPARED)
        history = asked.history(changes)
        self._moved = history.select("case_id", "after")
        self._history = Rows(StageChange, history, history["case_id"])
        is_moved = (changes["stage"] != changes["was_stage"]).cast(pl.Int64)
        self._moved_before = [0, *is_moved.cum_sum()]

    def ready(self, begin: int, length: int) -> None:
        """Make ready, before the lock, what `write` will write."""
        self._update.ready(begin, length)
        self._history.ready(*self._left_by(begin, length))

    def write(self, begin: int, length: int) -> None:
        """Write so many of the changes; a case that is not as it was read, as it is now."""
        try:
            with transaction.atomic():
                self._write(begin, length)
        except Overtaken:
            _locked(self._asked, sorted(self._ids.slice(begin, length))).write_all()

    def write_all(self) -> int:
        """Write all of them, of cases that are locked; return how many changed stage."""
        self._write(0, self._ids.len())
        return self._moved.height

    def _write(self, begin: int, length: int) -> None:
        first, moved = self._left_by(begin, length)
        entered: dict[str, list[int]] = {}
        for case_id, stage in self._moved.slice(first, moved).iter_rows():
            entered.setdefault(stage, []).append(case_id)
        if moved:
            restaging(self._asked.actor.organisation_id, entered)
        self._update.write(begin, length)
        if moved:
            self._history.write(first, moved)
            self._record(entered)

    def _left_by(self, begin: int, length: int) -> tuple[int, int]:
        """Which of the moved, as begin and length, are among so many of the changes."""
        first = self._moved_before[begin]
        return first, self._moved_before[begin + length] - first

    def _record(self, entered: Mapping[str, Sequence[int]]) -> None:
        moved = list(chain.from_iterable(entered.values()))
        data = {"cases": len(moved), "stages": sorted(entered), "reason": self._asked.reason}
        audit.record(actor=self._asked.actor, verb="cases.case.stage", object_type="case",
                     object_id=moved[0] if len(moved) == 1 else "many", now=self._asked.now, data=data)  # fmt: skip


def _locked(asked: _Asked, case_ids: Sequence[int]) -> Moves:
    """What changes in these cases, locked before they are read."""
    lock_cases(asked.actor.organisation_id, case_ids)
    return Moves(asked, _heads(asked.actor.organisation_id, f" AND {among('account_id', case_ids)}", []))


def _heads(organisation_id: int, where: str, params: list[int]) -> pl.DataFrame:
    columns = ", ".join("account_id" if name == "case_id" else name for name in _HEADS)
    sql = f"SELECT {columns} FROM cases_case WHERE organisation_id = %s{where}"
    return read_frame(sql, [organisation_id, *params], _HEADS)


def _steps(heads: pl.DataFrame, plans: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The open cases whose step is aldia's own and not yet as planned: case_id, next_step, next_on."""
    was, was_on = pl.col("next_step"), pl.col("next_on")
    is_over = was.str.contains(NOTICE_MARK)  # should there be no other
    both = heads.filter("is_open", was.is_in([CONTACT, WAIT]) | is_over).join(plans, on="case_id")
    sign = pl.when(pl.col("offset") >= 0).then(pl.lit("+")).otherwise(pl.lit("-"))
    notice = pl.concat_str(pl.lit("Aviso D"), sign, pl.col("offset").abs().cast(pl.String))
    late = pl.when(pl.col("oldest_due_on").is_not_null()).then(pl.lit(CONTACT)).otherwise(pl.lit(WAIT))
    has_task, has_notice = pl.col("due_on").is_not_null(), pl.col("on").is_not_null()
    step = pl.when(has_task).then(pl.col("title").str.slice(0, 200)).when(has_notice).then(notice)
    day = pl.when(has_task).then("due_on").when(has_notice).then("on").when(is_over).then(pl.lit(as_of))
    planned = both.with_columns(step=step.when(is_over).then(late).otherwise(was), day=day.otherwise(was_on))
    is_new = (pl.col("step") != was) | (pl.col("day") != was_on)
    return planned.filter(is_new).select("case_id", next_step="step", next_on="day")
