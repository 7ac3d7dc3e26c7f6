"""Reads of remittances: those made, their lines and those of what waits, and what does not fit in the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from aldia.db.pages import Page, paged
from aldia.domain.remitting import Told
from aldia.payments.entrusted import Pending, waiting_lines
from aldia.payments.models import Receipt, Remittance, RemittanceLine

if TYPE_CHECKING:
    from aldia.access.actors import Actor

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Draft(Told):
    """One receipt as it would be handed over; below zero when it was taken back after that."""

    receipt_id: int
    on: date
    payer: str
    is_taken_back: bool
    collected_minor: int
    held_minor: int
    commission_minor: int
    tax_minor: int


def first_lines(actor: Actor, waiting: Pending, *, until_on: date) -> list[Draft]:
    """Return the first receipts that wait for an owner, by day: as many as a screen shows."""
    return [Draft(*row) for row in waiting_lines(waiting, actor, until_on=until_on, limit=SHOWN).iter_rows()]


def remittances(actor: Actor, cursor: str | None = None, *, limit: int = 50) -> Page[Remittance]:
    """Return a page of the remittances made, the newest first. Raises BadCursor."""
    return paged(
        _seen(actor), by="number", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row
    )


def remittance(actor: Actor, remittance_id: int) -> Remittance:
    """Return one remittance with its portfolio and owner. Raises Remittance.DoesNotExist."""
    found: Remittance = _seen(actor).get(pk=remittance_id)
    return found


def _seen(actor: Actor) -> Any:
    """Whoever comes in for a creditor sees what was handed over to it, whosever the portfolio is now."""
    rows = Remittance.objects.of(actor.organisation_id).select_related("portfolio", "owner")
    return rows.filter(owner__in=actor.creditor_ids or ()) if actor.is_limited else rows


def lines_of(actor: Actor, remittance_id: int) -> list[Draft]:
    """Return the receipts of a remittance as they were handed over, by day."""
    lines = list(RemittanceLine.objects.of(actor.organisation_id).filter(remittance_id=remittance_id))
    rows = Receipt.objects.of(actor.organisation_id).filter(pk__in=[line.receipt_id for line in lines])
    receipts: dict[int, Any] = {row.pk: row for row in rows.select_related("account__party")}
    found = []
    for line in lines:
        row = receipts[line.receipt_id]
        on = row.reversed_on if line.is_taken_back and row.reversed_on else row.on
        found.append(
            Draft(
                row.pk, on, row.payer or row.account.party.name, line.is_taken_back, line.collected_minor, line.held_minor,
                line.commission_minor, line.tax_minor,
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.on, each.receipt_id))


SUMS: Final = """
    SELECT 'remittance ' || r.number, r.currency, r.net_minor, COALESCE(x.net, 0)
    FROM payments_remittance AS r
    LEFT JOIN (SELECT remittance_id, SUM(held_minor - commission_minor - tax_minor) AS net FROM payments_remittanceline
               WHERE organisation_id = %s GROUP BY remittance_id) AS x ON x.remittance_id = r.id
    WHERE r.organisation_id = %s AND r.net_minor <> COALESCE(x.net, 0) ORDER BY r.id
"""
"""Every remittance is the sum of its lines."""
PAYABLE: Final = """
    SELECT 'portfolio ' || x.portfolio_id, x.currency, SUM(x.waiting), SUM(x.legs)
    FROM (SELECT portfolio_id, currency, net_minor AS waiting, 0 AS legs FROM payments_remittance
          WHERE organisation_id = %s AND paid_on IS NULL
          UNION ALL
          SELECT p.portfolio_id, l.currency, 0, -l.amount_minor FROM ledger_leg AS l
          JOIN ledger_posting AS p ON p.id = l.posting_id WHERE l.organisation_id = %s AND l.book = 'payable') AS x
    GROUP BY x.portfolio_id, x.currency HAVING SUM(x.waiting) <> SUM(x.legs) ORDER BY x.portfolio_id
"""
"""What the books owe to owners is what the remittances not paid yet say."""
LINES: Final = """
    SELECT 'receipt ' || r.reference, r.currency, r.amount_minor, x.collected_minor
    FROM payments_remittanceline AS x JOIN payments_receipt AS r ON r.id = x.receipt_id
    WHERE x.organisation_id = %s AND x.is_taken_back = FALSE AND r.amount_minor <> x.collected_minor ORDER BY r.id
"""
"""A line tells all of its receipt."""
