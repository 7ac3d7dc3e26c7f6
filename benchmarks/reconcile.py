"""Bank lines matched with open documents: `./aldia bench reconcile --n 100000 --documents 1000000`."""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import time
from datetime import timedelta
from itertools import pairwise
from typing import Any

from benchmarks import disposable

BAR = 500  # lines a CPU-second: a hundred thousand in two hundred


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench reconcile", description=__doc__)
    disposable.add_options(parser, n=2_000)
    parser.add_argument("--documents", type=int, default=20_000, help="documentos abiertos (20000)")
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        print(json.dumps({"bench": "reconcile", "database": kind, **measure(options.n, options.documents)}))
    return 0


def measure(lines: int, documents: int) -> dict[str, Any]:
    """Return lines a second of storing, matching with posting, and the same statement again; and what was right.

    Of the lines six in ten name their document and pay it, two name only the client, one carries the tax id with a sum that
    closes the oldest documents, one is of nobody. `wrong` counts lines applied to another client than the one that paid.
    """
    from aldia.access.actors import Clock, system
    from aldia.payments import services as payments
    from benchmarks.filling import NOW, TODAY, fill

    filled = fill(documents)
    actor, clock = system(filled.organisation_id), Clock(TODAY, NOW)
    account = payments.ensure_bank_account(
        actor=actor, number="BENCH1", currency="USD", clock=clock, portfolio_id=filled.portfolio_id
    )
    draft, owners = _draft(filled.organisation_id, lines)
    marks = [_clocks()]
    payments.take_statement(actor=actor, bank_account_id=account.pk, draft=draft, clock=clock)
    marks.append(_clocks())
    before_mb = _peak_mb()
    done = payments.match_lines(actor=actor, clock=clock)
    marks.append(_clocks())
    payments.take_statement(actor=actor, bank_account_id=account.pk, draft=draft, clock=clock)
    marks.append(_clocks())
    steps = dict(zip(("store", "match", "again"), pairwise(marks), strict=True))
    seconds = {name: round(after[0] - before[0], 2) for name, (before, after) in steps.items()}
    cpu = {name: round(after[1] - before[1], 2) for name, (before, after) in steps.items()}
    return {
        "lines": lines, "documents": documents, "automatic": done.automatic, "waiting": done.waiting,
        "wrong": _wrong(filled.organisation_id, owners), "seconds": seconds, "cpu_seconds": cpu,
        "match_lines_per_second": round(lines / max(seconds["match"], 0.01)),
        "match_lines_per_cpu_second": round(lines / max(cpu["match"], 0.01)), "bar_lines_per_cpu_second": BAR,
        "ratio": round(lines / max(cpu["match"], 0.01) / BAR, 2), "bar": 1.0,
        "peak_mb": _peak_mb(), "peak_mb_before_match": before_mb,
    }  # fmt: skip


def _draft(organisation_id: int, count: int) -> tuple[Any, dict[str, int]]:
    """A statement over the organisation's own documents, and the account that each reference should go to."""
    import polars as pl

    from aldia.ledger import facts as ledger
    from aldia.parties import facts as parties
    from aldia.payments import services as payments
    from benchmarks.filling import TODAY

    dice = random.Random(11)
    creditor = ledger.account_frame(organisation_id)["creditor_id"][0]
    debts = ledger.open_debts(organisation_id, creditor_id=creditor, currencies=["USD"])
    owners = ledger.account_frame(organisation_id).join(parties.payers_frame(organisation_id), on="party_id")
    by_account = debts.sort("due_on").group_by("account_id").agg("number", "balance_minor")
    people = by_account.join(owners, left_on="account_id", right_on="case_id").sample(
        min(count, by_account.height), seed=3, shuffle=True
    )
    told, right = [], {}
    for turn in range(count):
        person = people.row(turn % people.height, named=True)
        kind = dice.randrange(10)
        place = turn // people.height % len(person["number"])
        line = {
            **_BLANK,
            "booked_on": TODAY - timedelta(days=dice.randrange(20)),
            "reference": f"R{turn:09d}X",
        }
        if kind < 6:
            line |= {
                "amount_minor": person["balance_minor"][place],
                "text": f"Pago {person['number'][place]}",
            }
        elif kind < 8:
            line |= {"amount_minor": dice.randrange(1_000, 900_000), "payer": person["name"]}
        elif kind < 9:
            line |= {"amount_minor": sum(person["balance_minor"][:2]), "payer_tax_id": person["tax_id"]}
        else:
            line |= {"amount_minor": dice.randrange(1_000, 900_000), "text": "DEPOSITO EN EFECTIVO"}
        told.append(line)
        right[line["reference"]] = person["account_id"]
    draft = payments.StatementDraft(
        format="bench", number="1", digest="b" * 64, turn=0, opening_minor=None, closing_minor=None,
        lines=pl.DataFrame(told, schema=payments.LINES),
    )  # fmt: skip
    return draft, right


_BLANK: dict[str, Any] = {
    **dict.fromkeys(("text", "payer", "payer_account", "payer_tax_id", "reason"), ""), "is_returned": False,
}  # fmt: skip


def _wrong(organisation_id: int, owners: dict[str, int]) -> int:
    import polars as pl

    from aldia.db.frames import read_frame

    applied = read_frame(
        "SELECT l.reference, r.account_id FROM payments_bankmatch AS m JOIN payments_bankline AS l ON l.id = m.line_id"
        " JOIN payments_receipt AS r ON r.id = m.receipt_id WHERE m.organisation_id = %s",
        [organisation_id],
        {"reference": pl.String, "account_id": pl.Int64},
    )
    return sum(owners[reference] != account_id for reference, account_id in applied.iter_rows())


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), sum(os.times()[:4])


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
