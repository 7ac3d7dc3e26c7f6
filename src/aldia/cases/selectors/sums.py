"""Counts and money of a selection: from the roll-up when it can answer, else from the rows while they are few."""

from dataclasses import dataclass, fields
from typing import Any, Final

from django.db import connection
from django.db.models import Sum

from aldia.access.actors import Actor
from aldia.cases.models import CaseTotal
from aldia.cases.selectors.filters import (
    CaseFilter,
    CaseQuery,
    holder_condition,
    is_narrowed,
    narrowed,
    positions,
    seen,
)
from aldia.cases.totals import among
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.parties import selectors as parties

COUNTED_UP_TO: Final = 10_000
TEXTS_COUNTED_UP_TO: Final = 500  # of a text that finds very many parties: told from the first of them
_ROLLED_UP: Final = frozenset(
    {"buckets", "stage", "portfolio_id", "holder", "currency", "is_open", "is_overdue"}
)
_BUCKETS: Final = tuple(
    (key, f"open_{number}_minor", f"documents_{number}") for number, key in enumerate(DEFAULT_BUCKETS.keys)
)
_AMOUNTS: Final = ("total_minor", "overdue_minor", *(name for row in _BUCKETS for name in row[1:]))


@dataclass(frozen=True)
class AgeingCell:
    """Documents and open money, in minor units, of one bucket."""

    documents: int
    open_minor: int


@dataclass(frozen=True)
class CurrencyTotals:
    """A selection's money in one currency: cases with a balance in it, total, overdue, and by ageing bucket."""

    cases: int
    total_minor: int
    overdue_minor: int
    ageing: dict[str, AgeingCell]


@dataclass(frozen=True)
class AgeingTotals:
    """The whole selection: cases, and money by currency."""

    cases: int
    currencies: dict[str, CurrencyTotals]


def ageing_totals(actor: Actor, query: CaseQuery) -> AgeingTotals:
    """Return the exact totals of a selection, of any size. Money of closed cases is none. Raises BadFilter.

    By portfolio, stage, holder, team, currency and bucket (what the roll-up knows) it costs the same whatever the size; by
    anything else it reads the balances of every case found.
    """
    if _can_roll_up(query.filter):
        return _from_roll_up(actor, query.filter)
    case_ids = list(narrowed(actor, query.filter, query.as_of).order_by().values_list("pk", flat=True))
    return AgeingTotals(len(case_ids), _from_rows(actor, among("case_id", case_ids), query.filter.currency))


def count_and_totals(
    actor: Actor, query: CaseQuery, rows: Any
) -> tuple[int, bool, dict[str, CurrencyTotals] | None]:
    """Return how many cases (exact, or at least so many), whether there are more, and the money if it can be had quickly."""
    if _can_roll_up(query.filter):
        answer = _from_roll_up(actor, query.filter)
        return answer.cases, False, answer.currencies
    if query.filter.text is not None:
        first = parties.first_found(actor.organisation_id, query.filter.text)
        if (
            len(first) > parties.MOST_LISTED
            and rows.filter(party__among=first).count() >= TEXTS_COUNTED_UP_TO
        ):
            return TEXTS_COUNTED_UP_TO, True, None
    case_ids = list(rows.order_by().values_list("pk", flat=True)[: COUNTED_UP_TO + 1])
    if len(case_ids) > COUNTED_UP_TO:
        return COUNTED_UP_TO, True, None
    return len(case_ids), False, _from_rows(actor, among("case_id", case_ids), query.filter.currency)


def _can_roll_up(wanted: CaseFilter) -> bool:
    asked = {each.name for each in fields(wanted) if getattr(wanted, each.name) is not None}
    return wanted.is_open is True and asked <= _ROLLED_UP


def _from_roll_up(actor: Actor, wanted: CaseFilter) -> AgeingTotals:
    rows = CaseTotal.objects.of(actor.organisation_id)
    if is_narrowed(actor):
        rows = rows.filter(seen(actor))
    if wanted.buckets is not None:
        rows = rows.filter(bucket__in=positions(wanted.buckets))
    if wanted.is_overdue is not None:
        rows = rows.filter(bucket__gt=0) if wanted.is_overdue else rows.filter(bucket=0)
    if wanted.holder is not None:
        column, key = holder_condition(wanted.holder, actor)
        rows = rows.filter(**{column: key})
    for name in ("stage", "portfolio_id", "currency"):
        if (value := getattr(wanted, name)) is not None:
            rows = rows.filter(**{name: value})
    sums = {name: Sum(name) for name in ("cases", "balances", *_AMOUNTS)}
    found = list(rows.values("currency").annotate(**sums).order_by("currency"))
    cases = sum(row["balances" if wanted.currency else "cases"] for row in found)
    return AgeingTotals(
        cases, {row["currency"]: _totals(row, row["balances"]) for row in found if _has_money(row)}
    )


def _from_rows(actor: Actor, chosen: str, currency: str | None) -> dict[str, CurrencyTotals]:
    """`chosen` is a condition of numbers only (see `among`)."""
    names = ("currency", "balances", *_AMOUNTS)
    sums = ", ".join(f"SUM({name})" for name in _AMOUNTS)
    sql = f"SELECT currency, COUNT(*), {sums} FROM cases_casebalance WHERE organisation_id = %s AND documents > 0 AND {chosen}"
    params: list[Any] = [actor.organisation_id]
    if currency is not None:
        sql, params = f"{sql} AND currency = %s", [*params, currency]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} GROUP BY currency ORDER BY currency", params)
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["currency"]: _totals(row, row["balances"]) for row in found}


def _has_money(row: dict[str, Any]) -> bool:
    return any(row[documents] for _key, _minor, documents in _BUCKETS)


def _totals(row: dict[str, Any], cases: int) -> CurrencyTotals:
    ageing = {key: AgeingCell(int(row[documents]), int(row[minor])) for key, minor, documents in _BUCKETS}
    return CurrencyTotals(int(cases), int(row["total_minor"]), int(row["overdue_minor"]), ageing)
