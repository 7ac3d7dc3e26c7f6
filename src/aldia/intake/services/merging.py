"""Carries a plan out: parties, accounts, documents with their postings, settlements. All inside the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.cases import facts as case_facts
from aldia.cases import services as cases
from aldia.db.frames import write_frame
from aldia.db.pace import LONGEST_OF_LOAD
from aldia.intake.models import EINVOICES, Load, LoadChange
from aldia.intake.planning import Plan
from aldia.intake.services import einvoices
from aldia.intake.services.people import know_people, record_wishes, told_by, wishes_in
from aldia.intake.services.places import Places
from aldia.intake.services.progress import OnStep, quiet
from aldia.ledger import facts as ledger
from aldia.ledger import services as ledger_services
from aldia.outcomes import services as outcomes
from aldia.parties import facts as party_facts
from aldia.payments import facts as payment_facts
from aldia.payments import services as payments

if TYPE_CHECKING:
    from aldia.intake.models import Source
    from aldia.ledger.models import Portfolio

_CHANGED_COLUMNS = (
    "number",
    "kind",
    "issued_on",
    "due_on",
    "original_minor",
    "is_disputed",
    "attributes",
    "load_id",
)
_MANY = 20_000  # cases: above it one pass over all costs less than naming them


def merge_plan(
    *, actor: Actor, load: Load, plan: Plan, places: Places, clock: Clock, on_step: OnStep = quiet
) -> pl.Series:
    """Write everything that the plan says, and what an undo will need; return the accounts whose figures it moved."""
    accounts = _accounts(actor, load, plan, places, clock, on_step)
    moved = _write_documents(actor, load, plan, places, accounts, clock, on_step)
    moved.append(einvoices.settle(actor=actor, load=load, plan=plan, places=places, clock=clock))
    _settle_gone(actor, load, plan, places, clock)
    on_step("receipts", 0, plan.receipts.height)
    paid = _register(actor, load, plan, places, accounts, clock)
    audit.record(
        actor=actor, verb="intake.load.merge", object_type="load", object_id=load.pk, now=clock.now,
        data={"new": plan.counts["new"], "changed": plan.counts["changed"], "receipts": plan.receipts.height},
    )  # fmt: skip
    return pl.concat([*moved, plan.gone["account_id"], paid]).unique()


def refresh_cases(*, actor: Actor, clock: Clock, accounts: pl.Series | None = None) -> None:
    """Bring the cases and promises of these accounts (all, when None) to what the ledger says now; may be repeated without harm.

    New cases are opened with the figures of the day. Many are refreshed all together, in bounded partitions.
    """
    ids: list[int] | None = None
    if accounts is not None:
        known = case_facts.holders_frame(actor.organisation_id)["case_id"]
        known = known.filter(known.is_in(accounts.to_list()))
        ids = known.to_list() if known.len() <= _MANY else None
    cases.open_missing(actor=actor, as_of=clock.as_of, now=clock.now, longest=LONGEST_OF_LOAD)
    if ids == []:
        return
    changed = cases.refresh(actor=actor, case_ids=ids, as_of=clock.as_of, now=clock.now)
    outcomes.drop_claims(actor=actor, case_ids=changed.settled, now=clock.now)
    outcomes.settle_promises(actor=actor, as_of=clock.as_of, now=clock.now, case_ids=ids)


def _accounts(
    actor: Actor, load: Load, plan: Plan, places: Places, clock: Clock, on_step: OnStep
) -> pl.DataFrame:
    """Return (customer_id, account_id) of every customer of the file; receipts alone open no account."""
    portfolio, source = _of(places)
    kind = {"business": "COMPANY", "consumer": "PERSON"}.get(portfolio.debtor_kind)
    total, done, told = sum(plan.counts.values()), 0, []
    people: list[pl.DataFrame] = []
    for rows in plan.documents:
        on_step("people", done, total)
        known = know_people(
            actor=actor, source=source.key, good=rows, country=places.country, kind=kind, clock=clock
        )
        people.append(known.parties)
        told.append(rows.select(wishes_in(rows)))
        done += rows.height
    if not done:
        return _known_accounts(actor, places)
    everybody = pl.concat(people).unique("customer_id")
    record_wishes(
        actor=actor, creditor_id=portfolio.creditor_id, good=pl.concat(told), people=everybody,
        source=f"{told_by(load.pk)}{source.key[:30]}", clock=clock,
    )  # fmt: skip
    opened = ledger_services.open_accounts(
        organisation_id=actor.organisation_id,
        portfolio_id=portfolio.pk,
        party_ids=everybody["party_id"],
        opened_on=load.as_of,
    )
    return everybody.join(opened, on="party_id").select("customer_id", "account_id")


def _known_accounts(actor: Actor, places: Places) -> pl.DataFrame:
    portfolio, source = _of(places)
    references = party_facts.reference_frame(actor.organisation_id, source=source.key)
    accounts = ledger.account_frame(actor.organisation_id, portfolio_id=portfolio.pk)
    return references.join(accounts, on="party_id").select("customer_id", account_id="case_id")


def _write_documents(
    actor: Actor,
    load: Load,
    plan: Plan,
    places: Places,
    accounts: pl.DataFrame,
    clock: Clock,
    on_step: OnStep,
) -> list[pl.Series]:
    """Write what is new and what changed; return the accounts whose figures that moved."""
    total, done = sum(plan.counts.values()), 0
    moved: list[pl.Series] = []
    changed: list[pl.DataFrame] = []
    same: list[pl.DataFrame] = []
    for rows in plan.documents:
        on_step("documents", done, total)
        touched = rows.filter(pl.col("action") != "same").join(
            accounts, on="customer_id", how="left", maintain_order="left"
        )
        _add(actor, load, touched.filter(pl.col("action") == "new"), places, clock)
        changed.append(touched.filter(pl.col("action") == "changed"))
        same.append(
            rows.filter(pl.col("action") == "same").select("document_id", declared_minor="open_minor")
        )
        moved.append(touched["account_id"].unique())
        done += rows.height
    if changed:
        _change(actor, load, pl.concat(changed), places, clock)
        _explain(actor, load, pl.concat(same), places, clock)
    return moved


def _explain(actor: Actor, load: Load, same: pl.DataFrame, places: Places, clock: Clock) -> None:
    """A balance that is already what an external system declares has seen our provisional receipts: they wait no more."""
    portfolio, _source = _of(places)
    if portfolio.authority != "EXTERNAL":
        return
    waited_for = payment_facts.provisional_documents(actor.organisation_id, portfolio_id=portfolio.pk)
    seen = same.filter(pl.col("document_id").is_in(list(waited_for)))
    if not seen.is_empty():
        payments.absorb_frame(
            actor=actor, portfolio_id=portfolio.pk, declared=seen, load_id=load.pk, now=clock.now
        )


def _add(actor: Actor, load: Load, fresh: pl.DataFrame, places: Places, clock: Clock) -> None:
    if fresh.is_empty():
        return
    portfolio, source = _of(places)
    ledger_services.add_documents(
        organisation_id=actor.organisation_id,
        portfolio_id=portfolio.pk,
        documents=fresh.select(
            "account_id", "reference", "number", "kind", "issued_on", "due_on", "currency", "original_minor", "open_minor",
            "is_disputed", "attributes", source=pl.lit(source.key), load_id=pl.lit(load.pk, pl.Int64),
        ),
        declared_on=load.as_of,
        posting_source=f"load:{load.pk}",
        now=clock.now,
    )  # fmt: skip


def _change(actor: Actor, load: Load, changed: pl.DataFrame, places: Places, clock: Clock) -> None:
    if changed.is_empty():
        return
    before = changed.select(
        pl.lit(actor.organisation_id).alias("organisation_id"),
        pl.lit(load.pk).alias("load_id"),
        "document_id",
        pl.lit("changed").alias("action"),
        pl.struct(
            number="held_number", kind="held_kind", original_minor="held_original_minor", is_disputed="held_is_disputed",
            issued_on=pl.col("held_issued_on").dt.to_string("%Y-%m-%d"),
            due_on=pl.col("held_due_on").dt.to_string("%Y-%m-%d"),
        ).struct.json_encode().alias("before"),
    )  # fmt: skip
    write_frame(LoadChange, before)
    ledger_services.change_documents(
        organisation_id=actor.organisation_id,
        changes=changed.with_columns(load_id=pl.lit(load.pk, pl.Int64)).select(
            "document_id", *_CHANGED_COLUMNS
        ),
        columns=_CHANGED_COLUMNS,
    )
    _adjust(actor, load, places, _explained(actor, load, places, changed, clock), clock)


def _explained(actor: Actor, load: Load, places: Places, rows: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Return what is left to post per document: provisional receipts explain a part of what an external system declares."""
    portfolio, _source = _of(places)
    if portfolio.authority != "EXTERNAL":
        return rows.select("document_id", adjustment_minor="moved_minor")
    return payments.absorb_frame(
        actor=actor,
        portfolio_id=portfolio.pk,
        declared=rows.select("document_id", declared_minor="open_minor"),
        load_id=load.pk,
        now=clock.now,
    )


def _settle_gone(actor: Actor, load: Load, plan: Plan, places: Places, clock: Clock) -> None:
    """Documents that a full refresh no longer has were settled outside, on the day of the refresh."""
    if plan.gone.is_empty():
        return
    gone = plan.gone.with_columns(open_minor=pl.lit(0, pl.Int64), moved_minor=-pl.col("balance_minor"))
    _adjust(actor, load, places, _explained(actor, load, places, gone, clock), clock)
    write_frame(
        LoadChange,
        gone.select(
            pl.lit(actor.organisation_id).alias("organisation_id"),
            pl.lit(load.pk).alias("load_id"),
            "document_id",
            pl.lit("settled").alias("action"),
            pl.lit('{"state": "OPEN"}').alias("before"),
        ),
    )
    ledger_services.change_documents(
        organisation_id=actor.organisation_id,
        changes=gone.select("document_id", state=pl.lit("SETTLED_OUTSIDE")),
        columns=["state"],
    )


def _adjust(actor: Actor, load: Load, places: Places, moves: pl.DataFrame, clock: Clock) -> None:
    """Post the differences, each dated with the load, or with its document when that is dated later."""
    portfolio, source = _of(places)
    held = ledger.known_documents(actor.organisation_id, portfolio_id=portfolio.pk, source=source.key)
    rows = (
        moves.filter(pl.col("adjustment_minor") != 0)
        .join(held, on="document_id")
        .with_columns(key=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    if rows.is_empty():
        return
    postings = rows.select(
        "key", "reference", portfolio_id=pl.lit(portfolio.pk, pl.Int64), on=pl.max_horizontal("issued_on", pl.lit(load.as_of)),
        kind=pl.lit("adjustment"), source=pl.lit(f"load:{load.pk}"), recorded_at=pl.lit(clock.now),
    )  # fmt: skip
    debit = rows.select(
        "key",
        "account_id",
        "document_id",
        "currency",
        book=pl.lit("receivable"),
        amount_minor="adjustment_minor",
    )
    credit = debit.with_columns(
        document_id=pl.lit(None, pl.Int64), book=pl.lit("opening"), amount_minor=-pl.col("amount_minor")
    )
    ledger_services.post_frame(
        organisation_id=actor.organisation_id, postings=postings, legs=pl.concat([debit, credit])
    )


def _register(
    actor: Actor, load: Load, plan: Plan, places: Places, accounts: pl.DataFrame, clock: Clock
) -> pl.Series:
    """Settlements become receipts, effective on their date, each covering its own document first; return who paid anew."""
    if plan.receipts.is_empty():
        return pl.Series("account_id", [], dtype=pl.Int64)
    portfolio, source = _of(places)
    is_papers = plan.papers is not None  # a payment names its document, whatever brought that
    held = ledger.known_documents(
        actor.organisation_id, portfolio_id=portfolio.pk, source=None if is_papers else source.key
    )
    named = held.select("document_id", "account_id", document_reference="reference").unique(
        "document_reference"
    )
    given = plan.shares.join(named, on="document_reference", maintain_order="left")
    firsts = given.select("reference", "document_id", "account_id").unique("reference", keep="first")
    rows = (
        plan.receipts.join(firsts, on="reference", how="left", maintain_order="left")
        .join(
            accounts.rename({"account_id": "of_customer"}),
            on="customer_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(account_id=pl.coalesce("account_id", "of_customer"))
    )
    told = ("means", "payer", "text", "withheld_minor", "withheld_kind", "certificate")
    optional = [name for name in told if name in rows.columns]
    if "withheld_minor" in optional:  # what was withheld settles the debt as the money does
        rows = rows.with_columns(pl.col("amount_minor") + pl.col("withheld_minor").fill_null(0))
    registered = payments.register_frame(
        actor=actor,
        told=payments.ReceiptSet(
            portfolio_id=portfolio.pk,
            receipts=rows.select(
                "account_id", "amount_minor", "currency", "on", "reference", "document_id", *optional
            ),
            source=receipts_source(load.kind, source),
            load_id=load.pk,
            named=None if plan.parts is None else given.select("reference", "document_id", "amount_minor"),
        ),
        clock=clock,
        has_consequences=False,
    )
    new = rows.join(registered.receipts, on="reference", how="semi")
    return new["account_id"].drop_nulls()


def receipts_source(kind: str, source: Source) -> str:
    """Return what the receipts of a load of a kind are known by, beside their reference."""
    if kind == "receipts":
        return source.key
    is_papers = kind == EINVOICES
    return einvoices.receipts_source(source.key) if is_papers else f"{source.key}:settlement"


def _of(places: Places) -> tuple[Portfolio, Source]:
    """The portfolio and source of a merge; a merge without them is a programming error."""
    if places.portfolio is None or places.source is None:
        raise LookupError("a merge needs its portfolio and source")
    return places.portfolio, places.source
