"""Who waits in a test waits with a limit: one that hangs costs the whole run."""

import ast

from tests.house.sources import name_of, python_files, tree

PROGRAMS = {"run", "call", "check_call", "check_output", "urlopen", "create_connection"}
OTHERS = {"join", "wait", "communicate", "result"}  # of threads, processes, events and what is promised
THE_RUN_ITSELF = {"tests/postgresql.py"}  # it lasts as long as pytest does


def _waits_for_ever(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute) or any(
        word.arg in {None, "timeout"} for word in node.keywords
    ):
        return False
    if ast.unparse(node.func.value) in {"subprocess", "urllib.request", "socket"}:
        return node.func.attr in PROGRAMS
    return node.func.attr in OTHERS and not node.args


def _unlimited(text: ast.Module) -> list[int]:
    awaited = {id(node.value) for node in ast.walk(text) if isinstance(node, ast.Await)}
    calls = (node for node in ast.walk(text) if isinstance(node, ast.Call) and id(node) not in awaited)
    return [node.lineno for node in calls if _waits_for_ever(node)]


def test_whoever_waits_says_how_long() -> None:
    found = {name_of(path): _unlimited(tree(path)) for path in python_files("tests")}
    unlimited = {name: lines for name, lines in found.items() if lines and name not in THE_RUN_ITSELF}
    assert not unlimited, f"Use tests/waiting.py, or say `timeout`: {unlimited}"


def test_a_wait_without_a_limit_is_seen() -> None:
    text = "thread.join()\nthread.join(LIMIT)\nsubprocess.run(words)\n', '.join(words)\nsubprocess.run(words, timeout=LIMIT)\n"
    assert _unlimited(ast.parse(text)) == [1, 3]
