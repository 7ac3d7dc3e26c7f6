"""An event decides its client again, with the night already lived: `./aldia bench intraday --n 100000`.

Of each, the milliseconds from reading the news of the case until what was decided is committed; p50 and p95 of `times` events.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final

from benchmarks import disposable, nightly

WARM_UP: Final = 10


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench intraday", description=__doc__)
    disposable.add_options(parser, n=10_000)
    parser.add_argument("--rounds", type=int, default=200, help="hechos (200)")
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        told = measure(options.n, options.rounds)
        print(json.dumps({"bench": "intraday", "database": kind, "documents": options.n, **told}))
    return 0


def measure(documents: int, times: int) -> dict[str, Any]:
    """Return how many events, and the milliseconds of each: wall and this process's own processor."""
    from aldia.access.actors import system
    from aldia.cases import services as cases
    from aldia.strategy import services as strategy
    from benchmarks.filling import NOW, TODAY

    with ProcessPoolExecutor(1, mp_context=nightly._SPAWN) as apart:
        organisation_id, case_ids = apart.submit(_lived, documents).result()
    actor, dice = system(organisation_id), random.Random(7)
    walls, cpus = [], []
    for number in range(WARM_UP + times):
        case_id = dice.choice(case_ids)
        cases.note_news(actor=actor, case_ids=[case_id])
        begun, cpu = time.perf_counter(), time.process_time()
        strategy.decide_news(actor=actor, as_of=TODAY, now=NOW)
        if number >= WARM_UP:
            walls.append(time.perf_counter() - begun)
            cpus.append(time.process_time() - cpu)
    return {"times": times, "ms": _quantiles(walls), "cpu_ms": _quantiles(cpus)}


def _lived(documents: int) -> tuple[int, list[int]]:
    """A portfolio whose night was lived: its organisation and its cases."""
    organisation_id = nightly._fill(documents)
    from aldia.access.actors import system
    from aldia.cases import facts
    from aldia.strategy import services as strategy
    from benchmarks.filling import NOW, TODAY

    strategy.run(actor=system(organisation_id), as_of=TODAY, now=NOW)
    return organisation_id, facts.holders_frame(organisation_id)["case_id"].to_list()


def _quantiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        name: round(ordered[int((len(ordered) - 1) * share)] * 1000, 1)
        for name, share in (("p50", 0.5), ("p95", 0.95))
    }


if __name__ == "__main__":
    sys.exit(main())
