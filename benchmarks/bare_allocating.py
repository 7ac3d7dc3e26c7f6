"""The SQL that somebody would write by hand for receipts that name their document: from the same frame to the same rows as aldia."""

from __future__ import annotations

from typing import Any

STAGED = """
    CREATE TEMPORARY TABLE bare_taken AS
    SELECT s.*, ROW_NUMBER() OVER (ORDER BY s."on", s.reference) - 1 AS n,
           CASE WHEN d.issued_on > s."on" THEN d.issued_on ELSE s."on" END AS covered_on,
           CASE WHEN s.before + s.amount_minor <= d.balance_minor THEN s.amount_minor
                WHEN s.before < d.balance_minor THEN d.balance_minor - s.before ELSE 0 END AS given
    FROM (SELECT *, SUM(amount_minor) OVER (PARTITION BY document_id ORDER BY "on", reference) - amount_minor AS before
          FROM "{rows}") AS s
    JOIN ledger_document AS d ON d.id = s.document_id AND d.account_id = s.account_id AND d.currency = s.currency
    WHERE NOT EXISTS (SELECT 1 FROM payments_receipt AS r
                      WHERE r.portfolio_id = {portfolio} AND r.source = 'bench' AND r.reference = s.reference)
"""
WRITTEN = (
    """
    INSERT INTO payments_receipt (id, organisation_id, portfolio_id, account_id, currency, amount_minor, unapplied_minor, "on", means,
        source, reference, payer, text, state, load_id, recorded_by, recorded_at, reversed_on, reversal_reason)
    SELECT {receipt} + n, {organisation}, {portfolio}, account_id, currency, amount_minor, amount_minor - given, "on", '',
        'bench', reference, '', '', 'ACTIVE', NULL, 'SYSTEM', {now}, NULL, '' FROM bare_taken
    """,
    """
    INSERT INTO ledger_posting (id, organisation_id, portfolio_id, "on", recorded_at, kind, source, reference, reverses_id)
    SELECT {posting} + n, {organisation}, {portfolio}, "on", {now}, 'receipt', 'payments', 'receipt:' || ({receipt} + n), NULL
    FROM bare_taken
    """,
    """
    INSERT INTO ledger_posting (id, organisation_id, portfolio_id, "on", recorded_at, kind, source, reference, reverses_id)
    SELECT {posting} + {count} + n, {organisation}, {portfolio}, covered_on, {now}, 'allocation', 'payments',
        'receipt:' || ({receipt} + n) || ':0', NULL FROM bare_taken WHERE given > 0
    """,
    """
    INSERT INTO ledger_leg (posting_id, organisation_id, account_id, document_id, book, component, currency, amount_minor, "on",
        recorded_at)
    SELECT {posting} + n, {organisation}, account_id, CAST(NULL AS bigint), 'cash', 'principal', currency, amount_minor, "on", {now} FROM bare_taken
    UNION ALL SELECT {posting} + n, {organisation}, account_id, NULL, 'unapplied', 'principal', currency, -amount_minor, "on", {now}
    FROM bare_taken
    UNION ALL SELECT {posting} + {count} + n, {organisation}, account_id, document_id, 'receivable', 'principal', currency, -given,
        covered_on, {now} FROM bare_taken WHERE given > 0
    UNION ALL SELECT {posting} + {count} + n, {organisation}, account_id, NULL, 'unapplied', 'principal', currency, given,
        covered_on, {now} FROM bare_taken WHERE given > 0
    """,
    """
    INSERT INTO payments_allocation (organisation_id, receipt_id, document_id, posting_id, amount_minor, "on")
    SELECT {organisation}, {receipt} + n, document_id, {posting} + {count} + n, given, covered_on FROM bare_taken WHERE given > 0
    """,
    """
    UPDATE ledger_document SET balance_minor = ledger_document.balance_minor - a.total, state = CASE
        WHEN ledger_document.balance_minor <> a.total THEN 'OPEN' WHEN state = 'OPEN' THEN 'SETTLED' ELSE state END
    FROM (SELECT document_id, SUM(given) AS total FROM bare_taken GROUP BY document_id) AS a
    WHERE ledger_document.id = a.document_id
    """,
    "DROP TABLE bare_taken",
)


def register(organisation_id: int, portfolio_id: int, rows: Any, now: Any) -> None:
    """Write receipts, postings, legs, allocations and balances of these rows: account, document, amount, currency, on, reference."""
    from django.db import connection, transaction

    from aldia.db.frames import reserve_ids, temporary_table
    from aldia.ledger.models import Posting
    from aldia.payments.models import Receipt

    columns = ["document_id", "account_id", "amount_minor", "currency", "on", "reference"]
    like = ["id", *columns[1:]]  # a receipt has them all but the document: its own id is as wide
    with (
        transaction.atomic(),
        temporary_table("payments_receipt", like, rows.select(columns)) as staged,
    ):
        instant = "TIMESTAMPTZ" if connection.vendor == "postgresql" else ""
        told = {
            "rows": staged, "organisation": organisation_id, "portfolio": portfolio_id, "count": rows.height,
            "receipt": reserve_ids(Receipt, rows.height)[0], "posting": reserve_ids(Posting, 2 * rows.height)[0],
            "now": f"{instant} '{now:%Y-%m-%d %H:%M:%S.%f}'",
        }  # fmt: skip
        with connection.cursor() as cursor:
            for sql in (STAGED, *WRITTEN):
                cursor.execute(sql.format(**told))
