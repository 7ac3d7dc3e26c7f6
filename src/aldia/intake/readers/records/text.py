"""Text files of banks as lines: byte order marks, UTF-8 or the Western single byte, any line ending."""

import codecs

from aldia.intake.readers.stop import Stop

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, declared: str | None = None) -> str:
    """The text of the file: as its mark or itself declares, else UTF-8, else cp1252. Raises Stop."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return _strict(data, name).removeprefix("\ufeff")
    if b"\0" in data[:65536]:
        raise Stop("binary_file")
    if declared:
        try:
            return data.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass  # many banks declare one thing and write another
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def peeked(head: bytes) -> str:
    """The first bytes of a file as text, near enough to recognise its format."""
    name = next((name for mark, name in MARKS if head.startswith(mark)), "utf-8")
    return head.decode(name, errors="replace").removeprefix("\ufeff")


def lines_of(data: bytes) -> list[str]:
    """The lines without their ends; no other character breaks a line, since fixed positions count on it."""
    return decoded(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise Stop("wrong_encoding", encoding=name, line=data[: error.start].count(b"\n") + 1) from error
