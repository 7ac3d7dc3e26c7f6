"""Money collected for others that waits to be handed over: the database chooses, rounds and adds; here only days and owners are met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.db import connection

from aldia.db.frames import read_frame
from aldia.domain.remitting import RemittanceTerms, Told
from aldia.ledger import selectors as ledger
from aldia.ledger.owning import Owners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aldia.access.actors import Actor
    from aldia.ledger.models import Creditor, Portfolio

SETTING: Final = "remittance"
TO_OWNER: Final = "creditor"
"""The means of money that its client paid to the owner: it bears commission, and nobody holds it here."""

_LINES: Final = f"""
    SELECT x.*, (x.commission_minor * %s * 2 + 10000) / 20000 AS tax_minor FROM (
        SELECT f.*, (f.collected_minor * %s * 2 + 10000) / 20000 AS commission_minor FROM (
            SELECT r.id AS receipt_id, r."on" AS since, r."on" AS told_on, r.currency, r.account_id, r.payer,
                   CAST(NULL AS bigint) AS told_to, FALSE AS is_taken_back, r.amount_minor AS collected_minor,
                   CASE WHEN r.means = '{TO_OWNER}' THEN 0 ELSE r.amount_minor - CAST(COALESCE(
                       (SELECT SUM(d.amount_minor) FROM payments_deduction AS d WHERE d.receipt_id = r.id), 0) AS bigint)
                   END AS held_minor
            FROM payments_receipt AS r
            WHERE r.organisation_id = %s AND r.portfolio_id = %s AND r.account_id IS NOT NULL AND r."on" <= %s AND r."on" >= %s
              AND r.state <> 'REVERSED'
              AND NOT EXISTS (SELECT 1 FROM payments_remittanceline AS t WHERE t.receipt_id = r.id)) AS f) AS x
    UNION ALL
    SELECT r.id, r."on", COALESCE(r.reversed_on, r."on"), r.currency, r.account_id, r.payer, o.owner_id, TRUE,
           -t.collected_minor, -t.held_minor, -t.commission_minor, -t.tax_minor
    FROM payments_remittanceline AS t JOIN payments_receipt AS r ON r.id = t.receipt_id
    JOIN payments_remittance AS o ON o.id = t.remittance_id
    WHERE t.organisation_id = %s AND r.portfolio_id = %s AND COALESCE(r.reversed_on, r."on") <= %s AND r.state = 'REVERSED' AND NOT t.is_taken_back
      AND NOT EXISTS (SELECT 1 FROM payments_remittanceline AS b WHERE b.receipt_id = r.id AND b.is_taken_back)
"""
"""A receipt not told yet, or taken back after it was, from whom it went to (`told_to`).

Commission and its tax are rounded half up, as `domain.remitting.kept_of` does.
"""
_SUMS: Final = ("collected_minor", "held_minor", "commission_minor", "tax_minor")


@dataclass(frozen=True, slots=True)
class Pending(Told):
    """What waits for one owner of a portfolio in one currency, of so many receipts, minor units."""

    portfolio: Portfolio
    owner: Creditor
    currency: str
    receipts: int
    collected_minor: int
    held_minor: int
    commission_minor: int
    tax_minor: int


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
    chosen = [row for row in ledger.portfolios(actor) if terms_of(row) and portfolio_id in (None, row.pk)]
    owners = Owners(actor, {row.pk: row.creditor_id for row in chosen})
    people = {row.pk: row for row in ledger.creditors(actor)}
    found = []
    for portfolio in chosen:
        days = _by_day(portfolio, until_on)
        whose = [to or owners.on(portfolio.pk, on) for on, to in days.select("since", "told_to").iter_rows()]
        sums = days.with_columns(owner=pl.Series(whose, dtype=pl.Int64)).group_by("owner", "currency")
        found += [
            Pending(portfolio, people[owner], *told)
            for owner, *told in sums.agg(pl.col("receipts", *_SUMS).sum()).iter_rows()
        ]
    return sorted(found, key=lambda each: (each.portfolio.name, each.owner.name, each.currency))


def _by_day(portfolio: Portfolio, until_on: date) -> pl.DataFrame:
    """One row a day, currency and owner told: as many as days, however many receipts."""
    sums = ", ".join(f"CAST(SUM({name}) AS bigint)" for name in _SUMS)
    sql = f"SELECT since, told_to, currency, COUNT(*), {sums} FROM ({_LINES}) AS y GROUP BY since, told_to, currency"
    schema = {
        "since": pl.Date,
        "told_to": pl.Int64,
        "currency": pl.String,
        "receipts": pl.Int64,
        **dict.fromkeys(_SUMS, pl.Int64),
    }
    return read_frame(sql, _values(portfolio, until_on), schema)


def _values(portfolio: Portfolio, until_on: date) -> list[Any]:
    terms = terms_of(portfolio) or RemittanceTerms()
    mine = [portfolio.organisation_id, portfolio.pk, until_on]
    rates = [terms.tax_hundredths, terms.commission_hundredths]
    return [*rates, *mine, terms.placed_on or date.min, *mine]


def waiting_lines(waiting: Pending, actor: Actor, *, until_on: date, limit: int) -> pl.DataFrame:
    """Return the first receipts that wait for an owner, by day: the columns of a line, with `who` paid."""
    days, bounds = _owned(actor, waiting)
    sql = f"""
        SELECT y.receipt_id, y.told_on, CASE WHEN y.payer <> '' THEN y.payer ELSE p.name END, y.is_taken_back,
               {", ".join(f"y.{name}" for name in _SUMS)}
        FROM ({_LINES}) AS y JOIN ledger_account AS a ON a.id = y.account_id JOIN parties_party AS p ON p.id = a.party_id
        WHERE y.currency = %s AND ({days}) ORDER BY y.since, y.receipt_id LIMIT %s
    """
    schema = {
        "receipt_id": pl.Int64, "on": pl.Date, "who": pl.String, "is_taken_back": pl.Boolean, **dict.fromkeys(_SUMS, pl.Int64),
    }  # fmt: skip
    values = [*_values(waiting.portfolio, until_on), waiting.currency, *bounds, limit]
    return read_frame(sql, values, schema)


def write_lines(waiting: Pending, actor: Actor, *, until_on: date, remittance_id: int) -> int:
    """Write everything that waits for an owner as lines of a remittance, inside the database; return how many."""
    days, bounds = _owned(actor, waiting)
    names = ("receipt_id", "is_taken_back", *_SUMS)
    sql = f"""
        INSERT INTO payments_remittanceline (organisation_id, remittance_id, {", ".join(names)})
        SELECT %s, %s, {", ".join(f"y.{name}" for name in names)} FROM ({_LINES}) AS y
        WHERE y.currency = %s AND ({days}) ORDER BY y.since, y.receipt_id
    """
    head = [waiting.portfolio.organisation_id, remittance_id]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*head, *_values(waiting.portfolio, until_on), waiting.currency, *bounds])
        return int(cursor.rowcount)


def _owned(actor: Actor, waiting: Pending) -> tuple[str, Sequence[Any]]:
    """What is this owner's, as a condition and its values: the days on which the portfolio was, and what it was handed and went back."""
    owners = Owners(actor, {waiting.portfolio.pk: waiting.portfolio.creditor_id})
    spans = owners.spans(waiting.portfolio.pk, waiting.owner.pk)
    days = " OR ".join(["(y.since >= %s AND y.since < %s)"] * len(spans)) or "FALSE"
    condition = f"y.told_to = %s OR (y.told_to IS NULL AND ({days}))"
    return condition, [waiting.owner.pk, *(day for span in spans for day in span)]
