"""A run leaves nothing behind, not even when it is killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import folders
from tests.waiting import LIMIT


def test_the_folders_of_the_dead_are_taken_away_and_those_of_the_living_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-S", "-c", ""])
    gone.wait(timeout=LIMIT)
    for name in (f"probe-{gone.pid}-a", f"probe-{os.getpid()}-b", "probe-old-c", "else-1-d"):
        (tmp_path / name / "inside").mkdir(parents=True)
    made = folders.made("probe")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {made.name, f"probe-{os.getpid()}-b", "probe-old-c", "else-1-d"}
