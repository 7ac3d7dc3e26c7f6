"""Writes docs/reglas/vocabulario.md: every fact that a rule may name, as `engine.vocabulary` lists it.

`python -m tests.house.vocabulary_page` fails when the page is behind; `--write` (or `./aldia check --fix`) brings it up to date.
"""

import sys

from aldia.engine.vocabulary import vocabulary_page
from tests.house.sources import ROOT

PAGE = ROOT / "docs/reglas/vocabulario.md"
WRITE = "./aldia check --fix"


def page() -> str:
    """Return the page as it should be."""
    title, rest = vocabulary_page("es").split("\n", 1)
    return f"{title}\n\nSe genera con `{WRITE}`; no se edita a mano.\n{rest.rstrip()}\n"


def main(options: list[str]) -> int:
    """Compare or write the page; return 0 when it is up to date."""
    if "--write" in options:
        PAGE.write_text(page(), encoding="utf-8")
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"docs/reglas/vocabulario.md está atrasada; la pone al día {WRITE}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
