"""Reads the product's own source as syntax trees, for the tests that hold the house's rules."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "src/aldia"
ROOMS = (
    "access", "parties", "ledger", "cases", "contact", "outcomes", "payments", "chat", "intake", "strategy", "kpi",
)  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str) -> list[Path]:
    """Return our Python files under the given folders of the checkout, migrations aside."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    """Return a path as it is written in messages."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[Function]:
    """Yield every function of a file, methods and inner ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


def public_functions(path: Path) -> Iterator[Function]:
    """Yield what a module offers: its top-level functions without an underscore."""
    for node in tree(path).body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node


def offered_services() -> Iterator[tuple[Path, Function]]:
    """Yield what rooms offer to each other for writing: in a package `services/`, what its `__init__` names."""
    for room in ROOMS:
        single = PRODUCT / room / "services.py"
        if single.exists():
            yield from ((single, node) for node in public_functions(single))
        front = PRODUCT / room / "services/__init__.py"
        if front.exists():
            named = {
                alias.name
                for node in tree(front).body
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            for path in sorted(front.parent.rglob("*.py")):
                yield from ((path, node) for node in public_functions(path) if node.name in named)


def room_files(part: str) -> list[Path]:
    """Return every file of a room's part: `services.py`, or the modules of the package `services/`."""
    found: list[Path] = []
    for room in ROOMS:
        found += [path for path in (PRODUCT / room / f"{part}.py",) if path.exists()]
        found += sorted((PRODUCT / room / part).rglob("*.py"))
    return found


def decorator_names(node: Function | ast.ClassDef) -> set[str]:
    """Return the last word of each decorator: `dataclass` for `@dataclasses.dataclass(frozen=True)`."""
    names = set()
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))
    return names


def named_by(marks: Iterable[ast.AST], kind: str) -> list[str]:
    """Return what marks of one kind name: `["S1-9a"]` of `@pytest.mark.covers("S1-9a")`, read without running it."""
    return [
        str(word.value)
        for mark in marks
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith(f"mark.{kind}")
        for word in mark.args
        if isinstance(word, ast.Constant)
    ]


def keep_page(page: Path, wanted: str, options: list[str]) -> int:
    """Compare a page of docs that writes itself with what it should be, or write it; return 0 when it is up to date."""
    if "--write" in options:
        page.write_text(wanted, encoding="utf-8")
    if not page.exists() or page.read_text(encoding="utf-8") != wanted:
        print(f"{name_of(page)} está atrasada; la pone al día ./aldia check --fix")
        return 1
    return 0
