"""Fields at fixed places of a line, named in a table as `first-last`, counted from 1 as the banks' manuals do."""

from collections.abc import Mapping

Places = Mapping[str, tuple[int, int]]


def cut(line: str, places: Places) -> dict[str, str]:
    """The fields of a line; what lies beyond its end is blank."""
    return {name: line[first - 1 : last] for name, (first, last) in places.items()}
