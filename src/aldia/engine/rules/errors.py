"""The one error of the rule language: where, what was found, and how to repair it."""


class RuleError(ValueError):
    """A rule that is refused. ``at`` is the 1-based column of the offending word."""

    def __init__(self, problem: str, *, at: int, found: str = "", hint: str = "") -> None:
        self.problem = problem
        self.at = at
        self.found = found
        self.hint = hint
        text = f"column {at}: {problem}"
        if found:
            text += f"; found {found!r}"
        if hint:
            text += f"; {hint}"
        super().__init__(text)
