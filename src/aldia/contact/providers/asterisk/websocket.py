"""Listening to a WebSocket (RFC 6455): as much of it as an ear needs. It reads whole messages and answers pings."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

PATIENCE: Final = 20.0  # seconds without a word, after which the other end is asked whether it is there
LONGEST: Final = 1024 * 1024
_GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x1, 0x2, 0x8, 0x9, 0xA


class Hung(ConnectionError):
    """Raised when the other end went away, refused, or speaks something else."""


class Ear:
    """An open WebSocket. Iterate over what is told; None comes after a silence, so that the listener can look around."""

    def __init__(self, url: str, *, user: str, password: str, patience: float = PATIENCE) -> None:
        self._parts = urlsplit(url)
        self._login = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._patience, self._is_asked = patience, False
        self._socket = self._connected()
        self._kept = b""
        try:
            self._shake_hands()
        except OSError as error:
            self._socket.close()
            raise Hung(str(error)) from error
        except Hung:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def __iter__(self) -> Iterator[str | None]:
        """Yield every message, and None after each silence. Raises Hung when the other end goes, or answers no ping."""
        told = b""
        while True:
            try:
                is_last, kind, body = self._frame()
            except TimeoutError:
                self._ask_if_there()
                yield None
                continue
            except OSError as error:
                raise Hung(str(error)) from error
            self._is_asked = False
            if kind == _CLOSE:
                raise Hung("the other end said good-bye")
            if kind == _PING:
                self._say(_PONG, body)
            elif kind in (_TEXT, _BINARY, 0x0):
                told += body
                if len(told) > LONGEST:
                    raise Hung("a message that does not end")
                if is_last:
                    yield told.decode("utf-8", "replace")
                    told = b""

    def _ask_if_there(self) -> None:
        if self._is_asked:
            raise Hung("no answer to a ping")
        self._is_asked = True
        self._say(_PING, b"")

    def _connected(self) -> socket.socket:
        host, is_sealed = self._parts.hostname or "", self._parts.scheme == "wss"
        port = self._parts.port or (443 if is_sealed else 80)
        try:
            plain = socket.create_connection((host, port), timeout=self._patience)
            if not is_sealed:
                return plain
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError as error:
            raise Hung(str(error)) from error

    def _shake_hands(self) -> None:
        key = base64.b64encode(os.urandom(16)).decode("ascii")
        asked = (
            f"GET {self._parts.path}?{self._parts.query} HTTP/1.1\r\nHost: {self._parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Basic {self._login}\r\n\r\n"
        )
        self._socket.sendall(asked.encode("ascii"))
        while b"\r\n\r\n" not in self._kept:
            if len(self._kept) > LONGEST:
                raise Hung("an answer that does not end")
            self._more()
        head, _end, self._kept = self._kept.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        if " 101 " not in f"{first} ":
            raise Hung(first[:200])
        fields = {
            name.strip().lower(): value.strip()
            for name, _colon, value in (line.partition(":") for line in lines)
        }
        # RFC 6455 names SHA-1 here; it proves that the other end speaks WebSocket, and guards nothing.
        wanted = hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()
        if fields.get("sec-websocket-accept") != base64.b64encode(wanted).decode("ascii"):
            raise Hung("the answer is no WebSocket's")

    def _frame(self) -> tuple[bool, int, bytes]:
        """One frame, whole. A silence in the middle of one keeps what came, and the next try goes on from there."""
        self._fill(2)
        length, at = self._kept[1] & 0x7F, 2
        if length > 125:
            at = 4 if length == 126 else 10
            self._fill(at)
            length = int.from_bytes(self._kept[2:at])
        if length > LONGEST:
            raise Hung("a message that is too long")
        self._fill(at + length)
        first, body = self._kept[0], self._kept[at : at + length]
        self._kept = self._kept[at + length :]
        return bool(first & 0x80), first & 0x0F, body

    def _fill(self, size: int) -> None:
        while len(self._kept) < size:
            self._more()

    def _more(self) -> None:
        found = self._socket.recv(65_536)
        if not found:
            raise Hung("the other end went away")
        self._kept += found

    def _say(self, kind: int, body: bytes) -> None:
        mask = os.urandom(4)
        hidden = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body[:125]))
        try:
            self._socket.sendall(bytes([0x80 | kind, 0x80 | len(hidden)]) + mask + hidden)
        except OSError as error:
            raise Hung(str(error)) from error
