"""A notice leaves at most once, whatever kills the worker that is sending it."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import run

ROOT = Path(__file__).resolve().parents[2]


def bench(*words: str) -> tuple[int, dict[str, Any]]:
    """Run a benchmark in a process of its own, over its own database, and return its exit code and its JSON."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    env.pop("ALDIA_DATABASE_URL", None)
    done = run([sys.executable, "-m", "benchmarks.outbox", *words], cwd=ROOT, env=env)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.covers("S0-3f")
def test_twenty_workers_killed_while_sending_leave_nothing_twice_and_nothing_lost() -> None:
    code, told = bench("--kills", "20", "--n", "160", "--json")
    assert told["kills"] >= 10, "too few workers died while there was work: nothing was tried"
    assert told["sent_under_fire"] >= told["kills"], (
        "workers died before they sent anything: nothing was tried"
    )
    assert (told["duplicates"], told["lost"], code) == (0, 0, 0)
    assert set(told["states"]) <= {"sent", "unknown"}
    assert told["states"]["sent"] + told["unknown"] == told["orders"]
    assert told["provider_accepted"] >= told["states"]["sent"]
