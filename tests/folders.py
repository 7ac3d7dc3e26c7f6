"""A run's folders outside the checkout carry the number of its process: the next run takes away those of the dead."""

import os
import shutil
import tempfile
from pathlib import Path


def made(kind: str) -> Path:
    """Return a new folder of this process, after removing those of processes that were killed before they could tidy up."""
    for left in Path(tempfile.gettempdir()).glob(f"{kind}-*-*"):
        owner = left.name.removeprefix(f"{kind}-").partition("-")[0]
        if owner.isdecimal() and not _is_alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{kind}-{os.getpid()}-"))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
