"""An acknowledged payment is never lost, whatever is killed."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.waiting import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.covers("S4-33")
@pytest.mark.parametrize(("words", "cycles"), [([], 6), (["--postgresql"], 2)], ids=["sqlite", "postgresql"])
def test_no_acknowledged_payment_is_lost_when_everything_dies(words: list[str], cycles: int) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    for name in ("ALDIA_DATABASE_URL", "ALDIA_TEST_DATABASE_URL"):
        env.pop(name, None)
    command = [sys.executable, "-m", "benchmarks.kills", "--cycles", str(cycles), "--n", "60", *words]
    done = run(command, cwd=ROOT, env=env)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["acknowledged"] >= cycles, "nothing was paid between the deaths: nothing was tried"
    assert (told["lost"], told["twice"], told["ok"], done.returncode) == (0, 0, True, 0)
