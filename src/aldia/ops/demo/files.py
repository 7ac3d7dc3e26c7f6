"""The files that the demonstration loads: open and paid documents, as an accounting program would export them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TERMS = (15, 30, 30, 45, 60)
PATIENCE = ((0.55, -2, 6), (0.25, 3, 25), (0.12, 15, 60), (0.08, 70, 400))  # share, fewest and most days late
RATE = 1_380  # pesos a dollar, only to give invoices in dollars a likely size


def write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write the rows as CSV and return the path; the first row names the columns."""
    lines = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, fieldnames=list(lines[0]))
        table.writeheader()
        table.writerows(lines)
    return path


def invoices(
    dice: random.Random, customers: list[dict[str, str]], *, today: date, first_number: int
) -> list[dict[str, Any]]:
    """Return four to five documents a customer over the last five months; most are paid, each on its own day."""
    rows: list[dict[str, Any]] = []
    for customer in customers:
        late = _lateness(dice)
        size = dice.lognormvariate(12.6, 0.9)
        is_exporter = dice.random() < 0.08
        for _turn in range(dice.choice((3, 4, 4, 5, 5))):
            issued = today - timedelta(days=dice.randint(1, 150))
            currency = "USD" if is_exporter and dice.random() < 0.5 else "ARS"
            amount = round(size * dice.uniform(0.4, 1.8) / (RATE if currency == "USD" else 1), 2)
            number = f"A-0003-{first_number + len(rows):08d}"
            rows.append(
                _document(dice, customer, number, issued, late=late, today=today)
                | {"moneda": currency, "importe": f"{amount:.2f}"}
            )
            if dice.random() < 0.03:
                rows.append(_credit_note(rows[-1], f"NC-0003-{first_number + len(rows):08d}", today))
    return rows


def _lateness(dice: random.Random) -> tuple[int, int]:
    share = dice.random()
    for weight, fewest, most in PATIENCE:
        if share < weight:
            return fewest, most
        share -= weight
    return PATIENCE[-1][1:]


def _document(
    dice: random.Random,
    customer: dict[str, str],
    number: str,
    issued: date,
    *,
    late: tuple[int, int],
    today: date,
) -> dict[str, Any]:
    kind = dice.choices(("Factura", "Cheque", "Pagaré"), (93, 5, 2))[0]
    due = issued + timedelta(days=dice.choice(TERMS))
    paid = due + timedelta(days=dice.randint(*late))
    return {
        "codigo_cliente": customer["codigo_cliente"],
        "razon_social": customer["razon_social"],
        "cuit": customer["cuit"],
        "tipo": kind,
        "numero": number if kind == "Factura" else f"{kind[:2].upper()}-{number[-8:]}",
        "fecha_emision": issued.isoformat(),
        "fecha_vencimiento": due.isoformat(),
        "moneda": "ARS",
        "importe": "0.00",
        "fecha_pago": max(paid, issued).isoformat() if paid <= today else "",
    }


def _credit_note(invoice: dict[str, Any], number: str, today: date) -> dict[str, Any]:
    on = min(date.fromisoformat(invoice["fecha_emision"]) + timedelta(days=6), today)
    amount = float(invoice["importe"]) * 0.1
    return {
        **invoice, "tipo": "Nota de crédito", "numero": number, "fecha_emision": on.isoformat(),
        "fecha_vencimiento": on.isoformat(), "importe": f"{amount:.2f}", "fecha_pago": "",
    }  # fmt: skip


def instalments(dice: random.Random, borrowers: list[dict[str, str]], *, today: date) -> list[dict[str, Any]]:
    """Return the monthly instalments of one loan a borrower; who pays late is late with every one."""
    rows: list[dict[str, Any]] = []
    for number, borrower in enumerate(borrowers, start=1):
        count = dice.choice((6, 9, 12))
        granted = today - timedelta(days=dice.randint(20, 220))
        amount = dice.randint(9, 48) * 10_000
        late = _lateness(dice)
        for turn in range(1, count + 1):
            due = granted + timedelta(days=30 * turn)
            paid = due + timedelta(days=dice.randint(*late))
            rows.append(
                {
                    "codigo_cliente": borrower["codigo_cliente"],
                    "nombre": borrower["nombre"],
                    "nit": borrower["nit"],
                    "tipo": "Cuota",
                    "numero": f"CR{4000 + number}-{turn:02d}/{count:02d}",
                    "fecha_emision": granted.isoformat(),
                    "fecha_vencimiento": due.isoformat(),
                    "moneda": "COP",
                    "importe": f"{amount}.00",
                    "fecha_pago": paid.isoformat() if paid <= today else "",
                }
            )
    return rows
