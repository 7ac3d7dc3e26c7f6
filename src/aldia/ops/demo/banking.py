"""Today's bank statement of a house: money that names its invoice, money that only says a name, money that says nothing."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aldia.cases import selectors as cases
from aldia.domain.money import to_major
from aldia.intake import services as intake
from aldia.ledger import selectors as ledger
from aldia.ops.demo import files

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.access.models import Organisation

ACCOUNT: Final = {"ARS": "0170099220000067797370", "COP": "03124500987"}  # invented
PAYERS: Final = 7


def read_the_bank(actor: Actor, organisation: Organisation, clock: Clock) -> None:
    """Take the statement of the house's account: what is sure applies itself, the rest waits on the desk with its candidates."""
    currency = organisation.currency
    with tempfile.TemporaryDirectory() as folder:
        path = files.write(Path(folder) / "banco.csv", _movements(actor, currency, clock))
        intake.take_bank_file(
            actor=actor, path=path, name=path.name, clock=clock,
            request=intake.BankRequest(
                account=ACCOUNT[currency], currency=currency, portfolio_id=ledger.portfolios(actor)[0].pk
            ),
        )  # fmt: skip


def _movements(actor: Actor, currency: str, clock: Clock) -> list[dict[str, Any]]:
    overdue = cases.CaseFilter(is_overdue=True)
    page = cases.case_list(actor, cases.CaseQuery(clock.as_of, overdue, sort="name", limit=60))
    payers = [row for row in page.rows if row.currency == currency and row.overdue_minor > 0][:PAYERS]
    told = []
    for turn, row in enumerate(payers):
        oldest = min(
            ledger.documents(actor, case_id=row.case_id, as_of=clock.as_of, is_open=True),
            key=lambda line: line.due_on,
        )
        told.append(
            [
                (f"TRANSFERENCIA {row.name} {oldest.number}", oldest.open_minor),
                (f"TRANSFERENCIA RECIBIDA {row.name.upper()}", row.overdue_minor),
                (f"DEPOSITO {' '.join(row.name.split()[1:3]).upper()}", oldest.open_minor - 95_00),
            ][turn % 3]
        )
    told += [("DEPOSITO EN EFECTIVO SUCURSAL 14", 312_000_00), ("COMISION MANTENIMIENTO", -8_900_00)]
    return [
        {
            "fecha": (clock.as_of - timedelta(days=turn % 2)).isoformat(), "concepto": text,
            "referencia": f"{clock.as_of:%y%m%d}{turn:04d}", "importe": str(to_major(minor, currency)),
        }
        for turn, (text, minor) in enumerate(told)
    ]  # fmt: skip
