"""Runs the child process that parses an untrusted file, and turns its death into a refusal with a reason."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aldia
from aldia.intake.readers.limits import Limits
from aldia.intake.readers.refusals import refusal
from aldia.intake.readers.text_file import Request

MODULE = "aldia.intake.readers.child"
KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")


def child_environment() -> dict[str, str]:
    """The few variables a child needs: no secret of ours crosses over."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    source = str(Path(aldia.__file__).resolve().parent.parent)
    return kept | {
        "PYTHONPATH": source,
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


def parse_in_child(
    path: Path, out: Path, request: Request, limits: Limits, *, family: str, zipped: bool
) -> dict[str, Any]:
    """The dialect of the parsed file, its rows in `out`. Raises FileRefused."""
    order = {
        "path": str(path.resolve()),
        "out": str(out),
        "family": family,
        "zipped": zipped,
        "limits": asdict(limits),
        "request": asdict(request),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-s", "-m", MODULE],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=limits.wall_seconds,
            env=child_environment(),
            cwd=str(out.parent),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise refusal("too_slow", {}) from error
    return _answer(done)


def _answer(done: "subprocess.CompletedProcess[bytes]") -> dict[str, Any]:
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise refusal("too_slow", {})
    if done.returncode in (-signal.SIGABRT, -signal.SIGSEGV) or b"memory allocation" in done.stderr[-4000:]:
        raise refusal("too_much_memory", {})
    if done.returncode != 0:
        # A panic of a parser on a damaged file is a fact about the file; its trace stays for whoever debugs.
        raise refusal("damaged_file", {}) from RuntimeError(done.stderr[-2000:].decode("utf-8", "replace"))
    answer: dict[str, Any] = json.loads(done.stdout)
    if not answer["ok"]:
        raise refusal(answer["code"], answer["facts"])
    dialect: dict[str, Any] = answer["dialect"]
    return dialect
