"""Owns `./aldia check`: every rule of the house that a machine can hold, one line each with its time."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from launcher.console import ROOT, environment, say, tool

TOGETHER = 2


@dataclass(frozen=True)
class Check:
    """One inspection: what it is called and the program that fails when the rule is broken."""

    title: str
    words: tuple[str, ...]


def _tool(name: str, *words: str) -> tuple[str, ...]:
    return (tool(name), *words)


def _house(name: str, *words: str) -> tuple[str, ...]:
    return _tool("python", "-m", f"tests.house.{name}", *words)


def _django(*words: str) -> tuple[str, ...]:
    return _tool("python", "manage.py", *words)


CHECKS = (
    Check("tipos (mypy)", _tool("mypy")),
    Check("estilo (ruff check)", _tool("ruff", "check", ".")),
    Check("formato (ruff format)", _tool("ruff", "format", "--check", ".")),
    Check("escalera (import-linter)", _tool("lint-imports")),
    Check("migraciones al día", _django("makemigrations", "--check", "--dry-run")),
    Check("revisión de Django", _django("check", "--fail-level", "WARNING")),
    Check("plantillas que compilan", _house("templates")),
    Check("traducciones completas", _house("translations")),
    Check("requisitos fijados", _house("requirements")),
    Check("docs/cobertura.md al día", _house("coverage_page")),
    Check("docs/cumplimiento.md al día", _house("compliance_page")),
    Check("docs/reglas/vocabulario.md al día", _house("vocabulary_page")),
)
FIXES = (
    Check("estilo", _tool("ruff", "check", "--fix", "--quiet", ".")),
    Check("formato", _tool("ruff", "format", "--quiet", ".")),
    Check("docs/cobertura.md", _house("coverage_page", "--write")),
    Check("docs/cumplimiento.md", _house("compliance_page", "--write")),
    Check("docs/reglas/vocabulario.md", _house("vocabulary_page", "--write")),
    Check("catálogos", _house("translations", "--write")),
)


def run(*, fix: bool) -> int:
    """Run every check, two at a time; return 0 only when all hold. With `fix`, first repair what repairs itself."""
    env = environment(DJANGO_SETTINGS_MODULE="tests.settings")
    env.pop("ALDIA_DATABASE_URL", None)
    if fix:
        for repair in FIXES:
            _run(repair, env)
    broken = []
    with ThreadPoolExecutor(TOGETHER) as pool:
        for done in as_completed([pool.submit(_run, check, env) for check in CHECKS]):
            check, output, is_good, seconds = done.result()
            say(f"  {'bien' if is_good else 'MAL '} {seconds:5.1f} s  {check.title}")
            if not is_good:
                broken.append(check.title)
                say("\n".join(f"        {line}" for line in output.splitlines()))
    say(
        f"\n{len(CHECKS) - len(broken)} de {len(CHECKS)} revisiones bien."
        + (f" Fallan: {'; '.join(broken)}." if broken else "")
    )
    return 1 if broken else 0


def _run(check: Check, env: dict[str, str]) -> tuple[Check, str, bool, float]:
    begun = time.monotonic()
    done = subprocess.run(
        check.words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return check, done.stdout + done.stderr, done.returncode == 0, time.monotonic() - begun
