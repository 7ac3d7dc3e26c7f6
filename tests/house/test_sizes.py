"""Small enough to hold in the head."""

import pytest

from tests.house.sources import functions, name_of, python_files

FILE_LINES = 400
FUNCTION_LINES = 60
TABLES = {"src/aldia/engine/vocabulary_data.py"}  # data written as Python: looked up, not read through
OURS = python_files("src/aldia", "launcher", "tests", "benchmarks")


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in OURS}
    long = {name: number for name, number in lines.items() if number > FILE_LINES and name not in TABLES}
    assert not long, f"Split by verb: {long}"


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines"
        for path in OURS
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("folder", ["src/aldia", "launcher", "tests"])
def test_the_measured_folders_are_there(folder: str) -> None:
    assert python_files(folder)
