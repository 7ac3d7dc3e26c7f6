"""The frames that decide() reads, put together from the rooms below, one partition of people at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from aldia.cases import facts as cases_facts
from aldia.cases.past import past_cases
from aldia.contact import facts as contact
from aldia.db.known import Known
from aldia.db.partitions import Partition
from aldia.engine import frames as schemas
from aldia.engine.frames import FrameSchema
from aldia.engine.reach import REACH_FACTS
from aldia.ledger import facts as ledger
from aldia.outcomes import facts as outcomes
from aldia.parties import facts as parties
from aldia.strategy.night.arms import with_arms
from aldia.strategy.night.asked import Sources, history_days, with_asked
from aldia.strategy.night.law_of_day import LawOfDay, law_of_day, with_keys
from aldia.strategy.own_facts import with_own


@dataclass(frozen=True)
class Gathered:
    """One partition, as of a day: cases with their keys, open documents, people, contacts, holds, and the law."""

    cases: pl.DataFrame
    documents: pl.DataFrame
    people: pl.DataFrame
    contacts: pl.DataFrame
    holds: pl.DataFrame
    law: LawOfDay


def gather(
    organisation_id: int,
    *,
    as_of: date,
    partition: Partition | None,
    portfolios: Collection[int],
    needed: Collection[str],
    known: Known | None = None,
) -> Gathered:
    """Return the frames of the open cases of these portfolios. `needed` are the facts that the strategies name.

    As `known` then, when given: contact points, consents, texts of parties and portfolios stay those of now.
    """
    found = _cases(organisation_id, as_of, partition, known)
    found = found.filter(pl.col("portfolio_id").is_in(list(portfolios)))
    documents = _documents(organisation_id, found, as_of, partition, known)
    found, documents = with_own(organisation_id, found, documents, needed, partition)
    pairs = found.select("party_id", "creditor_id").unique(maintain_order=True)
    people = _people(organisation_id, pairs, as_of, partition)
    if REACH_FACTS & set(needed):
        reached = contact.reached_frame(organisation_id, as_of=as_of, partition=partition, known=known)
        people = _with_reach(people, reached)
    found = with_keys(_with_debtor_kind(organisation_id, found))
    law = law_of_day(organisation_id, found, as_of=as_of, years=_years(documents, found))
    since = min(law.since or as_of, as_of - timedelta(days=history_days(needed)))
    touches = contact.touch_frame(organisation_id, since_on=since, partition=partition, known=known)
    holds = cases_facts.hold_frame(organisation_id, as_of=as_of, partition=partition, known=known)
    found = with_asked(
        Sources(organisation_id, as_of, partition, found, documents, touches, holds, known), needed
    )
    return Gathered(
        cases=found,
        documents=documents,
        people=_told(people, schemas.PEOPLE),
        contacts=_told(touches.filter(~pl.col("is_inbound")), schemas.CONTACTS),
        holds=_told(holds, schemas.HOLDS),
        law=law,
    )


def _cases(
    organisation_id: int, as_of: date, partition: Partition | None, known: Known | None
) -> pl.DataFrame:
    """The open cases of the day, or those of a past one, as they were known then."""
    if known is None:
        return cases_facts.case_frame(organisation_id, as_of=as_of, partition=partition)
    said = outcomes.outcome_facts(organisation_id, as_of=as_of, partition=partition, known=known)
    reached = outcomes.last_contacts(organisation_id, known=known, partition=partition)
    said = said.join(reached, on="case_id", how="full", coalesce=True)
    return past_cases(organisation_id, said, as_of=as_of, known=known, partition=partition)


def _people(
    organisation_id: int, pairs: pl.DataFrame, as_of: date, partition: Partition | None
) -> pl.DataFrame:
    """Who owes to whom, by which channels each can be reached today, and each one's arm in the experiments."""
    people = parties.reach_frame(organisation_id, pairs=pairs, as_of=as_of, partition=partition)
    closed = sorted(contact.closed_channels(organisation_id))
    people = people.with_columns(pl.lit(False).alias(f"can_{channel}") for channel in closed)
    return with_arms(organisation_id, people, as_of=as_of)


def case_facts(
    organisation_id: int, *, as_of: date, needed: Collection[str], partition: Partition | None = None
) -> pl.DataFrame:
    """Return every open case with the needed facts, and more, of the case and of its person: what a segment may ask."""
    portfolios = ledger.portfolio_frame(organisation_id)["portfolio_id"].to_list()
    found = gather(organisation_id, as_of=as_of, partition=partition, portfolios=portfolios, needed=needed)
    return found.cases.join(found.people, on=["party_id", "creditor_id"], how="left", maintain_order="left")


def _told(frame: pl.DataFrame, schema: FrameSchema) -> pl.DataFrame:
    return frame.select(
        pl.col(name).cast(dtype) for name, dtype in schema.dtypes.items() if name in frame.columns
    )


def _with_reach(people: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    joined = people.join(told, on="party_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(sorted(REACH_FACTS)).fill_null(0))


def _documents(
    organisation_id: int, cases: pl.DataFrame, as_of: date, partition: Partition | None, known: Known | None
) -> pl.DataFrame:
    """The documents that ask for money, in the case's currency: at the day's rate, empty where there is none."""
    known_at = known.at if known else None
    rows = ledger.document_frame(organisation_id, as_of=as_of, partition=partition, known_at=known_at)
    rows = rows.filter(pl.col("open_minor") > 0).join(
        cases.select("case_id", own="currency", case_since="managed_since"),
        on="case_id",
        maintain_order="left",
    )
    rows = ledger.in_own_currency(
        organisation_id, rows, as_of=as_of, amounts=["open_minor", "original_minor"]
    )
    days_late = (pl.lit(as_of) - pl.col("due_on")).dt.total_days()
    known_on = pl.when(pl.col("known_on") <= as_of).then(pl.col("known_on"))
    return rows.select(
        "document_id", "case_id", "number", "due_on", "issued_on", "is_disputed", "has_file", "prescribes_on",
        managed_since=pl.max_horizontal(known_on, "issued_on", "case_since"), document_kind="kind",
        document_dpd=days_late, days_to_due=-days_late,
        document_open="open_minor", document_original="original_minor",
    )  # fmt: skip


def _with_debtor_kind(organisation_id: int, cases: pl.DataFrame) -> pl.DataFrame:
    """The law reads consumer or business, which the portfolio says; rules read person or company."""
    stated = ledger.portfolio_frame(organisation_id).select(
        "portfolio_id", portfolio_debtor_kind="debtor_kind"
    )
    return cases.join(stated, on="portfolio_id", how="left", maintain_order="left")


def _years(documents: pl.DataFrame, cases: pl.DataFrame) -> set[int]:
    columns = [
        documents["due_on"],
        *(cases[name] for name in ("arrears_since", "stage_since", "promise_due_on")),
    ]
    return {day.year for column in columns for day in column.unique() if day is not None}
