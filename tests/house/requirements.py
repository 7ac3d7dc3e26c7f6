"""Says whether requirements/*.txt were compiled from today's *.in: the header of each .txt carries the fingerprint."""

import re
import sys

from launcher.setup import REQUIREMENTS, digest


def main() -> int:
    """Return 0 when every list is in step and every line of it carries a hash."""
    behind = []
    for name in ("app", "dev"):
        fixed = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
        told = re.search(rf"\({name}\.in ([0-9a-f]+)\)", fixed)
        if not told or told[1] != digest([REQUIREMENTS / f"{name}.in"])[:16]:
            behind.append(
                f"requirements/{name}.txt no corresponde a {name}.in: vuelve a fijarla con ./aldia lock"
            )
        pinned = re.findall(r"^[A-Za-z0-9._\[\]-]+==[^\n]*\n(\s+--hash)?", fixed, re.M)
        if not pinned or not all(pinned):
            behind.append(f"requirements/{name}.txt tiene líneas sin huella")
    print("\n".join(behind))
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
