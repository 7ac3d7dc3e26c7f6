"""Hearing the exchange: each message as it comes, and after each silence a chance to look around."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Generator
from typing import Final

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

PATIENCE: Final = 20.0  # seconds without a word, after which the other end is asked whether it is there
LONGEST: Final = 1024 * 1024


class Hung(ConnectionError):
    """Raised when the other end went away, refused, or speaks something else."""


def heard(
    url: str, *, user: str, password: str, patience: float = PATIENCE
) -> Generator[str | None, None, None]:
    """Yield every message of a WebSocket, and None after each silence. Raises Hung when the other end goes, or answers no ping."""
    login = b64encode(f"{user}:{password}".encode()).decode("ascii")
    try:
        with connect(
            url, additional_headers={"Authorization": f"Basic {login}"}, open_timeout=patience, ping_interval=patience,
            ping_timeout=patience, close_timeout=1, max_size=LONGEST, compression=None, proxy=None,
        ) as line:  # fmt: skip
            while True:
                try:
                    told = line.recv(patience)
                except TimeoutError:
                    yield None
                else:
                    yield told if isinstance(told, str) else told.decode("utf-8", "replace")
    except (OSError, ValueError, WebSocketException) as error:
        raise Hung(str(error)) from error
