"""Zip-based workbooks, measured before anything parses them: declared sizes first, then the real ones."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from aldia.intake.readers.limits import Limits
from aldia.intake.readers.stop import Stop

BLOCK = 1 << 20
ZIP = b"PK\x03\x04"
END = b"PK\x05\x06"
SHEET = re.compile(r"(?:xl/worksheets/[^/]+\.xml|content\.xml)$")
EMBEDDED = ("xl/embeddings/", "Object ", "xl/media/")


def check_declared(path: Path, limits: Limits) -> None:
    """Refuse by what the archive itself declares: cheap, nothing is unpacked."""
    size = path.stat().st_size
    if size > limits.workbook_bytes:
        raise Stop("file_too_big", found=size, limit=limits.workbook_bytes)
    _check_member_count(path, size, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Stop("damaged_file") from error
    check_members(members, size, limits)


def check_members(members: list[zipfile.ZipInfo], size: int, limits: Limits) -> int:
    """The bytes that members of an archive of `size` bytes declare. Raises Stop: too many, too much, or under a password."""
    if len(members) > limits.members:
        raise Stop("too_many_members", found=len(members), limit=limits.members)
    unpacked = sum(member.file_size for member in members)
    _check_total(unpacked, size, limits)
    if any(member.flag_bits & 1 for member in members):
        raise Stop("password_protected")
    return unpacked


@dataclass(slots=True)
class Weight:
    """What the members really hold: bytes, cells that point to a shared text, shared texts and their bytes."""

    total: int = 0
    pointers: int = 0
    texts: int = 0
    text_bytes: int = 0

    @property
    def expanded(self) -> int:
        """Bytes of all shared texts once each cell has its own copy, by the mean text."""
        return self.pointers * self.text_bytes // max(self.texts, 1)


def check_unpacked(path: Path, limits: Limits) -> None:
    """Unpack every member to nowhere and refuse what lies about its size, nests archives or declares entities."""
    size = path.stat().st_size
    weight = Weight()
    with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
        for member in archive.infolist():
            if not member.is_dir():
                _measure(raw, member, size, weight, limits)
    if weight.expanded > 2 * limits.unpacked_bytes:
        raise Stop("unpacks_too_big", found=weight.expanded, limit=2 * limits.unpacked_bytes)


def _check_member_count(path: Path, size: int, limits: Limits) -> None:
    with path.open("rb") as file:
        file.seek(max(0, size - 66_000))
        tail = file.read()
    at = tail.rfind(END)
    if at < 0:
        raise Stop("damaged_file")
    count = int.from_bytes(tail[at + 10 : at + 12], "little")
    if count > limits.members:
        raise Stop("too_many_members", found=count, limit=limits.members)


def _check_total(unpacked: int, size: int, limits: Limits) -> None:
    if unpacked > limits.unpacked_bytes:
        raise Stop("unpacks_too_big", found=unpacked, limit=limits.unpacked_bytes)
    if unpacked > limits.ratio * max(size, 1024):
        raise Stop("ratio_too_high", found=unpacked // max(size, 1), limit=limits.ratio)


def _measure(raw: BinaryIO, member: zipfile.ZipInfo, size: int, weight: Weight, limits: Limits) -> None:
    """Add one member's real weight, read by hand because the archive's own figures may lie."""
    begin = weight.total
    rows = 0
    tail = b""
    sheet = bool(SHEET.search(member.filename))
    shared = member.filename.endswith("sharedStrings.xml")
    for block in _inflate(raw, member):
        if not tail and block.startswith(ZIP) and not member.filename.startswith(EMBEDDED):
            raise Stop("nested_archive", member=member.filename[:100])
        weight.total += len(block)
        _check_total(weight.total, size, limits)
        joined = tail + block
        if b"<!DOCTYPE" in joined or b"<!ENTITY" in joined:
            raise Stop("entities", member=member.filename[:100])
        if sheet:
            rows += block.count(b"<row ") + block.count(b"<table:table-row")
            weight.pointers += block.count(b't="s"')
            if rows > limits.workbook_rows + 1:
                raise Stop("too_many_rows", found=rows, limit=limits.workbook_rows)
        if shared:
            weight.texts += block.count(b"<si>") + block.count(b"<si ")
            weight.text_bytes = weight.total - begin
        tail = block[-16:]


def _inflate(raw: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's bytes until its stream really ends, in blocks of at most a MiB."""
    raw.seek(member.header_offset)
    header = raw.read(30)
    if len(header) < 30 or header[:4] != ZIP:
        raise Stop("damaged_file")
    raw.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    if member.compress_type == zipfile.ZIP_STORED:
        yield from _stored(raw, member.compress_size)
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        yield from _deflated(raw)
    else:
        raise Stop("damaged_file")


def _stored(raw: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0:
        block = raw.read(min(BLOCK, length))
        if not block:
            raise Stop("damaged_file")
        length -= len(block)
        yield block


def _deflated(raw: BinaryIO) -> Iterator[bytes]:
    stream = zlib.decompressobj(-15)
    pending = b""
    while not stream.eof:
        pending = pending or raw.read(1 << 16)
        if not pending:
            raise Stop("damaged_file")
        try:
            block = stream.decompress(pending, BLOCK)
        except zlib.error as error:
            raise Stop("damaged_file") from error
        pending = stream.unconsumed_tail
        if block:
            yield block
