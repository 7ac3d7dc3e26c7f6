"""Reads of remittances: what waits to be handed over to each owner, those made, their lines, and what does not fit in the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet, Sum

from aldia.db.pages import Page, paged
from aldia.domain.remitting import RemittanceTerms, kept_of
from aldia.ledger import selectors as ledger
from aldia.ledger.owning import Owners
from aldia.payments.models import Deduction, Receipt, ReceiptState, Remittance, RemittanceLine

if TYPE_CHECKING:
    from aldia.access.actors import Actor
    from aldia.ledger.models import Creditor, Portfolio

SETTING: Final = "remittance"
TO_OWNER: Final = "creditor"
"""The means of money that its client paid to the owner: it bears commission, and nobody holds it here."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One receipt as it would be handed over; below zero when it was taken back after that."""

    receipt_id: int
    on: date
    payer: str
    is_taken_back: bool
    collected_minor: int
    held_minor: int
    commission_minor: int
    tax_minor: int

    @property
    def kept_minor(self) -> int:
        return self.commission_minor + self.tax_minor

    @property
    def net_minor(self) -> int:
        return self.held_minor - self.kept_minor


@dataclass
class Pending:
    """What waits for one owner of a portfolio, in one currency."""

    portfolio: Portfolio
    owner: Creditor
    currency: str
    lines: list[Draft] = field(default_factory=list)

    def total(self, name: str) -> int:
        """The sum of a column of the lines."""
        return sum(int(getattr(line, name)) for line in self.lines)

    @property
    def collected_minor(self) -> int:
        return self.total("collected_minor")

    @property
    def held_minor(self) -> int:
        return self.total("held_minor")

    @property
    def kept_minor(self) -> int:
        return self.total("kept_minor")

    @property
    def net_minor(self) -> int:
        return self.total("net_minor")


def terms_of(portfolio: Portfolio) -> RemittanceTerms | None:
    """Return how a portfolio is handed over; None where nobody said that it is somebody else's money."""
    told = portfolio.settings.get(SETTING)
    if told is None:
        return None
    placed = told.get("placed_on")
    return RemittanceTerms(
        int(told.get("commission_hundredths", 0)),
        int(told.get("tax_hundredths", 0)),
        date.fromisoformat(placed) if placed else None,
    )


def pending(actor: Actor, *, until_on: date, portfolio_id: int | None = None) -> list[Pending]:
    """Return what is not handed over yet of the money of the days through `until_on`, by portfolio, owner and currency."""
    chosen = {
        row.pk: row for row in ledger.portfolios(actor) if terms_of(row) and portfolio_id in (None, row.pk)
    }
    owners = Owners(actor, {row.pk: row.creditor_id for row in chosen.values()})
    people = {row.pk: row for row in ledger.creditors(actor)}
    found: dict[tuple[int, int, str], Pending] = {}
    receipts, told = _receipts(actor, chosen, until_on), _told(actor, chosen)
    kept = _deducted(actor, chosen)
    for row in receipts:
        portfolio = chosen[row.portfolio_id]
        for line in _lines(row, told.get(row.pk, []), kept.get(row.pk, 0), portfolio):
            key = (portfolio.pk, owners.on(portfolio.pk, row.on), row.currency)
            place = found.setdefault(key, Pending(portfolio, people[key[1]], row.currency))
            place.lines.append(line)
    return sorted(found.values(), key=lambda each: (each.portfolio.name, each.owner.name, each.currency))


def _receipts(actor: Actor, chosen: Iterable[int], until_on: date) -> QuerySet[Receipt]:
    rows: QuerySet[Receipt] = Receipt.objects.of(actor.organisation_id).filter(
        portfolio_id__in=list(chosen), account_id__isnull=False, on__lte=until_on
    )
    return rows.select_related("account__party").order_by("on", "pk")


def _told(actor: Actor, chosen: Iterable[int]) -> dict[int, list[RemittanceLine]]:
    """The lines that earlier remittances have of each receipt."""
    receipts = Receipt.objects.of(actor.organisation_id).filter(portfolio_id__in=list(chosen))
    found: dict[int, list[RemittanceLine]] = defaultdict(list)
    lines = RemittanceLine.objects.of(actor.organisation_id).filter(receipt_id__in=receipts.values("pk"))
    for line in lines:
        found[line.receipt_id].append(line)
    return found


def _deducted(actor: Actor, chosen: Iterable[int]) -> dict[int, int]:
    rows = Deduction.objects.of(actor.organisation_id).filter(receipt__portfolio_id__in=list(chosen))
    return dict(rows.values_list("receipt_id").annotate(Sum("amount_minor")))


def _lines(row: Receipt, told: list[RemittanceLine], deducted: int, portfolio: Portfolio) -> list[Draft]:
    """What is still to tell of a receipt: itself, or that it was taken back after it was handed over."""
    who, terms = row.payer or row.account.party.name if row.account else row.payer, terms_of(portfolio)
    is_reversed = row.state == ReceiptState.REVERSED
    if not told:
        if is_reversed or terms is None or not terms.holds(row.on):
            return []
        held = 0 if row.means == TO_OWNER else row.amount_minor - deducted
        kept = kept_of(row.amount_minor, held, terms)
        return [
            Draft(row.pk, row.on, who, False, row.amount_minor, held, kept.commission_minor, kept.tax_minor)
        ]
    if not is_reversed or any(line.is_taken_back for line in told):
        return []
    [line] = told
    back = (-line.collected_minor, -line.held_minor, -line.commission_minor, -line.tax_minor)
    return [Draft(row.pk, row.reversed_on or row.on, who, True, *back)]


def remittances(actor: Actor, cursor: str | None = None, *, limit: int = 50) -> Page[Remittance]:
    """Return a page of the remittances made, the newest first. Raises BadCursor."""
    rows = Remittance.objects.of(actor.organisation_id).select_related("portfolio", "owner")
    return paged(rows, by="number", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


def remittance(actor: Actor, remittance_id: int) -> Remittance:
    """Return one remittance with its portfolio and owner. Raises Remittance.DoesNotExist."""
    rows = Remittance.objects.of(actor.organisation_id).select_related("portfolio", "owner")
    found: Remittance = rows.get(pk=remittance_id)
    return found


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
