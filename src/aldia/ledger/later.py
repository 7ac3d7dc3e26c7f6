"""A day that has gone by, from the balances of now: what came later is taken off."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from django.db import connection

from aldia.db.frames import read_frame
from aldia.ledger.models import BookAccount


def later_legs(organisation_id: int, as_of: date, known_at: datetime | None) -> tuple[str, list[Any]]:
    """Return the SELECT, with its parameters, of what the receivable legs after the day (or recorded after the instant) add up to,
    by document: (document_id, amount)."""
    condition, params = 'l."on" > %s', [organisation_id, as_of]
    if known_at is not None:
        condition, params = f"({condition} OR l.recorded_at > %s)", [*params, stored_instant(known_at)]
    sql = f"""
        SELECT l.document_id, CAST(SUM(l.amount_minor) AS bigint) AS amount FROM ledger_leg AS l
        WHERE l.organisation_id = %s AND l.book = '{BookAccount.RECEIVABLE.value}' AND {condition}
        GROUP BY l.document_id
    """
    return sql, params


def stored_instant(value: datetime) -> object:
    """Return the instant as the database compares it."""
    # SQLite compares text: "…:00" sorts before "…:00.000000", and both are the same instant.
    if connection.vendor == "postgresql":
        return value
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def usual_overdue(organisation_id: int, *, as_of: date) -> pl.DataFrame:
    """Return (currency, usual): the median of what accounts have overdue on a day, in minor units, credit notes left out.

    The database reckons it, so that nobody holds every account.
    """
    later, params = later_legs(organisation_id, as_of, None)
    amount = "d.balance_minor - COALESCE(later.amount, 0)"
    sql = f"""
        WITH owed AS (
            SELECT d.currency, SUM({amount}) AS minor
            FROM ledger_document AS d LEFT JOIN ({later}) AS later ON later.document_id = d.id
            WHERE d.organisation_id = %s AND d.issued_on <= %s AND d.due_on < %s AND {amount} > 0
            GROUP BY d.account_id, d.currency
        ), placed AS (
            SELECT currency, minor, ROW_NUMBER() OVER (PARTITION BY currency ORDER BY minor) AS place,
                   COUNT(*) OVER (PARTITION BY currency) AS many FROM owed
        )
        SELECT currency, CAST(AVG(minor) AS double precision) FROM placed
        WHERE place IN ((many + 1) / 2, (many + 2) / 2) GROUP BY currency
    """
    schema = {"currency": pl.String, "usual": pl.Float64}
    return read_frame(sql, [*params, organisation_id, as_of, as_of], schema)
