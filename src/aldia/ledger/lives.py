"""How documents were paid: what was owed of each, when it fell due, and what settled it on each day."""

from datetime import date
from typing import Any, Final

import polars as pl

from aldia.db.frames import read_frame
from aldia.ledger.models import BookAccount, PostingKind

LIVES: Final[dict[str, Any]] = {
    "document_id": pl.Int64, "case_id": pl.Int64, "portfolio_id": pl.Int64, "currency": pl.String, "issued_on": pl.Date,
    "due_on": pl.Date, "original_minor": pl.Int64, "balance_minor": pl.Int64, "on": pl.Date, "paid_minor": pl.Int64,
}  # fmt: skip


def life_frame(organisation_id: int, *, due_from: date, due_to: date) -> pl.DataFrame:
    """Return the debts that fell due in [due_from, due_to), columns as LIVES: one row for each day on which money covered it,
    and one without day for those that none covered. What a reversal took back counts negative on its own day."""
    sql = f"""
        SELECT d.id, d.account_id, d.portfolio_id, d.currency, d.issued_on, d.due_on, d.original_minor, d.balance_minor,
               l."on", CAST(COALESCE(-SUM(l.amount_minor), 0) AS bigint)
        FROM ledger_document AS d LEFT JOIN (
            SELECT l.document_id, l."on", l.amount_minor
            FROM ledger_leg AS l JOIN ledger_posting AS p ON p.id = l.posting_id
            WHERE l.organisation_id = %s AND l.book = '{BookAccount.RECEIVABLE.value}'
              AND p.kind IN ('{PostingKind.ALLOCATION.value}', '{PostingKind.REVERSAL.value}')
        ) AS l ON l.document_id = d.id
        WHERE d.organisation_id = %s AND d.original_minor > 0 AND d.due_on >= %s AND d.due_on < %s
        GROUP BY d.id, d.account_id, d.portfolio_id, d.currency, d.issued_on, d.due_on, d.original_minor, d.balance_minor, l."on"
    """
    told = [organisation_id, organisation_id, due_from, due_to]
    return read_frame(sql, told, LIVES).sort("document_id", "on", nulls_last=True)


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
