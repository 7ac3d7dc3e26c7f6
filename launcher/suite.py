"""Owns `./aldia test`: the suite on SQLite, again on PostgreSQL what asks a database, and an honest summary."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from launcher import setup
from launcher.console import ROOT, Refusal, environment, say, step, tool

WORKERS = "3"  # on two cores: now and then each waits for a disk, a server or a browser
NOT_FOR_TESTS = (
    "ALDIA_DATABASE_URL", "ALDIA_HOME",  # they make their own
    "PYTHONDONTWRITEBYTECODE",  # every process, and they start some hundred, would compile Django and Polars anew
)  # fmt: skip
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

SOAK = {"ALDIA_STATE_MACHINE": "2000x50", "ALDIA_GATE_HISTORIES": "2000"}
SOAKED = ["tests/rooms/payments/test_state_machine.py", "tests/domain/compliance/test_against_the_oracle.py"]
HOURS = ["-o", "faulthandler_timeout=0"]  # a soak is long by design: the watch over hung tests would end it


def run(databases: list[str], options: list[str], *, is_soak: bool = False) -> int:
    """Run pytest once per database with `options`; return 0 only when every run passed and skipped nothing.

    What asks no database runs with the first one only. `is_soak`: only what invents histories, with many more of them
    (a size already in the environment is kept).
    """
    if is_soak:
        options = [*SOAKED, *HOURS, *options]
        os.environ.update({name: size for name, size in SOAK.items() if name not in os.environ})
    _have("chromium", CHROMIUM)
    _have("postfix", ("postfix",))
    lines: list[str] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="aldia-") as folder:
        for place, name in enumerate(databases):
            say(f"\n── Pruebas sobre {name} ──")
            summary = Path(folder) / f"{name}.json"
            code = _run_on(name, options, summary, is_second=place > 0)
            failed = failed or code != 0
            lines += _told(name, code, summary)
    say("\n── Resumen ──")
    for line in lines:
        say(line)
    return 1 if failed else 0


def _run_on(name: str, options: list[str], summary: Path, *, is_second: bool) -> int:
    words = (
        [tool("python"), "-m", "tests.postgresql"]
        if name == "postgresql"
        else [tool("python"), "-m", "pytest"]
    )
    if not any(option == "-n" or option.startswith(("-n", "--numprocesses")) for option in options):
        words += ["-n", WORKERS, "--dist", "worksteal"]
    env = environment(ALDIA_TEST_SUMMARY=str(summary), DJANGO_SETTINGS_MODULE="tests.settings")
    for variable in NOT_FOR_TESTS:
        env.pop(variable, None)
    if is_second:
        env["ALDIA_TEST_SECOND_DATABASE"] = "1"
    return subprocess.run(
        [*words, *options], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False
    ).returncode


def _told(name: str, code: int, summary: Path) -> list[str]:
    """Return the lines that say what happened on one database and what was not run there."""
    if not summary.exists():
        return [f"  {name}: no terminó (código {code})"]
    counts = json.loads(summary.read_text(encoding="utf-8"))
    verdict = "bien" if code == 0 else "MAL"
    told = ", ".join(
        f"{counts[key]} {key}" for key in ("passed", "failed", "error", "skipped") if counts.get(key)
    )
    lines = [f"  {name}: {verdict}, {told or 'ninguna prueba'} en {counts['seconds']:.0f} s"]
    for server, number in counts["not_run"].items():
        lines.append(f"    sin {server} en este equipo: no se hicieron {number} pruebas")
    return lines


def _have(package: str, programs: tuple[str, ...]) -> None:
    """As root, install a real server that the tests meet; without root the summary says what was not run."""
    given = package == "chromium" and os.environ.get("ALDIA_CHROMIUM")
    if given or any(shutil.which(name) for name in programs) or not setup.is_root():
        return
    try:
        with step(f"apt-get install {package}"):
            setup.apt_install(package)
    except Refusal as refusal:
        say(f"\nNo se pudo instalar {package}: {refusal}")
