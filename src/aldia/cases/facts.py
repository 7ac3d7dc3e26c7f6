"""Frames of the room: what the strategy reads of cases and their holds, for millions."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

import polars as pl
from django.db import connection

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.cases.models import Case
from aldia.cases.totals import among
from aldia.db.frames import read_frame
from aldia.db.known import Known
from aldia.db.memory import remembered
from aldia.db.partitions import CASES_AT_ONCE, Partition, cut, within
from aldia.domain.money import INDEXED_UNITS, MONEY_OF_UNIT
from aldia.ledger import facts as ledger

_STORED: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "party_id": pl.Int64, "portfolio_id": pl.Int64, "creditor_id": pl.Int64, "opened_on": pl.Date,
    "stage": pl.String, "stage_since_on": pl.Date, "cycle": pl.Int64, "arrears_since_on": pl.Date, "holder_id": pl.Int64,
    "team_id": pl.Int64, "priority": pl.Int64, "overdue_minor": pl.Int64, "total_minor": pl.Int64, "promise_state": pl.String,
    "promise_due_on": pl.Date, "has_dispute": pl.Boolean, "last_contact_at": pl.Datetime("us", "UTC"),
    "last_outcome": pl.String, "last_outcome_at": pl.Datetime("us", "UTC"), "country": pl.String, "region": pl.String,
    "party_kind": pl.String, "dpd": pl.Int64, "documents_overdue": pl.Int64, "oldest_due_on": pl.Date,
}  # fmt: skip


def case_frame(organisation_id: int, *, as_of: date, partition: Partition | None = None) -> pl.DataFrame:
    """Return the open cases with the facts of `engine.frames.CASES` that are known from this room down, by its names.

    Figures are those of the last refresh, days count to `as_of`. Amounts in minor units of the portfolio's currency;
    What is owed in another currency counts at the day's rate; `overdue`, `not_due` and `total` are empty where it is missing.
    `managed_since` is the day the case was opened. Besides, for whoever completes it: holder_id, team_id, portfolio_key as
    `portfolio`, creditor key as `creditor`, strategy_key.
    """
    cases = _with_money(organisation_id, _stored(organisation_id, partition), as_of, partition)
    return told_cases(
        organisation_id, cases, hold_frame(organisation_id, as_of=as_of, partition=partition), as_of=as_of
    )


def told_cases(
    organisation_id: int, cases: pl.DataFrame, holds: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """Return stored figures of cases (of now, or of another day) as `case_frame` tells them, with their `holds`."""
    portfolios = ledger.portfolio_frame(organisation_id).select(
        "portfolio_id", "portfolio", "creditor", "currency", "strategy_key", "actor_kind", debt_kind=_text("debt_kind"),
        portfolio_country=_text("country"), portfolio_debtor=_text("debtor_kind"),
    )  # fmt: skip
    cases = cases.join(portfolios, on="portfolio_id", how="left", maintain_order="left")
    cases = _with_hold_kind(cases, holds.filter(pl.col("document_id").is_null()))
    cases = cases.join(_names(organisation_id), on="holder_id", how="left", maintain_order="left")
    return _told(cases, as_of)


@remembered
def hold_frame(
    organisation_id: int, *, as_of: date, partition: Partition | None = None, known: Known | None = None
) -> pl.DataFrame:
    """Return the pauses that cover a day, as `engine.frames.HOLDS`: case_id, document_id (empty: the whole case), kind,
    until_on (first day without it, empty: until it is lifted); and party_id, source. As `known` then, when given."""
    where, params = within("c.party_id", partition)
    stands, instants = "h.released_at IS NULL", []
    if known is not None:
        stands = "h.placed_at <= %s AND (h.released_at IS NULL OR h.released_at > %s)"
        instants = [known.instant, known.instant]
    return read_frame(
        "SELECT h.case_id, h.document_id, h.kind, h.ends_on, c.party_id, h.source FROM cases_hold h"
        " JOIN cases_case c ON c.account_id = h.case_id WHERE h.organisation_id = %s"
        f" AND {stands} AND h.starts_on <= %s AND (h.ends_on IS NULL OR h.ends_on > %s){where} ORDER BY h.case_id, h.id",
        [organisation_id, *instants, as_of, as_of, *params],
        {
            "case_id": pl.Int64, "document_id": pl.Int64, "kind": pl.String, "until_on": pl.Date, "party_id": pl.Int64,
            "source": pl.String,
        },
    )  # fmt: skip


def change_frame(
    organisation_id: int, *, from_on: date, to_on: date, field: str | None = None, after: str | None = None
) -> pl.DataFrame:
    """Return the changes of stage, holder and cycle in [from_on, to_on): case_id, field, before, after, on, reason.

    With `field` and `after`, only those of one field, and those that ended in one value.
    """
    told = {"field": field, "after": after}
    chosen = {name: value for name, value in told.items() if value is not None}
    return read_frame(
        'SELECT s.case_id, s.field, s.before, s.after, s."on", s.reason FROM cases_stagechange s'
        ' WHERE s.organisation_id = %s AND s."on" >= %s AND s."on" < %s'
        f"{''.join(f' AND s.{name} = %s' for name in chosen)} ORDER BY s.id",
        [organisation_id, from_on, to_on, *chosen.values()],
        {
            "case_id": pl.Int64, "field": pl.String, "before": pl.String, "after": pl.String, "on": pl.Date,
            "reason": pl.String,
        },
    )  # fmt: skip


def _stored(organisation_id: int, partition: Partition | None) -> pl.DataFrame:
    where, params = within("c.party_id", partition)
    return read_frame(
        "SELECT c.account_id, c.party_id, c.portfolio_id, c.creditor_id, c.opened_on, c.stage, c.stage_since_on, c.cycle,"
        " c.arrears_since_on, c.holder_id, c.team_id, c.priority, c.overdue_minor, c.total_minor, c.promise_state,"
        " c.promise_due_on, c.has_dispute, c.last_contact_at, c.last_outcome, c.last_outcome_at, p.country, p.region, p.kind,"
        " 0, c.overdue_documents, c.oldest_due_on FROM cases_case c JOIN parties_party p ON p.id = c.party_id"
        f" WHERE c.organisation_id = %s AND c.is_open{where} ORDER BY c.account_id",
        [organisation_id, *params],
        _STORED,
    )


def missing_rates_frame(organisation_id: int, *, as_of: date) -> pl.DataFrame:
    """Return (portfolio_id, own, currency, case_id, holder_id): the pairs without a rate, each with its largest open case.

    An indexed unit without its value of the day is one too: its `own` is the money that pays it.
    """
    rows = _owed_abroad(organisation_id, None).filter(pl.col("currency") != pl.col("own"))
    told = ledger.in_own_currency(organisation_id, rows, as_of=as_of, amounts=["total_minor"])
    valued = pl.Series(ledger.valued_units(organisation_id, as_of=as_of), dtype=pl.String)
    in_units = _owed_in_units(organisation_id).filter(~pl.col("currency").is_in(valued.implode()))
    lost = pl.concat([rows.filter(told["total_minor"].is_null()), in_units])
    largest = lost.sort("total_minor", "case_id").group_by("portfolio_id", "own", "currency").last()
    return largest.select("portfolio_id", "own", "currency", "case_id", "holder_id")


def _with_money(
    organisation_id: int, cases: pl.DataFrame, as_of: date, partition: Partition | None
) -> pl.DataFrame:
    """Adds documents_open and next_due_on over all currencies; what is owed abroad too is told in the case's own currency."""
    where, params = within("c.party_id", partition)
    rows = read_frame(
        "SELECT b.case_id, b.is_own, b.documents, b.next_due_on FROM cases_casebalance b"
        " JOIN cases_case c ON c.account_id = b.case_id"
        f" WHERE b.organisation_id = %s AND b.documents > 0{where}",
        [organisation_id, *params],
        {"case_id": pl.Int64, "is_own": pl.Boolean, "documents": pl.Int64, "next_due_on": pl.Date},
    )
    open_now = rows.select("case_id", "next_due_on", documents_open="documents")
    if open_now["case_id"].is_duplicated().any():  # rarely: most owe in one currency, and adding up is dear
        open_now = open_now.group_by("case_id").agg(
            pl.col("next_due_on").min(), pl.col("documents_open").sum()
        )
    joined = cases.join(open_now, on="case_id", how="left", maintain_order="left").with_columns(
        pl.col("documents_open").fill_null(0)
    )
    if rows["is_own"].all():
        return joined
    told = _told_in_own(organisation_id, as_of, partition)
    joined = joined.join(told, on="case_id", how="left", maintain_order="left")
    is_abroad = pl.col("is_abroad").fill_null(value=False)
    return joined.with_columns(
        pl.when(is_abroad).then(f"all_{name}").otherwise(name).alias(name) for name in _MONEY
    ).drop("is_abroad", *(f"all_{name}" for name in _MONEY))


_MONEY: Final = ("total_minor", "overdue_minor")


def _told_in_own(organisation_id: int, as_of: date, partition: Partition | None) -> pl.DataFrame:
    """What the cases that owe abroad owe in all, in their own currency; empty where a rate is missing."""
    rows = ledger.in_own_currency(
        organisation_id, _owed_abroad(organisation_id, partition), as_of=as_of, amounts=_MONEY
    )
    sums = {
        f"all_{name}": pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()) for name in _MONEY
    }
    return rows.group_by("case_id").agg(is_abroad=pl.lit(value=True), **sums)


def _owed_abroad(organisation_id: int, partition: Partition | None) -> pl.DataFrame:
    """The balances, in every currency, of the cases that owe in another than their own."""
    where, params = within("c.party_id", partition)
    abroad = "SELECT o.case_id FROM cases_casebalance o WHERE o.organisation_id = %s AND o.documents > 0 AND NOT o.is_own"
    return read_frame(
        "SELECT b.case_id, c.portfolio_id, c.holder_id, b.currency, c.currency, b.total_minor, b.overdue_minor"
        " FROM cases_casebalance b JOIN cases_case c ON c.account_id = b.case_id"
        f" WHERE b.organisation_id = %s AND b.documents > 0 AND b.case_id IN ({abroad}){where}",
        [organisation_id, organisation_id, *params],
        {
            "case_id": pl.Int64, "portfolio_id": pl.Int64, "holder_id": pl.Int64, "currency": pl.String, "own": pl.String,
            "total_minor": pl.Int64, "overdue_minor": pl.Int64,
        },
    )  # fmt: skip


def _owed_in_units(organisation_id: int) -> pl.DataFrame:
    """The balances of open cases in indexed units, as `_owed_abroad` tells them."""
    units = list(INDEXED_UNITS)
    rows = read_frame(
        "SELECT b.case_id, c.portfolio_id, c.holder_id, b.currency, b.currency, b.total_minor, b.overdue_minor"
        " FROM cases_casebalance b JOIN cases_case c ON c.account_id = b.case_id"
        f" WHERE b.organisation_id = %s AND b.documents > 0 AND b.currency IN ({', '.join(['%s'] * len(units))})",
        [organisation_id, *units],
        {
            "case_id": pl.Int64, "portfolio_id": pl.Int64, "holder_id": pl.Int64, "currency": pl.String, "own": pl.String,
            "total_minor": pl.Int64, "overdue_minor": pl.Int64,
        },
    )  # fmt: skip
    return rows.with_columns(own=pl.col("currency").replace(MONEY_OF_UNIT))


def _with_hold_kind(cases: pl.DataFrame, holds: pl.DataFrame) -> pl.DataFrame:
    """With the first kind, in the order of the alphabet, of the pauses of each case."""
    if holds.is_empty():
        return cases.with_columns(hold_kind=pl.lit(None, pl.String))
    kinds = holds.group_by("case_id").agg(hold_kind=pl.col("kind").min())
    return cases.join(kinds, on="case_id", how="left", maintain_order="left")


def _names(organisation_id: int) -> pl.DataFrame:
    people = [(row.user_id, row.user.email) for row in access.members(system(organisation_id))]
    return pl.DataFrame(people, schema={"holder_id": pl.Int64, "holder": pl.String}, orient="row")


def _told(cases: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The rule vocabulary's names over the stored ones."""
    overdue, total = pl.col("overdue_minor"), pl.col("total_minor")
    company = pl.when(pl.col("party_kind") == "COMPANY").then(pl.lit("company"))
    kind = company.when(pl.col("party_kind") == "PERSON").then(pl.lit("person"))
    stated = pl.when(pl.col("portfolio_debtor") == "consumer").then(pl.lit("person"))
    stated_kind = stated.when(pl.col("portfolio_debtor") == "business").then(pl.lit("company"))
    return cases.with_columns(
        managed_since="opened_on",
        dpd=_days(as_of, pl.col("oldest_due_on")).fill_null(0),
        days_in_arrears=_days(as_of, pl.col("arrears_since_on")).fill_null(0).clip(0),
        overdue=overdue,
        not_due=total - overdue,
        total=total,
        days_in_stage=_days(as_of, pl.col("stage_since_on")).clip(0),
        arrears_since="arrears_since_on",
        stage_since="stage_since_on",
        country=pl.coalesce(_text("country"), "portfolio_country"),
        region=_text("region"),
        debtor_kind=pl.coalesce(kind, stated_kind),
        has_holder=pl.col("holder_id").is_not_null(),
        holder_kind=pl.when(pl.col("holder_id").is_not_null()).then(pl.lit("person")).otherwise(pl.lit("team")),
        dispute_open="has_dispute",
        days_since_contact=_days(as_of, pl.col("last_contact_at").dt.date()).clip(0),
        last_outcome=_text("last_outcome"),
        last_outcome_on=pl.col("last_outcome_at").dt.date(),
    ).drop(
        "has_dispute", "overdue_minor", "total_minor", "party_kind", "portfolio_debtor", "portfolio_country",
        "last_contact_at", "last_outcome_at", "arrears_since_on", "stage_since_on", "opened_on",
    )  # fmt: skip


def _days(as_of: date, column: pl.Expr) -> pl.Expr:
    return (pl.lit(as_of) - column).dt.total_days()


def _text(column: str) -> pl.Expr:
    return pl.col(column).replace("", None)


def partitions(
    organisation_id: int, *, at_once: int = CASES_AT_ONCE, has_closed: bool = False
) -> list[Partition]:
    """Return everybody in parts of about so many open cases; with `has_closed`, of so many cases."""
    which = "" if has_closed else " AND is_open"
    sql = f"SELECT party_id FROM cases_case WHERE organisation_id = %s{which}"
    return cut(read_frame(sql, [organisation_id], {"party_id": pl.Int64})["party_id"], at_once)


def through_cases(
    table: str, organisation_id: int, partition: Partition | None
) -> tuple[str, str, list[int]]:
    """Return how a SELECT reads the rows `t`, with case_id, that a table has of the cases of a partition: its FROM, its
    condition, and the condition's parameters.

    The few cases come first, by their party, and lead to their rows: a planner whose statistics are older than the night
    would begin with all that the organisation has. CROSS JOIN and `+ 0` tell SQLite so, OFFSET 0 tells PostgreSQL.
    """
    if partition is None:
        return f"{table} AS t", "t.organisation_id = %s", [organisation_id]
    scope, people = within("c.party_id", partition)
    where, params = f"t.organisation_id + 0 = %s{scope}", [organisation_id, *people]
    if connection.vendor == "postgresql":
        rows = f"SELECT * FROM {table} AS of_case WHERE of_case.case_id = c.account_id OFFSET 0"
        return f"cases_case AS c CROSS JOIN LATERAL ({rows}) AS t", where, params
    return f"cases_case AS c CROSS JOIN {table} AS t", f"{where} AND t.case_id = c.account_id", params


def holders_frame(organisation_id: int) -> pl.DataFrame:
    """Return (case_id, holder_id) of every case of the organisation, open or closed; no holder is null."""
    sql = "SELECT account_id, holder_id FROM cases_case WHERE organisation_id = %s"
    return read_frame(sql, [organisation_id], {"case_id": pl.Int64, "holder_id": pl.Int64})


def news_frame(organisation_id: int, *, limit: int) -> pl.DataFrame:
    """Return the oldest news of cases, one a row: id, case_id, party_id."""
    sql = (
        "SELECT n.id, n.case_id, c.party_id FROM cases_casenews n JOIN cases_case c ON c.account_id = n.case_id"
        " WHERE n.organisation_id = %s ORDER BY n.id LIMIT %s"
    )
    return read_frame(sql, [organisation_id, limit], dict.fromkeys(("id", "case_id", "party_id"), pl.Int64))


def accounts_without_case(organisation_id: int, account_ids: Iterable[int] | None = None) -> pl.DataFrame:
    """Return the accounts (of these, when given) that have no case, by party: case_id, party_id, portfolio_id, creditor_id,
    opened_on."""
    among_these = "" if account_ids is None else f" AND {among('a.id', account_ids)}"
    return read_frame(
        "SELECT a.id, a.party_id, a.portfolio_id, a.creditor_id, a.opened_on FROM ledger_account a"
        " WHERE a.organisation_id = %s AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.account_id = a.id)"
        f"{among_these} ORDER BY a.party_id, a.id",
        [organisation_id],
        {
            "case_id": pl.Int64, "party_id": pl.Int64, "portfolio_id": pl.Int64, "creditor_id": pl.Int64,
            "opened_on": pl.Date,
        },
    )  # fmt: skip


def without_arrears(organisation_id: int, case_ids: Collection[int]) -> set[int]:
    """Return which of these few cases have nothing overdue, in any currency."""
    rows = Case.objects.of(organisation_id).filter(pk__in=case_ids, overdue_documents=0)
    return set(rows.values_list("pk", flat=True))
