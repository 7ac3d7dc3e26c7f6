"""A mail box on loopback that speaks the IMAP that is needed: log in, search what is unseen, fetch without marking, mark."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final


@dataclass
class MailBox:
    """The mails of a box by their number, and which were marked as seen."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    dies_after: int = 1_000_000  # commands; then the line breaks


def _unseen(box: MailBox, _number: int) -> bytes:
    names = [str(at) for at in range(1, len(box.mails) + 1) if at not in box.seen]
    return f"* SEARCH {' '.join(names)}".encode()


def _whole(box: MailBox, number: int) -> bytes:
    raw = box.mails[number - 1]
    return f"* {number} FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")"


_ANSWERS: Final[dict[str, Callable[[MailBox, int], bytes]]] = {
    "CAPABILITY": lambda _box, _number: b"* CAPABILITY IMAP4rev1",
    "SELECT": lambda box, _number: f"* {len(box.mails)} EXISTS".encode(),
    "UID SEARCH": _unseen,
    "UID FETCH": _whole,
    "LOGOUT": lambda _box, _number: b"* BYE",
}


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self._say("* OK listo")
        for line in self.rfile:
            self.server.box.dies_after -= 1
            if self.server.box.dies_after < 0:
                return
            tag, _blank, command = line.decode().strip().partition(" ")
            if self._answered(command.upper()):
                self._say(f"{tag} OK hecho")
            else:
                self._say(f"{tag} NO la clave no es esa")
            if command.upper().startswith("LOGOUT"):
                return

    def _answered(self, command: str) -> bool:
        """Whether the command is taken; what it asks for is written before."""
        if command.startswith("LOGIN"):
            return '"SECRETA"' in command
        number = int(found.group()) if (found := re.search(r"\d+", command)) else 0
        if command.startswith("UID STORE"):
            self.server.box.seen.add(number)
        for name, answer in _ANSWERS.items():
            if command.startswith(name):
                self.wfile.write(answer(self.server.box, number) + b"\r\n")
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, box: MailBox) -> None:
        self.box = box
        super().__init__(("127.0.0.1", 0), _Talk)


@contextmanager
def mail_box() -> Iterator[MailBox]:
    """A box that listens until the end."""
    box = MailBox()
    with _Server(box) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield box
        server.shutdown()
