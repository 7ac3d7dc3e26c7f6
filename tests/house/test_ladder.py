"""The ladder holds, and the linter that holds it still refuses every kind of wrong step."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import PRODUCT, ROOT
from tests.waiting import run

# contract -> a wrong step that it must refuse: where it is written, and what is written there.
WRONG_STEPS = {
    "Ladder": ("ledger/wrong.py", "def hidden():\n    import aldia.contact\n"),
    "Pure": ("engine/wrong.py", "import django.db\n"),
    "Plain": ("domain/wrong.py", "import polars\n"),
    "Room": ("outcomes/models/wrong.py", "import aldia.outcomes.services\n"),
    "Doors": ("web/portal/wrong.py", "import aldia.web.desk\n"),
    "Providers": ("contact/providers/wrong/sender.py", "import aldia.contact.providers.other.sender\n"),
    "Tables: only ledger": ("payments/wrong.py", "import aldia.ledger.models\n"),
    "Tables: only access": ("web/desk/wrong.py", "import aldia.access.models\n"),
}


def _contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    return run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=folder, env=env)


def _lint(folder: Path) -> dict[str, str]:
    """Return the verdict of each contract over the sources in `folder`."""
    done = _contracts(folder)
    found = dict(re.findall(r"^(\S.*?) (KEPT|BROKEN)(?: \(.*\))?$", done.stdout, re.M))
    assert found, done.stdout + done.stderr
    return found


def test_every_floor_imports_only_floors_below() -> None:
    verdicts = _lint(ROOT)
    assert set(verdicts.values()) == {"KEPT"}, {
        name for name, verdict in verdicts.items() if verdict == "BROKEN"
    }


@pytest.fixture(scope="module")
def verdicts_on_a_spoilt_copy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("spoilt")
    shutil.copytree(
        PRODUCT, folder / "src/aldia", ignore=shutil.ignore_patterns("static", "locale", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    for where, what in WRONG_STEPS.values():
        path = folder / "src/aldia" / where
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{what}")
    for module in (
        "outcomes/services.py",
        "contact/providers/other/__init__.py",
        "contact/providers/other/sender.py",
    ):
        path = folder / "src/aldia" / module
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return _lint(folder)


@pytest.mark.parametrize("contract", WRONG_STEPS)
def test_a_wrong_step_is_refused(contract: str, verdicts_on_a_spoilt_copy: dict[str, str]) -> None:
    verdict = [value for name, value in verdicts_on_a_spoilt_copy.items() if name.startswith(contract)]
    assert verdict == ["BROKEN"]


def test_a_room_without_a_floor_is_refused(tmp_path: Path) -> None:
    shutil.copytree(
        PRODUCT, tmp_path / "src/aldia", ignore=shutil.ignore_patterns("static", "locale", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src/aldia/helpers").mkdir()
    (tmp_path / "src/aldia/helpers/__init__.py").touch()
    refused = _contracts(tmp_path)
    assert refused.returncode != 0
    assert "helpers" in refused.stdout + refused.stderr
