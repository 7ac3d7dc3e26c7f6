"""The compliance gate against the slow hand-written oracle of the tests: `./aldia bench gate --n 100000 --minutes 60`.

Histories of up to 25 acts over twelve days, in each of the oracle's countries in turn, until `n` in each or the time is over;
on all the processors. Every act is asked of both; a difference is a violation of the law or a contact refused for nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any

PIECE = 100  # histories that one processor lives in a row


def main() -> int:
    """Return the exit code: 0 only when gate and oracle never differ."""
    parser = argparse.ArgumentParser(prog="aldia bench gate", description=__doc__)
    parser.add_argument("--n", type=int, default=1_000, help="historias por país (1 000)")
    parser.add_argument("--minutes", type=float, default=1.0, help="tiempo, como mucho (1)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    told = measure(options.n, seconds=options.minutes * 60, seed=options.seed)
    print(json.dumps({"bench": "gate", "seed": options.seed, **told}))
    return 1 if told["differences"] else 0


def measure(wanted: int, *, seconds: float, seed: int) -> dict[str, Any]:
    """Return histories lived by country, acts asked, the time, and every difference with the number of its history."""
    from tests.domain.compliance.oracle import LAWS

    begun = time.monotonic()
    pieces = [
        (country, begin, min(wanted, begin + PIECE), seed, begun + seconds)
        for begin in range(0, wanted, PIECE)
        for country in range(len(LAWS))
    ]
    lived: Counter[str] = Counter({law.country: 0 for law in LAWS})
    acts, differences = 0, list[object]()
    with ProcessPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        for country, count, asked, found in pool.map(_live, pieces, chunksize=len(LAWS)):
            lived[country] += count
            acts += asked
            differences += found
    return {
        "histories": dict(lived), "acts": acts, "differences": differences[:20], "seconds": round(time.monotonic() - begun, 1)
    }  # fmt: skip


def _live(piece: tuple[int, int, int, int, float]) -> tuple[str, int, int, list[object]]:
    """Live the histories of one piece; return the country, how many, the acts asked, and the differences. None after the time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    from tests.domain.compliance import test_against_the_oracle as oracle

    place, begin, end, seed, until = piece
    law = oracle.LAWS[place]
    if time.monotonic() > until:
        return law.country, 0, 0, []
    rules, acts, differences = oracle.rules_of(law), 0, list[object]()
    for number in range(begin, end):
        dice = random.Random(f"{seed}:{law.country}:{number}")
        wished = _history(dice, oracle)
        found = oracle.first_difference(law, rules, dice.choice(oracle.STARTS), wished)
        acts += len(wished)
        if found is not None:
            differences.append([law.country, number, str(found)])
    return law.country, end - begin, acts, differences


def _history(dice: random.Random, oracle: Any) -> list[Any]:
    return [
        (
            dice.choice(oracle.CHANNELS),
            dice.randint(0, oracle.MINUTES),
            dice.random() < 0.5,
            dice.choice(oracle.KINDS),
        )
        for _act in range(dice.randint(1, oracle.MOST))
    ]


if __name__ == "__main__":
    sys.exit(main())
