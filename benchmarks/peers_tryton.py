"""Tryton's dunning over the lines of a file, in its own environment: prints its seconds as JSON. Called by `aldia bench peers`.

Nothing of aldia is imported here. The accounts, the procedure and the lines are made with Tryton's own models; what is measured
is `account.dunning.generate_dunnings`, which its cron calls each night, committed.
"""

import argparse
import contextlib
import datetime as dt
import json
import os
import statistics
import sys
import time
from decimal import Decimal

os.environ.setdefault("DB_NAME", ":memory:")  # the fastest that it has: nothing reaches a disk

CHUNK = 500
LEVELS = (3, 10, 30, 60)  # days late of the notices of aldia's own strategy


def main() -> None:
    """Fill, generate `rounds` times from nothing, and print the median."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lines")
    parser.add_argument("--today", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with open(options.lines, encoding="utf-8") as source:
        rows = [json.loads(line) for line in source]
    from trytond import __version__
    from trytond.tests.test_tryton import USER, activate_module

    activate_module("account_dunning")
    seconds, made, again = lived(rows, dt.date.fromisoformat(options.today), options.rounds, USER)
    told = {
        "version": __version__,
        "lines": len(rows),
        "seconds": seconds,
        "dunnings": made,
        "again_seconds": again,
    }
    json.dump(told, sys.stdout)


def lived(rows, today, rounds, user):
    """Fill and measure in one transaction, taken up again with the locks that Tryton asks for."""
    from trytond.transaction import Transaction, TransactionError

    asked = {}
    while True:
        with Transaction().start(os.environ["DB_NAME"], user, context={}, **asked) as transaction:
            try:
                with fill(rows):
                    transaction.commit()
                    return measured(today, rounds, transaction)
            except TransactionError as error:
                transaction.rollback()
                error.fix(asked)


@contextlib.contextmanager
def fill(rows):
    """A company with its chart of accounts, the procedure, the customers and their receivable lines."""
    from trytond.modules.account.tests.test_module import create_chart, get_fiscalyear
    from trytond.modules.company.tests.test_module import create_company, set_company
    from trytond.pool import Pool

    pool = Pool()
    company = create_company()
    with set_company(company):
        create_chart(company)
        year = get_fiscalyear(company)
        year.save()
        year.create_period([year])
        (receivable,) = pool.get("account.account").search(
            [("type.receivable", "=", True), ("company", "=", company.id)], limit=1
        )
        (journal,) = pool.get("account.journal").search([("code", "=", "REV")], limit=1)
        (procedure,) = pool.get("account.dunning.procedure").create(
            [
                {
                    "name": "Night",
                    "levels": [
                        ("create", [{"overdue": dt.timedelta(days=days)} for days in reversed(LEVELS)])
                    ],
                }
            ]
        )
        names = sorted({row["party"] for row in rows})
        parties = {}
        for start in range(0, len(names), CHUNK):
            some = names[start : start + CHUNK]
            made = pool.get("party.party").create(
                [{"name": str(name), "dunning_procedure": procedure.id} for name in some]
            )
            parties.update(zip(some, made, strict=True))
        period = year.periods[0]
        (move,) = pool.get("account.move").create(
            [{"journal": journal.id, "period": period.id, "date": period.start_date}]
        )
        _lines(pool, rows, parties, move, receivable)
        yield


def _lines(pool, rows, parties, move, receivable):
    """The lines by SQL, as a posting would leave them: making them one by one is not what is measured."""
    from trytond.transaction import Transaction

    table = pool.get("account.move.line").__table__()
    columns = [
        table.move,
        table.account,
        table.party,
        table.debit,
        table.credit,
        table.maturity_date,
        table.state,
    ]
    cursor = Transaction().connection.cursor()
    for start in range(0, len(rows), CHUNK):
        values = [
            [move.id, receivable.id, parties[row["party"]].id, Decimal(row["amount"]), Decimal(0),
             dt.date.fromisoformat(row["due_on"]), "valid"]
            for row in rows[start : start + CHUNK]
        ]  # fmt: skip
        cursor.execute(*table.insert(columns, values))


def measured(today, rounds, transaction):
    """The median of the first nights, each from nothing, how many dunnings one made, and the same night once more."""
    from trytond.pool import Pool

    Dunning = Pool().get("account.dunning")
    seconds, made = [], 0
    for number in range(rounds):
        begun = time.process_time()
        Dunning.generate_dunnings(date=today)
        transaction.commit()
        seconds.append(time.process_time() - begun)
        made = Dunning.search([], count=True)
        if number + 1 < rounds:
            Dunning.delete(Dunning.search([]))
            transaction.commit()
    begun = time.process_time()
    Dunning.generate_dunnings(date=today)
    transaction.commit()
    return statistics.median(seconds), made, time.process_time() - begun


if __name__ == "__main__":
    main()
