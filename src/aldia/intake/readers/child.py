"""The limited child process: parses one untrusted file and answers with one line of JSON.

Run as a module; the request comes as JSON on standard input. It has no network, a ceiling on memory and
processor time, an environment without secrets, and writes only the Arrow file it was told to write.
"""

import ctypes
import gc
import json
import resource
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from aldia.intake.readers.limits import Limits
from aldia.intake.readers.stop import Stop
from aldia.intake.readers.text_file import Request, write_text_table
from aldia.intake.readers.workbook import write_workbook_table
from aldia.intake.readers.zip_guard import check_unpacked

CLONE_NEWUSER, CLONE_NEWNET, NO_NEW_PRIVILEGES = 0x10000000, 0x40000000, 38


def main() -> int:
    """Read the request, enter the limits, parse, print the answer."""
    order = json.load(sys.stdin)
    # Millions of short-lived lists and no cycles: the collector would only walk them, a third of the time.
    gc.disable()
    limits = Limits(**order["limits"])
    _shut_in(limits)
    try:
        answer: dict[str, Any] = {"ok": True, "dialect": _parse(order, limits)}
    except Stop as stop:
        answer = {"ok": False, "code": stop.code, "facts": stop.facts}
    except (MemoryError, pa.ArrowMemoryError):
        answer = {"ok": False, "code": "too_much_memory", "facts": {}}
    json.dump(answer, sys.stdout)
    return 0


def _parse(order: dict[str, Any], limits: Limits) -> dict[str, Any]:
    path, out = Path(order["path"]), Path(order["out"])
    request = Request(**order["request"])
    if order["family"] == "text":
        return write_text_table(path, out, request, limits)
    if order["zipped"]:
        check_unpacked(path, limits)
    return write_workbook_table(path, out, request, limits)


def _shut_in(limits: Limits) -> None:
    """Enter the limits. A kernel that refuses a network namespace leaves the other fences standing."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    sys.addaudithook(_forbid)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * limits.text_bytes, 4 * limits.text_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _forbid(event: str, _args: tuple[object, ...]) -> None:
    """No socket, no other process: a second fence for kernels that refuse the first."""
    if event.startswith(
        ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.dlopen")
    ):
        raise PermissionError(event)


if __name__ == "__main__":
    sys.exit(main())
