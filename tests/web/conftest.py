"""The built assets, made once when they are missing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "src/aldia/web/ui/static/dist"


@pytest.fixture(scope="session")
def dist() -> Path:
    """Return the folder of the built assets; builds them through npm when nobody has."""
    if not (DIST / "manifest.json").exists():
        npm = Path(sys.executable).parent / "npm"
        for command in (["ci", "--ignore-scripts"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=ROOT, check=True, capture_output=True, timeout=300)
    return DIST
