"""Every balance derived again from the legs of the journal; what does not come out is named."""

from dataclasses import asdict, dataclass, field

from django.db import connection

from aldia.ledger.models import (
    BookAccount,
    Posting,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not re-derive: what, which, and both figures in minor units."""

    kind: str
    name: str
    currency: str
    expected_minor: int
    found_minor: int

    def to_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found: how many postings were read, and every difference."""

    ok: bool
    postings: int
    differences: list[Difference] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Return it as plain values."""
        found = [row.to_json() for row in self.differences]
        return {"ok": self.ok, "postings": self.postings, "differences": found}


def verify(organisation_id: int) -> VerifyReport:
    """Re-derive from the legs: every posting's zero sum and every document's balance and state. Differences are named.

    The receipts' side is in `payments.selectors.verify`, which includes this.
    """
    differences = [
        *_rows(_UNEVEN, [organisation_id], "posting_sum"),
        *_rows(_WITHOUT_LEGS, [organisation_id], "posting_without_legs"),
        *_rows(_STRAY_LEGS, [organisation_id], "leg_without_posting"),
        *_rows(_BALANCES, [organisation_id, organisation_id], "document_balance"),
        *_rows(_STATES, [organisation_id], "document_state"),
    ]
    postings = Posting.objects.of(organisation_id).count()
    return VerifyReport(not differences, postings, differences)


_UNEVEN = """
    SELECT p.kind || ' ' || p.source || '/' || p.reference, x.currency, 0, x.amount
    FROM (SELECT posting_id, currency, SUM(amount_minor) AS amount FROM ledger_leg WHERE organisation_id = %s
          GROUP BY posting_id, currency HAVING SUM(amount_minor) <> 0) AS x
    JOIN ledger_posting AS p ON p.id = x.posting_id ORDER BY p.id
"""


_WITHOUT_LEGS = """
    SELECT p.kind || ' ' || p.source || '/' || p.reference, '', 0, 0 FROM ledger_posting AS p
    WHERE p.organisation_id = %s AND NOT EXISTS (SELECT 1 FROM ledger_leg AS l WHERE l.posting_id = p.id) ORDER BY p.id
"""


_STRAY_LEGS = """
    SELECT 'posting ' || l.posting_id, l.currency, 0, l.amount_minor FROM ledger_leg AS l
    WHERE l.organisation_id = %s AND NOT EXISTS (SELECT 1 FROM ledger_posting AS p WHERE p.id = l.posting_id
        AND p.organisation_id = l.organisation_id AND p."on" = l."on") ORDER BY l.id
"""


_BALANCES = f"""
    SELECT d.number || ' (' || d.source || '/' || d.reference || ')', d.currency, COALESCE(x.amount, 0), d.balance_minor
    FROM ledger_document AS d
    LEFT JOIN (SELECT document_id, SUM(amount_minor) AS amount, MIN(currency) AS low, MAX(currency) AS high
               FROM ledger_leg WHERE organisation_id = %s AND book = '{BookAccount.RECEIVABLE.value}'
               GROUP BY document_id) AS x ON x.document_id = d.id
    WHERE d.organisation_id = %s
      AND (d.balance_minor <> COALESCE(x.amount, 0) OR x.low <> d.currency OR x.high <> d.currency) ORDER BY d.id
"""


_STATES = """
    SELECT d.number || ' (' || d.state || ')', d.currency, 0, d.balance_minor FROM ledger_document AS d
    WHERE d.organisation_id = %s AND ((d.state = 'OPEN' AND d.balance_minor = 0) OR (d.state <> 'OPEN' AND d.balance_minor <> 0))
    ORDER BY d.id
"""


def _rows(sql: str, params: list[int], kind: str) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            Difference(kind, name, currency, int(expected), int(found))
            for name, currency, expected, found in cursor
        ]
