"""Who a test waits for, always with a limit: a program that hangs, or a thread, fails its test and does not hold up the run."""

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from django.db import connections

LIMIT = 300.0  # seconds; less than pytest gives a test that hangs (pyproject.toml)
T = TypeVar("T")


def run(
    words: Sequence[str | Path], *, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Return how a program ended and what it said; raises TimeoutExpired when it takes too long."""
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=LIMIT)


def at_once(work: Callable[[int], T], count: int) -> list[T]:
    """Return what `work(0)` … `work(count - 1)` gave, in threads that are let go together.

    Raises what any of them raised, as a group, and TimeoutError when one does not end: that thread is left behind.
    """
    gate, told, wrong = threading.Barrier(count), dict[int, T](), list[Exception]()

    def one(number: int) -> None:
        try:
            gate.wait(LIMIT)
            told[number] = work(number)
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    patience = time.monotonic() + LIMIT
    for thread in threads:
        thread.join(max(0.0, patience - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        wrong.append(TimeoutError(f"Some were still at work after {LIMIT:.0f} seconds."))
    if wrong:
        raise ExceptionGroup("What was done at once failed.", wrong)
    return [told[number] for number in range(count)]
