"""Writes docs/cobertura.md: each requirement row (docs/requisitos.csv) with the tests marked `covers("row")`.

`python -m tests.house.coverage_page` fails when the page is behind; `--write` brings it up to date.
"""

import ast
import csv
import sys
from collections import defaultdict

from tests.house.sources import ROOT, name_of, python_files, tree

PAGE = ROOT / "docs/cobertura.md"
ROWS = ROOT / "docs/requisitos.csv"


def requirements() -> dict[str, str]:
    """Return row -> what it asks for, in the order of the list."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        return {row["row"]: row["requirement"] for row in csv.DictReader(file)}


def covered() -> dict[str, list[str]]:
    """Return row -> the tests that say they prove it, read from the source without running it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in python_files("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for row in _rows_of(node):
                    found[row].append(f"{name_of(path)}::{node.name}")
    return found


def _rows_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[str]:
    marks = [
        mark
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("mark.covers")
    ]
    return [word.value for mark in marks for word in mark.args if isinstance(word, ast.Constant)]


def page() -> str:
    """Return the page as it should be."""
    rows, tests = requirements(), covered()
    proven = sum(1 for row in rows if row in tests)
    lines = [
        "# Cobertura de requisitos",
        "",
        "Se genera con `./aldia check --fix` a partir de las marcas `covers` de las pruebas; no se edita a mano.",
        "",
        f"**{proven} de {len(rows)}** filas tienen al menos una prueba.",
        "",
        "| Fila | Pide | Pruebas |",
        "| --- | --- | --- |",
    ]
    for row, asked in rows.items():
        proofs = "<br>".join(f"`{test}`" for test in sorted(set(tests.get(row, [])))) or "—"
        lines.append(f"| {row} | {asked.replace('|', '/')} | {proofs} |")
    return "\n".join(lines) + "\n"


def main(options: list[str]) -> int:
    """Compare or write the page; return 0 when it is up to date."""
    unknown = sorted(set(covered()) - set(requirements()))
    if unknown:
        print(f"No están en docs/requisitos.csv: {', '.join(unknown)}")
        return 1
    wanted = page()
    if "--write" in options:
        PAGE.write_text(wanted, encoding="utf-8")
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted:
        print("docs/cobertura.md está atrasada; la pone al día ./aldia check --fix")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
