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
from aldia.intake.readers.refusals import FileRefused, refusal
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
    return _answer(run_child(MODULE, order, limits, cwd=out.parent))


def run_child(
    module: str, order: dict[str, Any], limits: Limits, *, cwd: Path | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """The child that has read the order, however it ended. Raises FileRefused when it takes too long."""
    try:
        return subprocess.run(
            [sys.executable, "-P", "-s", "-m", module],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=limits.wall_seconds,
            env=child_environment(),
            cwd=str(cwd or Path(aldia.__file__).parent),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise refusal("too_slow", {}) from error


def death(done: "subprocess.CompletedProcess[bytes]") -> FileRefused:
    """Why the child ended before its answer, as a refusal of the file it was reading."""
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return refusal("too_slow", {})
    if done.returncode in (-signal.SIGABRT, -signal.SIGSEGV) or b"memory allocation" in done.stderr[-4000:]:
        return refusal("too_much_memory", {})
    # A panic of a parser on a damaged file is a fact about the file; its trace stays for whoever debugs.
    refused = refusal("damaged_file", {})
    refused.__cause__ = RuntimeError(done.stderr[-2000:].decode("utf-8", "replace"))
    return refused


def _answer(done: "subprocess.CompletedProcess[bytes]") -> dict[str, Any]:
    if done.returncode != 0:
        raise death(done)
    answer: dict[str, Any] = json.loads(done.stdout)
    if not answer["ok"]:
        raise refusal(answer["code"], answer["facts"])
    dialect: dict[str, Any] = answer["dialect"]
    return dialect
