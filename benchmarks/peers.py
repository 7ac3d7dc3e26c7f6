"""aldia's night beside Tryton's dunning, over the same lines in one run: `./aldia bench peers --n 2000`.

Tryton is installed in an environment of its own from the Python index as pip is configured here (`--url` names a folder to keep
it in), and runs with asserts off, its database in memory. Measured is processor time: what its cron calls each night
(`generate_dunnings`, committed) beside aldia's strategies (deciding and writing all that they leave, on SQLite on disk).

`ratio` is lines per second of aldia over Tryton's. aldia does more for each line: conditions, channels and fall-back, the law's
hours and caps, one budget a person, tasks, alarms, stages and next steps. The bar is 50 at 100 000 lines. `ratio_same_work` leaves
out what Tryton does not do: aldia decides (with all of the above) and keeps a row a decision, as Tryton keeps one a dunning.
`ratio_again` is the same night once more, when nothing is due.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any, Final

from benchmarks import disposable

PACKAGES: Final = ("trytond", "trytond_account_dunning")
THERE: Final = Path(__file__).with_name("peers_tryton.py")
BAR: Final = 50


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench peers", description=__doc__)
    disposable.add_options(parser, n=2_000)
    parser.add_argument(
        "--url", metavar="CARPETA", help="dónde queda el entorno de Tryton (una carpeta que se borra)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="cuántas veces cada uno (3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aldia-peers-") as folder:
        python = environment(Path(options.url or Path(folder) / "tryton"), PACKAGES)
        with disposable.database(is_postgresql=options.postgresql) as kind:
            told = measure(options.n, python, Path(folder) / "lines.jsonl", options.rounds)
    print(json.dumps({"bench": "peers", "database": kind, **told}))
    return 0


def measure(lines: int, python: Path, file: Path, rounds: int) -> dict[str, Any]:
    """Return the seconds and lines per second of both, and their ratio."""
    from benchmarks.filling import TODAY, fill

    _say(f"{lines} líneas …")
    filled = fill(lines)
    _write_lines(filled.organisation_id, file)
    ours = _night(filled.organisation_id)
    _say("Tryton …")
    theirs = _tryton(python, file, TODAY.isoformat(), rounds)
    ratios = {
        name: round(theirs[their] / ours[our], 1)
        for name, their, our in (
            ("ratio", "seconds", "seconds"), ("ratio_same_work", "seconds", "same_work_seconds"),
            ("ratio_again", "again_seconds", "again_seconds"),
        )
    }  # fmt: skip
    return {
        "lines": lines, "aldia": {**ours, "lines_per_second": round(lines / ours["seconds"])},
        "tryton": {**theirs, "lines_per_second": round(lines / theirs["seconds"])}, **ratios, "bar": BAR,
    }  # fmt: skip


def _night(organisation_id: int) -> dict[str, Any]:
    """aldia's strategies over an organisation that has its cases of the day: seconds of processor, and what they left."""
    from aldia.access.actors import system
    from aldia.cases import services as cases
    from aldia.db.planner import refresh_statistics
    from aldia.strategy import services as strategy
    from benchmarks.filling import NOW, TODAY

    actor = system(organisation_id)
    cases.refresh(actor=actor, case_ids=None, as_of=TODAY, now=NOW)
    refresh_statistics()  # as every day ends: without them the planner walks whole tables
    told: dict[str, Any] = {"same_work_seconds": _same_work(organisation_id)}
    for prefix in ("", "again_"):
        _say(f"aldia {prefix}…")
        begun = time.process_time()
        report = strategy.run(actor=actor, as_of=TODAY, now=NOW)
        told[f"{prefix}seconds"] = round(time.process_time() - begun, 3)
        told[f"{prefix}decided"] = report.decided
    return told


def _same_work(organisation_id: int) -> float:
    """Seconds of processor to decide everything and keep a row a decision, by its identity; the table is dropped again."""
    import polars as pl
    from django.db import connection, transaction

    from aldia.db.frames import slices, write_table
    from aldia.strategy.night import decide_partition, night_plan
    from benchmarks.filling import TODAY

    kept = [
        "case_id",
        "step",
        "subject_kind",
        "subject_id",
        "cycle",
        "attempt",
        "channel",
        "due_on",
        "state",
        "reason",
    ]
    columns = "case_id bigint, step text, subject_kind text, subject_id bigint, cycle bigint, attempt bigint, channel text,"
    columns += (
        " due_on date, state text, reason text, PRIMARY KEY (step, subject_kind, subject_id, cycle, attempt)"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE peers_decision ({columns})")
    begun = time.process_time()
    plan = night_plan(organisation_id, as_of=TODAY)
    for partition in plan.partitions():
        rows = decide_partition(plan, partition).news.select(pl.col(kept))
        for part in slices(rows):
            with transaction.atomic():
                write_table("peers_decision", part)
    seconds = round(time.process_time() - begun, 3)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE peers_decision")
    return seconds


def _write_lines(organisation_id: int, file: Path) -> None:
    """The open documents as another program reads them: one JSON object a line."""
    from aldia.ledger import facts as ledger
    from benchmarks.filling import TODAY

    rows = ledger.document_frame(organisation_id, as_of=TODAY)
    with file.open("w", encoding="utf-8") as out:
        for party, due_on, minor in rows.select("party_id", "due_on", "open_minor").iter_rows():
            amount = f"{minor // 100}.{minor % 100:02}"
            out.write(json.dumps({"party": party, "due_on": due_on.isoformat(), "amount": amount}) + "\n")


def environment(folder: Path, packages: tuple[str, ...]) -> Path:
    """An environment with Tryton, made when it is not there yet; return its Python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        _say("entorno de Tryton …")
        venv.create(folder, with_pip=True)
    told = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *packages], capture_output=True, text=True, check=False
    )
    if told.returncode:
        sys.exit(f"No se pudo instalar {', '.join(packages)}: {told.stderr.strip()[-400:]}")
    return python


def _tryton(python: Path, file: Path, today: str, rounds: int) -> dict[str, Any]:
    words = [str(python), "-O", str(THERE), str(file), "--today", today, "--rounds", str(rounds)]
    answer = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**_plain(), "DB_NAME": ":memory:"}
    )
    if answer.returncode:
        sys.exit(f"Tryton no terminó: {answer.stderr.strip()[-800:]}")
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def _plain() -> dict[str, str]:
    """The environment without what leads Python to aldia's own packages."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
