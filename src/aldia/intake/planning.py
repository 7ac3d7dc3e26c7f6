"""The plan of a load: what is new, changed, the same or gone, from frames alone. A dry run shows it, a commit carries it out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import polars as pl

from aldia.intake.checking.held import with_customer_id, with_reference
from aldia.intake.einvoices.taking import Taken

ACTIONS: Final = ("new", "changed", "same")
_PAYMENTS: Final[dict[str, Any]] = {
    "row": pl.Int64, "customer_id": pl.String, "currency": pl.String, "reference": pl.String, "document_reference": pl.String,
    "on": pl.Date, "amount_minor": pl.Int64, "payer": pl.String, "text": pl.String,
}  # fmt: skip
_GREW: Final = r" \(\+\d+\)$"
_BASE: Final = 95  # of a name, so that what it grew to still fits behind it
_COMPARED: Final = ("number", "kind", "issued_on", "due_on", "original_minor", "is_disputed")


@dataclass(frozen=True)
class Documents:
    """The documents of a file against those the ledger holds, judged piece after piece, as often as it is walked along."""

    good: Iterable[pl.DataFrame]
    known: pl.DataFrame
    as_of: date

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Return one row a document, with `action`, `document_id` (null when new) and, for changed ones, `moved_minor` (how
        much its balance moves)."""
        for piece in self.good:
            rows = _as_documents(piece, self.as_of).filter(pl.col("kind") != "receipt")
            yield _judge(rows, self.known)


@dataclass(frozen=True)
class Plan:
    """What a load would do.

    `counts` by action, `totals` and `moved_minor` as `LoadResult` and the screens tell them. `gone`: known documents that a
    full refresh no longer has. `receipts`: money to register, by `reference` of the receipt and of its document.
    """

    documents: Iterable[pl.DataFrame]
    counts: Mapping[str, int]
    totals: dict[str, dict[str, int]]
    moved_minor: dict[str, int]
    gone: pl.DataFrame
    receipts: pl.DataFrame
    papers: Taken | None = None
    """What electronic documents lower, pay and cancel, and the files that they came in."""
    parts: pl.DataFrame | None = None
    """What receipts give to each document (reference, document_reference, amount_minor), where one pays several."""
    known_receipts: int = 0
    """How many of its receipts were registered before: they change nothing."""

    @property
    def shares(self) -> pl.DataFrame:
        """Return what each row pays: the parts of its receipts, or the receipts themselves."""
        return self.receipts if self.parts is None else self.parts


def plan_documents(
    good: Iterable[pl.DataFrame],
    known: pl.DataFrame,
    *,
    as_of: date,
    closes_missing: bool,
    unread: pl.Series | None = None,
) -> Plan:
    """Compare the checked rows, piece by piece, with what the ledger holds of the same source.

    Where a known document `follows_file`, its balance becomes the file's; so does one that `is_untouched`, where the row declares
    what is open of it. Of the others only what the document costs may change. Rows of the kind `receipt` are settlements, not documents.
    `unread`: numbers of the rows that were rejected; their documents are in the file, and so not gone.
    """
    live = known.filter(pl.col("state") != "CANCELLED")
    documents = Documents(good, live, as_of)
    is_open = (pl.col("balance_minor") != 0) & (pl.col("state") == "OPEN")
    gone = live.filter(is_open) if closes_missing else live.clear()
    if unread is not None and not gone.is_empty():
        gone = gone.filter(~pl.col("number").is_in(unread.str.slice(0, 60).implode()))
    sums: list[pl.DataFrame] = []
    for piece in documents:
        gone = gone.join(piece, on="reference", how="anti")
        sums.append(_summed(piece))
    summed = pl.concat(sums)
    counts = dict.fromkeys(ACTIONS, 0) | dict(summed.group_by("action").agg(pl.col("documents").sum()).rows())
    left = gone.select("currency", moved=-pl.col("balance_minor"))
    return Plan(
        documents,
        counts=counts,
        totals=_totals(summed),
        moved_minor=_by_currency(pl.concat([summed.select("currency", "moved"), left])),
        gone=gone,
        receipts=pl.concat(_settlements(_as_documents(piece, as_of)) for piece in good),
    )


def with_growth(receipts: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The settlements, where one is now more than all that was `told` of its document before only the rest, under a name of its own.

    A file that is loaded every month adds up what was paid of a document: 60, then 100. What is the same or less changes nothing.
    """
    base = pl.col("reference").str.replace(_GREW, "").str.slice(0, _BASE)
    before = told.group_by(base=base).agg(told_minor=pl.col("amount_minor").sum())
    rows = receipts.with_columns(base=base).join(before, on="base", how="left", maintain_order="left")
    has_grown = (pl.col("amount_minor") > pl.col("told_minor")).fill_null(value=False)
    own = pl.concat_str("base", pl.lit(" (+"), pl.col("amount_minor"), pl.lit(")"))
    return rows.with_columns(
        reference=pl.when(has_grown).then(own).otherwise("reference"),
        amount_minor=pl.when(has_grown).then(pl.col("amount_minor") - pl.col("told_minor")).otherwise("amount_minor"),
    ).drop("base", "told_minor")  # fmt: skip


def plan_receipts(good: pl.DataFrame) -> Plan:
    """Return the plan of a file of receipts: no documents, only money. Without a reference a receipt is known by what it says."""
    said = pl.concat_str(
        pl.col("on").dt.to_string("%Y-%m-%d"),
        pl.col("amount_minor").cast(pl.String),
        pl.coalesce("customer_id", "document_number", "payer_name", "text", pl.lit("")),
        separator="|",
    )
    same_before = pl.int_range(pl.len()).over(said)  # equal lines are a multiset: the first, the second …
    receipts = good.with_columns(
        reference=pl.coalesce(
            "reference", pl.concat_str(said, pl.lit("|"), same_before.cast(pl.String))
        ).str.slice(0, 120),
        document_reference=pl.col("document_number"),
    )
    nothing = pl.DataFrame(schema={"currency": pl.String, "balance_minor": pl.Int64, "account_id": pl.Int64})
    parts = _parts(receipts)
    if parts is not None:
        receipts = receipts.group_by("reference", maintain_order=True).agg(
            pl.col("amount_minor", "withheld_minor").sum(),
            pl.exclude("reference", "amount_minor", "withheld_minor").first(),
        )
    return Plan((), dict.fromkeys(ACTIONS, 0), {}, {}, nothing, receipts, parts=parts)


def _parts(receipts: pl.DataFrame) -> pl.DataFrame | None:
    """What each row gives to its document, with what was withheld of it, where a receipt has several rows."""
    if not receipts["reference"].is_duplicated().any():
        return None
    given = pl.col("amount_minor") + pl.col("withheld_minor").fill_null(0)
    return receipts.select("reference", "document_reference", amount_minor=given)


def plan_papers(good: Iterable[pl.DataFrame], known: pl.DataFrame, papers: Taken, *, as_of: date) -> Plan:
    """Return the plan of electronic documents. The good rows are new ones: a fiscal document never changes, it is cancelled."""
    plan = plan_documents(
        good,
        known.with_columns(follows_file=pl.lit(False), is_untouched=pl.lit(False)),
        as_of=as_of,
        closes_missing=False,
    )
    ended = known.filter(pl.col("reference").is_in(papers.cancelled))
    left = ended.select("currency", moved=-pl.col("original_minor"))
    entered = pl.DataFrame(
        list(plan.moved_minor.items()), schema={"currency": pl.String, "moved": pl.Int64}, orient="row"
    )
    receipts = pl.DataFrame(papers.receipts, schema=_PAYMENTS, orient="row")
    return replace(
        plan,
        counts={**plan.counts, "changed": plan.counts["changed"] + len(papers.cancelled)},
        moved_minor=_by_currency(pl.concat([entered, left])),
        receipts=receipts,
        papers=papers,
    )


def _summed(documents: pl.DataFrame) -> pl.DataFrame:
    """How many documents of each action and currency, what the file says of them and how much the balance moves."""
    moved = (
        pl.when(pl.col("action") == "new").then("open_minor")
        .when(pl.col("action") == "changed").then("moved_minor")
    )  # fmt: skip
    return documents.group_by("action", "currency").agg(
        documents=pl.len().cast(pl.Int64), open_minor=pl.col("open_minor").sum(), moved=moved.sum()
    )


def _totals(summed: pl.DataFrame) -> dict[str, dict[str, int]]:
    sums = summed.group_by("currency").agg(pl.col("documents", "open_minor").sum()).sort("currency")
    return {
        currency: {"documents": count, "open_minor": minor} for currency, count, minor in sums.iter_rows()
    }


def _by_currency(moved: pl.DataFrame) -> dict[str, int]:
    return dict(moved.group_by("currency").agg(pl.col("moved").sum()).sort("currency").iter_rows())


def _as_documents(good: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The ledger's names. Without an issue date a document counts from the day of the load, or its due date when earlier."""
    return with_customer_id(with_reference(good)).with_columns(
        is_open_declared="is_open_declared" if "is_open_declared" in good.columns else pl.lit(False),
        number=pl.col("document_number").str.slice(0, 60),
        kind="document_kind",
        issued_on=pl.col("issued_on").fill_null(pl.min_horizontal(pl.col("due_on"), pl.lit(as_of))),
    )


def _judge(documents: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    mine = known.join(documents, on="reference", how="semi")  # the small side is the one that is hashed
    held = mine.select(
        "reference",
        "document_id",
        "balance_minor",
        "follows_file",
        "is_untouched",
        **{f"held_{name}": pl.col(name) for name in _COMPARED if name in known.columns},
    )
    joined = documents.join(held, on="reference", how="left", maintain_order="left")
    differs = [
        pl.col(name).ne_missing(pl.col(f"held_{name}"))
        for name in _COMPARED
        if f"held_{name}" in joined.columns
    ]
    moved = (
        pl.when(pl.col("follows_file") | (pl.col("is_untouched") & pl.col("is_open_declared")))
        .then(pl.col("open_minor") - pl.col("balance_minor"))
        .otherwise(pl.col("original_minor") - pl.col("held_original_minor"))
    )
    joined = joined.with_columns(moved_minor=moved)
    is_changed = pl.any_horizontal([*differs, pl.col("moved_minor") != 0])
    action = (
        pl.when(pl.col("document_id").is_null()).then(pl.lit("new")).when(is_changed).then(pl.lit("changed"))
    ).otherwise(pl.lit("same"))
    return joined.with_columns(action=action)


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
