"""Owns how the launcher talks and how it starts other programs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
TAIL_LINES = 40
DEMO_USERS = "demo-users.txt"
FIRST_LINKS = "first-links.txt"  # of the organisations that nobody entered yet: each start writes them anew


class Refusal(Exception):
    """A foreseen stop: its text tells the user what happened and how to repair it."""


def say(text: str = "", end: str = "\n") -> None:
    """Write to standard error; standard output is kept for the answers of commands."""
    print(text, end=end, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what begins and, when it is done, how many seconds it took."""
    say(f"  · {title} … ", end="")
    begun = time.monotonic()
    yield
    say(f"{time.monotonic() - begun:.1f} s")


@contextmanager
def told_whole(title: str) -> Iterator[None]:
    """The same for what happens aside: one whole line at the end, between the lines of others."""
    begun = time.monotonic()
    yield
    say(f"  · {title} … {time.monotonic() - begun:.1f} s")


def tool(name: str) -> str:
    """Return the path of a program of our environment."""
    return str(BIN / name)


def home() -> Path:
    """Return the data folder, ALDIA_HOME or ./var."""
    return Path(os.environ.get("ALDIA_HOME") or ROOT / "var").resolve()


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of every program we start: our tools first, our sources importable."""
    search = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "VIRTUAL_ENV": str(VENV),
        "PYTHONPATH": search,
        "DJANGO_SETTINGS_MODULE": "aldia.config.settings",
        "ALDIA_HOME": str(home()),
        "UV_SYSTEM_CERTS": "1",  # uv and Node ignore the system's certificates unless told
        "NODE_USE_SYSTEM_CA": "1",
        "UV_LINK_MODE": "copy",
        "UV_NO_PROGRESS": "1",
        **changes,
    }


def quietly(command: Sequence[str | Path], *, repair: str = "", env: Mapping[str, str] | None = None) -> str:
    """Run a program without showing its output; return it, or raise Refusal with its last lines and the repair."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=ROOT,
            env=dict(env) if env is not None else environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Refusal(f"No se encuentra el programa {command[0]}. {repair}".strip()) from error
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-TAIL_LINES:])
        line = " ".join(str(word) for word in command)
        raise Refusal(f"Falló: {line}\n{tail}\n{repair}".rstrip())
    return done.stdout
