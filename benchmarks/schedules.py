"""Schedules of many loans at once, beside the one-loan function: `./aldia bench schedules --n 1000000`."""

from __future__ import annotations

import argparse
import json
import resource
import time
from fractions import Fraction
from typing import Any

BAR = 10  # times more loans a second than one by one
SAMPLE = 500
PERIODS = (6, 12, 18, 24, 36)


def main() -> int:
    """Return the exit code: 1 when a sampled loan differs from the one-loan function."""
    parser = argparse.ArgumentParser(prog="aldia bench schedules", description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    answer = {"bench": "schedules", **measure(parser.parse_args().n)}
    print(json.dumps(answer))
    return 0 if answer["differences"] == 0 else 1


def measure(n: int) -> dict[str, Any]:
    """Return seconds and CPU seconds of the schedules of `n` loans, and of a sample one by one, which must be equal.

    Loans of 6 to 36 instalments by four methods at 12 to 96 % a year; every cent of principal must come back.
    """
    from aldia.engine.schedules import schedule_pieces

    loans = _loans(n)
    began, cpu = time.perf_counter(), time.process_time()
    lines = principal = interest = 0
    for piece in schedule_pieces(loans):
        lines += piece.height
        principal += int(piece["principal_minor"].sum())
        interest += int(piece["interest_minor"].sum())
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    one_by_one, differences = _one_by_one(loans.sample(min(n, SAMPLE), seed=7))
    return {
        "loans": n,
        "lines": lines,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "loans_per_second": round(n / seconds),
        "one_by_one_loans_per_second": round(one_by_one),
        "ratio": round(n / seconds / one_by_one, 1),
        "bar": BAR,
        "principal_returned": principal == int(loans["principal_minor"].sum()),
        "interest_minor": interest,
        "differences": differences,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _loans(n: int) -> Any:
    import polars as pl

    at = pl.int_range(n, eager=True)
    return pl.DataFrame({"loan": at}).select(
        "loan",
        principal_minor=50_000 + pl.col("loan") * 7919 % 90_000_000,
        count=pl.lit(pl.Series(PERIODS)).gather(pl.col("loan") % len(PERIODS)).cast(pl.Int32),
        method=pl.lit(pl.Series(["french", "german", "american", "simple"])).gather(pl.col("loan") // 3 % 4),
        factor_top=1 + pl.col("loan") % 8,
        factor_bottom=pl.lit(100, pl.Int64),
        balloon_minor=pl.lit(0, pl.Int64),
        interest_only=(pl.col("loan") % 11 == 0).cast(pl.Int32),
    )


def _one_by_one(sample: Any) -> tuple[float, int]:
    """Loans a second by the one-loan function, and how many lines differ."""
    from aldia.domain.loans.schedules import Method, Terms, schedule
    from aldia.engine.schedules import schedule_frame

    rows, own = sample.rows(named=True), []
    began = time.perf_counter()
    for row in rows:
        terms = Terms(
            principal_minor=row["principal_minor"],
            factors=(Fraction(row["factor_top"], row["factor_bottom"]),) * row["count"],
            method=Method(row["method"]),
            interest_only=row["interest_only"],
        )
        own += [(row["loan"], *_figures(line)) for line in schedule(terms)]
    seconds = time.perf_counter() - began
    return len(rows) / seconds, len(set(own) ^ set(schedule_frame(sample).rows()))


def _figures(line: Any) -> tuple[int, int, int, int]:
    return line.number, line.principal_minor, line.interest_minor, line.balance_minor


if __name__ == "__main__":
    raise SystemExit(main())
