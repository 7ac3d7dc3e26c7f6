"""A test that does not run is never silent."""

import os
import subprocess
import sys
from pathlib import Path

from tests.house.sources import ROOT
from tests.waiting import run


def _pytest(folder: Path, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(f"import pytest\n{text}", encoding="utf-8")
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(ROOT / "pyproject.toml"),
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
    ]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "CI", "ALDIA"))}
    return run([*words, f"--rootdir={folder}", str(folder)], cwd=ROOT, env={**env, **variables})


def test_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "def test_ok():\n    assert 1\ndef test_one():\n    pytest.skip('later')\n")
    assert done.returncode == 1
    assert "1 skipped tests: the run fails." in done.stdout


def test_without_the_server_its_test_is_left_out_and_said(tmp_path: Path) -> None:
    text = "def test_ok():\n    assert 1\n@pytest.mark.needs('chromium')\ndef test_one():\n    assert 0\n"
    done = _pytest(tmp_path, text, ALDIA_CHROMIUM="no-such-browser")
    assert done.returncode == 0
    assert "Without chromium on this machine: 1 tests were not run." in done.stdout


def test_in_ci_the_server_must_be_there(tmp_path: Path) -> None:
    text = "@pytest.mark.needs('chromium')\ndef test_one(chromium):\n    assert chromium\n"
    done = _pytest(tmp_path, text, ALDIA_CHROMIUM="no-such-browser", CI="true")
    assert done.returncode == 1
