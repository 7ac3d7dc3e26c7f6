"""The open cases summed by what lists filter by, kept true by whoever changes a case.

Whatever moves a case (its figures, stage, holder, team, bucket, being open) is wrapped in `moving`, which appends to
`CaseTotal` what leaves its cells and, at the end, what enters them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

import polars as pl
from django.db import connection, transaction

from aldia.cases.models import CaseTotal
from aldia.db.frames import read_frame
from aldia.db.locks import named_lock

CELL: Final = ("organisation_id", "portfolio_id", "stage", "team_id", "holder_id", "bucket")
AMOUNTS: Final = (
    "total_minor", "overdue_minor", *(f"open_{n}_minor" for n in range(5)), *(f"documents_{n}" for n in range(5)),
)  # fmt: skip
SUMMED: Final = ("cases", "balances", *AMOUNTS)
_COLUMNS: Final = ", ".join((*CELL, "currency", *SUMMED))
_TEXTS: Final = frozenset({"stage", "currency"})
_SCHEMA: Final[dict[str, Any]] = {
    name: pl.String if name in _TEXTS else pl.Int64 for name in (*CELL, "currency", *SUMMED)
}


def among(column: str, ids: Iterable[int]) -> str:
    """Return the condition that a column is one of the ids, of any number: integers, so they are written into the text."""
    return f"{column} IN ({', '.join(str(int(value)) for value in ids) or 'NULL'})"


@contextmanager
def moving(organisation_id: int, case_ids: Sequence[int]) -> Iterator[None]:
    """Keep the totals true while the body changes these cases; the cases stay locked until the transaction ends.

    Must be called inside a transaction.
    """
    lock_cases(organisation_id, case_ids)
    _append(organisation_id, case_ids, sign=-1)
    yield
    _append(organisation_id, case_ids, sign=1)


def restaging(organisation_id: int, entered: Mapping[str, Sequence[int]]) -> None:
    """Keep the totals true when cases, still in the stages that they leave, go to others: stage -> case ids.

    What `moving` would append, summed once instead of before and after. Must be called in the transaction that moves them.
    """
    lock_cases(organisation_id, sorted(chain.from_iterable(entered.values())))
    names = (*CELL, "currency", *SUMMED)
    back = ", ".join("%s" if name == "stage" else f"-{name}" if name in SUMMED else name for name in names)
    with connection.cursor() as cursor:
        for stage, case_ids in entered.items():
            where, params = _chosen("c.account_id", case_ids)
            cursor.execute(
                f"INSERT INTO cases_casetotal ({_COLUMNS}) WITH l ({_COLUMNS}) AS ({_cells(-1, where)})"
                f" SELECT * FROM l UNION ALL SELECT {back} FROM l",
                [organisation_id, *params, stage],
            )


def _chosen(column: str, ids: Sequence[int]) -> tuple[str, list[str]]:
    """The condition, beginning with AND, that a column is one of many ids; and its parameters. SQLite reads them twice as fast
    from JSON, in a statement that it has prepared before; PostgreSQL would guess how many they are."""
    if connection.vendor == "postgresql":
        return f"AND {among(column, ids)}", []
    return f"AND {column} IN (SELECT value FROM json_each(%s))", [json.dumps(list(ids))]


def entering(cases: pl.DataFrame, balances: pl.DataFrame) -> pl.DataFrame:
    """Return what cases that were not there before add, from the very frames that are written: the twin of `_cells`."""
    cells = cases.filter("is_open").select("case_id", *CELL).join(balances, on="case_id")
    return cells.group_by(*CELL, "currency").agg(
        pl.col("is_own").sum().cast(pl.Int64).alias("cases"),
        (pl.col("documents") > 0).sum().cast(pl.Int64).alias("balances"),
        pl.col(*AMOUNTS).sum(),
    )


def lock_cases(organisation_id: int, case_ids: Sequence[int]) -> None:
    """Lock the cases in the order of their keys, so that two writers never wait for each other in a circle."""
    if connection.vendor != "postgresql" or not case_ids:
        return  # SQLite has one writer at a time
    with connection.cursor() as cursor:
        where = among("account_id", case_ids)
        cursor.execute(
            f"SELECT 1 FROM cases_case WHERE organisation_id = %s AND {where} ORDER BY account_id FOR UPDATE",
            [organisation_id],
        )


def _append(organisation_id: int, case_ids: Sequence[int], *, sign: int) -> None:
    if not case_ids:
        return
    with connection.cursor() as cursor:
        where, params = _chosen("c.account_id", case_ids)
        sql, own = _summed(organisation_id, sign, where)
        cursor.execute(sql, [*own, *params])


def _summed(organisation_id: int, sign: int, where: str) -> tuple[str, list[Any]]:
    return f"INSERT INTO cases_casetotal ({_COLUMNS}) {_cells(sign, where)}", [organisation_id]


def _cells(sign: int, where: str) -> str:
    cell = ", ".join(f"c.{name}" for name in CELL)
    sums = ", ".join(f"{sign} * SUM(b.{name})" for name in AMOUNTS)
    return f"""
        SELECT {cell}, b.currency, {sign} * SUM(CASE WHEN b.is_own THEN 1 ELSE 0 END),
               {sign} * SUM(CASE WHEN b.documents > 0 THEN 1 ELSE 0 END), {sums}
        FROM cases_case c JOIN cases_casebalance b ON b.case_id = c.account_id
        WHERE c.organisation_id = %s AND c.is_open {where}
        GROUP BY {cell}, b.currency
    """


def cells_now(organisation_id: int) -> pl.DataFrame:
    """Return the cells as the cases make them now."""
    return read_frame(_cells(1, ""), [organisation_id], _SCHEMA)


def cells_stored(organisation_id: int) -> pl.DataFrame:
    """Return the cells as they are stored, each once."""
    sums, cell = ", ".join(f"SUM({name})" for name in SUMMED), ", ".join((*CELL, "currency"))
    sql = f"SELECT {cell}, {sums} FROM cases_casetotal WHERE organisation_id = %s GROUP BY {cell}"
    return read_frame(sql, [organisation_id], _SCHEMA)


def fold(organisation_id: int) -> int:
    """Put the rows of each cell together in one; return how many rows are left. Nobody sees a moment in between."""
    with transaction.atomic(), named_lock("cases.totals", organisation_id), connection.cursor() as cursor:
        sums = ", ".join(f"SUM({name}) AS {name}" for name in SUMMED)
        cell = ", ".join((*CELL, "currency"))
        if connection.vendor == "postgresql":
            # One statement sees one moment: a row that somebody appends meanwhile is neither deleted nor summed.
            cursor.execute(
                f"WITH gone AS (DELETE FROM cases_casetotal WHERE organisation_id = %s RETURNING *)"
                f" INSERT INTO cases_casetotal ({_COLUMNS})"
                f" SELECT {cell}, {sums} FROM gone GROUP BY {cell} HAVING SUM(cases) <> 0 OR SUM(balances) <> 0",
                [organisation_id],
            )
        else:
            cursor.execute("SELECT MAX(id) FROM cases_casetotal")
            last = cursor.fetchone()[0] or 0
            cursor.execute(
                f"INSERT INTO cases_casetotal ({_COLUMNS}) SELECT {cell}, {sums} FROM cases_casetotal"
                f" WHERE organisation_id = %s GROUP BY {cell} HAVING SUM(cases) <> 0 OR SUM(balances) <> 0",
                [organisation_id],
            )
            cursor.execute(
                "DELETE FROM cases_casetotal WHERE organisation_id = %s AND id <= %s", [organisation_id, last]
            )
    return int(CaseTotal.objects.of(organisation_id).count())


def rebuild(organisation_id: int) -> None:
    """Make the totals again from the cases; only needed if `selectors.totals_drift` ever finds a difference."""
    with transaction.atomic(), named_lock("cases.totals", organisation_id), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE cases_casetotal IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM cases_casetotal WHERE organisation_id = %s", [organisation_id])
        cursor.execute(*_summed(organisation_id, 1, ""))
