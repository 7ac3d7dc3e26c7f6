"""The rows behind a figure: the documents, cash, promises or acts that add up to it, a page at a time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.contact import facts as contact
from aldia.db.pages import BadCursor
from aldia.domain.measures import measure_of
from aldia.kpi.dashboard import DashboardQuery, own
from aldia.ledger import facts as ledger
from aldia.outcomes import facts as outcomes

FAMILIES: Final = {
    "overdue": "documents", "dso_simple": "documents", "dso_countback": "documents", "best_possible_dso": "documents",
    "add": "documents", "cei": "documents", "delinquency_ratio": "documents", "recovered": "cash",
    "promises_made": "promises", "promise_kept_count": "promises", "promise_kept_amount": "promises", "promise_rate": "promises",
    "attempts": "acts", "contactability": "acts", "rpc_rate": "acts",
}  # fmt: skip
"""Which rows add up to each measure."""


@dataclass(frozen=True)
class RowsPage:
    """A page of rows as dicts; `total` and `sum_minor` are those of all rows; cursors are empty at the ends."""

    family: str
    rows: list[dict[str, Any]]
    total: int
    sum_minor: int
    next_cursor: str
    previous_cursor: str


def rows_behind(
    actor: Actor, measure: str, query: DashboardQuery, cursor: str = "", *, limit: int = 50
) -> RowsPage:
    """Return a page of the rows behind a measure, the largest or latest first.

    `documents` are those open at the end of the last day (for `overdue` the past due); `cash` by case and day; `promises` those
    made in the period (for what was kept, those decided in it); `acts` by day, person, channel and outcome. Raises
    UnknownMeasure, BadCursor, NotAllowed.
    """
    query = own(actor, query)
    measure_of(measure)
    family = FAMILIES[measure]
    frame = _FRAMES[family](actor.organisation_id, query)
    if measure == "overdue":
        frame = frame.filter(pl.col("due_on") < query.last_on)
    if family == "promises":
        frame = frame.filter(_is_counted(measure, query))
    return page_of(actor, family, frame, cursor, limit=limit)


def _is_counted(measure: str, query: DashboardQuery) -> pl.Expr:
    """Whether a promise adds to its measure: when it was made or, for what was kept, when it was decided."""
    if measure in ("promise_kept_count", "promise_kept_amount"):
        in_period = pl.col("decided_on").is_between(query.period.start, query.last_on)
        return in_period & pl.col("state").is_in(outcomes.DECIDED)
    return pl.col("made_on").is_between(query.period.start, query.last_on)


def page_of(actor: Actor, family: str, frame: pl.DataFrame, cursor: str, *, limit: int) -> RowsPage:
    """Return a page of the rows of a family, in its order. Raises BadCursor."""
    order = _ORDERS[family]
    frame = frame.sort(list(order), descending=list(order.values()))
    place, is_back = _read(cursor, order, frame.schema) if cursor else ({}, False)
    beyond = frame.filter(_beyond(place, order, is_back)) if cursor else frame
    has_more = beyond.height > limit
    shown = (beyond.tail(limit) if is_back else beyond.head(limit)).to_dicts()
    goes_on, goes_back = (True, has_more) if is_back else (has_more, bool(cursor))
    return RowsPage(
        family, _named(actor, shown), frame.height,
        int(frame["amount_minor"].sum()) if "amount_minor" in frame.columns else 0,
        _mark(shown[-1], order, is_back=False) if shown and goes_on else "",
        _mark(shown[0], order, is_back=True) if shown and goes_back else "",
    )  # fmt: skip


def _beyond(place: dict[str, Any], order: dict[str, bool], is_back: bool) -> pl.Expr:
    """The rows beyond a place: by its first column, or with that one equal by its second, and so on."""
    beyond, is_equal = pl.lit(False), pl.lit(True)
    for name, value in place.items():
        column, mark = pl.col(name), pl.lit(value)
        beyond |= is_equal & ((column < mark) if order[name] != is_back else (column > mark))
        is_equal &= column == mark
    return beyond


_KINDS: Final[dict[Any, Callable[[Any], Any]]] = {pl.Date: date.fromisoformat, pl.String: str}


def _mark(row: dict[str, Any], order: dict[str, bool], *, is_back: bool) -> str:
    values = [row[name].isoformat() if isinstance(row[name], date) else row[name] for name in order]
    return base64.urlsafe_b64encode(json.dumps([*values, int(is_back)]).encode()).decode()


def _read(cursor: str, order: dict[str, bool], schema: pl.Schema) -> tuple[dict[str, Any], bool]:
    try:
        *values, is_back = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        told = dict(zip(order, values, strict=True))
        return {name: _KINDS.get(schema[name], int)(value) for name, value in told.items()}, bool(is_back)
    except (ValueError, TypeError) as problem:
        raise BadCursor from problem


def document_rows(organisation_id: int, query: DashboardQuery) -> pl.DataFrame:
    """Return the documents with money open at the end of the last day: their money, and days past due."""
    frame = in_scope(ledger.document_frame(organisation_id, as_of=query.last_on), query)
    return frame.select(
        "document_id", "case_id", "portfolio_id", "number", "kind", "issued_on", "due_on", "currency", amount_minor="open_minor",
        dpd=(pl.lit(query.last_on) - pl.col("due_on")).dt.total_days(),
    )  # fmt: skip


def cash_rows(organisation_id: int, query: DashboardQuery) -> pl.DataFrame:
    """Return the cash of the period by case and day."""
    frame = ledger.payments_frame(organisation_id, from_on=query.period.start, to_on=_end(query))
    return in_scope(frame, query)


def _promises(organisation_id: int, query: DashboardQuery) -> pl.DataFrame:
    frame = outcomes.promise_frame(organisation_id, from_on=query.period.start, to_on=_end(query))
    return in_scope(frame, query)


def _acts(organisation_id: int, query: DashboardQuery) -> pl.DataFrame:
    window = {"from_on": query.period.start, "to_on": _end(query)}
    people = outcomes.activity_frame(organisation_id, **window)
    machine = contact.activity_frame(organisation_id, **window).with_columns(outcome=pl.lit(""))
    both = pl.concat([people, machine], how="diagonal")
    zeros = both.with_columns(pl.col("contacts", "right_party", "seconds", "user_id").fill_null(0))
    return in_scope(zeros, query)


_ORDERS: Final[dict[str, dict[str, bool]]] = {
    "documents": {"amount_minor": True, "document_id": False},
    "cash": {"on": True, "case_id": False},
    "promises": {"made_on": True, "promise_id": True},
    "acts": {
        "on": True,
        "attempts": True,
        "channel": False,
        "outcome": False,
        "portfolio_id": False,
        "user_id": False,
    },
}
"""The columns that order each family and tell its rows apart, and whether the greatest comes first."""

_FRAMES: Final = {"documents": document_rows, "cash": cash_rows, "promises": _promises, "acts": _acts}


def in_scope(frame: pl.DataFrame, query: DashboardQuery) -> pl.DataFrame:
    if query.portfolio_ids is not None:
        frame = frame.filter(pl.col("portfolio_id").is_in(list(query.portfolio_ids)))
    if query.user_id is not None and "user_id" in frame.columns:
        frame = frame.filter(pl.col("user_id") == query.user_id)
    return frame.filter(pl.col("currency") == query.currency) if "currency" in frame.columns else frame


def _named(actor: Actor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the names of clients and people; a client that the actor may not see has none."""
    ids = {row["case_id"] for row in rows if "case_id" in row}
    debtors = dict(cases.scope(actor).filter(pk__in=ids).values_list("pk", "debtor_name")) if ids else {}
    people = {row.user_id: row.user.name for row in access.members(actor)}
    return [
        {
            **row,
            "debtor": debtors.get(row.get("case_id"), ""),
            "person": people.get(row.get("user_id") or 0, ""),
        }
        for row in rows
    ]


def _end(query: DashboardQuery) -> date:
    return query.last_on + timedelta(days=1)
