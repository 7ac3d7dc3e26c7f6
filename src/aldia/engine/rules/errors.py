"""What is wrong with a rule: a code with named arguments and its place. The room that shows it puts it into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Told = str | int


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say about a rule. ``at`` is the 1-based column of the word, ``found`` that word, ``told`` the rest."""

    code: str
    at: int
    found: str = ""
    told: Mapping[str, Told] = field(default_factory=dict)


class RuleError(ValueError):
    """A rule that is refused; ``remark`` says why."""

    def __init__(self, code: str, *, at: int, found: str = "", **told: Told) -> None:
        self.remark = Remark(code, at, found, told)
        super().__init__(f"column {at}: {code} {found!r} {dict(told)}")
