"""The electronic document that a hybrid invoice carries inside its PDF: Factur-X, ZUGFeRD, Order-X.

Only the attached files are looked for, by their streams: nothing of the page is read, drawn or run.
"""

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from aldia.intake.readers.stop import Stop

SIGNATURE = b"%PDF-"
ATTACHED = b"/EmbeddedFile"
STREAM = re.compile(rb"(?<!end)stream\r?\n")
XML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|[A-Za-z])")
LARGEST, MOST = 32 * 1024 * 1024, 20  # bytes of a file, and attached files that are looked at
STREAMS, BEFORE = 20_000, 600  # streams of a PDF, and bytes before one that describe it


def carries_files(head: bytes, path: Path) -> bool:
    """True for a PDF with something attached."""
    if not head.startswith(SIGNATURE) or path.stat().st_size > LARGEST:
        return False
    return ATTACHED in path.read_bytes()


def document_in(data: bytes) -> bytes:
    """The first attached file that is XML. Raises Stop `not_a_record_file`, `unpacks_too_big`."""
    for content in _attached(data):
        if XML.match(content):
            return content
    raise Stop("not_a_record_file")


def _attached(data: bytes) -> Iterator[bytes]:
    """The content of each attached file, unpacked. Raises Stop `unpacks_too_big`."""
    looked_at = 0
    for found in islice(STREAM.finditer(data), STREAMS):
        told = data[max(0, found.start() - BEFORE) : found.start()].rpartition(b"obj")[2]
        if ATTACHED not in told:
            continue
        looked_at += 1
        if looked_at > MOST:
            return
        if b"/FlateDecode" in told:
            yield _unpacked(memoryview(data)[found.end() :])
        else:
            yield data[found.end() : data.find(b"endstream", found.end())]


def _unpacked(packed: memoryview) -> bytes:
    """The content of a packed stream; nothing where it is damaged or under a password. Raises Stop `unpacks_too_big`."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(packed, LARGEST)
    except zlib.error:
        return b""
    if unpacking.unconsumed_tail and not unpacking.eof:
        raise Stop("unpacks_too_big", found=len(content), limit=LARGEST)
    return content
