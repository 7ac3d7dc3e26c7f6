"""The compliance gate against the slow hand-written oracle of the tests: `./aldia bench gate --n 100000 --minutes 5`.

Histories of up to 25 acts over twelve days, in each of the oracle's countries in turn, until `n` in each or the time is over.
Every act is asked of both; a difference is a violation of the law or a contact refused for nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from typing import Any


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
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    from tests.domain.compliance import test_against_the_oracle as oracle

    rules = {law: oracle.rules_of(law) for law in oracle.LAWS}
    lived, acts = dict.fromkeys((law.country for law in oracle.LAWS), 0), 0
    differences: list[object] = []
    begun = time.monotonic()
    for number in range(wanted):
        for law in oracle.LAWS:
            dice = random.Random(f"{seed}:{law.country}:{number}")
            wished = _history(dice, oracle)
            found = oracle.first_difference(law, rules[law], dice.choice(oracle.STARTS), wished)
            if found is not None:
                differences.append([law.country, number, str(found)])
            lived[law.country] += 1
            acts += len(wished)
        if time.monotonic() - begun > seconds:
            break
    return {
        "histories": lived, "acts": acts, "differences": differences[:20], "seconds": round(time.monotonic() - begun, 1)
    }  # fmt: skip


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
