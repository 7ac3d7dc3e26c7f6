"""One partition of one night: gather, decide strategy after strategy, and keep what is news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from aldia.db.known import Known
from aldia.db.partitions import Partition
from aldia.domain.experiments import CONTROL
from aldia.engine.decide import decide
from aldia.engine.frames import CASES, CONTACTS, DECISIONS, DOCUMENTS, Frames, FrameSchema
from aldia.engine.night import needed_columns
from aldia.engine.reference import decide_reference
from aldia.engine.strategy import ARM, MESSAGES, Strategy
from aldia.outcomes import facts as outcomes
from aldia.strategy.night import history
from aldia.strategy.night.gathering import Gathered, gather
from aldia.strategy.night.in_use import InUse, NightPlan
from aldia.strategy.night.law_of_day import LawOfDay

FEW: Final = 50
"""Up to so many cases and documents, deciding them row by row in Python costs a tenth of deciding them by columns."""
_CASE_SIDE = ("case_id", "portfolio_id", "creditor_id", "policy", "calendar", "country", "region")


@dataclass(frozen=True)
class Decided:
    """What a partition answered. `decisions` are all of them, `news` those to be stored; both `frames.DECISIONS` and the
    case's portfolio_id, creditor_id, policy, calendar, country, region and timezone."""

    gathered: Gathered
    decisions: pl.DataFrame
    news: pl.DataFrame


def decide_partition(plan: NightPlan, partition: Partition | None, known: Known | None = None) -> Decided:
    """Return the decisions of the people of a partition, their budget shared by all the strategies of the night.

    As `known` before a run of that day that is gone, when given.
    """
    portfolios = [portfolio_id for one in plan.strategies for portfolio_id in one.everywhere]
    needed = needed_of(plan)
    whole = gather(
        plan.organisation_id, as_of=plan.as_of, partition=partition, portfolios=portfolios,
        needed=set().union(*needed.values()), known=known,
    )  # fmt: skip
    withheld = history.withheld_frame(plan.organisation_id, partition=partition, known=known)
    taken = history.taken_frame(plan.organisation_id, withheld, partition=partition, known=known)
    contacts, found = whole.contacts, []
    for one in plan.strategies:
        frames = frames_of(one, whole, contacts, taken, needed)
        if frames.cases.is_empty():
            continue
        rows = _decide(frames, one.strategy, whole.law, plan.as_of)
        if rows.is_empty():
            continue
        rows = rows.join(_side(frames.cases, whole), on="case_id", how="left", maintain_order="left")
        rows = _without_control(one, rows, whole)
        contacts = pl.concat([contacts, _as_contacts(rows, plan)])
        found.append(rows)
    decisions = pl.concat(found) if found else _nothing(whole)
    decisions = _without_heard_alarms(plan.organisation_id, decisions, partition, known)
    return Decided(whole, decisions, _news(plan, decisions, withheld))


def _decide(frames: Frames, strategy: Strategy, law: LawOfDay, as_of: date) -> pl.DataFrame:
    """The decisions of one strategy. Both ways say the same: `test_decide_agrees_with_its_oracle`."""
    is_few = frames.cases.height + frames.documents.height <= FEW
    return (decide_reference if is_few else decide)(frames, strategy, law.calendars, law.plans, as_of=as_of)


def needed_of(plan: NightPlan) -> dict[str, set[str]]:
    """Return the columns of cases, documents and people that the strategies of the night read."""
    needed: dict[str, set[str]] = {"cases": set(), "documents": set(), "people": set()}
    for one in plan.strategies:
        for frame, columns in needed_columns(one.strategy).items():
            needed[frame] |= columns
    return needed


def frames_of(
    one: InUse, whole: Gathered, contacts: pl.DataFrame, taken: pl.DataFrame, needed: dict[str, set[str]]
) -> Frames:
    """Return what `decide` reads for one strategy: the part of what was gathered that its portfolios have."""
    cases = one.worked(whole.cases, whole.people)
    documents = whole.documents.join(cases.select("case_id"), on="case_id", how="semi")
    return Frames(
        cases=_typed(cases, CASES.with_own(one.strategy.own), needed["cases"] | {*_CASE_SIDE}),
        documents=_typed(documents, DOCUMENTS.with_own(one.strategy.own), needed["documents"]),
        people=whole.people,
        contacts=contacts,
        taken=taken,
        holds=whole.holds,
    )


def _without_control(one: InUse, rows: pl.DataFrame, whole: Gathered) -> pl.DataFrame:
    """Where a strategy is on trial, nobody of the control gets anything of it but the change of stage."""
    if one.trial is None:
        return rows
    control = whole.people.filter(pl.col(ARM) == CONTROL)["party_id"]
    is_tried = pl.col("portfolio_id").is_in(list(one.trial.portfolio_ids))
    stays = (pl.col("state") == "take") & (pl.col("action") != "stage")
    stays &= is_tried & pl.col("party_id").is_in(control.implode())
    told = {"state": "withheld", "reason": "held_out", "reason_args": "{}"}
    return rows.with_columns(
        pl.when(stays).then(pl.lit(value)).otherwise(name).alias(name) for name, value in told.items()
    )


def _typed(frame: pl.DataFrame, schema: FrameSchema, wanted: set[str]) -> pl.DataFrame:
    return frame.select(
        pl.col(name).cast(dtype)
        for name, dtype in schema.dtypes.items()
        if name in wanted and name in frame.columns
    )


def _side(cases: pl.DataFrame, whole: Gathered) -> pl.DataFrame:
    zones = whole.people.select("party_id", "creditor_id", "timezone")
    rows = cases.select(*_CASE_SIDE, "party_id").join(zones, on=["party_id", "creditor_id"], how="left")
    return rows.drop("party_id").with_columns(pl.col("country", "region", "timezone").fill_null(""))


def _nothing(whole: Gathered) -> pl.DataFrame:
    side = dict.fromkeys(("policy", "calendar", "country", "region", "timezone"), pl.String)
    return pl.DataFrame(
        schema={**DECISIONS.dtypes, "portfolio_id": pl.Int64, "creditor_id": pl.Int64, **side}
    )


def _as_contacts(rows: pl.DataFrame, plan: NightPlan) -> pl.DataFrame:
    """The messages of one strategy use the budget of the next."""
    sent = rows.filter(pl.col("action").is_in(MESSAGES) & (pl.col("state") == "take")).unique(
        "group", maintain_order=True
    )
    return sent.select(
        "party_id", "case_id", "creditor_id", "channel", on=pl.lit(plan.as_of), is_contact=pl.lit(True)
    ).select(*CONTACTS.dtypes)


def _without_heard_alarms(
    organisation_id: int, decisions: pl.DataFrame, partition: Partition | None, known: Known | None
) -> pl.DataFrame:
    """An alarm whose like is open in the case waits: nobody is told the same twice."""
    is_alarm = (pl.col("action") == "alarm") & (pl.col("state") == "take")
    asked = decisions.filter(is_alarm)
    if asked.is_empty():
        return decisions
    waiting = outcomes.open_alarm_frame(organisation_id, partition=partition, known=known)
    if known is not None:
        own = history.acts_of_run(organisation_id, known)
        waiting = waiting.filter(~pl.col("key").str.contains_any(own) if own else pl.lit(True))
    heard = waiting.select("case_id", target="kind", is_heard=pl.lit(True)).unique()
    joined = decisions.join(heard, on=["case_id", "target"], how="left", maintain_order="left")
    waits = is_alarm & pl.col("is_heard").fill_null(False)
    return joined.with_columns(
        state=pl.when(waits).then(pl.lit("withheld")).otherwise("state"),
        reason=pl.when(waits).then(pl.lit("already_raised")).otherwise("reason"),
    ).drop("is_heard")


def _news(plan: NightPlan, decisions: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    if decisions.is_empty():
        return decisions
    is_withheld = pl.col("state") == "withheld"
    withheld = history.begins_or_changes(decisions.filter(is_withheld), before, as_of=plan.as_of)
    return pl.concat([decisions.filter(~is_withheld), withheld])
