"""Writes docs/cobertura.md: each requirement row (docs/requisitos.csv) with the tests marked `covers("row")`.

A row asks for something of its own, or repeats what others ask (`same_as`), or is context and asks for nothing.

`python -m tests.house.coverage_page` fails when the page is behind; `--write` brings it up to date.
"""

import ast
import csv
import sys
from collections import defaultdict
from dataclasses import dataclass

from tests.house.sources import ROOT, keep_page, name_of, named_by, python_files, tree

PAGE = ROOT / "docs/cobertura.md"
ROWS = ROOT / "docs/requisitos.csv"


@dataclass(frozen=True)
class Requirement:
    """What a row asks for, and the rows that ask for the same in other words."""

    asked: str
    same_as: tuple[str, ...] = ()

    @property
    def is_context(self) -> bool:
        """Whether it only tells why, and nothing can be shown of it."""
        return self.asked.startswith("context")


def requirements() -> dict[str, Requirement]:
    """Return row -> what it asks for, in the order of the list."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        return {
            row["row"]: Requirement(row["requirement"], tuple(row["same_as"].split()))
            for row in csv.DictReader(file)
        }


def covered() -> dict[str, list[str]]:
    """Return row -> the tests that say they prove it, read from the source without running it.

    A mark on a module (`pytestmark`) is of the module as a whole.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for path in python_files("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for row in named_by(node.decorator_list, "covers"):
                    found[row].append(f"{name_of(path)}::{node.name}")
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
                for row in named_by(ast.walk(node.value), "covers"):
                    found[row].append(name_of(path))
    return found


def _is_proven(row: str, rows: dict[str, Requirement], tests: dict[str, list[str]]) -> bool:
    """Return whether the row has a test, or every row that asks for the same has one."""
    same = rows[row].same_as
    return row in tests or (bool(same) and all(_is_proven(other, rows, tests) for other in same))


def _proofs(row: str, asked: Requirement, tests: dict[str, list[str]]) -> str:
    told = [f"`{test}`" for test in sorted(set(tests.get(row, [])))]
    if asked.same_as:
        told.append(f"pide lo mismo que {', '.join(asked.same_as)}")
    if asked.is_context:
        told.append("contexto: no pide nada que probar")
    return "<br>".join(told) or "—"


def page() -> str:
    """Return the page as it should be."""
    rows, tests = requirements(), covered()
    asking = [row for row, asked in rows.items() if not asked.is_context]
    proven = sum(_is_proven(row, rows, tests) for row in asking)
    lines = [
        "# Cobertura de requisitos",
        "",
        "Se genera con `./aldia check --fix` a partir de las marcas `covers` de las pruebas; no se edita a mano.",
        "",
        f"**{proven} de {len(asking)}** filas que piden algo tienen al menos una prueba, suya o de las filas que piden lo mismo; "
        f"{len(rows) - len(asking)} son contexto.",
        "",
        "| Fila | Pide | Pruebas |",
        "| --- | --- | --- |",
    ]
    for row, asked in rows.items():
        lines.append(f"| {row} | {asked.asked.replace('|', '/')} | {_proofs(row, asked, tests)} |")
    return "\n".join(lines) + "\n"


def main(options: list[str]) -> int:
    """Compare or write the page; return 0 when it is up to date."""
    rows = requirements()
    named = set(covered()) | {other for asked in rows.values() for other in asked.same_as}
    unknown = sorted(named - set(rows))
    if unknown:
        print(f"No están en docs/requisitos.csv: {', '.join(unknown)}")
        return 1
    return keep_page(PAGE, page(), options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
