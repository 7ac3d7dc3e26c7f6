"""The twelve rules of the shipped B2B strategy as one plain `INSERT … SELECT`: what a night costs when a database alone does it.

Same normalised tables, contact counts computed, the same target columns and indexes; nothing else: no reasons, no fall-back of
channels, no orders, no tasks. The yardstick of `benchmarks.nightly`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

DOCUMENT_STEPS = (
    ("predue", -3, -1),
    ("due", 0, 2),
    ("soft", 3, 9),
    ("reminder", 10, 29),
    ("firm", 30, 59),
    ("final_offer", 60, 9999),
)
CASE_STEPS = (
    ("call_large", "task", 5, 29, 100_000), ("no_contact", "alarm", 15, 29, 100_000), ("call_old", "task", 35, 59, 100_000),
    ("broken_twice", "alarm", 30, 59, 1 << 60), ("review", "task", 60, 9999, 1), ("old_debt", "alarm", 90, 9999, 500_000),
)  # fmt: skip
WEEKLY_CAP = 4
COLUMNS = (
    'organisation_id, run_id, "on", case_id, party_id, strategy_key, version, step, subject_kind, subject_id, cycle, attempt,'
    " action, channel, state, reason, reason_args, act"
)

_DOCUMENTS = f"""
INSERT INTO bare_decision ({COLUMNS})
SELECT d.organisation_id, 0, %(today)s, d.account_id, a.party_id, 'b2b_invoices', 1, r.step, 'document', d.id, 0, 1, 'notice',
       'email', 'taken', 'due', '{{}}', ''
FROM ledger_document d
JOIN bare_rule r ON r.grain = 'document' AND d.due_on BETWEEN r.lowest AND r.highest
JOIN ledger_account a ON a.id = d.account_id
LEFT JOIN (SELECT party_id, COUNT(*) AS times FROM contact_touch WHERE organisation_id = %(organisation)s AND local_on > %(week)s
           GROUP BY party_id) t ON t.party_id = a.party_id
WHERE d.organisation_id = %(organisation)s AND d.balance_minor > 0 AND NOT d.is_disputed AND COALESCE(t.times, 0) < {WEEKLY_CAP}
  AND EXISTS (SELECT 1 FROM parties_contactpoint p WHERE p.party_id = a.party_id AND p.kind = 'EMAIL' AND p.state = 'ACTIVE')
  AND NOT EXISTS (SELECT 1 FROM cases_hold h WHERE h.case_id = d.account_id AND h.released_at IS NULL
                  AND h.starts_on <= %(today)s AND (h.ends_on IS NULL OR h.ends_on > %(today)s))
  AND NOT EXISTS (SELECT 1 FROM bare_decision k WHERE k.strategy_key = 'b2b_invoices' AND k.step = r.step AND k.subject_id = d.id
                  AND k.cycle = 0 AND k.attempt = 1 AND k.subject_kind = 'document'
                  AND k.organisation_id = d.organisation_id AND k.state = 'taken')
"""
_CASES = f"""
INSERT INTO bare_decision ({COLUMNS})
SELECT %(organisation)s, 0, %(today)s, c.account_id, c.party_id, 'b2b_invoices', 1, r.step, 'case', c.account_id, 1, 1, r.action,
       '', 'taken', 'due', '{{}}', ''
FROM (SELECT d.account_id, a.party_id, MIN(d.due_on) AS since, SUM(d.balance_minor) AS overdue
      FROM ledger_document d JOIN ledger_account a ON a.id = d.account_id
      WHERE d.organisation_id = %(organisation)s AND d.balance_minor > 0 AND d.due_on < %(today)s
      GROUP BY d.account_id, a.party_id) c
JOIN bare_rule r ON r.grain = 'case' AND c.since BETWEEN r.lowest AND r.highest AND c.overdue >= r.least
WHERE NOT EXISTS (SELECT 1 FROM bare_decision k WHERE k.strategy_key = 'b2b_invoices' AND k.step = r.step
                  AND k.subject_id = c.account_id AND k.cycle = 1 AND k.attempt = 1 AND k.subject_kind = 'case'
                  AND k.organisation_id = %(organisation)s AND k.state = 'taken')
"""
_INDEXES = (
    "CREATE UNIQUE INDEX bare_once ON bare_decision (strategy_key, step, subject_id, cycle, attempt, subject_kind,"
    " organisation_id) WHERE state = 'taken'",
    'CREATE INDEX bare_of_case ON bare_decision (case_id, "on" DESC)',
    'CREATE INDEX bare_by_day ON bare_decision (organisation_id, "on")',
)


def prepare(today: date) -> None:
    """Make the target, empty and indexed, and the table of rules."""
    with _cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_decision")
        cursor.execute("DROP TABLE IF EXISTS bare_rule")
        cursor.execute(
            "CREATE TABLE bare_rule (step varchar(60), grain varchar(10), action varchar(10), lowest date,"
            " highest date, least bigint)"
        )
        document = [(step, "document", "notice", low, high, 0) for step, low, high in DOCUMENT_STEPS]
        case = [(step, "case", action, low, high, least) for step, action, low, high, least in CASE_STEPS]
        for step, grain, action, low, high, least in document + case:
            cursor.execute(
                "INSERT INTO bare_rule VALUES (%s, %s, %s, %s, %s, %s)",
                [step, grain, action, today - timedelta(days=high), today - timedelta(days=low), least],
            )
        cursor.execute(
            f"CREATE TABLE bare_decision AS SELECT id, {COLUMNS} FROM strategy_decision WHERE 1 = 0"
        )
        for index in _INDEXES:
            cursor.execute(index)


def run(organisation_id: int, today: date) -> int:
    """Decide the night in SQL, in one transaction, and return how many rows it inserted."""
    from django.db import transaction

    told: dict[str, Any] = {
        "organisation": organisation_id,
        "today": today,
        "week": today - timedelta(days=7),
    }
    with transaction.atomic(), _cursor() as cursor:
        cursor.execute(_DOCUMENTS, told)
        documents = cursor.rowcount
        cursor.execute(_CASES, told)
        return int(documents + cursor.rowcount)


def _cursor() -> Any:
    from django.db import connection

    return connection.cursor()
