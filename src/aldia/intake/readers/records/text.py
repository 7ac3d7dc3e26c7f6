"""Text files of banks as lines: byte order marks, UTF-8 or the Western single byte, any line ending."""

import codecs

from aldia.intake.readers.stop import Stop

PADDING = b"\0\x1a \t\r\n"  # what old systems leave behind the last line
MARKS = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, declared: str | None = None) -> str:
    """The text of the file: as its mark says, else UTF-8, else as it declares, else cp1252. Raises Stop.

    UTF-8 is asked before what is declared: text of another set is not UTF-8 by accident, and many banks declare one
    thing and write another.
    """
    told = _told(data)
    if told:
        return _strict(data, told).removeprefix("\ufeff")
    data = data.removeprefix(codecs.BOM_UTF8)  # before a line of fixed places it would move them all
    if b"\0" in data[:65536].rstrip(PADDING):
        raise Stop("binary_file")
    for name in ("utf-8", declared or "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            pass
    return data.decode("cp1252", errors="replace")


def peeked(head: bytes) -> str:
    """The first bytes of a file as text, near enough to recognise its format."""
    return head.decode(_told(head) or "utf-8", errors="replace").removeprefix("\ufeff")


def _told(data: bytes) -> str | None:
    """The encoding that a mark, or the zeros between the letters of UTF-16, tell; None where nothing does."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    zeros = data[:64].count(0)
    if zeros < 24 or zeros > 40:
        return None
    return "utf-16-le" if data[1:64:2].count(0) > data[:64:2].count(0) else "utf-16-be"


def lines_of(data: bytes) -> list[str]:
    """The lines without their ends; no other character breaks a line, since fixed positions count on it."""
    return decoded(data).rstrip("\0\x1a").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise Stop("wrong_encoding", encoding=name, line=data[: error.start].count(b"\n") + 1) from error
