"""The yardstick of `benchmarks.nightly`: the twelve rules of the shipped B2B strategy as plain `INSERT … SELECT`.

From the same normalised tables, contact counts computed, into twins of our tables with the same columns, constraints and
indexes. `decisions` writes the decisions alone; `acts` what a night must leave of them: the orders, one a message with its
documents, the tasks and the alarms; `moves` the stage of each case, its history, and its next step. Nothing else: no reasons,
no fall-back of channels, no budget across strategies, no totals of the lists, no audit, and each part in one transaction,
however long a screen waits.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

DOCUMENT_STEPS: Final = (
    ("predue", -3, -1),
    ("due", 0, 2),
    ("soft", 3, 9),
    ("reminder", 10, 29),
    ("firm", 30, 59),
    ("final_offer", 60, 9999),
)
CASE_STEPS: Final = (
    ("call_large", "task", 5, 29, 100_000), ("no_contact", "alarm", 15, 29, 100_000), ("call_old", "task", 35, 59, 100_000),
    ("broken_twice", "alarm", 30, 59, 1 << 60), ("review", "task", 60, 9999, 1), ("old_debt", "alarm", 90, 9999, 500_000),
)  # fmt: skip
WEEKLY_CAP: Final = 4
STAGES: Final = (("early", 1, 29), ("late", 30, 59), ("residual", 60, 9999))
TABLES: Final = ("strategy_decision", "contact_order", "outcomes_task", "outcomes_alarm", "cases_stagechange")
COLUMNS: Final = (
    'organisation_id, run_id, "on", case_id, party_id, strategy_key, version, step, subject_kind, subject_id, cycle, attempt,'
    " action, channel, state, reason, reason_args, act"
)

_DOCUMENTS: Final = f"""
INSERT INTO bare_strategy_decision ({COLUMNS})
SELECT d.organisation_id, 0, %(today)s, d.account_id, a.party_id, 'b2b_invoices', 1, r.step, 'document', d.id, 0, 1, 'notice',
       'email', 'taken', 'due', '{{}}', 'b2b_invoices:' || r.step || ':case:' || d.account_id || ':1:1:' || %(day)s
FROM ledger_document d
JOIN bare_rule r ON r.grain = 'document' AND d.due_on BETWEEN r.lowest AND r.highest
JOIN ledger_account a ON a.id = d.account_id
LEFT JOIN (SELECT party_id, COUNT(*) AS times FROM contact_touch WHERE organisation_id = %(organisation)s AND local_on > %(week)s
           GROUP BY party_id) t ON t.party_id = a.party_id
WHERE d.organisation_id = %(organisation)s AND d.balance_minor > 0 AND NOT d.is_disputed AND COALESCE(t.times, 0) < {WEEKLY_CAP}
  AND EXISTS (SELECT 1 FROM parties_contactpoint p WHERE p.party_id = a.party_id AND p.kind = 'EMAIL' AND p.state = 'ACTIVE')
  AND NOT EXISTS (SELECT 1 FROM cases_hold h WHERE h.case_id = d.account_id AND h.released_at IS NULL
                  AND h.starts_on <= %(today)s AND (h.ends_on IS NULL OR h.ends_on > %(today)s))
  AND NOT EXISTS (SELECT 1 FROM bare_strategy_decision k WHERE k.strategy_key = 'b2b_invoices' AND k.step = r.step
                  AND k.subject_id = d.id AND k.cycle = 0 AND k.attempt = 1 AND k.subject_kind = 'document'
                  AND k.organisation_id = d.organisation_id AND k.state = 'taken')
"""
_CASES: Final = f"""
INSERT INTO bare_strategy_decision ({COLUMNS})
SELECT %(organisation)s, 0, %(today)s, c.account_id, c.party_id, 'b2b_invoices', 1, r.step, 'case', c.account_id, 1, 1, r.action,
       '', 'taken', 'due', '{{}}', 'b2b_invoices:' || r.step || ':case:' || c.account_id || ':1:1:' || %(day)s
FROM (SELECT d.account_id, a.party_id, MIN(d.due_on) AS since, SUM(d.balance_minor) AS overdue
      FROM ledger_document d JOIN ledger_account a ON a.id = d.account_id
      WHERE d.organisation_id = %(organisation)s AND d.balance_minor > 0 AND d.due_on < %(today)s
      GROUP BY d.account_id, a.party_id) c
JOIN bare_rule r ON r.grain = 'case' AND c.since BETWEEN r.lowest AND r.highest AND c.overdue >= r.least
WHERE NOT EXISTS (SELECT 1 FROM bare_strategy_decision k WHERE k.strategy_key = 'b2b_invoices' AND k.step = r.step
                  AND k.subject_id = c.account_id AND k.cycle = 1 AND k.attempt = 1 AND k.subject_kind = 'case'
                  AND k.organisation_id = %(organisation)s AND k.state = 'taken')
"""
_ORDERS: Final = """
INSERT INTO bare_contact_order (organisation_id, creditor_id, portfolio_id, case_id, party_id, identity, channel, template_key,
                                document_ids, has_statement, has_documents, extra, origin, purpose, priority, as_of,
                                not_before_at, expires_at, state, reason, reason_args, token, provider, provider_reference,
                                created_at)
SELECT k.organisation_id, a.creditor_id, a.portfolio_id, k.case_id, k.party_id, k.act, k.channel, k.step,
       {documents}, TRUE, TRUE, '{{}}', 'run:0', 'collection', 50, k."on", %(now)s, %(later)s, 'queued', '', '{{}}', 0, '', '',
       %(now)s
FROM bare_strategy_decision k JOIN ledger_account a ON a.id = k.case_id
WHERE k.action = 'notice'
GROUP BY k.act, k.organisation_id, a.creditor_id, a.portfolio_id, k.case_id, k.party_id, k.channel, k.step, k."on"
"""
_TASKS: Final = """
INSERT INTO bare_outcomes_task (organisation_id, case_id, kind, title, due_on, priority, identity, origin, state, created_at)
SELECT k.organisation_id, k.case_id, 'call', 'Llamar: saldo grande', k."on", 50, k.act, 'run:0', 'open', %(now)s
FROM bare_strategy_decision k WHERE k.action = 'task'
"""
_ALARMS: Final = """
INSERT INTO bare_outcomes_alarm (organisation_id, key, case_id, kind, "on", data, state, raised_at, note)
SELECT k.organisation_id, k.act, k.case_id, 'no_contact', k."on", '{{}}', 'open', %(now)s, ''
FROM bare_strategy_decision k WHERE k.action = 'alarm'
"""
_STAGES: Final = """
INSERT INTO bare_cases_stagechange (organisation_id, case_id, field, before, after, "on", at, actor, reason)
SELECT c.organisation_id, c.account_id, 'stage', c.stage, r.step, %(today)s, %(now)s, 'system', 'run:0'
FROM bare_cases_case c JOIN bare_rule r ON r.grain = 'stage' AND c.oldest_due_on BETWEEN r.lowest AND r.highest
WHERE c.organisation_id = %(organisation)s AND c.is_open AND c.stage <> r.step
"""
_MOVES: Final = """
UPDATE bare_cases_case SET stage = n.stage, stage_since_on = n.since, next_step = n.step, next_on = n.day, next_at = NULL
FROM (SELECT c.account_id, COALESCE(h.after, c.stage) AS stage, COALESCE(h."on", c.stage_since_on) AS since,
             COALESCE(t.title, 'Aviso D+' || p.days, c.next_step) AS step, COALESCE(t.due_on, p.day, c.next_on) AS day
      FROM bare_cases_case c
      LEFT JOIN bare_cases_stagechange h ON h.case_id = c.account_id
      LEFT JOIN (SELECT case_id, MIN(title) AS title, MIN(due_on) AS due_on FROM bare_outcomes_task GROUP BY case_id) t
        ON t.case_id = c.account_id
      LEFT JOIN (SELECT d.account_id, MIN({day}) AS day, MIN(r.days) AS days
                 FROM ledger_document d JOIN bare_rule r ON r.grain = 'document' AND d.due_on > r.highest
                 WHERE d.organisation_id = %(organisation)s AND d.balance_minor > 0 AND NOT d.is_disputed
                 GROUP BY d.account_id) p ON p.account_id = c.account_id
      WHERE c.organisation_id = %(organisation)s AND c.is_open) n
WHERE bare_cases_case.account_id = n.account_id
"""
_DAY: Final = {"postgresql": "d.due_on + r.days", "sqlite": "date(d.due_on, r.days || ' days')"}
_DOCUMENT_IDS: Final = {
    "postgresql": "json_agg(k.subject_id)::jsonb",
    "sqlite": "json_group_array(k.subject_id)",
}


def prepare(today: date) -> None:
    """Make the twins, empty, and the table of rules."""
    with _cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'DROP TABLE IF EXISTS "bare_{table}"')
            for statement in _twin(cursor, table):
                cursor.execute(statement)
        _copy_cases(cursor)
        cursor.execute("DROP TABLE IF EXISTS bare_rule")
        cursor.execute(
            "CREATE TABLE bare_rule (step varchar(60), grain varchar(10), action varchar(10), lowest date,"
            " highest date, least bigint, days integer)"
        )
        document = [(step, "document", "notice", low, high, 0) for step, low, high in DOCUMENT_STEPS]
        case = [(step, "case", action, low, high, least) for step, action, low, high, least in CASE_STEPS]
        stage = [(step, "stage", "stage", low, high, 0) for step, low, high in STAGES]
        for step, grain, action, low, high, least in document + case + stage:
            cursor.execute(
                "INSERT INTO bare_rule VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [step, grain, action, today - timedelta(days=high), today - timedelta(days=low), least, low],
            )


def decisions(organisation_id: int, today: date) -> int:
    """Write the decisions of the night and return how many."""
    told = {
        "organisation": organisation_id, "today": today, "day": today.isoformat(), "week": today - timedelta(days=7),
    }  # fmt: skip
    return _run(told, _DOCUMENTS, _CASES)


def acts(now: Any) -> int:
    """Write the orders, tasks and alarms of the decisions that are there, and return how many."""
    from django.db import connection

    orders = _ORDERS.format(documents=_DOCUMENT_IDS[connection.vendor])
    return _run({"now": now, "later": now + timedelta(days=20)}, orders, _TASKS, _ALARMS.format())


def moves(organisation_id: int, today: date, now: Any) -> int:
    """Write the stage of each case, its history and its next step, and return how many rows."""
    from django.db import connection

    told = {"organisation": organisation_id, "today": today, "now": now}
    return _run(told, _STAGES, _MOVES.format(day=_DAY[connection.vendor]))


def _run(told: dict[str, Any], *statements: str) -> int:
    from django.db import transaction

    with transaction.atomic(), _cursor() as cursor:
        rows = 0
        for statement in statements:
            cursor.execute(statement, told)
            rows += cursor.rowcount
        return rows


def _copy_cases(cursor: Any) -> None:
    """The twin of the cases has their rows, as the night finds them."""
    cursor.execute("DROP TABLE IF EXISTS bare_cases_case")
    for statement in _twin(cursor, "cases_case"):
        cursor.execute(statement)
    cursor.execute("INSERT INTO bare_cases_case SELECT * FROM cases_case")
    cursor.execute("ANALYZE bare_cases_case")


def _twin(cursor: Any, table: str) -> list[str]:
    """The statements that make an empty table like ours, with its indexes."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return [f'CREATE TABLE "bare_{table}" (LIKE "{table}" INCLUDING ALL)']
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('table', 'index') AND sql IS NOT NULL"
        " ORDER BY type DESC",
        [table],
    )
    return [
        sql.replace(f'"{name}"', f'"bare_{name}"', 1).replace(f'ON "{table}"', f'ON "bare_{table}"')
        for name, sql in cursor.fetchall()
    ]


def _cursor() -> Any:
    from django.db import connection

    return connection.cursor()
