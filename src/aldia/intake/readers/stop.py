"""How the child process says that a file cannot be read: a stable code and the facts, no prose."""


class Stop(Exception):
    """A refusal found while reading; `code` is a key of `refusals.TEXTS`, `facts` fill its texts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
