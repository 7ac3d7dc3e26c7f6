"""A night over N documents, stage by stage, beside the bare SQL of the same rules: `./aldia bench nightly --n 100000`."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from typing import Any

from benchmarks import bare_night, disposable

ROUNDS = 5


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench nightly", description=__doc__)
    disposable.add_options(parser, n=10_000)
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        print(json.dumps({"bench": "nightly", "database": kind, **measure(options.n)}))
    return 0


def measure(documents: int) -> dict[str, Any]:
    """Return seconds a stage, bare SQL beside them, ratios, rows and peak memory."""
    from benchmarks.filling import NOW, TODAY, fill

    told: dict[str, Any] = {"documents": documents}
    begun = time.perf_counter()
    filled = fill(documents, is_sandbox=False)
    _analyze()
    told["fill_seconds"] = _since(begun)
    bare = [_bare(filled.organisation_id, TODAY) for _ in range(ROUNDS)]
    told["bare_seconds"] = round(statistics.median(seconds for seconds, _rows in bare), 3)
    told["bare_rows"] = bare[0][1]
    told |= _night(filled.organisation_id, TODAY, NOW, "")
    told["read_seconds"] = _read(filled.organisation_id, TODAY)
    told |= _night(filled.organisation_id, TODAY, NOW, "again_")
    told["ratio"] = round(told["stages"]["decide"] / told["bare_seconds"], 2)
    told["ratio_whole_day"] = round(told["seconds"] / told["bare_seconds"], 2)
    told["again_ratio"] = round(told["again_stages"]["decide"] / told["read_seconds"], 2)
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return told


def _bare(organisation_id: int, today: Any) -> tuple[float, int]:
    bare_night.prepare(today)
    begun = time.perf_counter()
    rows = bare_night.run(organisation_id, today)
    return time.perf_counter() - begun, rows


def _night(organisation_id: int, today: Any, now: Any, prefix: str) -> dict[str, Any]:
    from aldia.access import selectors as access
    from aldia.ops.day import live_day

    organisation = next(one for one in access.organisations() if one.pk == organisation_id)
    marks: list[tuple[str, float]] = []
    begun = time.perf_counter()
    report = live_day(
        organisation=organisation,
        as_of=today,
        now=now,
        on_step=lambda name: marks.append((name, time.perf_counter())),
    )
    end = time.perf_counter()
    ends = [at for _name, at in marks[1:]] + [end]
    stages = {name: round(upto - at, 3) for (name, at), upto in zip(marks, ends, strict=True)}
    return {
        f"{prefix}seconds": round(end - begun, 3),
        f"{prefix}stages": stages,
        f"{prefix}decided": report["decided"],
        f"{prefix}notices": sum(report["notices"].values()),
        f"{prefix}tasks": report["tasks"],
    }


def _read(organisation_id: int, today: Any) -> float:
    """Only read what a night reads."""
    from aldia.strategy.night import deciding, history, night_plan
    from aldia.strategy.night.gathering import gather

    begun = time.perf_counter()
    plan = night_plan(organisation_id, as_of=today)
    needed = set().union(*deciding._needed(plan).values())
    for number in range(plan.partitions):
        gather(
            organisation_id, as_of=today, partition=(number, plan.partitions), needed=needed,
            portfolios=[key for one in plan.strategies for key in one.portfolio_ids],
        )  # fmt: skip
        history.taken_frame(organisation_id, partition=(number, plan.partitions))
    return _since(begun)


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _since(begun: float) -> float:
    return round(time.perf_counter() - begun, 3)


if __name__ == "__main__":
    sys.exit(main())
