"""A ZIP of many record files, member by member: each is read as if it came alone, and a bad one does not hide the good.

What it declares is checked before anything is unpacked, and no member unpacks to more than it declared. Archives inside it
are opened too, since each mail of an invoice brings one; those inside these are refused.
"""

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from aldia.intake.readers.limits import Limits
from aldia.intake.readers.records.shapes import Answer
from aldia.intake.readers.stop import Stop
from aldia.intake.readers.zip_guard import check_declared, check_members

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
LISTS = ("statements", "titles", "returns", "documents")
SKIPPED = ("__MACOSX/", ".DS_Store", "Thumbs.db")
PICTURES = (".pdf", ".png", ".jpg", ".jpeg", ".html", ".htm")  # how a document looks
OFFICE = {"[Content_Types].xml", "mimetype"}  # what makes of an archive a workbook or a text
Reader = Callable[[bytes], Answer]


def read(path: Path, limits: Limits, read_member: Reader) -> Answer:
    """The records of all members, each named with its member. Raises Stop where nothing could be read."""
    check_declared(path, limits)
    reading = _Reading(read_member, limits)
    with zipfile.ZipFile(path) as archive:
        reading.take_all(archive)
    if not reading.is_any_read:
        raise reading.refused[0] if len(reading.refused) == 1 else Stop("no_document")
    return reading.answer  # type: ignore[return-value]  # a dictionary of the same lists


class _Reading:
    """What the members gave so far, and how much the archives inside may still unpack to, all of them together."""

    def __init__(self, read_member: Reader, limits: Limits) -> None:
        self.read_member, self.limits, self.left = read_member, limits, limits
        self.answer: dict[str, Any] = {"format": "ZIP", "problems": []}
        self.refused: list[Stop] = []
        self.is_any_read = False

    def take_all(self, archive: zipfile.ZipFile, within: str = "") -> None:
        """Add the records of each member, or why it was refused."""
        for member in _worth_reading(archive):
            name = f"{within}{member.filename}"
            try:
                data = _unpacked(archive, member, self.limits)
                if data.startswith(SIGNATURES):
                    self._open(data, name, within)
                else:
                    _take(self.answer, name, self.read_member(data))
                    self.is_any_read = True
            except Stop as stop:
                self.refused.append(stop)
                facts = {"member": name, "code": stop.code, "facts": stop.facts}
                self.answer["problems"].append({"code": "member_refused", "row": None, "facts": facts})

    def _open(self, data: bytes, name: str, within: str) -> None:
        """Add the records of an archive inside. Raises Stop `nested_archive`, `damaged_file`, or that it holds too much."""
        if within:
            raise Stop("nested_archive", member=name[:100])
        try:
            inside = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Stop("damaged_file") from error
        with inside:
            members = inside.infolist()
            if OFFICE & {member.filename for member in members}:
                raise Stop("not_a_record_file")
            spent = check_members(members, len(data), self.left)
            self.left = replace(
                self.left,
                members=self.left.members - len(members),
                unpacked_bytes=self.left.unpacked_bytes - spent,
            )
            self.take_all(inside, within=f"{name}/")


def _worth_reading(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members without what systems add, and without the picture of a document that is there itself."""
    members = [
        each
        for each in archive.infolist()
        if not (each.is_dir() or each.filename.startswith(SKIPPED) or each.filename.endswith(SKIPPED))
    ]
    documents = {_stem(each) for each in members if not _is_picture(each)}
    return [each for each in members if not (_is_picture(each) and _stem(each) in documents)]


def _is_picture(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith(PICTURES)


def _stem(member: zipfile.ZipInfo) -> str:
    return str(PurePosixPath(member.filename).with_suffix("")).lower()


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> bytes:
    if member.file_size > limits.record_bytes:
        raise Stop("record_file_too_big", found=member.file_size, limit=limits.record_bytes)
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Stop("damaged_file") from error


def _take(answer: dict[str, Any], member: str, found: Answer) -> None:
    for name in LISTS:
        records: list[dict[str, Any]] = found.get(name, [])  # type: ignore[assignment]
        for record in records:
            record["member"] = member
        if records:
            answer.setdefault(name, []).extend(records)
    for problem in found.get("problems", []):
        problem["facts"]["member"] = member
        answer["problems"].append(problem)
