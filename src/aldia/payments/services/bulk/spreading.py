"""What each receipt of a set gives to each document: first to those that it names, the rest by the portfolio's order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from aldia.domain.allocation import AllocationOrder, OpenItem, allocate
from aldia.domain.customer_terms import EarlyDiscount
from aldia.ledger import selectors as ledger_selectors
from aldia.payments.services.bulk.early import SHARES, spread_early


@dataclass(frozen=True, slots=True)
class Owed:
    """What a set of receipts may pay: open `documents`, the portfolio's `order`, and what each account may take off for paying early."""

    documents: pl.DataFrame
    order: AllocationOrder
    terms: Mapping[int, EarlyDiscount]
    as_of: date


def spread(rows: pl.DataFrame, named: pl.DataFrame | None, owed: Owed) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what receipts give to documents and what is taken off for paying early, both as (receipt_id, document_id, amount_minor).

    All at once, but for accounts that may take something off: those go receipt after receipt.
    """
    wanted = _wanted(rows, named)
    may = pl.col("account_id").is_in(list(owed.terms)).fill_null(False)
    early, off = spread_early(
        rows.filter(may), wanted.filter(may), owed.documents.filter(may), owed.terms, owed.order, owed.as_of
    )
    usual = owed.documents.filter(~may)
    covered = _cover_named(wanted.filter(~may), usual)
    rest = _spread_rest(rows.filter(~may), usual, covered, owed)
    return pl.concat([covered, rest, early]), off


def _wanted(rows: pl.DataFrame, named: pl.DataFrame | None) -> pl.DataFrame:
    """What each receipt would give to the documents that it names: all of it to its own, or as `named` says."""
    columns = ["receipt_id", "account_id", "currency", "document_id", "amount_minor"]
    if named is None:
        return rows.filter(pl.col("document_id").is_not_null()).select(columns)
    of_receipt = rows.select("receipt_id", "account_id", "currency", "reference")
    return of_receipt.join(named, on="reference", how="inner", maintain_order="left").select(columns)


def _cover_named(wanted: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """What receipts that name documents give them, in order of arrival, never more than one has open."""
    return (
        wanted.join(
            documents, on=["document_id", "account_id", "currency"], how="inner", maintain_order="left"
        )
        .with_columns(before=pl.col("amount_minor").cum_sum().over("document_id") - pl.col("amount_minor"))
        .with_columns(
            amount_minor=pl.min_horizontal("amount_minor", pl.col("balance_minor") - pl.col("before")).clip(
                lower_bound=0
            )
        )
        .filter(pl.col("amount_minor") > 0)
        .select(*SHARES)
    )


def _spread_rest(
    rows: pl.DataFrame, documents: pl.DataFrame, named: pl.DataFrame, owed: Owed
) -> pl.DataFrame:
    """What is left of each receipt over its account's documents, by the portfolio's order: the domain's own rule."""
    given = named.group_by("receipt_id").agg(given=pl.col("amount_minor").sum())
    rest = rows.join(given, on="receipt_id", how="left", maintain_order="left").with_columns(
        rest=pl.col("amount_minor") - pl.col("given").fill_null(0)
    )
    rest = rest.filter((pl.col("rest") > 0) & pl.col("account_id").is_not_null())
    if rest.is_empty():
        return pl.DataFrame(schema=SHARES)
    taken = named.group_by("document_id").agg(taken=pl.col("amount_minor").sum())
    keys = ["account_id", "currency"]
    left = (
        documents.join(rest, on=keys, how="semi").join(taken, on="document_id", how="left")
        .with_columns(left=pl.col("balance_minor") - pl.col("taken").fill_null(0)).filter(pl.col("left") != 0)
    )  # fmt: skip
    groups = {key: _Pool(part) for key, part in left.partition_by(keys, as_dict=True).items()}
    shares: list[tuple[int, int, int]] = []
    columns = rest.select("receipt_id", *keys, "on", "rest")
    for receipt_id, account_id, currency, on, minor in columns.iter_rows():
        if pool := groups.get((account_id, currency)):
            shares += [(receipt_id, *share) for share in pool.take(minor, max(on, owed.as_of), owed.order)]
    return pl.DataFrame(shares, schema=SHARES, orient="row")


class _Pool:
    """The open documents of one account in one currency, while receipts draw on them."""

    def __init__(self, documents: pl.DataFrame) -> None:
        columns = documents.select("document_id", "left", "due_on", "issued_on").iter_rows()
        self.items = {
            key: (OpenItem(ledger_selectors.document_name(key), left, due_on), issued_on)
            for key, left, due_on, issued_on in columns
        }

    def take(self, minor: int, horizon: date, order: AllocationOrder) -> list[tuple[int, int]]:
        """Return (document, amount) for what the order gives, and draw it."""
        usable = [item for item, issued_on in self.items.values() if issued_on <= horizon and item.open_minor]
        given = [(int(share.document), share.minor) for share in allocate(minor, usable, order).items]
        for key, amount in given:
            item, issued_on = self.items[key]
            self.items[key] = (OpenItem(item.document, item.open_minor - amount, item.due_on), issued_on)
        return given
