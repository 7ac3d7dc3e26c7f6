"""A real Tryton with a company, two customers and their invoices, served on a free port. Called by `aldia bench link`.

Nothing of aldia is imported here. Every invoice is made and posted with Tryton's own models, then `trytond` answers its public
JSON-RPC as it always does. Prints one JSON line when it listens, and serves until it is stopped.
"""

import argparse
import contextlib
import datetime as dt
import json
import os
import sys
from decimal import Decimal

USER, PASSWORD = "aldia", "una-clave-de-prueba-26"


def main() -> None:
    """Make the database, then serve it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--today", required=True)
    options = parser.parse_args()
    os.environ["DB_NAME"] = "tryton"
    from trytond import config

    config.set("database", "uri", "sqlite://")
    config.set("database", "path", options.folder)
    from trytond.tests.test_tryton import USER as ROOT
    from trytond.tests.test_tryton import activate_module

    activate_module("account_invoice")
    _lived(ROOT, dt.date.fromisoformat(options.today))
    _serve()


def _lived(root, today):
    """Fill in one transaction, taken up again with the locks that Tryton asks for."""
    from trytond.transaction import Transaction, TransactionError

    asked = {}
    while True:
        with Transaction().start("tryton", root, context={}, **asked) as transaction:
            try:
                _fill(today)
                transaction.commit()
                return
            except TransactionError as error:
                transaction.rollback()
                error.fix(asked)


def _fill(today):
    from trytond.modules.account.tests.test_module import create_chart, get_fiscalyear
    from trytond.modules.account_invoice.tests.test_module import set_invoice_sequences
    from trytond.modules.company.tests.test_module import create_company, set_company
    from trytond.pool import Pool

    pool = Pool()
    company = create_company(name="Andina")
    with set_company(company):
        create_chart(company)
        year = set_invoice_sequences(
            get_fiscalyear(
                company, start_date=dt.date(today.year - 1, 1, 1), end_date=dt.date(today.year + 1, 12, 31)
            )
        )
        year.save()
        year.create_period([year])
        accounts = {
            kind: pool.get("account.account").search(
                [(f"type.{kind}", "=", True), ("closed", "!=", True), ("company", "=", company.id)], limit=1
            )[0]
            for kind in ("receivable", "revenue")
        }
        (cash,) = pool.get("account.account").search(
            [("code", "=", "1.1.1"), ("company", "=", company.id)], limit=1
        )
        (journal,) = pool.get("account.journal").search([("type", "=", "cash")], limit=1)
        pool.get("account.invoice.payment.method").create(
            [
                {
                    "name": "aldia",
                    "company": company.id,
                    "journal": journal.id,
                    "debit_account": cash.id,
                    "credit_account": cash.id,
                }
            ]
        )
        _invoices(pool, company, accounts, today)
        _user(pool, company)


def _invoices(pool, company, accounts, today):
    """Two customers: one invoice at 30 days, one in two parts, one credit note."""
    from trytond.transaction import Transaction

    terms = {"one": [(None, 30)], "two": [(Decimal("0.5"), 30), (None, 60)]}
    kept = {
        name: pool.get("account.invoice.payment_term").create([_term(name, lines)])[0]
        for name, lines in terms.items()
    }
    (horizonte,) = pool.get("party.party").create(
        [_party("Panadería Horizonte", "C-001", "pagos@horizonte.example")]
    )
    (aurora,) = pool.get("party.party").create(
        [_party("Ferretería Aurora", "C-002", "tesoreria@aurora.example")]
    )
    for party, term, days_ago, price in (
        (horizonte, "one", 60, "1000.00"), (horizonte, "two", 45, "500.50"), (aurora, "one", 20, "300.00"), (aurora, "one", 10, "-50.00"),
    ):  # fmt: skip
        on = today - dt.timedelta(days=days_ago)
        Invoice = pool.get("account.invoice")
        (invoice,) = Invoice.create(
            [{
                "type": "out", "company": company.id, "party": party.id, "invoice_address": party.addresses[0].id,
                "account": accounts["receivable"].id, "payment_term": kept[term].id, "invoice_date": on, "currency": company.currency.id,
                "journal": pool.get("account.journal").search([("type", "=", "revenue")], limit=1)[0].id,
                "lines": [("create", [{
                    "type": "line", "quantity": 1, "unit_price": Decimal(price), "account": accounts["revenue"].id,
                    "description": "Mercadería", "company": company.id, "currency": company.currency.id,
                }])],
            }]
        )  # fmt: skip
        with Transaction().set_context(_skip_warnings=True):
            Invoice.post([Invoice(invoice.id)])


def _term(name, lines):
    made = [
        {
            "type": "percent" if part else "remainder",
            **({"ratio": part, "divisor": 1 / part} if part else {}),
            "relativedeltas": [("create", [{"days": days}])],
        }
        for part, days in lines
    ]
    return {"name": name, "lines": [("create", made)]}


def _party(name, code, mail):
    return {
        "name": name, "code": code, "addresses": [("create", [{}])],
        "contact_mechanisms": [("create", [{"type": "email", "value": mail}])],
    }  # fmt: skip


def _user(pool, company):
    """Who aldia signs in as: the accounting groups and nothing else."""
    data = pool.get("ir.model.data")
    groups = [
        data.get_id("account", "group_account"),
        data.get_id("account_invoice", "group_invoice") if _has(data) else None,
    ]
    pool.get("res.user").create(
        [{
            "name": "aldia", "login": USER, "password": PASSWORD, "companies": [("add", [company.id])], "company": company.id,
            "groups": [("add", [each for each in groups if each])],
        }]
    )  # fmt: skip


def _has(data):
    with contextlib.suppress(KeyError):
        return bool(data.get_id("account_invoice", "group_invoice"))
    return False


def _serve():
    from trytond.application import app
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    from trytond import __version__

    print(
        json.dumps({"port": server.port, "version": __version__, "user": USER, "password": PASSWORD}),
        flush=True,
    )
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
