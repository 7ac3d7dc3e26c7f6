"""A validated import where every tax id, phone and e-mail is distinct: `./aldia bench import --n 100000`."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import disposable


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench import", description=__doc__)
    disposable.add_options(parser, n=10_000)
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        print(json.dumps({"bench": "import", "database": kind, **measure(options.n)}))
    return 0


def measure(rows: int) -> dict[str, Any]:
    """Return seconds a step of a first load and of the same file again, rows a second, and bare writing beside them.

    `check_per_cpu_second` is reading and checking alone; `bare` writes the rows of the file, as they are, into one table without
    indexes (COPY, or executemany on SQLite), and the very rows that the load wrote again into copies of its tables.
    """
    from aldia.access.actors import system
    from aldia.ops import newcomers
    from benchmarks.filling import TODAY

    organisation = newcomers.found_organisation(key="bench", name="Bench", country="AR", currency="ARS")
    path = _write(Path(os.environ["ALDIA_HOME"]) / "documents.csv", rows, TODAY)
    first = _load(system(organisation.pk), path)
    again = _load(system(organisation.pk), path)
    return {
        "rows": rows,
        "columns": 20,
        "bytes": path.stat().st_size,
        "first": first,
        "again": again,
        "rows_per_second": round(rows / first["seconds"]),
        "check_per_cpu_second": round(rows / first["cpu_steps"]["check"]),
        "bare": _bare(path, first["seconds"]),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _load(actor: Any, path: Path) -> dict[str, Any]:
    from aldia.access.actors import Clock
    from aldia.intake import services as intake
    from aldia.intake.requests import LoadRequest
    from benchmarks.filling import NOW, TODAY

    marks: dict[str, tuple[float, float]] = {}

    def mark(step: str, _done: int, _total: int) -> None:
        marks.setdefault(step, _clocks())

    begun = _clocks()
    result = intake.load(
        actor=actor, path=path, clock=Clock(TODAY, NOW), is_dry_run=False,
        request=LoadRequest(portfolio="Bench", currency="ARS", country="AR", debt_kind="commercial", as_of=TODAY),
        on_step=mark,
    )  # fmt: skip
    end = _clocks()
    upto = [*list(marks.values())[1:], end]
    return {
        "seconds": round(end[0] - begun[0], 2), "cpu_seconds": round(end[1] - begun[1], 2),
        "steps": {step: round(until[0] - at[0], 2) for (step, at), until in zip(marks.items(), upto, strict=True)},
        "cpu_steps": {step: round(until[1] - at[1], 2) for (step, at), until in zip(marks.items(), upto, strict=True)},
        "new": result.new, "same": result.same, "rejected": result.rejected,
    }  # fmt: skip


def _clocks() -> tuple[float, float]:
    """The clock on the wall and the processor's, its children's included: a busy machine moves only the first."""
    return time.perf_counter(), sum(os.times()[:4])


WRITTEN = (
    "parties_party", "parties_partyword", "parties_partyreference", "parties_contactpoint", "ledger_account", "ledger_document",
    "ledger_posting", "ledger_leg", "cases_case", "cases_casebalance",
)  # fmt: skip


def _bare(path: Path, seconds: float) -> dict[str, Any]:
    """Seconds of writing alone: the file's own rows, and every row that the load left in the tables, indexes included."""
    import polars as pl
    from django.db import connection, transaction

    from aldia.db.frames import write_table

    table = pl.read_csv(path, infer_schema=False)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare_file ({', '.join(f'{name} text' for name in table.columns)})")
    begun = time.perf_counter()
    with transaction.atomic():
        write_table("bare_file", table)
    as_is = time.perf_counter() - begun
    begun = time.perf_counter()
    with transaction.atomic():
        written = sum(_copied(name) for name in WRITTEN)
    copies = time.perf_counter() - begun
    return {
        "file_seconds": round(as_is, 2), "ratio_to_file": round(seconds / as_is, 1),
        "rows_written": written, "same_rows_seconds": round(copies, 2), "ratio_to_same_rows": round(seconds / copies, 2),
    }  # fmt: skip


def _copied(name: str) -> int:
    """Write the table's rows into a copy of it with the same indexes; return how many they are."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE bare_{name} (LIKE {name} INCLUDING INDEXES)")
            cursor.execute(f"INSERT INTO bare_{name} SELECT * FROM {name}")
            return int(cursor.rowcount)
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index' AND sql IS NOT NULL", [name]
        )
        indexes = [row[0] for row in cursor.fetchall()]
        cursor.execute(f"CREATE TABLE bare_{name} AS SELECT * FROM {name} LIMIT 0")
        for number, sql in enumerate(indexes):
            cursor.execute(
                re.sub(r'INDEX "[^"]+" ON "[^"]+"', f'INDEX "bare_{name}_{number}" ON "bare_{name}"', sql)
            )
        cursor.execute(f"SELECT * FROM {name}")
        rows = cursor.fetchall()
        marks = ", ".join("?" * len(rows[0]))
        connection.connection.executemany(f"INSERT INTO bare_{name} VALUES ({marks})", rows)
        return len(rows)


def _write(path: Path, rows: int, today: Any) -> Path:
    from stdnum.ar import cuit

    names = (
        "codigo_cliente,razon_social,cuit,email,telefono,provincia,idioma,tipo,numero,fecha_emision,fecha_vencimiento,moneda,importe,"
        "saldo,orden_de_compra,condicion_de_pago,producto,domicilio,notas,sucursal"
    ).split(",")
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(names)
        for number in range(rows):
            body = f"30{50_000_000 + number:08d}"
            table.writerow([
                f"C{number}", f"Cliente {number} S.A.", body + cuit.calc_check_digit(body), f"c{number}@bench.example",
                f"+54 9 11 {40_000_000 + number}", "AR-B", "es", "Factura", f"A-{number:08d}", today.isoformat(),
                today.isoformat(), "ARS", f"{number % 9000 + 100}.50", f"{number % 9000 + 100}.50", f"OC{number}", "30 días",
                "Harina", f"Calle {number}", "", "Centro",
            ])  # fmt: skip
    return path


if __name__ == "__main__":
    sys.exit(main())
