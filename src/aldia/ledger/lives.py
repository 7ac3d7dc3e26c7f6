"""How documents were paid: what was owed of each, when it fell due, and what settled it on each day."""

from datetime import date
from typing import Final

import polars as pl

from aldia.db.frames import read_frame
from aldia.ledger.models import BookAccount, PostingKind

_COVERING: Final = f"""
    ledger_leg AS l JOIN ledger_posting AS p ON p.id = l.posting_id AND p.kind IN ('{PostingKind.ALLOCATION.value}', '{PostingKind.REVERSAL.value}')
    JOIN ledger_document AS d ON d.id = l.document_id
"""
"""Money that covers a document, or that is taken back from it: counted below zero on its own day."""
_RECEIVABLE: Final = f"l.book = '{BookAccount.RECEIVABLE.value}' AND d.original_minor > 0"


def settled_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the debts that owe nothing and whose money was whole on a day of [from_on, to_on): document_id, portfolio_id, currency,
    issued_on, due_on, original_minor, on."""
    sql = f"""
        SELECT d.id, d.portfolio_id, d.currency, d.issued_on, d.due_on, d.original_minor, MAX(l."on") FROM {_COVERING}
        WHERE {_RECEIVABLE} AND d.organisation_id = %s AND d.balance_minor = 0
          AND d.id IN (SELECT t.document_id FROM ledger_leg AS t WHERE t.organisation_id = %s AND t."on" >= %s AND t."on" < %s)
        GROUP BY d.id, d.portfolio_id, d.currency, d.issued_on, d.due_on, d.original_minor
        HAVING MAX(l."on") >= %s AND MAX(l."on") < %s
    """
    schema = {
        "document_id": pl.Int64, "portfolio_id": pl.Int64, "currency": pl.String, "issued_on": pl.Date, "due_on": pl.Date,
        "original_minor": pl.Int64, "on": pl.Date,
    }  # fmt: skip
    return read_frame(sql, [organisation_id, organisation_id, from_on, to_on, from_on, to_on], schema)


def fallen_due_frame(organisation_id: int, *, due_from: date, due_to: date) -> pl.DataFrame:
    """Return what fell due in [due_from, due_to), a row a day: portfolio_id, currency, due_on, documents, original_minor."""
    sql = """
        SELECT d.portfolio_id, d.currency, d.due_on, COUNT(*), CAST(SUM(d.original_minor) AS bigint) FROM ledger_document AS d
        WHERE d.organisation_id = %s AND d.original_minor > 0 AND d.due_on >= %s AND d.due_on < %s
        GROUP BY d.portfolio_id, d.currency, d.due_on
    """
    schema = {
        "portfolio_id": pl.Int64, "currency": pl.String, "due_on": pl.Date, "documents": pl.Int64, "original_minor": pl.Int64,
    }  # fmt: skip
    return read_frame(sql, [organisation_id, due_from, due_to], schema)


def covered_frame(organisation_id: int, *, due_from: date, due_to: date) -> pl.DataFrame:
    """Return the money that covered what fell due in [due_from, due_to), by both days: portfolio_id, currency, due_on, on, paid_minor."""
    sql = f"""
        SELECT d.portfolio_id, d.currency, d.due_on, l."on", CAST(-SUM(l.amount_minor) AS bigint) FROM {_COVERING}
        WHERE {_RECEIVABLE} AND l.organisation_id = %s AND d.due_on >= %s AND d.due_on < %s
        GROUP BY d.portfolio_id, d.currency, d.due_on, l."on"
    """
    schema = {
        "portfolio_id": pl.Int64, "currency": pl.String, "due_on": pl.Date, "on": pl.Date, "paid_minor": pl.Int64,
    }  # fmt: skip
    return read_frame(sql, [organisation_id, due_from, due_to], schema)


def given_up_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return what was written off in [from_on, to_on), reversals taken off: portfolio_id, currency, due_on, on, amount_minor."""
    sql = f"""
        SELECT d.portfolio_id, l.currency, d.due_on, l."on", CAST(-SUM(l.amount_minor) AS bigint)
        FROM ledger_leg AS l JOIN ledger_document AS d ON d.id = l.document_id JOIN ledger_posting AS p ON p.id = l.posting_id
        LEFT JOIN ledger_posting AS r ON r.id = p.reverses_id
        WHERE l.organisation_id = %s AND l."on" >= %s AND l."on" < %s AND l.book = '{BookAccount.RECEIVABLE.value}'
          AND '{PostingKind.WRITE_OFF.value}' IN (p.kind, r.kind)
        GROUP BY d.portfolio_id, l.currency, d.due_on, l."on"
    """
    schema = {
        "portfolio_id": pl.Int64, "currency": pl.String, "due_on": pl.Date, "on": pl.Date, "amount_minor": pl.Int64,
    }  # fmt: skip
    return read_frame(sql, [organisation_id, from_on, to_on], schema)


def invoices_paid_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return, of each account, the last invoice that was whole on a day of [from_on, to_on), and whether it was late: account_id,
    portfolio_id, currency, due_on, on."""
    sql = f"""
        SELECT d.account_id, d.portfolio_id, d.currency, d.due_on, MAX(l."on") FROM {_COVERING}
        WHERE {_RECEIVABLE} AND d.organisation_id = %s AND d.balance_minor = 0 AND d.kind = 'invoice'
          AND d.id IN (SELECT t.document_id FROM ledger_leg AS t WHERE t.organisation_id = %s AND t."on" >= %s AND t."on" < %s)
        GROUP BY d.id, d.account_id, d.portfolio_id, d.currency, d.due_on
        HAVING MAX(l."on") >= %s AND MAX(l."on") < %s
    """
    schema = {
        "account_id": pl.Int64, "portfolio_id": pl.Int64, "currency": pl.String, "due_on": pl.Date, "on": pl.Date,
    }  # fmt: skip
    rows = read_frame(sql, [organisation_id, organisation_id, from_on, to_on, from_on, to_on], schema)
    return rows.sort("on", "due_on").unique("account_id", keep="last", maintain_order=True)


def invoiced_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the days of [from_on, to_on) on which each account was invoiced: account_id, on."""
    sql = """
        SELECT DISTINCT d.account_id, d.issued_on FROM ledger_document AS d
        WHERE d.organisation_id = %s AND d.kind = 'invoice' AND d.issued_on >= %s AND d.issued_on < %s
    """
    return read_frame(sql, [organisation_id, from_on, to_on], {"account_id": pl.Int64, "on": pl.Date})
