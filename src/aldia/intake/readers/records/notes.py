"""What a reader finds odd without refusing the file: codes and facts; the parent process writes the texts."""

from typing import Any


class Notes:
    """Collects oddities in the order found. `line` counts from 1 where the format has lines."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def add(self, code: str, line: int | None = None, **facts: object) -> None:
        """Keep one oddity; `code` is a key of `texts.NOTES`."""
        self.found.append({"code": code, "row": line, "facts": facts})
