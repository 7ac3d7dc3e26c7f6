"""From decided rows to what is left in other rooms: orders, tasks, stages, alarms, each with its identity."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

import polars as pl

from aldia.access.actors import Actor
from aldia.cases import services as cases
from aldia.contact import services as contact
from aldia.db.frames import Rows
from aldia.db.pace import Pace
from aldia.db.partitions import Partition
from aldia.domain.calendars import Calendar
from aldia.domain.labels import Label
from aldia.engine.strategy import MESSAGES, Notice, Proposal, Step, Task
from aldia.engine.windows import END, with_window
from aldia.outcomes import services as outcomes
from aldia.strategy.checking import holders_of
from aldia.strategy.models import Decision
from aldia.strategy.night.deciding import Decided
from aldia.strategy.night.in_use import NightPlan
from aldia.strategy.night.law_of_day import LawOfDay, Place, end_of_window, first_lawful_instant
from aldia.strategy.night.next_steps import next_step_frame
from aldia.strategy.services.enclosing import with_extras

INSTANT: Final = pl.Datetime("us", "UTC")
_WORK: Final = {
    "fee": Label(
        "Aprobar un cargo por mora del {percent} %", "Approve a late fee of {percent}%", "Aprovar multa por atraso de {percent}%"
    ),
    "write_off": Label(
        "Aprobar el castigo de lo que queda", "Approve the write-off of what is left", "Aprovar a baixa do que resta"
    ),
    "bureau": Label(
        "Informar a la central de riesgo", "Report to the credit bureau", "Informar ao birô de crédito"
    ),
}  # fmt: skip
"""Acts that leave work for a person, and what it is called where the step does not say."""

_PLACE: Final = ("policy", "country", "region", "timezone", "channel")
_PRIORITY_UNIT: Final = 1000  # decide() counts the step's priority in thousands, over the points of the case


@dataclass(frozen=True)
class Night:
    """What turns decisions into acts: the plan, the law of the partition, the run and the instant."""

    plan: NightPlan
    law: LawOfDay
    run_id: int
    now: datetime

    @property
    def origin(self) -> str:
        """How what it leaves names it."""
        return f"run:{self.run_id}"


class Piece(Protocol):
    """What is left in one table, made ready; `parties`: whose each row is, in order."""

    parties: pl.Series

    def ready(self, begin: int, length: int) -> None:
        """Make ready what `write` will write."""

    def write(self, begin: int, length: int) -> None:
        """Write so many of the rows."""


@dataclass(frozen=True)
class Left:
    """Decided rows, with `act`, by party, and the pieces to be written: themselves, and what they leave in other rooms."""

    rows: pl.DataFrame
    pieces: tuple[Piece, ...]

    def parts(self, pace: Pace) -> Iterator[tuple[int, int, int]]:
        """Return parts that are written whole: the first and last of its people, and how much is written of them.

        A person's budget was decided as a whole, so it is written as a whole: whoever resumes decides only about others.
        """
        parties, begin = pl.concat([piece.parties for piece in self.pieces]).sort(), 0
        while begin < len(parties):
            first, last = parties[begin], parties[min(begin + pace.at_once, len(parties)) - 1]
            end = bisect_right(parties, last)
            yield first, last, end - begin
            begin = end

    def ready(self, first: int, last: int) -> pl.DataFrame:
        """Make ready what will be written, before the lock: the parties from the first to the last; return their rows."""
        for piece, begin, length in self._of(first, last):
            piece.ready(begin, length)
        return self.rows.slice(*_between(self.rows["party_id"], first, last))

    def write(self, first: int, last: int) -> None:
        """Write all that concerns the parties from the first to the last."""
        for piece, begin, length in self._of(first, last):
            piece.write(begin, length)

    def _of(self, first: int, last: int) -> Iterator[tuple[Piece, int, int]]:
        for piece in self.pieces:
            begin, length = _between(piece.parties, first, last)
            if length:
                yield piece, begin, length


def _between(parties: pl.Series, first: int, last: int) -> tuple[int, int]:
    begin = bisect_left(parties, first)
    return begin, bisect_right(parties, last) - begin


def leave(actor: Actor, decided: Decided, night: Night, partition: Partition) -> Left:
    """Return what the decisions of a partition that are news leave, all of it in the order of party_id."""
    rows = with_acts(decided.news).sort("party_id", maintain_order=True)
    taken = rows.filter(pl.col("state") == "take")
    day: dict[str, Any] = {"actor": actor, "as_of": night.plan.as_of, "now": night.now}
    told: dict[str, Any] = {"organisation_id": actor.organisation_id, "now": night.now}
    whole, tasks = decided.gathered, tasks_of(taken, night)
    plans = next_step_frame(night.plan, whole, tasks)
    moves = cases.case_moves(
        partition=partition, stages=stages_of(taken), plans=plans, reason=night.origin, **day
    )
    if rows.is_empty():
        return Left(rows, (moves,))
    return Left(rows, (
        Rows(Decision, _stored(rows, night), rows["party_id"]),
        contact.order_rows(orders=orders_of(taken, night), **told),
        outcomes.task_rows(tasks=tasks, **told),
        outcomes.alarm_rows(alarms=alarms_of(taken, whole.cases), **day),
        contact.call_rows(calls=calls_of(taken), **told),
        cases.HandOvers(given=given_of(taken, actor.organisation_id), reason=night.origin, **day),
        moves,
    ))  # fmt: skip


def _stored(rows: pl.DataFrame, night: Night) -> pl.DataFrame:
    plan = night.plan
    return rows.select(
        "case_id", "party_id", "version", "step", "subject_kind", "subject_id", "cycle", "attempt", "anchor_on", "act",
        "action", "reason", "reason_args", pl.col("channel").fill_null(""), strategy_key="strategy",
        organisation_id=pl.lit(plan.organisation_id, pl.Int64), run_id=pl.lit(night.run_id, pl.Int64), on=pl.lit(plan.as_of),
        is_rehearsal=pl.lit(plan.organisation.is_sandbox), state=pl.col("state").replace("take", "taken"),
    )  # fmt: skip


def with_acts(news: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `act`: the identity of what they leave, the same for rows of one message or task.

    strategy:step:subject kind:subject or digest of the subjects:cycle:attempt:due day; stable for ever, whatever the version.
    """
    if news.is_empty():
        return news.with_columns(act=pl.lit(""))
    keys = ["strategy", "group"]
    subjects = pl.concat_str(
        [pl.col(name).cast(pl.String) for name in ("subject_id", "cycle", "attempt")], separator="."
    )
    groups = news.filter(pl.col("state") == "take").group_by(keys).agg(
        pl.col("step").first(), pl.col("subject_kind").first(), pl.col("subject_id").first(), pl.col("cycle").max(),
        pl.col("attempt").max(), pl.col("due_on").min(), pl.col("case_id").first(), subjects.sort().alias("subjects"),
    )  # fmt: skip
    alone = pl.col("subjects").list.len() == 1
    many = groups.filter(~alone).select(
        *keys, digest=pl.concat_str("case_id", pl.lit("-"), _digest("subjects"))
    )
    named = pl.when(alone).then(pl.col("subject_id").cast(pl.String)).otherwise("digest")
    due = pl.col("due_on").dt.to_string("%Y-%m-%d")
    told = groups.join(many, on=keys, how="left").select(
        *keys,
        act=pl.concat_str("strategy", "step", "subject_kind", named, "cycle", "attempt", due, separator=":"),
        state=pl.lit("take"),
    )
    return news.join(told, on=[*keys, "state"], how="left", maintain_order="left").with_columns(
        pl.col("act").fill_null("")
    )


def _digest(subjects: str) -> pl.Expr:
    return pl.col(subjects).list.join(",").map_elements(
        lambda text: hashlib.sha256(text.encode()).hexdigest()[:16], return_dtype=pl.String
    )  # fmt: skip


def steps_of(plan: NightPlan) -> dict[tuple[str, str], Step]:
    """Return every step of the night by strategy and key."""
    return {(one.strategy.key, step.key): step for one in plan.strategies for step in one.strategy.steps}


def orders_of(taken: pl.DataFrame, night: Night) -> pl.DataFrame:
    """Return the orders that taken notices leave, one a message, in the columns of `contact`'s frame."""
    notices = taken.filter(pl.col("action").is_in(MESSAGES))
    of_documents = pl.col("subject_kind") == "document"
    groups = _with_ends(notices, night).group_by("act", maintain_order=True).agg(
        *(pl.col(name).first() for name in ("strategy", "step", "creditor_id", "portfolio_id", "case_id", "party_id",
                                             "template", *_PLACE)),
        document_ids=pl.col("subject_id").filter(of_documents).sort(), priority=pl.col("priority").max() // _PRIORITY_UNIT,
        ends_on=pl.col(END).max(), has_end=pl.col(END).is_not_null().all(), anchor_on=pl.col("anchor_on").first(),
    )  # fmt: skip
    groups = with_extras(
        _with_hours(_with_papers(groups, night), night), steps_of(night.plan), night.plan.organisation_id
    )
    return groups.select(
        "creditor_id", "portfolio_id", "case_id", "party_id", "channel", "document_ids", "has_statement", "has_documents",
        "priority", "not_before_at", "expires_at", "extra",
        identity="act", template_key="template", origin=pl.lit(night.origin), as_of=pl.lit(night.plan.as_of),
        purpose=pl.lit("collection"),
    )  # fmt: skip


def _with_ends(taken: pl.DataFrame, night: Night) -> pl.DataFrame:
    """Each row with the first day on which its step is no longer due; the steps change from row to row, so step by step."""
    strategies = {one.strategy.key: one.strategy for one in night.plan.strategies}
    parts = [
        with_window(
            part.lazy(),
            strategies[str(key[0])],
            strategies[str(key[0])].step(str(key[1])),
            night.law.calendars,
        ).collect()
        for key, part in taken.partition_by("strategy", "step", as_dict=True, maintain_order=True).items()
    ]
    return pl.concat(parts) if parts else taken.with_columns(pl.lit(None, pl.Date).alias(END))


def _with_papers(groups: pl.DataFrame, night: Night) -> pl.DataFrame:
    rows = [
        (key, step_key, "statement" in step.action.attach, "documents" in step.action.attach)
        for (key, step_key), step in steps_of(night.plan).items()
        if isinstance(step.action, Notice)
    ]
    schema = {
        "strategy": pl.String,
        "step": pl.String,
        "has_statement": pl.Boolean,
        "has_documents": pl.Boolean,
    }
    papers = pl.DataFrame(rows, schema=schema, orient="row")
    return groups.join(papers, on=["strategy", "step"], how="left", maintain_order="left")


def _with_hours(groups: pl.DataFrame, night: Night) -> pl.DataFrame:
    """When each message may leave, and when it is too late: worked out once for each kind of place."""
    ends = groups.with_columns(ends_on=pl.when("has_end").then("ends_on"))
    kinds = ends.select(*_PLACE, "ends_on").unique(maintain_order=True)
    rows = []
    for *place, ends_on in kinds.iter_rows():
        where = Place(*place)
        opens = first_lawful_instant(night.law, where, as_of=night.plan.as_of, now=night.now)
        rows.append((opens, end_of_window(where, ends_on) if ends_on else None))
    told = kinds.with_columns(
        pl.Series("not_before_at", [row[0] for row in rows], dtype=INSTANT),
        pl.Series("expires_at", [row[1] for row in rows], dtype=INSTANT),
    )
    return ends.join(told, on=[*_PLACE, "ends_on"], how="left", nulls_equal=True, maintain_order="left")


def tasks_of(taken: pl.DataFrame, night: Night) -> pl.DataFrame:
    """Return the tasks that taken rows leave, in the columns of `outcomes`' frame and party_id; due on an open day."""
    groups = taken.filter(pl.col("action").is_in(["task", *_WORK])).unique(
        "act", keep="first", maintain_order=True
    )
    keys = ["strategy", "step", "calendar"]
    steps, language = steps_of(night.plan), night.plan.organisation.language
    told = []
    for key in groups.select(keys).unique().iter_rows():
        kind, title, days = _work_of(steps[key[0], key[1]], language)
        told.append((*key, kind, title, _open_day(night.law.calendars, key[2], night.plan.as_of, days)))
    texts = dict.fromkeys([*keys, "kind", "title"], pl.String)
    facts = pl.DataFrame(told, schema={**texts, "open_on": pl.Date}, orient="row")
    return groups.join(facts, on=keys, maintain_order="left").select(
        "party_id", "case_id", "title", "kind", due_on="open_on", identity="act", origin=pl.lit(night.origin),
        priority=pl.col("priority") // _PRIORITY_UNIT,
    )  # fmt: skip


def _work_of(step: Step, language: str) -> tuple[str, str, int]:
    """The task that an act leaves: its kind, its title, and in how many days it is due."""
    action = step.action
    if isinstance(action, Task):
        return action.task, action.title.of(language), action.days
    if isinstance(action, Proposal):
        title = _WORK[action.kind].of(language).format(percent=action.percent)
        return (f"fee_{action.percent}" if action.kind == "fee" else action.kind), title, action.days
    days = action.days if isinstance(action, Notice) else 0
    return "bureau_report", _WORK["bureau"].of(language), days


def _open_day(calendars: Mapping[str, Calendar], key: str, as_of: date, days: int) -> date:
    return calendars[key].next_business_day(as_of + timedelta(days=days))


def stages_of(taken: pl.DataFrame) -> pl.DataFrame:
    """Return the stage that each case enters: case_id, stage. A step's change comes after that of the conditions."""
    moved = taken.filter(pl.col("action") == "stage").unique("case_id", keep="last", maintain_order=True)
    return moved.select("case_id", stage="target")


def alarms_of(taken: pl.DataFrame, open_cases: pl.DataFrame) -> pl.DataFrame:
    """Return the alarms that taken rows raise: party_id, case_id, kind, subject (the act), owner_id (who holds the case)."""
    raised = taken.filter(pl.col("action") == "alarm").unique("act", keep="first", maintain_order=True)
    holders = open_cases.select("case_id", "holder_id")
    return raised.join(holders, on="case_id", how="left", maintain_order="left").select(
        "party_id", "case_id", kind="target", subject="act", owner_id="holder_id"
    )


def calls_of(taken: pl.DataFrame) -> pl.DataFrame:
    """Return what a system outside is told by taken rows, in the columns of `contact`'s calls."""
    rows = taken.filter(pl.col("action").is_in(["suspend", "webhook"]))
    rows = rows.unique("act", keep="first", maintain_order=True)
    is_suspension = pl.col("action") == "suspend"
    return rows.select(
        "case_id", "party_id", identity="act",
        event=pl.when(is_suspension).then(pl.lit(contact.SUSPEND)).otherwise("target"),
        about=pl.when(is_suspension).then("target").otherwise(pl.lit("")),
    )  # fmt: skip


def given_of(taken: pl.DataFrame, organisation_id: int) -> pl.DataFrame:
    """Return the cases that go to others, as `cases` reads them: the last act of the night on each case counts."""
    rows = taken.filter(pl.col("action") == "assign").unique("case_id", keep="last", maintain_order=True)
    if rows.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(("party_id", "case_id", "user_id", "team_id"), pl.Int64))
    known = holders_of(organisation_id)
    to = {
        name: {key: ids[place] for key, ids in known.items()}
        for place, name in enumerate(("user_id", "team_id"))
    }
    given = rows.select(
        "party_id", "case_id",
        **{name: pl.col("target").replace_strict(ids, default=None, return_dtype=pl.Int64) for name, ids in to.items()},
    )  # fmt: skip
    return given.filter(pl.any_horizontal(pl.col("user_id", "team_id").is_not_null()))
