"""Which errors mean that the database or the disk is away for a moment, and not that a program is wrong."""

import errno
from collections.abc import Iterator

from django.db.utils import InterfaceError, OperationalError

_FULL_OR_FROZEN = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def is_away(error: BaseException | None) -> bool:
    """Return whether trying again later may help: disk full, database locked, full, starting or gone.

    What was being written was taken back whole; the caller only says so.
    """
    return any(_is_passing(link) for link in _chain(error))


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL_OR_FROZEN:
        return True
    return isinstance(error, (OperationalError, InterfaceError))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
