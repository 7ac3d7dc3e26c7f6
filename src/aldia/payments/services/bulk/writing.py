"""A set of receipts as rows: the receipts themselves, their postings, and what they cover."""

from dataclasses import dataclass

import polars as pl

from aldia.access.actors import Actor, Clock
from aldia.db.frames import write_frame
from aldia.domain.balances import PRINCIPAL
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.payments.models import Allocation, Receipt, ReceiptState
from aldia.payments.services.allocating import SOURCE
from aldia.payments.services.bulk.reading import ReceiptSet
from aldia.payments.services.deductions import BOOK_OF


def write_receipts(
    actor: Actor, told: ReceiptSet, rows: pl.DataFrame, shares: pl.DataFrame, clock: Clock
) -> None:
    """Append the receipts, with what is left of each after its shares."""
    authority = ledger_selectors.portfolio(actor, told.portfolio_id).authority
    state = ReceiptState.PROVISIONAL if authority == "EXTERNAL" else ReceiptState.ACTIVE
    applied = shares.group_by("receipt_id").agg(applied=pl.col("amount_minor").sum())
    write_frame(
        Receipt,
        rows.join(applied, on="receipt_id", how="left", maintain_order="left").select(
            "account_id", "currency", "amount_minor", "on", "means", "reference", "payer", "text", id="receipt_id",
            organisation_id=pl.lit(actor.organisation_id, pl.Int64), portfolio_id=pl.lit(told.portfolio_id, pl.Int64),
            unapplied_minor=pl.col("amount_minor") - pl.col("applied").fill_null(0), source=pl.lit(told.source),
            state=pl.lit(state.value), load_id=pl.lit(told.load_id, pl.Int64), recorded_by=pl.lit(actor.label),
            recorded_at=pl.lit(clock.now), reversed_on=pl.lit(None, pl.Date), reversal_reason=pl.lit(""),
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Journal:
    """Where the postings of a set go: whose, which portfolio, when they are written."""

    actor: Actor
    portfolio_id: int
    clock: Clock

    def write(self, rows: pl.DataFrame, covers: pl.DataFrame, steps: pl.DataFrame) -> None:
        """Post each receipt, and each receipt and day of what it covers (`covers`: shares with their documents).

        `steps` says which components a document has, and in which order they are paid.
        """
        owner = rows.select("receipt_id", "account_id", "currency", day="on")
        covers = (
            covers.drop("account_id", "currency").join(owner, on="receipt_id")
            .with_columns(on=pl.max_horizontal("day", "issued_on"))
            .with_columns(key=pl.struct("receipt_id", "on").rank("dense").cast(pl.Int64) + rows.height)
        )  # fmt: skip
        arrivals = rows.with_columns(
            key=pl.int_range(pl.len(), dtype=pl.Int64), account_id=pl.col("account_id").fill_null(0)
        )
        heads = pl.concat(
            [
                arrivals.select("key", "on", reference=pl.format("receipt:{}", "receipt_id"), kind=pl.lit("receipt")),
                covers.unique("key").with_columns(turn=pl.col("key").rank("dense").over("receipt_id") - 1).select(
                    "key", "on", reference=pl.format("receipt:{}:{}", "receipt_id", "turn"), kind=pl.lit("allocation")
                ),
            ]
        )  # fmt: skip
        composed = pl.col("document_id").is_in(steps["document_id"].unique().implode())
        whole = pl.col("withheld_minor") == 0
        alone = ~pl.col("key").is_duplicated() & ~composed
        posted = [
            self._transfer(arrivals.filter(whole), heads, ("receipt", "cash", "unapplied")),
            self._transfer(covers.filter(alone), heads, ("allocation", "unapplied", "receivable")),
            self._compose(heads, arrivals.filter(~whole), covers.filter(~alone), steps),
        ]  # fmt: skip
        allocations = covers.join(pl.concat(posted), on="key").select(
            "receipt_id", "document_id", "posting_id", "amount_minor", "on",
            organisation_id=pl.lit(self.actor.organisation_id, pl.Int64), units_minor=pl.lit(None, pl.Int64), rate_id=pl.lit(None, pl.Int64),
        )  # fmt: skip
        write_frame(Allocation, allocations)

    def _transfer(self, rows: pl.DataFrame, heads: pl.DataFrame, way: tuple[str, str, str]) -> pl.DataFrame:
        """Post rows that take an amount from one book to another: most of them. `way`: kind, debit, credit."""
        kind, debit, credit = way
        document = pl.col("document_id") if credit == "receivable" else pl.lit(None, pl.Int64)
        transfers = rows.select(
            "key", "account_id", "currency", "amount_minor", component=pl.lit(PRINCIPAL), document_id=document
        ).join(heads.select("key", "on", "reference"), on="key", maintain_order="left")
        transfer = ledger.Transfer(self.portfolio_id, kind, SOURCE, debit, credit, self.clock.now)
        return ledger.post_transfers(
            organisation_id=self.actor.organisation_id, transfer=transfer, rows=transfers
        )

    def _compose(
        self, heads: pl.DataFrame, arrivals: pl.DataFrame, covers: pl.DataFrame, steps: pl.DataFrame
    ) -> pl.DataFrame:
        """Post what has more than two legs: money with something withheld, and what covers several documents or components."""
        legs = pl.concat([_arrival_legs(arrivals), _cover_legs(covers, steps)], how="diagonal")
        return ledger.post_frame(
            organisation_id=self.actor.organisation_id,
            postings=heads.join(legs, on="key", how="semi").with_columns(
                portfolio_id=pl.lit(self.portfolio_id, pl.Int64),
                source=pl.lit(SOURCE),
                recorded_at=pl.lit(self.clock.now),
            ),
            legs=legs.with_columns(pl.col("component").fill_null(PRINCIPAL)),
        )


def _arrival_legs(arrivals: pl.DataFrame) -> pl.DataFrame:
    common = ["key", "account_id", "currency"]
    no_document = pl.lit(None, pl.Int64)
    cash = arrivals.select(
        *common,
        document_id=no_document,
        book=pl.lit("cash"),
        amount_minor=pl.col("amount_minor") - pl.col("withheld_minor"),
    )
    waiting = arrivals.select(
        *common, document_id=no_document, book=pl.lit("unapplied"), amount_minor=-pl.col("amount_minor")
    )
    kept = arrivals.select(
        *common, document_id=no_document, book=pl.col("withheld_kind").replace_strict(BOOK_OF), amount_minor="withheld_minor",
        component="withheld_kind",
    )  # fmt: skip
    return pl.concat([cash, waiting, kept], how="diagonal").filter(pl.col("amount_minor") != 0)


def _cover_legs(covers: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """What documents are credited, by component where they have several, and the unapplied money that bears it."""
    common = ["key", "account_id", "currency"]
    before = pl.col("amount_minor").cum_sum().over("document_id") - pl.col("amount_minor")
    placed = covers.with_columns(before=before).join(
        steps, on="document_id", how="left", maintain_order="left"
    )
    first = pl.max_horizontal("before", "floor")
    part = pl.min_horizontal(pl.col("before") + pl.col("amount_minor"), pl.col("ceiling")) - first
    taken = placed.with_columns(
        amount_minor=pl.when(pl.col("component").is_null())
        .then("amount_minor")
        .otherwise(part.clip(lower_bound=0))
    ).filter(pl.col("amount_minor") != 0)
    debts = taken.select(
        *common, "document_id", "component", book=pl.lit("receivable"), amount_minor=-pl.col("amount_minor")
    )
    money = covers.group_by(common).agg(pl.col("amount_minor").sum()).select(
        *common, document_id=pl.lit(None, pl.Int64), component=pl.lit(None, pl.String), book=pl.lit("unapplied"),
        amount_minor="amount_minor",
    )  # fmt: skip
    return pl.concat([debts, money])
