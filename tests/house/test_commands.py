"""The command contract: scripts rely on these names, options and exit codes."""

import json
import re
import subprocess
import sys
from argparse import ArgumentParser

import pytest
from django.core.management import get_commands, load_command_class

from aldia.ops import day
from aldia.ops.management.commands.bench import BENCHES
from aldia.ops.management.commands.day import STEP_NAMES
from launcher.commands import HERE, WORK
from tests.house.sources import ROOT
from tests.waiting import run

LOAD_OPTIONS = [
    "--kind",
    "--creditor",
    "--portfolio",
    "--currency",
    "--country",
    "--debt-kind",
    "--strategy",
    "--contacts",
    "--mapping",
    "--round",
    "--as-of",
    "--full-refresh",
    "--strict",
    "--dry-run",
    "--organisation",
    "--json",
]
OPTIONS = {
    "organisation": ["--country", "--currency", "--key", "--json"],
    "user": ["--name", "--role", "--organisation", "--json"],
    "load": LOAD_OPTIONS,
    "reconcile": [
        "--account",
        "--portfolio",
        "--currency",
        "--mapping",
        "--dry-run",
        "--organisation",
        "--json",
    ],
    "rates": ["--source", "--organisation", "--json"],
    "day": ["--as-of", "--dry-run", "--organisation", "--json"],
    "lab": [],  # each of its questions has its own
    "kpi": ["--as-of", "--organisation", "--json"],
    "drop": ["--organisation", "--json"],
    "link": ["--set", "--try", "--status", "--full", "--organisation", "--json"],
    "inbound": ["--organisation", "--json"],
    "letters": ["--to", "--organisation", "--json"],
    "evidence": ["--person", "--key", "--to", "--organisation", "--json"],
    "outbox": ["--organisation", "--json"],
    "verify": ["--organisation", "--json"],
    "live": ["--organisation", "--json"],
    "backup": ["--to", "--json"],
    "restore": ["--json"],
    "read": ["--json"],
    "conformance": ["--json"],
    "bench": ["--json"],
}


def _aldia(*words: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, str(ROOT / "aldia"), *words])


def _parser(name: str) -> ArgumentParser:
    return load_command_class(get_commands()[name], name).create_parser("aldia", name)


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], []])
def test_help_names_every_command(words: list[str]) -> None:
    done = _aldia(*words)
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in {**HERE, **WORK})


@pytest.mark.parametrize("name", ["run", "test", "check", "lock"])
def test_each_command_explains_itself_before_anything_is_set_up(name: str) -> None:
    done = _aldia(name, "--help")
    assert done.returncode == 0
    assert f"aldia {name}" in done.stdout


def test_an_unknown_command_is_told_the_nearest() -> None:
    done = _aldia("laod")
    assert done.returncode == 2
    assert "«load»" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", WORK)
def test_a_command_has_the_options_of_the_contract(name: str) -> None:
    known = {word for action in _parser(name)._actions for word in action.option_strings}
    assert not set(OPTIONS[name]) - known


def test_a_wrong_option_is_a_usage_error() -> None:
    assert _aldia("run", "--port", "eighty").returncode == 2


@pytest.mark.parametrize("name", WORK)
def test_every_option_says_what_it_does(name: str) -> None:
    silent = [action.dest for action in _parser(name)._actions if not action.help]
    assert not silent, json.dumps(silent)


def test_every_measurement_that_a_document_names_can_be_asked_for() -> None:
    papers = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        name for paper in papers for name in re.findall(r"aldia bench ([a-z]+)", paper.read_text("utf-8"))
    }
    assert named and named <= set(BENCHES), named - set(BENCHES)


def test_every_step_of_the_day_is_told_in_words() -> None:
    assert {step.__name__ for step in (*day.FORESEEN, *day.AFTER)} == set(STEP_NAMES)
