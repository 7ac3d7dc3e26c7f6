"""Receipts in sets: settlement columns and receipt files, each effective on its own date, future ones too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.db.frames import known_among, reserve_ids, write_frame
from aldia.domain.allocation import AllocationOrder, OpenItem, allocate
from aldia.domain.balances import PRINCIPAL
from aldia.domain.customer_terms import EarlyDiscount
from aldia.ledger import facts as ledger_facts
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.ledger.components import component_steps
from aldia.ledger.loans import borrowing as accounts_that_borrow
from aldia.payments.customer_terms import early_terms
from aldia.payments.models import Allocation, Deduction, Receipt, ReceiptState
from aldia.payments.services.allocating import SOURCE
from aldia.payments.services.bulk_early import SHARES, post_discounts, spread_early
from aldia.payments.services.bulk_units import pay_units
from aldia.payments.services.consequences import follow
from aldia.payments.services.deductions import BOOK_OF, deduction_frame
from aldia.payments.services.receipts import BadReceipt

_REQUIRED = ["account_id", "amount_minor", "currency", "on", "reference"]
_OPTIONAL: dict[str, Any] = {
    "document_id": pl.lit(None, pl.Int64), "means": pl.lit(""), "payer": pl.lit(""), "text": pl.lit(""),
    "withheld_minor": pl.lit(0), "withheld_kind": pl.lit("other"), "certificate": pl.lit(""),
}  # fmt: skip


class UnknownColumn(Exception):
    """Raised when the frame lacks columns that receipts need; names them."""


class DuplicateReference(Exception):
    """Raised when two receipts of one frame have the same reference; names some."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What `register_frame` did: counts, and (reference, receipt_id) of the new receipts."""

    new: int
    same: int
    applied_minor: dict[str, int]
    receipts: pl.DataFrame


@transaction.atomic
def register_frame(  # noqa: PLR0913 - what a set of receipts says, and nothing more
    *,
    actor: Actor,
    portfolio_id: int,
    receipts: pl.DataFrame,
    source: str,
    clock: Clock,
    load_id: int | None = None,
    has_consequences: bool = True,
    named: pl.DataFrame | None = None,
) -> Registered:
    """Register many receipts; those whose reference is known are left as they are.

    Columns: account_id (null: unidentified), amount_minor, currency, on, reference; optionally document_id (covered first),
    means, payer, text; withheld_minor (of the amount), withheld_kind, certificate. Documents named by their own receipts are
    covered before any rest is spread by the portfolio's order. `named` (reference, document_id, amount_minor) says how much
    each gives to several documents, instead of document_id. A load that refreshes its cases itself passes
    `has_consequences=False`.
    Raises UnknownColumn, DuplicateReference, BadReceipt, NotAllowed.
    """
    if not actor.may(Permission.LOAD_FILES):
        actor.check(Permission.REGISTER_RECEIPTS)
    rows = _new_rows(actor, portfolio_id, receipts, source)
    same = receipts.height - rows.height
    if rows.is_empty():
        return Registered(0, same, {}, rows.select("reference", receipt_id=pl.lit(None, pl.Int64)))
    accounts = rows["account_id"].drop_nulls().unique()
    ledger.lock_frame(organisation_id=actor.organisation_id, account_ids=accounts)
    rows = rows.with_columns(receipt_id=reserve_ids(Receipt, rows.height))
    borrowing = _late_interest_first(actor, rows, clock)
    terms = early_terms(actor, portfolio_id, accounts.to_list())
    documents = ledger_facts.unsettled_documents(
        actor.organisation_id, portfolio_id=portfolio_id, case_ids=accounts.to_list(), has_terms=bool(terms)
    )
    order = ledger_selectors.portfolio(actor, portfolio_id).order
    composed = documents.filter(pl.col("account_id").is_in(borrowing))["document_id"].to_list()
    steps = component_steps(actor.organisation_id, composed, order)
    shares, off = _spread(rows, documents, _wanted(rows, named), terms, order, clock)
    _write_receipts(actor, portfolio_id, rows, shares, source, load_id, clock)
    write_frame(Deduction, deduction_frame(actor, rows))
    covers = shares.join(documents, on="document_id", how="left")
    _write_journal(actor, portfolio_id, rows, covers, steps, clock)
    post_discounts(actor, portfolio_id, rows, off, clock)
    applied = shares.join(rows.select("receipt_id", "currency"), on="receipt_id")
    totals = applied.group_by("currency").agg(pl.col("amount_minor").sum()).sort("currency")
    audit.record(
        actor=actor, verb="payments.receipts.load", object_type="portfolio", object_id=portfolio_id, now=clock.now,
        data={"new": rows.height, "same": same, "source": source, "load": load_id},
    )  # fmt: skip
    pay_units(actor, rows, documents, clock)
    if has_consequences:
        follow(actor=actor, case_ids=accounts.to_list(), clock=clock)
    return Registered(rows.height, same, dict(totals.iter_rows()), rows.select("reference", "receipt_id"))


def _new_rows(actor: Actor, portfolio_id: int, receipts: pl.DataFrame, source: str) -> pl.DataFrame:
    """The rows not registered before, complete and checked, in the order in which their money arrived."""
    if missing := sorted(set(_REQUIRED) - set(receipts.columns)):
        raise UnknownColumn(_("Faltan columnas: %(names)s.") % {"names": ", ".join(missing)})
    twice = receipts.filter(pl.col("reference").is_duplicated())["reference"].unique().sort().head(5)
    if not twice.is_empty():
        raise DuplicateReference(_("Referencias repetidas: %(names)s.") % {"names": ", ".join(twice)})
    bad = receipts.filter((pl.col("amount_minor") <= 0) | pl.col("amount_minor").is_null()).head(5)
    if not bad.is_empty():
        raise BadReceipt(
            _("El importe de un cobro es mayor que cero; revisa: %(names)s.")
            % {"names": ", ".join(bad["reference"])}
        )
    known = known_among(
        Receipt, "reference", receipts["reference"], organisation_id=actor.organisation_id, portfolio_id=portfolio_id,
        source=source,
    )  # fmt: skip
    absent = {name: value for name, value in _OPTIONAL.items() if name not in receipts.columns}
    rows = receipts.join(known, on="reference", how="anti").with_columns(**absent)
    texts = [
        pl.col(name).fill_null("").str.slice(0, size)
        for name, size in (("means", 20), ("payer", 200), ("text", 300))
    ]
    # Of nobody's money nothing is withheld yet: it is cash until it has its client.
    withheld = (
        pl.when(pl.col("account_id").is_null()).then(0).otherwise(pl.col("withheld_minor").fill_null(0))
    )
    deducted = [
        pl.min_horizontal(withheld.cast(pl.Int64), "amount_minor")
        .clip(lower_bound=0)
        .alias("withheld_minor"),
        pl.col("withheld_kind").fill_null("other"),
        pl.col("certificate").fill_null("").str.slice(0, 60),
    ]
    return rows.with_columns(
        pl.col("account_id").cast(pl.Int64), pl.col("document_id").cast(pl.Int64), *texts, *deducted
    ).sort("on", "reference")


def _spread(
    rows: pl.DataFrame,
    documents: pl.DataFrame,
    wanted: pl.DataFrame,
    terms: Mapping[int, EarlyDiscount],
    order: AllocationOrder,
    clock: Clock,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What each receipt gives to each document, and what is taken off for paying early: all at once, but for those who may."""
    may = pl.col("account_id").is_in(list(terms)).fill_null(False)
    early, off = spread_early(
        rows.filter(may), wanted.filter(may), documents.filter(may), terms, order, clock
    )
    usual = documents.filter(~may)
    covered = _cover_named(wanted.filter(~may), usual)
    rest = _spread_rest(rows.filter(~may), usual, covered, order, clock)
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
    rows: pl.DataFrame, documents: pl.DataFrame, named: pl.DataFrame, order: AllocationOrder, clock: Clock
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
            shares += [(receipt_id, *share) for share in pool.take(minor, max(on, clock.as_of), order)]
    return pl.DataFrame(shares, schema=SHARES, orient="row")


class _Pool:
    """The open documents of one account in one currency, while receipts draw on them."""

    def __init__(self, documents: pl.DataFrame) -> None:
        columns = documents.select("document_id", "left", "due_on", "issued_on").iter_rows()
        self.items = {
            key: (OpenItem(ledger_selectors.document_name(key), left, due_on), issued_on)
            for key, left, due_on, issued_on in columns
        }

    def take(self, minor: int, horizon: Any, order: AllocationOrder) -> list[tuple[int, int]]:
        """Return (document, amount) for what the order gives, and draw it."""
        usable = [item for item, issued_on in self.items.values() if issued_on <= horizon and item.open_minor]
        given = [(int(share.document), share.minor) for share in allocate(minor, usable, order).items]
        for key, amount in given:
            item, issued_on = self.items[key]
            self.items[key] = (OpenItem(item.document, item.open_minor - amount, item.due_on), issued_on)
        return given


def _write_receipts(
    actor: Actor,
    portfolio_id: int,
    rows: pl.DataFrame,
    shares: pl.DataFrame,
    source: str,
    load_id: int | None,
    clock: Clock,
) -> None:
    authority = ledger_selectors.portfolio(actor, portfolio_id).authority
    state = ReceiptState.PROVISIONAL if authority == "EXTERNAL" else ReceiptState.ACTIVE
    applied = shares.group_by("receipt_id").agg(applied=pl.col("amount_minor").sum())
    write_frame(
        Receipt,
        rows.join(applied, on="receipt_id", how="left", maintain_order="left").select(
            "account_id", "currency", "amount_minor", "on", "means", "reference", "payer", "text", id="receipt_id",
            organisation_id=pl.lit(actor.organisation_id, pl.Int64), portfolio_id=pl.lit(portfolio_id, pl.Int64),
            unapplied_minor=pl.col("amount_minor") - pl.col("applied").fill_null(0), source=pl.lit(source),
            state=pl.lit(state.value), load_id=pl.lit(load_id, pl.Int64), recorded_by=pl.lit(actor.label),
            recorded_at=pl.lit(clock.now), reversed_on=pl.lit(None, pl.Date), reversal_reason=pl.lit(""),
        ),
    )  # fmt: skip


def _write_journal(
    actor: Actor,
    portfolio_id: int,
    rows: pl.DataFrame,
    shares: pl.DataFrame,
    steps: pl.DataFrame,
    clock: Clock,
) -> None:
    """One posting per receipt, and one per receipt and day of what it covers."""
    owner = rows.select("receipt_id", "account_id", "currency", day="on")
    covers = (
        shares.drop("account_id", "currency").join(owner, on="receipt_id")
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
        _transfer(actor, portfolio_id, arrivals.filter(whole), heads, ("receipt", "cash", "unapplied"), clock),
        _transfer(actor, portfolio_id, covers.filter(alone), heads, ("allocation", "unapplied", "receivable"), clock),
        _compose(actor, portfolio_id, heads, arrivals.filter(~whole), covers.filter(~alone), steps, clock),
    ]  # fmt: skip
    allocations = covers.join(pl.concat(posted), on="key").select(
        "receipt_id", "document_id", "posting_id", "amount_minor", "on",
        organisation_id=pl.lit(actor.organisation_id, pl.Int64), units_minor=pl.lit(None, pl.Int64), rate_id=pl.lit(None, pl.Int64),
    )  # fmt: skip
    write_frame(Allocation, allocations)


def _transfer(
    actor: Actor,
    portfolio_id: int,
    rows: pl.DataFrame,
    heads: pl.DataFrame,
    way: tuple[str, str, str],
    clock: Clock,
) -> pl.DataFrame:
    """Post rows that take an amount from one book to another: most of them. `way`: kind, debit, credit."""
    kind, debit, credit = way
    document = pl.col("document_id") if credit == "receivable" else pl.lit(None, pl.Int64)
    transfers = rows.select(
        "key", "account_id", "currency", "amount_minor", component=pl.lit(PRINCIPAL), document_id=document
    ).join(heads.select("key", "on", "reference"), on="key", maintain_order="left")
    transfer = ledger.Transfer(portfolio_id, kind, SOURCE, debit, credit, clock.now)
    return ledger.post_transfers(organisation_id=actor.organisation_id, transfer=transfer, rows=transfers)


def _compose(
    actor: Actor,
    portfolio_id: int,
    heads: pl.DataFrame,
    arrivals: pl.DataFrame,
    covers: pl.DataFrame,
    steps: pl.DataFrame,
    clock: Clock,
) -> pl.DataFrame:
    """Post what has more than two legs: money with something withheld, and what covers several documents or components."""
    legs = pl.concat([_arrival_legs(arrivals), _cover_legs(covers, steps)], how="diagonal")
    return ledger.post_frame(
        organisation_id=actor.organisation_id,
        postings=heads.join(legs, on="key", how="semi").with_columns(
            portfolio_id=pl.lit(portfolio_id, pl.Int64), source=pl.lit(SOURCE), recorded_at=pl.lit(clock.now)
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


def _late_interest_first(actor: Actor, rows: pl.DataFrame, clock: Clock) -> set[int]:
    """Post the interest of delay of borrowers through each one's first receipt; which accounts borrow."""
    firsts = dict(rows.drop_nulls("account_id").group_by("account_id").agg(pl.col("on").min()).iter_rows())
    found = accounts_that_borrow(actor.organisation_id, list(firsts))
    for account_id in sorted(found):
        ledger.post_late_interest(
            actor=actor, account_id=account_id, on=min(firsts[account_id], clock.as_of), clock=clock
        )
    return found
