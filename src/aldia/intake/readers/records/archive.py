"""A ZIP of many record files, member by member: each is read as if it came alone, and a bad one does not hide the good.

What it declares is checked before anything is unpacked, and no member unpacks to more than it declared.
"""

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aldia.intake.readers.limits import Limits
from aldia.intake.readers.records.shapes import Answer
from aldia.intake.readers.stop import Stop
from aldia.intake.readers.zip_guard import check_declared

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
LISTS = ("statements", "titles", "returns", "documents")
SKIPPED = ("__MACOSX/", ".DS_Store", "Thumbs.db")
Reader = Callable[[bytes], Answer]


def read(path: Path, limits: Limits, read_member: Reader) -> Answer:
    """The records of all members, each named with its member. Raises Stop where nothing could be read."""
    check_declared(path, limits)
    answer: dict[str, Any] = {"format": "ZIP", "problems": []}
    refused: list[Stop] = []
    read_any = False
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir() or member.filename.startswith(SKIPPED) or member.filename.endswith(SKIPPED):
                continue
            try:
                _take(answer, member.filename, read_member(_unpacked(archive, member, limits)))
                read_any = True
            except Stop as stop:
                refused.append(stop)
                facts = {"member": member.filename, "code": stop.code, "facts": stop.facts}
                answer["problems"].append({"code": "member_refused", "row": None, "facts": facts})
    if not read_any:
        raise refused[0] if len(refused) == 1 else Stop("no_document")
    return answer  # type: ignore[return-value]  # a dictionary of the same lists


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> bytes:
    if member.file_size > limits.record_bytes:
        raise Stop("record_file_too_big", found=member.file_size, limit=limits.record_bytes)
    try:
        data = archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Stop("damaged_file") from error
    if data.startswith(SIGNATURES):
        raise Stop("nested_archive", member=member.filename[:100])
    return data


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
