"""A validated import where every tax id, phone and e-mail is distinct, and one without any: `./aldia bench import --n 100000`."""

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
    indexes (COPY, or executemany on SQLite), and the very rows that the load wrote again into copies of its tables. `plain` is the
    first load of a file without tax ids, phones and e-mails: `part_of_bare` says how much of the bare speed it keeps.
    """
    import polars as pl

    from benchmarks.filling import TODAY

    home = Path(os.environ["ALDIA_HOME"])
    path = _write(home / "documents.csv", rows, TODAY)
    plain = home / "plain.csv"
    pl.read_csv(path, infer_schema=False).drop(REACHED_BY).write_csv(plain)
    without, _actor = _loaded("plain", plain)
    first, actor = _loaded("bench", path)
    again = _load(actor, path)
    return {
        "rows": rows,
        "columns": 20,
        "bytes": path.stat().st_size,
        "first": first,
        "again": again,
        "rows_per_second": round(rows / first["seconds"]),
        "rows_per_cpu_second": round(rows / first["cpu_seconds"]),
        "check_per_cpu_second": round(rows / first["cpu_steps"]["check"]),
        "plain": without,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _loaded(key: str, path: Path) -> tuple[dict[str, Any], Any]:
    """Load a file into an organisation of its own; return what it took with bare writing beside it, and the organisation's actor."""
    from aldia.access.actors import system
    from aldia.ops import newcomers

    organisation = newcomers.found_organisation(key=key, name=key, country="AR", currency="ARS")
    told = _load(system(organisation.pk), path)
    return {**told, "bare": _bare(path, organisation.pk, told)}, system(organisation.pk)


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


def _bare(path: Path, organisation_id: int, told: dict[str, Any]) -> dict[str, Any]:
    """Seconds of writing alone: the file's own rows, and every row that the load left in the tables, indexes included."""
    import polars as pl
    from django.db import connection, transaction

    from aldia.db.frames import write_table

    table = pl.read_csv(path, infer_schema=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_file")
        cursor.execute(f"CREATE TABLE bare_file ({', '.join(f'{name} text' for name in table.columns)})")
    begun = _clocks()
    with transaction.atomic():
        write_table("bare_file", table)
    as_is, at_copies = _since(begun), _clocks()
    with transaction.atomic():
        written = sum(_copied(name, organisation_id) for name in WRITTEN)
    copies = _since(at_copies)
    return {
        "file_seconds": round(as_is[0], 2), "ratio_to_file": round(told["seconds"] / as_is[0], 1), "rows_written": written,
        "same_rows_seconds": round(copies[0], 2), "same_rows_cpu_seconds": round(copies[1], 2),
        "ratio_to_same_rows": round(told["seconds"] / copies[0], 2),
        "part_of_bare": round(copies[0] / told["seconds"], 2), "part_of_bare_cpu": round(copies[1] / told["cpu_seconds"], 2),
    }  # fmt: skip


def _since(begun: tuple[float, float]) -> tuple[float, float]:
    wall, cpu = _clocks()
    return max(wall - begun[0], 0.001), max(cpu - begun[1], 0.001)


def _copied(name: str, organisation_id: int) -> int:
    """Write an organisation's rows into a copy of the table with the same indexes; return how many they are."""
    from django.db import connection

    copy, own = f"bare_{name}", f"SELECT * FROM {name} WHERE organisation_id = {organisation_id:d}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {copy}")
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {copy} (LIKE {name} INCLUDING INDEXES)")
            cursor.execute(f"INSERT INTO {copy} {own}")
            return int(cursor.rowcount)
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index' AND sql IS NOT NULL", [name]
        )
        indexes = [row[0] for row in cursor.fetchall()]
        cursor.execute(f"CREATE TABLE {copy} AS SELECT * FROM {name} LIMIT 0")
        for number, sql in enumerate(indexes):
            cursor.execute(re.sub(r'INDEX "[^"]+" ON "[^"]+"', f'INDEX "{copy}_{number}" ON "{copy}"', sql))
        cursor.execute(own)
        rows = cursor.fetchall()
        marks = ", ".join("?" * len(rows[0]))
        connection.connection.executemany(f"INSERT INTO {copy} VALUES ({marks})", rows)
        return len(rows)


REACHED_BY = ("cuit", "email", "telefono")


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
