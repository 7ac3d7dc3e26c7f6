"""Writes docs/reglas/vocabulario.md: every fact that a rule may name, as `engine.vocabulary` lists it.

`python -m tests.house.vocabulary_page` fails when the page is behind; `--write` (or `./aldia check --fix`) brings it up to date.
"""

import sys

from aldia.engine.vocabulary import vocabulary_page
from tests.house.sources import ROOT, keep_page

PAGE = ROOT / "docs/reglas/vocabulario.md"
WRITE = "./aldia check --fix"


def page() -> str:
    """Return the page as it should be."""
    title, rest = vocabulary_page("es").split("\n", 1)
    return f"{title}\n\nSe genera con `{WRITE}`; no se edita a mano.\n{rest.rstrip()}\n"


def main(options: list[str]) -> int:
    """Compare or write the page; return 0 when it is up to date."""
    return keep_page(PAGE, page(), options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
