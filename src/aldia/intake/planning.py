"""The plan of a load: what is new, changed, the same or gone, from frames alone. A dry run shows it, a commit carries it out."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

ACTIONS: Final = ("new", "changed", "same")
_COMPARED: Final = ("number", "kind", "issued_on", "due_on", "original_minor", "is_disputed")


@dataclass(frozen=True)
class Plan:
    """What a load of documents would do.

    `documents`: one row a document of the file, with `action`, `document_id` (null when new) and, for changed ones,
    `moved_minor` (how much its balance moves). `gone`: known documents that a full refresh no longer has.
    `receipts`: settlements to register, by `reference` of the receipt and of its document.
    """

    documents: pl.DataFrame
    gone: pl.DataFrame
    receipts: pl.DataFrame

    def count(self, action: str) -> int:
        """Return how many documents have that action."""
        return int((self.documents["action"] == action).sum())

    @property
    def totals(self) -> dict[str, dict[str, int]]:
        """Return by currency how many documents the file brings and what it says of them in minor units."""
        sums = self.documents.group_by("currency").agg(pl.len(), pl.col("open_minor").sum()).sort("currency")
        return {
            currency: {"documents": count, "open_minor": minor} for currency, count, minor in sums.iter_rows()
        }

    @property
    def moved_minor(self) -> dict[str, int]:
        """Return by currency how much the balance of the portfolio moves, settlements left out."""
        fresh = self.documents.filter(pl.col("action") == "new").select(
            "currency", moved=pl.col("open_minor")
        )
        changed = self.documents.filter(pl.col("action") == "changed").select(
            "currency", moved=pl.col("moved_minor")
        )
        gone = self.gone.select("currency", moved=-pl.col("balance_minor"))
        sums = (
            pl.concat([fresh, changed, gone]).group_by("currency").agg(pl.col("moved").sum()).sort("currency")
        )
        return dict(sums.iter_rows())


def plan_documents(
    good: pl.DataFrame, known: pl.DataFrame, *, as_of: date, is_external: bool, closes_missing: bool
) -> Plan:
    """Compare the checked rows with what the ledger holds of the same source.

    `is_external`: the file is the authority on balances, so a known document's balance becomes what the file declares.
    Otherwise only what the document costs may change. Rows of the kind `receipt` are settlements, not documents.
    """
    rows = _as_documents(good, as_of)
    documents = rows.filter(pl.col("kind") != "receipt")
    live = known.filter(pl.col("state") != "CANCELLED")
    judged = _judge(documents, live, is_external=is_external)
    gone = _gone(documents, live) if closes_missing else live.clear()
    return Plan(judged, gone, _settlements(rows))


def with_customer_id(good: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the source's own id of each customer: its code, else its tax id, else its name."""
    folded = pl.col("customer_name").str.to_lowercase().str.strip_chars()
    return good.with_columns(customer_id=pl.coalesce("customer_id", "tax_id", folded))


def _as_documents(good: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The ledger's names. Without an issue date a document counts from the day of the load, or its due date when earlier."""
    number = pl.col("document_number")
    suffix = pl.when(pl.col("document_kind") == "instalment").then(
        pl.concat_str(pl.lit("#"), pl.col("due_on").dt.to_string("%Y-%m-%d"))
    )
    prefix = pl.when(pl.col("document_kind") != "invoice").then(
        pl.concat_str(pl.col("document_kind"), pl.lit(":"))
    )
    return with_customer_id(good).with_columns(
        reference=pl.concat_str(prefix.fill_null(""), number, suffix.fill_null("")).str.slice(0, 120),
        number=number.str.slice(0, 60),
        kind="document_kind",
        issued_on=pl.col("issued_on").fill_null(pl.min_horizontal(pl.col("due_on"), pl.lit(as_of))),
    )


def _judge(documents: pl.DataFrame, known: pl.DataFrame, *, is_external: bool) -> pl.DataFrame:
    held = known.select(
        "reference",
        "document_id",
        "balance_minor",
        **{f"held_{name}": pl.col(name) for name in _COMPARED if name in known.columns},
    )
    joined = documents.join(held, on="reference", how="left", maintain_order="left")
    differs = [
        pl.col(name).ne_missing(pl.col(f"held_{name}"))
        for name in _COMPARED
        if f"held_{name}" in joined.columns
    ]
    moved = (
        pl.col("open_minor") - pl.col("balance_minor")
        if is_external
        else pl.col("original_minor") - pl.col("held_original_minor")
    )
    joined = joined.with_columns(moved_minor=moved)
    is_changed = pl.any_horizontal([*differs, pl.col("moved_minor") != 0])
    action = (
        pl.when(pl.col("document_id").is_null()).then(pl.lit("new")).when(is_changed).then(pl.lit("changed"))
    ).otherwise(pl.lit("same"))
    return joined.with_columns(action=action)


def _gone(documents: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    is_open = (pl.col("balance_minor") != 0) & (pl.col("state") == "OPEN")
    return known.filter(is_open).join(documents, on="reference", how="anti")


def _settlements(rows: pl.DataFrame) -> pl.DataFrame:
    """Receipts that the file tells: a settlement date on a document, or a row that is itself a receipt."""
    paid = rows.filter(
        (pl.col("kind") != "receipt") & pl.col("settled_on").is_not_null() & (pl.col("settled_minor") > 0)
    ).select(
        "row", "customer_id", "currency", reference="reference", document_reference="reference", on="settled_on",
        amount_minor="settled_minor",
    )  # fmt: skip
    loose = rows.filter(pl.col("kind") == "receipt").select(
        "row", "customer_id", "currency", reference="reference", document_reference=pl.lit(None, pl.String), on="issued_on",
        amount_minor=pl.col("original_minor").abs(),
    )  # fmt: skip
    return pl.concat([paid, loose])
