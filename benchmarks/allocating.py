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
    """Return the median of rounds that alternate: aldia's set of receipts, and the SQL of `bare_allocating` over as many more.

    Both begin with a frame and end with the same rows in the same tables: `differences` is what verifying finds in either's.
    `ratio` is aldia's time over the bare one (bar 1.5), `times_one_by_one` how many receipts a second more than one at a time (bar 15).
    """
    from aldia.access.actors import Clock, system
    from aldia.payments.selectors import verify
    from benchmarks import bare_allocating
    from benchmarks.filling import NOW, TODAY, fill

    sample = min(n, 100)
    filled = fill(2 * n * ROUNDS + sample)
    actor, clock = system(filled.organisation_id), Clock(TODAY, NOW)
    rows = _receipts(filled.organisation_id, TODAY)
    own, bare = [], []
    for turn in range(ROUNDS):
        mine, theirs = rows.slice(2 * turn * n, n), rows.slice((2 * turn + 1) * n, n)
        own.append(_timed(lambda mine=mine: _register(actor, filled.portfolio_id, mine, clock)))
        bare.append(
            _timed(
                lambda theirs=theirs: bare_allocating.register(
                    filled.organisation_id, filled.portfolio_id, theirs, NOW
                )
            )
        )
    one = _timed(lambda: _one_by_one(actor, filled.portfolio_id, rows.slice(2 * ROUNDS * n, sample), clock))
    return {
        "n": n, "seconds": round(median(own), 3), "bare_seconds": round(median(bare), 3),
        "ratio": round(median(a / b for a, b in zip(own, bare, strict=True)), 2), "bar": BAR,
        "times_one_by_one": round((one / sample) / (median(own) / n), 1), "bar_one_by_one": BAR_ONE_BY_ONE,
        "differences": len(verify(filled.organisation_id).differences),
    }  # fmt: skip


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _receipts(organisation_id: int, on: Any) -> Any:
    """A receipt for each debt, of all that it owes."""
    import polars as pl

    from aldia.ledger import facts as ledger

    creditor = ledger.account_frame(organisation_id)["creditor_id"][0]
    debts = ledger.open_debts(organisation_id, creditor_id=creditor, currencies=["USD"])
    return debts.sort("document_id").select(
        "document_id", "account_id", amount_minor="balance_minor", currency=pl.lit("USD"), on=pl.lit(on),
        reference=pl.format("r{}", "document_id"),
    )  # fmt: skip


def _register(actor: Any, portfolio_id: int, rows: Any, clock: Any) -> None:
    from aldia.payments import services as payments

    payments.register_frame(
        actor=actor,
        told=payments.ReceiptSet(portfolio_id=portfolio_id, receipts=rows, source="bench"),
        clock=clock,
        has_consequences=False,
    )


def _one_by_one(actor: Any, portfolio_id: int, part: Any, clock: Any) -> None:
    from aldia.payments import services as payments

    for row in part.iter_rows(named=True):
        payments.register_receipt(
            actor=actor,
            draft=payments.ReceiptDraft(
                portfolio_id=portfolio_id,
                case_id=row["account_id"],
                amount_minor=row["amount_minor"],
                currency="USD",
                on=clock.as_of,
                means="transfer",
                source="bench",
                reference=row["reference"],
                document_ids=[row["document_id"]],
            ),
            clock=clock,
        )


if __name__ == "__main__":
    raise SystemExit(main())
