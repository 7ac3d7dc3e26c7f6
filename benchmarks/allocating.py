"""Receipts in a set against the bare SQL of the same rows, and against one at a time: `./aldia bench allocate --n 100000`."""

from __future__ import annotations

import argparse
import json
import time
from statistics import median
from typing import Any

from benchmarks import disposable

BAR, BAR_ONE_BY_ONE = 1.5, 15.0
ROUNDS = 3


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench allocate", description=__doc__)
    disposable.add_options(parser, n=2_000)
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        print(json.dumps({"bench": "allocate", "database": kind, **measure(options.n)}))
    return 0


def measure(n: int) -> dict[str, Any]:
    """Return the median of rounds that alternate: aldia's set of receipts, and an INSERT … SELECT of the very rows that it wrote.

    The bare one reads them ready from tables of its own, so that it only writes.

    `ratio` is aldia's time over the bare one (bar 1.5), `times_one_by_one` how many receipts a second more than one at a time (bar 15).
    """
    from aldia.access.actors import Clock, system
    from aldia.payments.selectors import verify
    from benchmarks.filling import NOW, TODAY, fill

    sample = min(n, 100)
    filled = fill(n * ROUNDS + sample)
    actor, clock = system(filled.organisation_id), Clock(TODAY, NOW)
    debts = _debts(filled.organisation_id)
    own, bare, differences = [], [], 0
    for turn in range(ROUNDS):
        part = debts.slice(turn * n, n)
        own.append(
            _timed(
                lambda part=part, turn=turn: _register(actor, filled.portfolio_id, part, clock, f"r{turn}")
            )
        )
        differences += (
            0 if turn else len(verify(filled.organisation_id).differences)
        )  # the bare rows come after
        statements = _staged(f"r{turn}-")
        bare.append(_timed(lambda statements=statements: _bare(statements)))
    one = _timed(lambda: _one_by_one(actor, filled.portfolio_id, debts.slice(ROUNDS * n, sample), clock))
    return {
        "n": n, "seconds": round(median(own), 3), "bare_seconds": round(median(bare), 3),
        "ratio": round(median(a / b for a, b in zip(own, bare, strict=True)), 2), "bar": BAR,
        "times_one_by_one": round((one / sample) / (median(own) / n), 1), "bar_one_by_one": BAR_ONE_BY_ONE,
        "differences": differences,
    }  # fmt: skip


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _debts(organisation_id: int) -> Any:
    import polars as pl

    from aldia.ledger import facts as ledger

    creditor = ledger.account_frame(organisation_id)["creditor_id"][0]
    debts = ledger.open_debts(organisation_id, creditor_id=creditor, currency="USD")
    return debts.sort("document_id").select("document_id", "account_id", amount_minor=pl.col("balance_minor"))


def _register(actor: Any, portfolio_id: int, part: Any, clock: Any, name: str) -> None:
    import polars as pl

    from aldia.payments import services as payments

    rows = part.with_columns(
        currency=pl.lit("USD"), on=pl.lit(clock.as_of), reference=pl.format(f"{name}-{{}}", "document_id")
    )
    payments.register_frame(
        actor=actor,
        portfolio_id=portfolio_id,
        receipts=rows,
        source="bench",
        clock=clock,
        has_consequences=False,
    )


def _one_by_one(actor: Any, portfolio_id: int, part: Any, clock: Any) -> None:
    from aldia.payments import services as payments

    for document_id, account_id, minor in part.iter_rows():
        payments.register_receipt(
            actor=actor, portfolio_id=portfolio_id, case_id=account_id, amount_minor=minor, currency="USD", on=clock.as_of,
            means="transfer", source="bench", reference=f"one-{document_id}", clock=clock, document_ids=[document_id],
        )  # fmt: skip


def _staged(name: str) -> list[str]:
    """Put every row that the round wrote aside, with new ids and references; return the statements that write them once more."""
    from django.apps import apps
    from django.db import connection

    mine = f"SELECT id FROM payments_receipt WHERE reference LIKE '{name}%' AND id > 0"
    postings = (
        f"SELECT posting_id FROM payments_allocation WHERE receipt_id IN ({mine}) UNION ALL SELECT p.id FROM ledger_posting AS p "
        "JOIN payments_receipt AS r ON p.portfolio_id = r.portfolio_id AND p.kind = 'receipt' AND p.source = 'payments' "
        f"AND p.reference = 'receipt:' || r.id WHERE r.id IN ({mine})"
    )
    which = {
        "payments.Receipt": f"id IN ({mine})", "ledger.Posting": f"id IN ({postings})",
        "ledger.Leg": f"posting_id IN ({postings})", "payments.Allocation": f"receipt_id IN ({mine})",
    }  # fmt: skip
    statements = []
    with connection.cursor() as cursor:
        for label, where in which.items():
            meta = apps.get_model(label)._meta
            columns = [field.column for field in meta.concrete_fields]
            listed, told = (
                ", ".join(f'"{column}"' for column in columns),
                ", ".join(map(_expression, columns)),
            )
            staged = f"bare_{meta.db_table}"
            cursor.execute(f"DROP TABLE IF EXISTS {staged}")
            cursor.execute(
                f"CREATE TEMPORARY TABLE {staged} AS SELECT {told} FROM {meta.db_table} WHERE {where}"
            )
            statements.append(f"INSERT INTO {meta.db_table} ({listed}) SELECT * FROM {staged}")
    statements.append(
        "UPDATE ledger_document SET balance_minor = ledger_document.balance_minor - a.total FROM (SELECT document_id, "
        "SUM(amount_minor) AS total FROM bare_payments_allocation GROUP BY document_id) AS a WHERE ledger_document.id = a.document_id"
    )
    return statements


def _bare(statements: list[str]) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def _expression(column: str) -> str:
    if column in ("id", "receipt_id", "posting_id"):
        return f'-"{column}" AS "{column}"'  # ids that nobody else uses
    return "reference || '~' AS \"reference\"" if column == "reference" else f'"{column}"'


if __name__ == "__main__":
    raise SystemExit(main())
