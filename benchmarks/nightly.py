"""A night over N documents, stage by stage, beside the bare SQL of the same rules: `./aldia bench nightly --n 100000`.

`ratio` is what the strategies take (deciding and writing all that they leave) over the bare SQL that leaves the same: decisions,
orders, tasks, alarms, stages and next steps; `ratio_decisions_only` over the bare SQL of the decisions alone;
`ratio_whole_day` is the whole day, with the figures of every case, the alarms and the indicators, over the first yardstick.
`again_ratio` is the same night once more over reading what it reads. On SQLite `wait_ms` says how long another writer waited
for its turn meanwhile.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks import bare_night, disposable

ROUNDS: Final = 5
_SPAWN: Final = multiprocessing.get_context("spawn")


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench nightly", description=__doc__)
    disposable.add_options(parser, n=10_000)
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        print(json.dumps({"bench": "nightly", "database": kind, **measure(options.n)}))
    return 0


def measure(documents: int) -> dict[str, Any]:
    """Return seconds a stage, bare SQL beside them, ratios, rows and the peak memory of the nights."""
    from benchmarks.filling import NOW, TODAY

    told: dict[str, Any] = {"documents": documents}
    _say(f"cartera de {documents} documentos …")
    begun = time.perf_counter()
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as apart:  # its memory is not the night's
        organisation_id = apart.submit(_fill, documents).result()
    told["fill_seconds"] = _since(begun)
    told |= _bare(organisation_id, TODAY, NOW)
    told |= _night(organisation_id, TODAY, NOW, "")
    _say("lectura …")
    told["read_seconds"] = _read(organisation_id, TODAY)
    told |= _night(organisation_id, TODAY, NOW, "again_")
    decide = told["stages"]["decide"]
    told["ratio"] = round(decide / told["bare_seconds"], 2)
    told["ratio_decisions_only"] = round(decide / told["bare_decisions_seconds"], 2)
    told["ratio_whole_day"] = round(told["seconds"] / told["bare_seconds"], 2)
    told["again_ratio"] = round(told["again_stages"]["decide"] / told["read_seconds"], 2)
    told["peak_mb"] = _peak_mb()
    return told


def _fill(documents: int) -> int:
    import django

    django.setup()
    from django.db import connection

    from aldia.contact.models import ChannelSetting
    from benchmarks.filling import fill

    filled = fill(documents, is_sandbox=False)
    ChannelSetting.objects.of(filled.organisation_id).update(
        is_live=True
    )  # else every notice would wait for its channel
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return filled.organisation_id


def _bare(organisation_id: int, today: Any, now: Any) -> dict[str, Any]:
    """The yardstick, median of ROUNDS."""
    decisions, wholes, rows = [], [], {}
    for number in range(ROUNDS):
        _say(f"SQL desnudo {number + 1} de {ROUNDS} …")
        bare_night.prepare(today)
        begun = time.perf_counter()
        rows["decisions"] = bare_night.decisions(organisation_id, today)
        decisions.append(time.perf_counter() - begun)
        rows["orders_tasks_and_alarms"] = bare_night.acts(now)
        rows["stages_and_next_steps"] = bare_night.moves(organisation_id, today, now)
        wholes.append(time.perf_counter() - begun)
    return {
        "bare_seconds": round(statistics.median(wholes), 3),
        "bare_decisions_seconds": round(statistics.median(decisions), 3),
        "bare_rows": rows,
    }


def _night(organisation_id: int, today: Any, now: Any, prefix: str) -> dict[str, Any]:
    from aldia.access import selectors as access
    from aldia.ops.day import live_day

    organisation = next(one for one in access.organisations() if one.pk == organisation_id)
    marks: list[tuple[str, float]] = []

    def mark(name: str) -> None:
        _say(f"{prefix}{name} …")
        marks.append((name, time.perf_counter()))

    with _another_writer() as waits:
        begun = time.perf_counter()
        report = live_day(organisation=organisation, as_of=today, now=now, on_step=mark)
        end = time.perf_counter()
    ends = [at for _name, at in marks[1:]] + [end]
    stages = {name: round(upto - at, 3) for (name, at), upto in zip(marks, ends, strict=True)}
    longest = {
        name: _ms(sorted(wait for since, wait in waits if at <= since < upto), 1)
        for (name, at), upto in zip(marks, ends, strict=True)
    }
    return {
        f"{prefix}seconds": round(end - begun, 3),
        f"{prefix}stages": stages,
        f"{prefix}decided": report["decided"],
        f"{prefix}notices": sum(report["notices"].values()),
        f"{prefix}tasks": report["tasks"],
        f"{prefix}wait_ms": _told(waits, longest),
    }


@contextmanager
def _another_writer() -> Iterator[list[tuple[float, float]]]:
    """On SQLite, a process that asks for its turn to write all the time; at the end, since when and how long it waited."""
    from django.db import connection

    waits: list[tuple[float, float]] = []
    if connection.vendor == "postgresql":
        yield waits
        return
    stop, told = _SPAWN.Event(), _SPAWN.Queue()
    path = str(connection.settings_dict["NAME"])
    process = _SPAWN.Process(target=_ask_for_turns, args=(path, stop, told))
    process.start()
    try:
        yield waits
    finally:
        stop.set()
        waits.extend(told.get(timeout=120))
        process.join(120)


def _ask_for_turns(path: str, stop: Any, told: Any) -> None:
    waits = []
    with sqlite3.connect(path, timeout=60, isolation_level=None) as connection:
        while not stop.wait(0.05):
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            waits.append((begun, time.perf_counter() - begun))
    told.put(waits)


def _told(waits: list[tuple[float, float]], longest: dict[str, float]) -> dict[str, Any]:
    if not waits:
        return {}
    lengths = sorted(wait for _since, wait in waits)
    quantiles = {"p50": _ms(lengths, 0.5), "p99": _ms(lengths, 0.99), "longest": _ms(lengths, 1)}
    return {
        "times": len(waits),
        **quantiles,
        "longest_by_stage": {name: ms for name, ms in longest.items() if ms > 1},
    }


def _ms(waits: list[float], share: float) -> float:
    return round(waits[int((len(waits) - 1) * share)] * 1000, 1) if waits else 0.0


def _read(organisation_id: int, today: Any) -> float:
    """Only read what a night reads."""
    from aldia.strategy.night import deciding, history, night_plan
    from aldia.strategy.night.gathering import gather

    begun = time.perf_counter()
    plan = night_plan(organisation_id, as_of=today)
    needed = set().union(*deciding.needed_of(plan).values())
    for partition in plan.partitions():
        gather(
            organisation_id, as_of=today, partition=partition, needed=needed,
            portfolios=[key for one in plan.strategies for key in one.portfolio_ids],
        )  # fmt: skip
        withheld = history.withheld_frame(organisation_id, partition=partition)
        history.taken_frame(organisation_id, withheld, partition=partition)
    return _since(begun)


def _peak_mb() -> int:
    """The greatest resident size of this process, that of the child that filled the database left out."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


def _since(begun: float) -> float:
    return round(time.perf_counter() - begun, 3)


def _say(text: str) -> None:
    print(f"  · {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
