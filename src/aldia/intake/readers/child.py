"""The limited child process: parses one untrusted file and answers with one line of JSON.

Run as a module; the request comes as JSON on standard input. It has no network, a ceiling on memory and
processor time, an environment without secrets, and writes only the Arrow file it was told to write.
"""

import gc
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from aldia.intake.readers.fence import shut_in
from aldia.intake.readers.limits import Limits
from aldia.intake.readers.stop import Stop
from aldia.intake.readers.text_file import Request, write_text_table
from aldia.intake.readers.workbook import write_workbook_table
from aldia.intake.readers.zip_guard import check_unpacked


def main() -> int:
    """Read the request, enter the limits, parse, print the answer."""
    order = json.load(sys.stdin)
    # Millions of short-lived lists and no cycles: the collector would only walk them, a third of the time.
    gc.disable()
    limits = Limits(**order["limits"])
    shut_in(limits)
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


if __name__ == "__main__":
    sys.exit(main())
