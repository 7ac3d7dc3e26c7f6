"""A validated import where every tax id, phone and e-mail is distinct: `./aldia bench import --n 100000`."""

from __future__ import annotations

import argparse
import csv
import json
import os
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
    """Return seconds a step of a first load and of the same file again, and rows a second."""
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
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _load(actor: Any, path: Path) -> dict[str, Any]:
    from aldia.access.actors import Clock
    from aldia.intake import services as intake
    from aldia.intake.requests import LoadRequest
    from benchmarks.filling import NOW, TODAY

    marks: list[tuple[str, float]] = []
    begun = time.perf_counter()
    result = intake.load(
        actor=actor, path=path, clock=Clock(TODAY, NOW), is_dry_run=False,
        request=LoadRequest(portfolio="Bench", currency="ARS", country="AR", debt_kind="commercial", as_of=TODAY),
        on_step=lambda step, _done, _total: marks.append((step, time.perf_counter())),
    )  # fmt: skip
    end = time.perf_counter()
    upto = [at for _step, at in marks[1:]] + [end]
    return {
        "seconds": round(end - begun, 2),
        "steps": {step: round(until - at, 2) for (step, at), until in zip(marks, upto, strict=True)},
        "new": result.new, "same": result.same, "rejected": result.rejected,
    }  # fmt: skip


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
