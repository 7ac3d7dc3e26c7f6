"""What the ledger holds already under the names of a file: a document keeps its currency and whose it is."""

from dataclasses import dataclass

import polars as pl

from aldia.intake.checking.problems import ProblemBook


@dataclass(frozen=True, slots=True)
class Held:
    """The documents that came from the same source before.

    `documents`: reference, currency, root_id of whom they are. `customers`: customer_id, root_id, how the source calls each.
    """

    documents: pl.DataFrame
    customers: pl.DataFrame


def with_customer_id(good: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the source's own id of each customer: its code, else its tax id, else its name."""
    folded = pl.col("customer_name").str.to_lowercase().str.strip_chars()
    return good.with_columns(customer_id=pl.coalesce("customer_id", "tax_id", folded))


def with_reference(good: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the name under which the ledger keeps each document: the source's own, else of its kind and number."""
    own = [pl.col("reference")] if "reference" in good.columns else []
    suffix = pl.when(pl.col("document_kind") == "instalment").then(
        pl.concat_str(pl.lit("#"), pl.col("due_on").dt.to_string("%Y-%m-%d"))
    )
    prefix = pl.when(pl.col("document_kind") != "invoice").then(
        pl.concat_str(pl.col("document_kind"), pl.lit(":"))
    )
    made = pl.concat_str(prefix.fill_null(""), "document_number", suffix.fill_null(""))
    return good.with_columns(reference=pl.coalesce(*own, made).str.slice(0, 120))


def judge_held(found: pl.DataFrame, held: Held, book: ProblemBook) -> None:
    """Refuse the rows whose number is held in another currency, or of another customer: their sums would move a debt that
    is not theirs. A customer that the source names for the first time is nobody else yet."""
    rows = with_customer_id(with_reference(found)).select("reference", "customer_id", "currency")
    documents = held.documents.select("reference", held_in="currency", held_by="root_id").unique("reference")
    joined = rows.join(documents, on="reference", how="left", maintain_order="left").join(
        held.customers.select("customer_id", "root_id").unique("customer_id"),
        on="customer_id",
        how="left",
        maintain_order="left",
    )
    book.add(
        "held_currency", "currency", joined["currency"] != joined["held_in"], joined["currency"],
        held=joined["held_in"],
    )  # fmt: skip
    book.add(
        "held_customer", "customer_id", joined["root_id"] != joined["held_by"], joined["customer_id"],
        number=found["document_number"],
    )  # fmt: skip
