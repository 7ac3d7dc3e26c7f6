"""The quick start is followed to the letter: its files, its commands, and what it says that they answer."""

import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from django.urls import resolve

from tests.waiting import run

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guias/primeros-pasos.md").read_text(encoding="utf-8")
CHAPTERS = {text.splitlines()[0]: text for text in GUIDE.split("\n## ")[1:]}
BLOCK = re.compile(r"^```(csv|console) ?(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.covers("S4-5..11")
@pytest.mark.parametrize("chapter", ["Si cobras facturas", "Si prestas"])
def test_the_quick_start_answers_what_it_says(chapter: str, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("ALDIA_")}
    env |= {
        "ALDIA_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "aldia.config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }  # fmt: skip
    (tmp_path / "home").mkdir()
    asked = 0
    for kind, name, text in BLOCK.findall(CHAPTERS[chapter]):
        if kind == "csv":
            (tmp_path / name).write_text(text, encoding="utf-8")
            continue
        for step in text.split("$ ./aldia ")[1:]:
            command, *answers = step.splitlines()
            done = run(
                [sys.executable, "-m", "launcher.inside", *shlex.split(command)], env=env, cwd=tmp_path
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            missing = [answer for answer in answers if answer and answer not in done.stdout]
            assert not missing, f"{command}\n{done.stdout}"
            asked += 1
    assert asked


def test_the_screens_that_the_quick_start_names_are_there() -> None:
    for address in re.findall(r"`(/[a-z/-]+/)`", GUIDE):
        assert resolve(address)
