"""Slow normalising of distinct values, shared with a second process where it pays."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl

from aldia.intake.checking.identity import JOBS
from aldia.intake.readers.sandbox import child_environment

WORTH_A_PROCESS = 6_000
WORKER = "aldia.intake.checking.worker"

Pairs = list[tuple[str, str | None]]


def normalise(job: str, values: pl.Series, countries: pl.Series) -> list[Any]:
    """The job's answer for each row (None where the value is null), computed once per distinct (value, country)."""
    rows = pl.DataFrame({"value": values, "country": countries}).with_row_index("at")
    distinct = (
        rows.filter(pl.col("value").is_not_null()).group_by("value", "country", maintain_order=True).agg("at")
    )
    pairs: Pairs = list(zip(distinct["value"].to_list(), distinct["country"].to_list(), strict=True))
    answers = run(job, pairs)
    found: list[Any] = [None] * rows.height
    if distinct.height == rows.height:
        return answers
    for places, answer in zip(distinct["at"].to_list(), answers, strict=True):
        for place in places:
            found[place] = answer
    return found


def run(job: str, pairs: Pairs) -> list[Any]:
    """The answers in order; the second half comes from a second process when there is enough to do."""
    if len(pairs) < WORTH_A_PROCESS or (os.cpu_count() or 1) < 2:
        return JOBS[job](pairs)
    middle = len(pairs) // 2
    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(_elsewhere, job, pairs[middle:])
        mine = JOBS[job](pairs[:middle])
        rest = other.result()
    return mine + (rest if rest is not None else JOBS[job](pairs[middle:]))


def _elsewhere(job: str, pairs: Pairs) -> list[Any] | None:
    """The answers of the second process, or None when it could not be started."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-s", "-m", WORKER],
            input=json.dumps({"job": job, "pairs": pairs}).encode(),
            capture_output=True,
            env=child_environment(),
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    answers: list[Any] = json.loads(done.stdout)
    return [tuple(answer) if isinstance(answer, list) else answer for answer in answers]
