"""Set-based reads for millions: what is open on a day, its ageing, the money that came, what was sold.

The balance of a document on a day D is `balance_minor` less its receivable legs dated after D; as known at an instant
K, also less those recorded after K. Only the few later legs are read, never the whole journal.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import QuerySet

from aldia.db.frames import read_frame, read_queryset
from aldia.db.memory import remembered
from aldia.db.partitions import Partition, within
from aldia.db.prepared import prepared
from aldia.domain.ageing import Buckets
from aldia.domain.money import INDEXED_UNITS
from aldia.ledger.exchange import in_own_currency as in_own_currency
from aldia.ledger.exchange import valued_units as valued_units
from aldia.ledger.later import later_legs, stored_instant
from aldia.ledger.later import usual_overdue as usual_overdue
from aldia.ledger.models import BookAccount, Document, DocumentState, Portfolio, Posting, PostingKind

DOCUMENT_SCHEMA: dict[str, Any] = {
    "document_id": pl.Int64, "case_id": pl.Int64, "party_id": pl.Int64, "portfolio_id": pl.Int64, "creditor_id": pl.Int64,
    "kind": pl.String, "number": pl.String, "issued_on": pl.Date, "due_on": pl.Date, "currency": pl.String,
    "original_minor": pl.Int64, "open_minor": pl.Int64, "is_disputed": pl.Boolean, "has_file": pl.Boolean,
    "prescribes_on": pl.Date, "known_on": pl.Date,
}  # fmt: skip
_READ_AS = {
    "document_id": "d.id", "case_id": "d.account_id", "party_id": "a.party_id", "creditor_id": "a.creditor_id",
    "open_minor": "d.balance_minor - COALESCE(later.amount, 0)", "known_on": "DATE(d.created_at)",
    "has_file": "EXISTS (SELECT 1 FROM ledger_documentfile AS f WHERE f.document_id = d.id)",
}  # fmt: skip
_OWED = ("case_id", "currency", "due_on", "open_minor")


def document_frame(
    organisation_id: int,
    *,
    as_of: date,
    known_at: datetime | None = None,
    partition: Partition | None = None,
    case_ids: Iterable[int] | None = None,
    has_settled: bool = False,
) -> pl.DataFrame:
    """Return the documents issued by the end of `as_of` with money open that day (every one with `has_settled`).

    Columns as DOCUMENT_SCHEMA, amounts in minor units, credit notes negative; sorted by case and due date. `known_on` is the
    day (UTC) of the instant at which the document was recorded.
    """
    where, scope = _scope(organisation_id, partition, case_ids)
    frame = _documents(organisation_id, as_of, known_at, (where, scope), has_settled=has_settled)
    return frame.sort("case_id", "due_on", "document_id")


def owed_frame(
    organisation_id: int, *, as_of: date, partition: Partition | None, case_ids: Iterable[int] | None
) -> pl.DataFrame:
    """Return of the same documents only what balances are made of, in no order: case_id, currency, due_on, open_minor."""
    chosen = _scope(organisation_id, partition, case_ids)
    return _documents(organisation_id, as_of, None, chosen, has_settled=False, columns=_OWED)


def notable_documents(
    organisation_id: int,
    *,
    as_of: date,
    cheques_to: date,
    prescribing_to: date,
    issued_from: date,
    notes_in: tuple[date, date],
    partition: Partition | None = None,
) -> pl.DataFrame:
    """Return the documents with money open that alarms look at: cheques due by a day, what prescribes by a day, what was issued
    from a day on, and the notes and bills in hand that fall due in [from, to]. Columns as DOCUMENT_SCHEMA."""
    where, scope = _scope(organisation_id, partition, None)
    is_note = """(d.kind IN ('promissory_note', 'bill_of_exchange') AND d.due_on BETWEEN %s AND %s
        AND EXISTS (SELECT 1 FROM ledger_instrument AS i WHERE i.document_id = d.id AND i.state = 'held'))"""
    is_notable = (
        f"((d.kind = 'cheque' AND d.due_on <= %s) OR d.prescribes_on <= %s OR d.issued_on >= %s OR {is_note})"
    )
    chosen = (f"{where} AND {is_notable}", [*scope, cheques_to, prescribing_to, issued_from, *notes_in])
    return _documents(organisation_id, as_of, None, chosen, has_settled=False)


def _documents(
    organisation_id: int,
    as_of: date,
    known_at: datetime | None,
    chosen: tuple[str, list[Any]],
    *,
    has_settled: bool,
    columns: Sequence[str] = tuple(DOCUMENT_SCHEMA),
) -> pl.DataFrame:
    later, params = later_legs(organisation_id, as_of, known_at)
    where, scope = chosen
    open_now = "" if has_settled else "AND (d.balance_minor <> 0 OR later.amount IS NOT NULL)"
    sql = f"""
        SELECT {", ".join(_READ_AS.get(name, f"d.{name}") for name in columns)}
        FROM ledger_document AS d
        JOIN ledger_account AS a ON a.id = d.account_id
        LEFT JOIN ({later}) AS later ON later.document_id = d.id
        WHERE {where} AND d.issued_on <= %s {open_now}
    """
    frame = read_frame(sql, [*params, *scope, as_of], {name: DOCUMENT_SCHEMA[name] for name in columns})
    return frame if has_settled else frame.filter(pl.col("open_minor") != 0)


def attribute_frame(
    organisation_id: int, *, columns: Sequence[str], partition: Partition | None = None
) -> pl.DataFrame:
    """Return what the files said of each document in columns that are no field of aldia: document_id and the text of each."""
    where, scope = _scope(organisation_id, partition, None)
    sql = f"""
        SELECT d.id, CAST(d.attributes AS text) FROM ledger_document AS d JOIN ledger_account AS a ON a.id = d.account_id
        WHERE {where}
    """
    told = read_frame(sql, scope, {"document_id": pl.Int64, "told": pl.String})
    return told.select(
        "document_id",
        *(
            pl.col("told").str.json_path_match(f"$[{json.dumps(name, ensure_ascii=False)}]").alias(name)
            for name in columns
        ),
    )


def newest_attributes(organisation_id: int, *, limit: int) -> dict[str, list[str]]:
    """Return what the files said of the newest documents in columns that are no field of aldia, by column: its texts."""
    rows = Document.objects.of(organisation_id).exclude(attributes={}).order_by("-id")
    found: dict[str, list[str]] = {}
    for told in rows.values_list("attributes", flat=True)[:limit]:
        for name, cell in told.items():
            if isinstance(cell, str):
                found.setdefault(name, []).append(cell)
    return found


def bucket_expressions(buckets: Buckets) -> tuple[pl.Expr, pl.Expr]:
    """Return the key of the bucket and its position for the column `dpd`: the twin of `Buckets.bucket_of`."""
    name: pl.Expr = pl.lit(buckets.rows[-1].key)
    position: pl.Expr = pl.lit(len(buckets.rows) - 1, pl.Int64)
    for place in reversed(range(len(buckets.rows) - 1)):
        row = buckets.rows[place]
        name = pl.when(pl.col("dpd") <= row.last).then(pl.lit(row.key)).otherwise(name)
        position = pl.when(pl.col("dpd") <= row.last).then(pl.lit(place, pl.Int64)).otherwise(position)
    return name, position


_SETTLING = (BookAccount.CASH, BookAccount.WITHHELD, BookAccount.BANK_COST)
_UNITS = ", ".join(f"'{unit}'" for unit in INDEXED_UNITS)


def payments_frame(
    organisation_id: int,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    known_at: datetime | None = None,
    case_ids: Iterable[int] | None = None,
    partition: Partition | None = None,
    has_deductions: bool = False,
) -> pl.DataFrame:
    """Return the cash by case and business day in [from_on, to_on): (case_id, portfolio_id, on, currency, amount_minor).

    A reversal counts negative on its own day. Money not identified yet has no case and is left out. With `has_deductions`,
    also what clients withheld and banks charged, and the units that money became: they keep a promise as cash does.
    """
    where, params = _window(organisation_id, from_on, to_on, known_at)
    chosen = _among("l.account_id", case_ids)
    mine, people = within("a.party_id", partition)
    counted = _SETTLING if has_deductions else _SETTLING[:1]
    names = ", ".join(f"'{book.value}'" for book in counted)
    units = (
        f" OR (l.book = '{BookAccount.EXCHANGE.value}' AND l.currency IN ({_UNITS}))"
        if has_deductions
        else ""
    )
    sql = f"""
        SELECT l.account_id, a.portfolio_id, l."on", l.currency, CAST(SUM(l.amount_minor) AS bigint)
        FROM ledger_leg AS l JOIN ledger_account AS a ON a.id = l.account_id
        WHERE (l.book IN ({names}){units}) AND {where} {chosen}{mine}
        GROUP BY l.account_id, a.portfolio_id, l."on", l.currency
    """
    schema = {
        "case_id": pl.Int64, "portfolio_id": pl.Int64, "on": pl.Date, "currency": pl.String, "amount_minor": pl.Int64,
    }  # fmt: skip
    return read_frame(sql, [*params, *people], schema).sort("case_id", "on", "currency")


def cash_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the cash of `payments_frame` by portfolio: (portfolio_id, currency, on, amount_minor)."""
    where, params = _window(organisation_id, from_on, to_on, None)
    sql = f"""
        SELECT a.portfolio_id, l.currency, l."on", CAST(SUM(l.amount_minor) AS bigint)
        FROM ledger_leg AS l JOIN ledger_account AS a ON a.id = l.account_id
        WHERE l.book = '{BookAccount.CASH.value}' AND {where} GROUP BY a.portfolio_id, l.currency, l."on"
    """
    schema = {"portfolio_id": pl.Int64, "currency": pl.String, "on": pl.Date, "amount_minor": pl.Int64}
    return read_frame(sql, params, schema).sort("portfolio_id", "currency", "on")


def sales_frame(
    organisation_id: int, *, from_on: date, to_on: date, known_at: datetime | None = None
) -> pl.DataFrame:
    """Return credit sales by day in [from_on, to_on): (portfolio_id, on, currency, gross_minor, net_minor, documents).

    Gross leaves credit notes out; net takes them off. From the charges of the journal.
    """
    where, params = _window(organisation_id, from_on, to_on, known_at)
    sql = f"""
        SELECT a.portfolio_id, l."on", l.currency,
               CAST(SUM(CASE WHEN l.amount_minor < 0 THEN -l.amount_minor ELSE 0 END) AS bigint),
               CAST(-SUM(l.amount_minor) AS bigint), COUNT(*)
        FROM ledger_leg AS l JOIN ledger_account AS a ON a.id = l.account_id
        WHERE l.book = '{BookAccount.SALES.value}' AND {where}
        GROUP BY a.portfolio_id, l."on", l.currency
    """
    schema = {
        "portfolio_id": pl.Int64, "on": pl.Date, "currency": pl.String, "gross_minor": pl.Int64, "net_minor": pl.Int64,
        "documents": pl.Int64,
    }  # fmt: skip
    return read_frame(sql, params, schema).sort("portfolio_id", "on", "currency")


def unapplied_frame(
    organisation_id: int,
    *,
    as_of: date,
    case_ids: Iterable[int] | None = None,
    partition: Partition | None = None,
) -> pl.DataFrame:
    """Return the money not applied yet at the end of `as_of`: (case_id, currency, amount_minor), zeros left out."""
    chosen = _among("l.account_id", case_ids)
    mine, people = within("a.party_id", partition)
    sql = f"""
        SELECT l.account_id, l.currency, CAST(-SUM(l.amount_minor) AS bigint)
        FROM ledger_leg AS l JOIN ledger_account AS a ON a.id = l.account_id
        WHERE l.book = '{BookAccount.UNAPPLIED.value}' AND l.organisation_id = %s AND l."on" <= %s {chosen}{mine}
        GROUP BY l.account_id, l.currency HAVING SUM(l.amount_minor) <> 0
    """
    schema = {"case_id": pl.Int64, "currency": pl.String, "amount_minor": pl.Int64}
    return read_frame(sql, [organisation_id, as_of, *people], schema).sort("case_id", "currency")


def account_frame(organisation_id: int, *, portfolio_id: int | None = None) -> pl.DataFrame:
    """Return every account: (case_id, party_id, portfolio_id, creditor_id, opened_on)."""
    sql = "SELECT id, party_id, portfolio_id, creditor_id, opened_on FROM ledger_account WHERE organisation_id = %s"
    params: list[object] = [organisation_id]
    if portfolio_id is not None:
        sql, params = f"{sql} AND portfolio_id = %s", [organisation_id, portfolio_id]
    schema = {
        "case_id": pl.Int64, "party_id": pl.Int64, "portfolio_id": pl.Int64, "creditor_id": pl.Int64, "opened_on": pl.Date,
    }  # fmt: skip
    return read_frame(sql, params, schema).sort("case_id")


def known_documents(organisation_id: int, *, portfolio_id: int, source: str | None = None) -> pl.DataFrame:
    """Return what the ledger holds of a portfolio's documents (of one source), to compare with.

    Columns: document_id, account_id, source, reference, number, kind, issued_on, due_on, currency, original_minor,
    balance_minor, is_disputed, state, prescribes_on, load_id.
    """
    rows = Document.objects.of(organisation_id).filter(portfolio_id=portfolio_id)
    if source is not None:
        rows = rows.filter(source=source)
    schema = {
        "id": pl.Int64, "account_id": pl.Int64, "source": pl.String, "reference": pl.String, "number": pl.String,
        "kind": pl.String, "issued_on": pl.Date, "due_on": pl.Date, "currency": pl.String, "original_minor": pl.Int64,
        "balance_minor": pl.Int64, "is_disputed": pl.Boolean, "state": pl.String, "prescribes_on": pl.Date,
        "load_id": pl.Int64,
    }  # fmt: skip
    return read_queryset(rows, schema).rename({"id": "document_id"})


def named_documents(organisation_id: int, *, portfolio_id: int, source: str) -> pl.DataFrame:
    """Return the live documents that a source brought: (reference, currency, party_id)."""
    sql = (
        "SELECT d.reference, d.currency, a.party_id FROM ledger_document d JOIN ledger_account a ON a.id = d.account_id"
        " WHERE d.organisation_id = %s AND d.portfolio_id = %s AND d.source = %s AND d.state <> %s"
    )
    schema = {"reference": pl.String, "currency": pl.String, "party_id": pl.Int64}
    return read_frame(sql, [organisation_id, portfolio_id, source, DocumentState.CANCELLED.value], schema)


def moved_here(organisation_id: int, *, portfolio_id: int) -> pl.Series:
    """Return the documents of a portfolio that something moved besides the files that brought them: money, a discount, a charge."""
    rows = read_frame(
        "SELECT DISTINCT l.document_id FROM ledger_posting p JOIN ledger_leg l ON l.posting_id = p.id"
        " WHERE p.organisation_id = %s AND p.portfolio_id = %s AND p.source NOT LIKE %s AND p.kind <> %s"
        " AND l.document_id IS NOT NULL",
        # What a reversal reverses says whose it was.
        [organisation_id, portfolio_id, "load:%", PostingKind.REVERSAL.value],
        {"document_id": pl.Int64},
    )
    return rows["document_id"]


def unsettled_documents(
    organisation_id: int, *, portfolio_id: int, case_ids: Iterable[int], has_terms: bool
) -> pl.DataFrame:
    """Return the documents of some accounts of a portfolio that owe something, or are owed it: what money is spread over.

    Columns: document_id, account_id, issued_on, due_on, currency, balance_minor; with `has_terms` also what terms of customers
    ask for: kind, original_minor, is_disputed.
    """
    schema: dict[str, Any] = {
        "id": pl.Int64, "account_id": pl.Int64, "issued_on": pl.Date, "due_on": pl.Date, "currency": pl.String,
        "balance_minor": pl.Int64,
    }  # fmt: skip
    if has_terms:
        schema |= {"kind": pl.String, "original_minor": pl.Int64, "is_disputed": pl.Boolean}
    sql = f"""
        SELECT {", ".join(f'd."{name}"' for name in schema)} FROM ledger_document AS d
        WHERE d.organisation_id = %s AND d.portfolio_id = %s AND d.balance_minor <> 0 {_among("d.account_id", case_ids)}
    """
    return read_frame(sql, [organisation_id, portfolio_id], schema).rename({"id": "document_id"})


def postings_of(organisation_id: int, *, portfolio_id: int, source: str) -> pl.DataFrame:
    """Return the postings of one source that nobody reversed yet: (posting_id, kind, reference). A load's undo reads it."""
    reversed_ids = Posting.objects.of(organisation_id).filter(reverses_id__isnull=False).values("reverses_id")
    rows = (
        Posting.objects.of(organisation_id)
        .filter(portfolio_id=portfolio_id, source=source)
        .exclude(id__in=reversed_ids)
    )
    schema = {"id": pl.Int64, "kind": pl.String, "reference": pl.String}
    return read_queryset(rows, schema).rename({"id": "posting_id"})


@remembered
def portfolio_frame(organisation_id: int) -> pl.DataFrame:
    """Return the portfolios with the facts that laws and rules depend on, one row each."""
    schema: dict[str, Any] = {
        "portfolio_id": pl.Int64, "portfolio": pl.String, "name": pl.String, "creditor_id": pl.Int64, "creditor": pl.String,
        **dict.fromkeys(("country", "currency", "debt_kind", "debtor_kind", "actor_kind", "authority", "strategy_key",
                         "language", "treatment"), pl.String),
    }  # fmt: skip
    return pl.DataFrame(_portfolios(organisation_id), schema=schema, orient="row")


@prepared
def _portfolios(organisation_id: int) -> QuerySet[Portfolio, tuple[Any, ...]]:
    return Portfolio.objects.of(organisation_id).order_by("id").values_list(
        "id", "key", "name", "creditor_id", "creditor__key", "country", "currency", "debt_kind", "debtor_kind",
        "actor_kind", "authority", "strategy_key", "language", "treatment",
    )  # fmt: skip


def _scope(
    organisation_id: int, partition: Partition | None, case_ids: Iterable[int] | None
) -> tuple[str, list[Any]]:
    of_people, params = within("a.party_id", partition)
    return f"d.organisation_id = %s{of_people} {_among('d.account_id', case_ids)}", [organisation_id, *params]


def _window(
    organisation_id: int, from_on: date | None, to_on: date | None, known_at: datetime | None
) -> tuple[str, list[Any]]:
    parts: list[tuple[str, Any]] = [("l.organisation_id = %s", organisation_id)]
    if from_on is not None:
        parts.append(('l."on" >= %s', from_on))
    if to_on is not None:
        parts.append(('l."on" < %s', to_on))
    if known_at is not None:
        parts.append(("l.recorded_at <= %s", stored_instant(known_at)))
    return " AND ".join(sql for sql, _value in parts), [value for _sql, value in parts]


def _among(column: str, ids: Iterable[int] | None) -> str:
    """A condition on a list of ids of any length: integers, so they are written into the text."""
    return "" if ids is None else f"AND {column} IN ({', '.join(str(int(value)) for value in ids) or 'NULL'})"


def open_debts(organisation_id: int, *, creditor_id: int, currencies: Sequence[str]) -> pl.DataFrame:
    """Return every document of a creditor with something to pay in these currencies or units, by whatever a payer may call it.

    Columns: document_id, account_id, number, our_number, payment_reference (null where it has none), due_on, balance_minor, currency.
    """
    marks = ", ".join(["%s"] * len(currencies))
    sql = f"""
        SELECT d.id, d.account_id, d.number, d.attributes ->> 'our_number', d.attributes ->> 'payment_reference', d.due_on,
               d.balance_minor, d.currency
        FROM ledger_document AS d JOIN ledger_account AS a ON a.id = d.account_id
        WHERE d.organisation_id = %s AND a.creditor_id = %s AND d.currency IN ({marks}) AND d.balance_minor > 0
    """
    schema = {
        "document_id": pl.Int64, "account_id": pl.Int64, "number": pl.String, "our_number": pl.String,
        "payment_reference": pl.String, "due_on": pl.Date, "balance_minor": pl.Int64, "currency": pl.String,
    }  # fmt: skip
    return read_frame(sql, [organisation_id, creditor_id, *currencies], schema)
