"""The second core: normalises a list of values read as JSON from standard input, answers in the same order."""

import json
import sys

from aldia.intake.checking.identity import JOBS


def main() -> int:
    """Read {"job", "pairs"}, write the list of answers."""
    order = json.load(sys.stdin)
    json.dump(JOBS[order["job"]]([(raw, country) for raw, country in order["pairs"]]), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
