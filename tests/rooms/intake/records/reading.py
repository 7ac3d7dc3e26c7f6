"""Record files read in this process, without the fences: what a format says, fast."""

from typing import Any

from aldia.intake.readers.records import formats


def records(content: str | bytes) -> dict[str, Any]:
    """What the file says; raises Stop."""
    data = content.encode() if isinstance(content, str) else content
    return dict(formats.read(data))


def codes(answer: dict[str, Any]) -> list[str]:
    """The oddities told."""
    return [problem["code"] for problem in answer["problems"]]


def amounts(answer: dict[str, Any]) -> list[str]:
    """The amounts of all lines of all statements."""
    return [entry["amount"] for statement in answer["statements"] for entry in statement["entries"]]
