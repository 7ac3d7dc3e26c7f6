"""What one request asks twice is read once: answers are kept until the request ends or its connection writes.

Inside a transaction nothing is answered from memory: whoever is about to write reads what is true now. The one exception is
asked for by name: `remembering_under_lock`, for who has just locked what it reads.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.db import connection

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


@dataclass
class _Memory:
    answers: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    is_under_lock: bool = False


_memory: Final[ContextVar[_Memory | None]] = ContextVar("memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Let `@remembered` reads answer from memory until the block ends."""
    memory = _Memory()

    def forget_on_write(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("SELECT"):
            memory.answers.clear()
        return execute(sql, params, many, context)

    token = _memory.set(memory)
    try:
        with connection.execute_wrapper(forget_on_write):
            yield
    finally:
        _memory.reset(token)


@contextmanager
def remembering_under_lock() -> Iterator[None]:
    """The same for a short transaction that holds the lock of what it reads and does not write what it asks."""
    token = _memory.set(_Memory(is_under_lock=True))
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(read: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Make a read answer once per request for the same arguments, which must be hashable. Callers do not change the answer."""

    @wraps(read)
    def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        memory = _memory.get()
        if memory is None or (not memory.is_under_lock and in_transaction()):
            return read(*args, **kwargs)
        key = (read, args, tuple(sorted(kwargs.items())))
        if key not in memory.answers:
            memory.answers[key] = read(*args, **kwargs)
        kept: Answer = memory.answers[key]
        return kept

    return asked


def already_read(read: Any, answer: Any, *args: Any) -> None:
    """Keep what another read brought along as the answer of a `@remembered` one for these arguments."""
    memory = _memory.get()
    if memory is not None:
        memory.answers[(read.__wrapped__, args, ())] = answer


def in_transaction() -> bool:
    """Return whether a transaction is open. The one that Django's test case wraps around a whole test is none of ours."""
    return any(not block._from_testcase for block in connection.atomic_blocks)  # type: ignore[attr-defined]
