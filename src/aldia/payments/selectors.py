"""Reads for screens: receipts, what waits, what was reported; and `verify`, which adds the receipts to the ledger's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.db.pages import Page, paged
from aldia.db.prepared import prepared
from aldia.domain.allocation import OpenItem, by_document
from aldia.domain.loans.indexed import shared
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import unit_value, units_owed, values_by_key
from aldia.ledger.selectors import Difference, VerifyReport
from aldia.payments import remittances
from aldia.payments.choosing import Spread, left_over, passes, spread
from aldia.payments.customer_terms import early_discounts
from aldia.payments.models import Absorption, Allocation, Receipt, ReceiptState, ReportedPayment
from aldia.payments.running import what_runs

if TYPE_CHECKING:
    from aldia.ledger.models import ExchangeRate

_FILTERS = {
    "portfolio_id": "portfolio_id", "case_id": "account_id", "state": "state", "currency": "currency", "means": "means",
    "from_on": "on__gte", "to_on": "on__lt", "source": "source", "load_id": "load_id",
}  # fmt: skip


class UnknownFilter(Exception):
    """Raised when a list is asked for by something that it does not know; names what it knows."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What part of a receipt covers a document, in minor units; negative when it was taken back."""

    document_id: int
    number: str
    posting_id: int
    amount_minor: int
    on: date
    units_minor: int = 0  # of a document in an indexed unit
    rate: ExchangeRate | None = None  # the published value by which the money became units


@dataclass(frozen=True, slots=True)
class ReceiptCard:
    """A receipt with everything it did; `absorbed_minor` is what an external system has explained of it."""

    receipt: Receipt
    covered: list[Covered]
    absorbed_minor: int


def receipts(
    actor: Actor, filters: Mapping[str, Any] | None = None, cursor: str | None = None, *, limit: int = 50
) -> Page[Receipt]:
    """Return a page of receipts, newest first. Filters: portfolio_id, case_id, state, currency, means, from_on,
    to_on (exclusive), source, load_id, has_unapplied, is_unidentified. Raises UnknownFilter, BadCursor of `db.pages`.
    """
    rows = _filtered(_seen(actor).select_related("portfolio"), filters or {})
    return paged(rows, by="on", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


def receipt(actor: Actor, receipt_id: int) -> ReceiptCard:
    """Return one receipt with its allocations. Raises Receipt.DoesNotExist."""
    row = _seen(actor).select_related("portfolio").get(pk=receipt_id)
    shares: dict[tuple[int, int], list[Allocation]] = {}  # an instalment has one by component
    for share in Allocation.objects.of(actor.organisation_id).filter(receipt_id=receipt_id).order_by("pk"):
        shares.setdefault((share.document_id, share.posting_id), []).append(share)
    numbers = ledger.document_numbers(actor, [document_id for document_id, _posting in shares])
    rates = values_by_key(
        actor.organisation_id, {row.rate_id for part in shares.values() for row in part if row.rate_id}
    )
    covered = [
        Covered(
            document_id, numbers.get(document_id, ""), posting_id, sum(row.amount_minor for row in part), part[0].on,
            sum(row.units_minor or 0 for row in part), rates.get(part[0].rate_id or 0),
        )
        for (document_id, posting_id), part in shares.items()
    ]  # fmt: skip
    absorbed = Absorption.objects.of(actor.organisation_id).filter(receipt_id=receipt_id)
    return ReceiptCard(row, covered, sum(absorbed.values_list("amount_minor", flat=True)))


@dataclass(frozen=True, slots=True)
class Planned:
    """What a receipt would cover of one document, in minor units of the document's currency; `paid_minor` is of the receipt's.

    `is_whole` when nothing of it would stay open.
    """

    document_id: int
    number: str
    due_on: date
    currency: str
    open_minor: int
    covers_minor: int
    paid_minor: int

    @property
    def is_whole(self) -> bool:
        return self.covers_minor == self.open_minor


@dataclass(frozen=True, slots=True)
class ReceiptPlan:
    """What registering a receipt would do; nothing is written."""

    covers: list[Planned]
    unapplied_minor: int
    discount_minor: int = 0  # taken off for paying early, in the receipt's currency
    running: Mapping[str, int] = field(
        default_factory=dict
    )  # what is posted first on what it covers, by currency


def plan_receipt(
    actor: Actor,
    *,
    case_id: int,
    amount_minor: int,
    currency: str,
    on: date,
    as_of: date,
    document_ids: Sequence[int] = (),
) -> ReceiptPlan:
    """Return what money would cover, exactly as `register_receipt` would: what runs on the debt by that day counts.

    Raises UnknownDocument of `domain.allocation`, NoUnitValue of the ledger.
    """
    portfolio_id, _creditor, _party = ledger.account_of(actor, case_id)
    order = ledger.portfolio(actor, portfolio_id).order
    in_units = units_owed(actor.organisation_id, case_id, currency)
    running = what_runs(actor, case_id, on=on)
    left, discount, covers = amount_minor, 0, dict[int, Planned]()
    for unit, keys in passes(in_units, document_ids):
        if unit and not left:
            continue
        items, issued = ledger.open_items(actor, case_id=case_id, currency=unit or currency, running=running)
        items = [
            item
            for item in items
            if int(item.document) not in covers and (not unit or not keys or int(item.document) in keys)
        ]
        value = unit_value(actor.organisation_id, unit, on) if unit else None
        planned = spread(
            value.to_units(left) if value else left, items, issued, order=order,
            chosen=[ledger.document_name(key) for key in keys], horizon=max(on, as_of),
            early=early_discounts(actor, case_id=case_id, currency=unit or currency, on=on),
        )  # fmt: skip
        rest = left_over(left, planned, items, value)
        covers |= _planned(actor, planned, items, left - rest)
        left, discount = rest, discount + (0 if unit else sum(planned.discounts.values()))
    return ReceiptPlan(list(covers.values()), left, discount, _added(covers.values(), running))


def _added(covers: Iterable[Planned], running: ledger.Running) -> dict[str, int]:
    """How much of what is covered ran since the last posting, by currency."""
    found: dict[str, int] = {}
    for each in covers:
        minor = sum(running.get(each.document_id, {}).values())
        if minor > 0:
            found[each.currency] = found.get(each.currency, 0) + minor
    return found


def _planned(actor: Actor, planned: Spread, items: Sequence[OpenItem], paid_minor: int) -> dict[int, Planned]:
    known = {item.document: item for item in by_document(items)}
    numbers = ledger.document_numbers(actor, [int(share.document) for share in planned.given])
    sums: dict[str, int] = {}
    for share in planned.given:
        sums[share.document] = sums.get(share.document, 0) + share.minor
    return {
        int(name): Planned(
            int(name), numbers.get(int(name), ""), known[name].due_on, known[name].currency, known[name].open_minor, minor, paid
        )
        for (name, minor), paid in zip(sums.items(), shared(paid_minor, list(sums.values())), strict=True)
    }  # fmt: skip


def waiting_counts(actor: Actor) -> dict[str, int]:
    """Return how many receipts wait to be applied, to be identified, and how many reported payments to be verified."""
    waiting = _seen(actor).filter(unapplied_minor__gt=0).exclude(state=ReceiptState.REVERSED)
    nobody = waiting.filter(account_id__isnull=True).count()
    return {
        "unidentified": nobody,
        "unapplied": waiting.count() - nobody,
        "reported": reported(actor).count(),
    }


def receipts_of_case(actor: Actor, case_id: int, *, limit: int = 100) -> list[Receipt]:
    """Return the case's newest receipts."""
    return _receipts_of(actor.organisation_id, case_id)[:limit]


@prepared
def _receipts_of(organisation_id: int, case_id: int) -> Any:
    return Receipt.objects.of(organisation_id).filter(account_id=case_id).order_by("-on", "-pk")[:100]


def unapplied(actor: Actor) -> QuerySet[Receipt]:
    """Return the receipts whose money waits, those without a case first, then the oldest."""
    rows: QuerySet[Receipt] = (
        _seen(actor)
        .filter(unapplied_minor__gt=0)
        .exclude(state=ReceiptState.REVERSED)
        .select_related("portfolio")
        .order_by("account_id", "on", "pk")
    )
    return rows


def reported(
    actor: Actor, *, is_open: bool | None = True, case_id: int | None = None
) -> QuerySet[ReportedPayment]:
    """Return reported payments, the first to verify first; open ones unless told otherwise (None: all)."""
    rows: QuerySet[ReportedPayment] = ReportedPayment.objects.of(actor.organisation_id)
    if cases.is_narrowed(actor):
        rows = rows.filter(case__in=cases.scope(actor))
    if is_open is not None:
        rows = rows.filter(state="open") if is_open else rows.exclude(state="open")
    if case_id is not None:
        rows = rows.filter(case_id=case_id)
    return rows.select_related("case", "file", "receipt").order_by("verify_on", "pk")


def verify(organisation_id: int) -> VerifyReport:
    """Re-derive everything: the ledger, every receipt against its allocations, unapplied money against its legs.

    Each difference names its receipt or account and both figures.
    """
    report = ledger.verify(organisation_id)
    differences = [
        *report.differences,
        *_rows(_RECEIPTS, [organisation_id] * 2, "receipt_allocations"),
        *_rows(_UNAPPLIED, [organisation_id] * 2, "unapplied"),
        *_rows(_COVERED, [organisation_id] * 2, "allocation_posting"),
        *_rows(remittances.SUMS, [organisation_id] * 2, "remittance_lines"),
        *_rows(remittances.PAYABLE, [organisation_id] * 2, "remittance_payable"),
        *_rows(remittances.LINES, [organisation_id], "remittance_receipt"),
    ]
    return VerifyReport(not differences, report.postings, differences)


_RECEIPTS = """
    SELECT r.source || '/' || r.reference, r.currency,
           CASE WHEN r.state = 'REVERSED' THEN 0 ELSE r.amount_minor END, r.unapplied_minor + COALESCE(x.amount, 0)
    FROM payments_receipt AS r
    LEFT JOIN (SELECT receipt_id, SUM(amount_minor) AS amount FROM payments_allocation WHERE organisation_id = %s
               GROUP BY receipt_id) AS x ON x.receipt_id = r.id
    WHERE r.organisation_id = %s
      AND (CASE WHEN r.state = 'REVERSED' THEN 0 ELSE r.amount_minor END <> r.unapplied_minor + COALESCE(x.amount, 0)
           OR (r.state = 'REVERSED' AND r.unapplied_minor <> 0))
    ORDER BY r.id
"""
_UNAPPLIED = """
    SELECT 'account ' || x.account_id, x.currency, SUM(x.legs), SUM(x.waiting)
    FROM (SELECT account_id, currency, -amount_minor AS legs, 0 AS waiting FROM ledger_leg
          WHERE organisation_id = %s AND book = 'unapplied'
          UNION ALL
          SELECT COALESCE(account_id, 0), currency, 0, unapplied_minor FROM payments_receipt WHERE organisation_id = %s) AS x
    GROUP BY x.account_id, x.currency HAVING SUM(x.legs) <> SUM(x.waiting) ORDER BY x.account_id
"""
_COVERED = """
    SELECT 'posting ' || x.posting_id, '', SUM(x.legs), SUM(x.shares)
    FROM (SELECT posting_id, amount_minor AS shares, 0 AS legs FROM payments_allocation WHERE organisation_id = %s
          UNION ALL
          SELECT posting_id, 0, amount_minor FROM ledger_leg WHERE organisation_id = %s AND book = 'unapplied'
            AND posting_id IN (SELECT posting_id FROM payments_allocation)) AS x
    GROUP BY x.posting_id HAVING SUM(x.legs) <> SUM(x.shares) ORDER BY x.posting_id
"""


def collected(actor: Actor, *, from_on: date, to_on: date) -> dict[int, dict[str, int]]:
    """Return what came in over [from_on, to_on), minor units by portfolio and currency; reversed money is none."""
    rows = _seen(actor).filter(on__gte=from_on, on__lt=to_on).exclude(state=ReceiptState.REVERSED)
    found: dict[int, dict[str, int]] = {}
    for row in rows.order_by().values("portfolio_id", "currency").annotate(minor=Sum("amount_minor")):
        found.setdefault(row["portfolio_id"], {})[row["currency"]] = row["minor"]
    return found


def _seen(actor: Actor) -> QuerySet[Receipt]:
    """The receipts of the organisation; of own and unassigned cases, and of nobody, where a role sees only those."""
    rows: QuerySet[Receipt] = Receipt.objects.of(actor.organisation_id)
    if actor.portfolio_ids is not None:
        return rows.filter(portfolio__in=ledger.portfolios(actor))
    if cases.is_narrowed(actor):
        nobodys = Q(pk=None) if actor.is_limited else Q(account_id=None)
        rows = rows.filter(nobodys | Q(account_id__in=cases.scope(actor).values("account_id")))
    return rows


def _rows(sql: str, params: list[int], kind: str) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            Difference(kind, name, currency, int(expected), int(found))
            for name, currency, expected, found in cursor
        ]


def _filtered(rows: QuerySet[Receipt], filters: Mapping[str, Any]) -> QuerySet[Receipt]:
    for name, value in filters.items():
        if name in _FILTERS:
            rows = rows.filter(**{_FILTERS[name]: value})
        elif name == "has_unapplied":
            rows = rows.filter(unapplied_minor__gt=0) if value else rows.filter(unapplied_minor=0)
        elif name == "is_unidentified":
            rows = rows.filter(account_id__isnull=bool(value))
        else:
            raise UnknownFilter(f"{name}: {', '.join([*_FILTERS, 'has_unapplied', 'is_unidentified'])}")
    return rows
