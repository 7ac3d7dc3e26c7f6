"""Tests that test: `./aldia bench mutants --part ledger --sample 300` changes the code in small ways and sees which tests notice.

mutmut makes the mutants and runs only the tests that reach each one, in a copy of this folder. The score is the share of mutants
that some test notices; `survivors` names the rest, and with `--show` their difference is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LEFT = ("node_modules", "var", ".*", "__pycache__", "docs", "frontend")
NOTICED = frozenset({"killed", "timeout", "segfault", "suspicious"})
NOBODY = (
    "nobody.*"  # asks for no mutant: mutmut then only makes them and learns which test reaches which function
)
_LINE = re.compile(r"^\s*(\S+__mutmut_\d+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """What is changed, and the tests that must notice."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


PARTS = {
    "ledger": Part(
        (*(f"domain/{name}.py" for name in ("balances", "allocation", "money", "ageing", "promises")), "ledger/services/*.py"),
        (*(f"domain/test_{name}.py" for name in ("balances", "allocation", "money", "ageing", "promises")),
         "rooms/ledger", "rooms/payments/test_receipts.py", "rooms/payments/test_reported.py"),
    ),
    "compliance": Part(
        ("domain/compliance/*.py", "contact/law.py"),
        (*(f"domain/compliance/test_{name}.py" for name in (
            "packs", "reading_rules", "answers", "edges", "vectors", "against_the_oracle")), "rooms/contact/test_sending.py"),
    ),
    "authorisation": Part(
        ("access/actors.py", "access/permissions.py", "access/selectors.py", "access/services/*.py", "db/scoping.py",
         "web/desk/doors.py"),
        ("rooms/access",),
    ),
}  # fmt: skip
"""Of the tests that reach the code, the quick ones: a mutant that only a slow one would notice counts as unnoticed."""


def main() -> int:
    """Return the exit code: 0 when the score reaches the bar."""
    parser = argparse.ArgumentParser(prog="aldia bench mutants", description=__doc__)
    parser.add_argument("--part", choices=sorted(PARTS), default="ledger", help="qué se cambia (ledger)")
    parser.add_argument("--sample", type=int, default=0, help="cuántos mutantes, al azar (0: todos)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bar", type=float, default=85.0, help="el puntaje que se pide (85)")
    parser.add_argument("--show", action="store_true", help="muestra en qué cambió cada uno que nadie notó")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    told = measure(options.part, sample=options.sample, seed=options.seed, shows=options.show)
    print(
        json.dumps(
            {"bench": "mutants", "part": options.part, "seed": options.seed, **told}, ensure_ascii=False
        )
    )
    return 0 if told["score"] >= options.bar else 1


def measure(part: str, *, sample: int, seed: int, shows: bool) -> dict[str, Any]:
    """Return how many mutants there are and were tried, the score in per cent, and the survivors by name."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="aldia-mutants-") as folder:
        copy = _copy(Path(folder) / "aldia", PARTS[part])
        made = _mutmut(copy, "run", NOBODY)
        names = sorted(_states(copy))
        if not names:
            raise SystemExit(made[-4000:])
        chosen = sorted(random.Random(seed).sample(names, sample)) if 0 < sample < len(names) else []
        told = _mutmut(copy, "run", *chosen)
        states = _states(copy)
        tried = {name: states[name] for name in chosen or names}
        if "not checked" in tried.values():
            raise SystemExit(told[-4000:])
        survivors = [name for name, state in tried.items() if state not in NOTICED]
        if shows:
            print("\n".join(_mutmut(copy, "show", name) for name in survivors), file=sys.stderr)
    return {
        "mutants": len(names),
        "tried": len(tried),
        "score": round(100 * (1 - len(survivors) / len(tried)), 1),
        "states": dict(Counter(tried.values())),
        "seconds": round(time.monotonic() - begun, 1),
        "survivors": survivors,
    }


def _copy(target: Path, part: Part) -> Path:
    """Copy this folder, as it stands, with mutmut's settings for the part."""
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*LEFT))
    settings: dict[str, Any] = {
        "source_paths": ["src"],
        "only_mutate": [f"src/aldia/{name}" for name in part.files],
        "also_copy": sorted(path.name for path in target.iterdir() if path.name != "src"),
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in part.tests if (target / "tests" / name).exists()],
        "pytest_add_cli_args": ["-n", "0", "-q"],
    }  # fmt: skip
    # A child of a process that used Polars would hang: children are forked from one that only collected the tests.
    settings |= {
        "process_isolation": "forkserver",
        "use_git_change_detection": False,
        "track_dependencies": False,
        "timeout_constant": 30.0,
        "timeout_multiplier": 3.0,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (target / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[tool.mutmut]", *lines, ""]))
    return target


def _states(copy: Path) -> dict[str, str]:
    """Return every mutant with what became of it."""
    return dict(_LINE.findall(_mutmut(copy, "results", "--all", "true")))


def _mutmut(copy: Path, *words: str) -> str:
    """Return what mutmut says. Its exit code says nothing of use: survivors are no error to it, an empty choice is."""
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=copy, env={**os.environ, "ALDIA_GATE_HISTORIES": "3"}, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ).stdout  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
