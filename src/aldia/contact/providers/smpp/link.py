"""A bound line to an SMSC: one request at a time, in order. It writes the frames; the bodies of messages are smpp34's.

The library's own session answers a receipt before anybody could keep it; here a receipt is answered once it is kept.
"""

import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aldia.contact.providers.protocol import ProviderConfig

_HEADER: Final = struct.Struct(">IIII")  # length, command, status, sequence
_LARGEST: Final = 64 * 1024
_RESPONSE: Final = 0x80000000
TRANSMITTER, TRANSCEIVER = 0x2, 0x9
SUBMIT, DELIVER, _UNBIND, _ENQUIRE, _OUTBIND = 0x4, 0x5, 0x6, 0x15, 0xB
_VERSION: Final = 0x34
_CONNECTING: Final = 5.0


@dataclass(frozen=True)
class Frame:
    """One PDU: what it is, how it went, whose answer it is, and all its bytes."""

    command: int
    status: int
    sequence: int
    whole: bytes

    @property
    def body(self) -> bytes:
        return self.whole[_HEADER.size :]


class LinkLost(OSError):
    """Raised when the line broke, or nobody answered in time."""


class BindRefused(Exception):
    """Raised when the SMSC does not let us in; `status` is its reason."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"bind refused: {status:#010x}")


class Link:
    """A line bound as transmitter or transceiver. Raises LinkLost, BindRefused when it is made."""

    def __init__(self, config: ProviderConfig, role: int, *, patience: float) -> None:
        self._sequence = 0
        self._socket = _connected(config, patience)
        try:
            answer = self.ask(role, _bind_body(config))
            if answer.status:
                raise BindRefused(answer.status)
        except (OSError, BindRefused):
            self._socket.close()
            raise

    def next_sequence(self) -> int:
        """Return the number of the next request."""
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        return self._sequence

    def ask(self, command: int, body: bytes = b"") -> Frame:
        """Send a request and return its answer. Raises LinkLost."""
        sequence = self.next_sequence()
        return self.ask_whole(_framed(command, 0, sequence, body), sequence)

    def ask_whole(self, request: bytes, sequence: int) -> Frame:
        """Send a request that is already framed and return its answer. Raises LinkLost."""
        self._write(request)
        while True:
            frame = self._read()
            if frame.command & _RESPONSE and frame.sequence == sequence:
                return frame
            self._answer_routine(frame)

    def listen(self, keep: Callable[[bytes], None], *, quiet: float, most: int) -> int:
        """Hand over every message that comes, and answer it once it was kept; return how many, when nothing came for `quiet` seconds."""
        self._socket.settimeout(quiet)
        count = 0
        while count < most:
            try:
                frame = self._read()
            except TimeoutError:
                break
            if frame.command == DELIVER:
                keep(frame.whole)
                self._write(_framed(DELIVER | _RESPONSE, 0, frame.sequence, b"\0"))
                count += 1
            else:
                self._answer_routine(frame)
        return count

    def is_alive(self) -> bool:
        """Return whether the SMSC still answers."""
        try:
            return self.ask(_ENQUIRE).status == 0
        except OSError:
            return False

    def close(self) -> None:
        """Take leave and hang up; a line that is dead is only hung up."""
        try:
            self._socket.settimeout(_CONNECTING)
            self.ask(_UNBIND)
        except OSError:
            pass  # it was dead already
        self._socket.close()

    def _answer_routine(self, frame: Frame) -> None:
        if frame.command == _ENQUIRE:
            self._write(_framed(_ENQUIRE | _RESPONSE, 0, frame.sequence, b""))
        elif frame.command == _UNBIND:
            self._write(_framed(_UNBIND | _RESPONSE, 0, frame.sequence, b""))
            raise LinkLost("the SMSC hung up")

    def _write(self, content: bytes) -> None:
        try:
            self._socket.sendall(content)
        except OSError as error:
            raise LinkLost(str(error)) from error

    def _read(self) -> Frame:
        head = self._exactly(_HEADER.size)
        length, command, status, sequence = _HEADER.unpack(head)
        if not _HEADER.size <= length <= _LARGEST:
            raise LinkLost(f"a frame of {length} bytes")
        return Frame(command, status, sequence, self._exactly(length, begun=head))

    def _exactly(self, size: int, begun: bytes = b"") -> bytes:
        content = begun
        while len(content) < size:
            try:
                more = self._socket.recv(size - len(content))
            except TimeoutError:
                if content:
                    raise LinkLost("the SMSC stopped in the middle of a frame") from None
                raise
            except OSError as error:
                raise LinkLost(str(error)) from error
            if not more:
                raise LinkLost("the SMSC hung up")
            content += more
        return content


def _connected(config: ProviderConfig, patience: float) -> socket.socket:
    host, port = str(config.get("host", "")), int(config.get("port") or 2775)
    try:
        line = socket.create_connection((host, port), timeout=_CONNECTING)
        if config.get("security") == "tls":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise LinkLost(f"{type(error).__name__}: {error}") from error
    line.settimeout(patience)
    return line


def _bind_body(config: ProviderConfig) -> bytes:
    words = [
        str(config.get(name, "")).encode("ascii", "replace") for name in ("user", "password", "system_type")
    ]
    return b"\0".join(words) + b"\0" + bytes([_VERSION, 0, 0]) + b"\0"


def _framed(command: int, status: int, sequence: int, body: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), command, status, sequence) + body
