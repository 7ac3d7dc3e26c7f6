"""Fields at fixed places of a line, named in a table as `first-last`, counted from 1 as the banks' manuals do."""

from collections.abc import Mapping

from aldia.intake.readers.records.text import lines_of
from aldia.intake.readers.stop import Stop

Places = Mapping[str, tuple[int, int]]


def records_of(data: bytes, width: int) -> list[str]:
    """The lines of the file; one that runs on is cut where records of that width end, as mainframes send them."""
    return [record for line in lines_of(data) for record in _records_in(line, width)]


def first_of(head: str) -> str:
    """The first line that holds anything, whatever ends it."""
    return next((line for line in head.replace("\r", "\n").split("\n") if line.strip(" \ufeff\x1a")), "")


def cut(line: str, places: Places, *, upto: str | None = None, number: int | None = None) -> dict[str, str]:
    """The fields of a line; what lies beyond its end is blank.

    Raises Stop `truncated_file` where the line ends before the field `upto` does: half an amount is another amount.
    """
    if upto and len(line) < places[upto][1]:
        raise Stop("truncated_file", line=number)
    return {name: line[first - 1 : last] for name, (first, last) in places.items()}


def _records_in(line: str, width: int) -> list[str]:
    if len(line) < 3 * width // 2:
        return [line]
    return [line[start : start + width] for start in range(0, len(line), width)]
