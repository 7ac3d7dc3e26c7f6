"""Normalising of distinct values: plain ones by the column, the others one at a time, with a second process where it pays."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import polars as pl

from aldia.intake.checking.identity import JOBS
from aldia.intake.checking.plain_tax_ids import plain_tax_ids
from aldia.intake.readers.sandbox import child_environment
from aldia.parties.phones import plain_phones

WORTH_A_PROCESS = 20_000  # its start costs as much as some ten thousand telephones
WORKER = "aldia.intake.checking.worker"
PLAIN: Final[dict[str, Callable[[pl.Series, pl.Series], pl.DataFrame]]] = {
    "tax_ids": plain_tax_ids,
    "phones": plain_phones,
}

Pairs = list[tuple[str, str | None]]


def normalise(job: str, values: pl.Series, countries: pl.Series) -> pl.DataFrame:
    """The job's answer for each row (nulls where the value is null), worked out once per distinct (value, country)."""
    rows = pl.DataFrame({"value": values, "country": countries})
    distinct = rows.filter(pl.col("value").is_not_null()).unique(maintain_order=True)
    answers = PLAIN[job](distinct["value"], distinct["country"])
    names = answers.columns
    left = answers[names[0]].is_null()
    if left.any():
        pairs: Pairs = distinct.filter(left).rows()
        slow = pl.DataFrame(run(job, pairs), schema=answers.schema, orient="row")
        places = pl.int_range(distinct.height, eager=True)
        order = pl.concat([places.filter(~left), places.filter(left)]).arg_sort()
        answers = pl.concat([answers.filter(~left), slow])[order]
    if distinct.height == rows.height:
        return answers
    known = distinct.hstack(answers)
    keys = ["value", "country"]
    return rows.join(known, on=keys, how="left", nulls_equal=True, maintain_order="left").select(names)


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
    return [tuple(answer) for answer in answers]
