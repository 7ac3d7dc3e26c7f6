"""The limited child process for record files: reads many, answers with one line of JSON for each, in order.

Run as a module; the paths and limits come as JSON on standard input. It enters the fences before it opens the first file, so
that a file which kills it can be named: it is the first without an answer.
"""

import gc
import json
import sys
from pathlib import Path
from typing import Any

from aldia.intake.readers.fence import shut_in
from aldia.intake.readers.limits import Limits
from aldia.intake.readers.records import formats
from aldia.intake.readers.stop import Stop


def main() -> int:
    """Read the order, enter the limits, answer file after file."""
    order = json.load(sys.stdin)
    limits = Limits(**order["limits"])
    gc.disable()
    shut_in(limits)
    for path in order["paths"]:
        json.dump(_answered(Path(path), limits), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
        sys.stdout.flush()
    return 0


def _answered(path: Path, limits: Limits) -> dict[str, Any]:
    try:
        return {"ok": True, "answer": formats.read_file(path, limits)}
    except Stop as stop:
        return {"ok": False, "code": stop.code, "facts": stop.facts}
    except MemoryError:
        return {"ok": False, "code": "too_much_memory", "facts": {}}
    except RecursionError:
        return {"ok": False, "code": "xml_damaged", "facts": {"line": 1}}


if __name__ == "__main__":
    sys.exit(main())
