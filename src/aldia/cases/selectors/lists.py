"""The list of cases: keyset pages in both directions, counts that stop at ten thousand, totals from the roll-ups."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.cases.models import Case
from aldia.cases.points import points_of
from aldia.cases.rules import attention_rules
from aldia.cases.selectors.filters import SORTS, BadFilter, CaseQuery, narrowed
from aldia.cases.selectors.sums import CurrencyTotals, count_and_totals
from aldia.cases.steps import shown
from aldia.domain.attention import DEFAULT_RULE, AttentionRule, ScoreReason

MOST_ROWS: Final = 200
_COLUMNS: Final = (
    "account_id", "party_id", "portfolio_id", "debtor_name", "is_open", "stage", "team_id", "holder_id", "next_step", "next_on",
    "next_at", "priority", "currency", "total_minor", "overdue_minor", "overdue_documents", "oldest_due_on", "bucket",
    "last_contact_at", "last_outcome", "last_outcome_at", "promise_state", "promise_due_on", "has_dispute", "reserved_by_id",
    "reserved_until_at", "debtor_folded", "worth_minor",
)  # fmt: skip


class BadCursor(BadFilter):
    """A page mark that this list did not make."""


@dataclass(frozen=True)
class CaseRow:
    """One case in a list. Amounts in minor units of `currency`; `dpd` in days; reasons strongest first."""

    case_id: int
    party_id: int
    portfolio_id: int
    name: str
    is_open: bool
    stage: str
    team_id: int | None
    holder_id: int | None
    next_step: str
    next_on: date
    next_at: datetime | None
    points: int
    reasons: tuple[ScoreReason, ...]
    currency: str
    total_minor: int
    overdue_minor: int
    overdue_documents: int
    dpd: int
    bucket: int
    last_contact_at: datetime | None
    last_outcome: str
    last_outcome_at: datetime | None
    promise_state: str
    promise_due_on: date | None
    has_dispute: bool
    reserved_by_id: int | None
    reserved_until_at: datetime | None
    worth_minor: int


@dataclass(frozen=True)
class Page:
    """A page of cases. Cursors are empty at the ends.

    `count` is exact unless `is_capped`: then there are more. `totals` by currency is None when it would need all rows of a
    large selection: ask `ageing_totals` for it.
    """

    rows: tuple[CaseRow, ...]
    next_cursor: str
    previous_cursor: str
    count: int
    is_capped: bool
    totals: dict[str, CurrencyTotals] | None


def case_list(actor: Actor, query: CaseQuery) -> Page:
    """Return one page of the cases that the query leaves. Raises BadFilter, BadCursor."""
    rows = narrowed(actor, query.filter, query.as_of)
    column, is_descending = _order(query.sort)
    limit = min(max(query.limit, 1), MOST_ROWS)
    mark = _read_cursor(query.cursor, column)
    is_back = mark is not None and mark.is_back
    found = _walk(rows, column, is_descending != is_back, mark, limit + 1)
    has_more = len(found) > limit
    found = found[:limit]
    if is_back:
        found.reverse()
    count, is_capped, totals = count_and_totals(actor, query, rows)
    return Page(
        rows=rows_of(actor, found, query.as_of),
        next_cursor=_cursor(found[-1], column) if found and (has_more or is_back) else "",
        previous_cursor=_cursor(found[0], column, is_back=True)
        if found and (has_more if is_back else mark is not None)
        else "",
        count=count,
        is_capped=is_capped,
        totals=totals,
    )


def rows_of(actor: Actor, cases: Iterable[Case], as_of: date) -> tuple[CaseRow, ...]:
    """Return cases as list rows, with days past due and reasons of the day."""
    rules = attention_rules(actor)
    return tuple(_row(case, as_of, rules.get(case.portfolio_id, DEFAULT_RULE)) for case in cases)


def _row(case: Case, as_of: date, rule: AttentionRule) -> CaseRow:
    return CaseRow(
        case_id=case.account_id, party_id=case.party_id, portfolio_id=case.portfolio_id, name=case.debtor_name,
        is_open=case.is_open, stage=case.stage, team_id=case.team_id, holder_id=case.holder_id, next_step=shown(case.next_step),
        next_on=case.next_on, next_at=case.next_at, points=case.priority, reasons=points_of(case, as_of, rule).reasons,
        currency=case.currency, total_minor=case.total_minor, overdue_minor=case.overdue_minor,
        overdue_documents=case.overdue_documents, dpd=(as_of - case.oldest_due_on).days if case.oldest_due_on else 0,
        bucket=case.bucket, last_contact_at=case.last_contact_at, last_outcome=case.last_outcome,
        last_outcome_at=case.last_outcome_at, promise_state=case.promise_state, promise_due_on=case.promise_due_on,
        has_dispute=case.has_dispute, reserved_by_id=case.reserved_by_id, reserved_until_at=case.reserved_until_at, worth_minor=case.worth_minor,
    )  # fmt: skip


@dataclass(frozen=True)
class _Mark:
    """Where a page ends: the sort value (None where it is empty) and key of its last row, and which way to go on."""

    value: Any
    key: int
    is_back: bool


def _order(sort: str) -> tuple[str, bool]:
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise BadFilter(_("No se puede ordenar por «%(name)s».") % {"name": name[:40]})
    column, is_descending = SORTS[name]
    return column, is_descending != sort.startswith("-")


def _walk(rows: Any, column: str, is_descending: bool, mark: _Mark | None, limit: int) -> list[Case]:
    """Up to `limit` cases after the mark. Rows without value come after all others, and before them on the way back."""
    rows = rows.only(*_COLUMNS)
    is_back = mark is not None and mark.is_back
    order = (f"{'-' if is_descending else ''}{column}", f"{'-' if is_back else ''}account_id")
    if not Case._meta.get_field(column).null:
        return _section(rows, order, mark, limit)
    sections = [rows.filter(**{f"{column}__isnull": False}), rows.filter(**{f"{column}__isnull": True})]
    in_empty = mark is not None and mark.value is None
    found: list[Case] = []
    for is_empty in (True, False) if is_back else (False, True):
        if mark is not None and in_empty != is_empty and (is_empty if is_back else not is_empty):
            continue  # the walk has already left this section behind
        here = mark if mark is not None and in_empty == is_empty else None
        if is_empty:
            found += _by_key(sections[1], is_back, here, limit - len(found))
        else:
            found += _section(sections[0], order, here, limit - len(found))
        if len(found) >= limit:
            break
    return found


def _section(rows: Any, order: tuple[str, str], mark: _Mark | None, limit: int) -> list[Case]:
    """Equal values go by key: upwards on the way on, downwards on the way back."""
    if mark is not None:
        column = order[0].removeprefix("-")
        further, key = ("lt" if name.startswith("-") else "gt" for name in order)
        # The first condition is implied by the second; it is what both databases begin the index with.
        rows = rows.filter(**{f"{column}__{further}e": mark.value}).filter(
            Q(**{f"{column}__{further}": mark.value}) | Q(**{f"account_id__{key}": mark.key})
        )
    return list(rows.order_by(*order)[: max(limit, 0)])


def _by_key(rows: Any, is_back: bool, mark: _Mark | None, limit: int) -> list[Case]:
    if mark is not None:
        rows = rows.filter(**{f"account_id__{'lt' if is_back else 'gt'}": mark.key})
    return list(rows.order_by("-account_id" if is_back else "account_id")[: max(limit, 0)])


def _cursor(case: Case, column: str, *, is_back: bool = False) -> str:
    value = getattr(case, column)
    value = value.isoformat() if isinstance(value, date) else value
    text = json.dumps([column, value, case.account_id, int(is_back)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, column: str) -> _Mark | None:
    """None without cursor. Raises BadCursor when it is not of this order."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        asked, value, key, is_back = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        field: Any = Case._meta.get_field(column)
        if asked != column or isinstance(key, bool) or not isinstance(key, int) or not 0 < key < 2**63:
            raise ValueError(cursor)
        value = None if value is None and field.null else _plausible(field.to_python(value))
    except Exception as error:  # whatever a hand-made cursor breaks, the answer is the same
        raise BadCursor(_("La página pedida no es de esta lista: vuelve al principio.")) from error
    return _Mark(value, key, bool(is_back))


def _plausible(value: Any) -> Any:
    if (
        value is None
        or isinstance(value, float)
        or (isinstance(value, int) and abs(value) >= 2**63)
        or "\x00" in str(value)
    ):
        raise ValueError(value)
    return value
