"""The compliance gate against the slow hand-written oracle of the tests: `./aldia bench gate --n 100000`.

Histories of up to 25 acts over twelve days, country after country, on all the processors. Every act is asked of both; a
difference is a violation of the law or a contact refused for nothing. A history is its seed, country and number: stopped
with Ctrl-C it tells what was lived so far, and `--countries` or `--start` lives the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

PIECE = 250  # histories that one processor lives in a row
TOLD = 20  # differences listed


@dataclass(frozen=True)
class Piece:
    """Histories of one country that one processor lives in a row."""

    country: str
    numbers: range
    seed: int
    until: float


@dataclass
class Lived:
    """What one country's histories came to."""

    histories: int = 0
    asked: int = 0
    differences: int = 0


def main() -> int:
    """Return the exit code: 0 only when all was lived and gate and oracle never differ."""
    from tests.domain.compliance.oracle import LAWS

    known = [law.country for law in LAWS]
    parser = argparse.ArgumentParser(prog="aldia bench gate", description=__doc__)
    parser.add_argument("--n", type=int, default=1_000, help="historias por país (1 000)")
    parser.add_argument("--start", type=int, default=0, help="número de la primera historia (0)")
    parser.add_argument("--countries", default=",".join(known), help="países, separados por comas (todos)")
    parser.add_argument("--minutes", type=float, default=60.0, help="tiempo, repartido entre los países (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    countries = [code.strip().upper() for code in options.countries.split(",")]
    if unknown := sorted(set(countries) - set(known)):
        parser.error(f"sin oráculo: {', '.join(unknown)}; hay {', '.join(known)}")
    numbers = range(options.start, options.start + options.n)
    told = measure(countries, numbers, seconds=options.minutes * 60, seed=options.seed)
    print(json.dumps({"bench": "gate", "seed": options.seed, "start": options.start, **told}))
    return 1 if told["differences"] or told["short"] else 0


def measure(countries: list[str], numbers: range, *, seconds: float, seed: int) -> dict[str, Any]:
    """Return histories lived by country, acts asked, the time, every difference, and the countries that were cut short."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begun, lived, found = time.monotonic(), dict[str, Lived](), list[object]()
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), initializer=_leave_the_keys_alone) as pool:
        try:
            for place, country in enumerate(countries, start=1):
                until = begun + seconds * place / len(countries)
                told = lived[country] = Lived()
                for count, asked, differences in pool.map(_live, _pieces(country, numbers, seed, until)):
                    told.histories += count
                    told.asked += asked
                    told.differences += len(differences)
                    found += differences
                _tell(country, told, time.monotonic() - begun)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    return {
        "histories": {country: told.histories for country, told in lived.items()},
        "acts": sum(told.asked for told in lived.values()),
        "differences": found[:TOLD],
        "short": [country for country in countries if lived.get(country, Lived()).histories < len(numbers)],
        "seconds": round(time.monotonic() - begun, 1),
        "cpu_seconds": round(sum(os.times()[:4]), 1),
    }


def _pieces(country: str, numbers: range, seed: int, until: float) -> Iterator[Piece]:
    for begin in range(0, len(numbers), PIECE):
        yield Piece(country, numbers[begin : begin + PIECE], seed, until)


def _tell(country: str, told: Lived, seconds: float) -> None:
    line = f"{country}: {told.histories} historias, {told.asked} actos, {told.differences} diferencias, {seconds:.0f} s"
    print(line, file=sys.stderr, flush=True)


def _leave_the_keys_alone() -> None:
    """Ctrl-C is the parent's: a child ends the piece that it has begun."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def _live(piece: Piece) -> tuple[int, int, list[object]]:
    """Live the histories of one piece; return how many, the acts asked of both, and the differences. None after the time."""
    from tests.domain.compliance import test_against_the_oracle as oracle
    from tests.domain.compliance.oracle import LAWS

    if time.monotonic() > piece.until:
        return 0, 0, []
    law = next(law for law in LAWS if law.country == piece.country)
    rules, asked, differences = oracle.rules_of(law), 0, list[object]()
    for number in piece.numbers:
        dice = random.Random(f"{piece.seed}:{law.country}:{number}")
        wished = _history(dice, oracle)
        found = oracle.first_difference(law, rules, dice.choice(oracle.STARTS), wished)
        asked += sum(kind == "us" for _channel, _minute, _contact, kind in wished)
        if found is not None:
            differences.append([law.country, number, str(found)])
    return len(piece.numbers), asked, differences


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
