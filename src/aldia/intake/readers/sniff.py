"""What kind of file this is, by its content: extensions lie."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from aldia.intake.readers.limits import Limits
from aldia.intake.readers.stop import Stop
from aldia.intake.readers.zip_guard import check_declared

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHERS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"\x7fELF", "ejecutable"),
    (b"MZ\x90\x00", "ejecutable"),
)
MEMBERS = (
    ("xl/workbook.xml", "XLSX"),
    ("xl/workbook.bin", "XLSB"),
    ("word/document.xml", "DOCX"),
    ("ppt/presentation.xml", "PPTX"),
)


@dataclass(frozen=True, slots=True)
class Family:
    """Which reader takes the file: `text`, `workbook` or `other`; `label` is what people call the format."""

    name: str
    label: str
    zipped: bool = False


def family_of(path: Path, limits: Limits) -> Family:
    """The family of the file, its declared sizes already checked. Raises Stop."""
    if not path.is_file():
        raise Stop("not_found", path=str(path))
    size = path.stat().st_size
    if size == 0:
        raise Stop("empty_file")
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((ZIP, b"PK\x05\x06")):
        return _zipped(path, limits)
    if head.startswith(OLE):
        if size > limits.workbook_bytes:
            raise Stop("file_too_big", found=size, limit=limits.workbook_bytes)
        return Family("workbook", "XLS")
    for mark, label in OTHERS:
        if head.startswith(mark):
            return Family("other", label)
    if size > limits.text_bytes:
        raise Stop("file_too_big", found=size, limit=limits.text_bytes)
    return _text(head)


def _text(head: bytes) -> Family:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table")):
        return Family("other", "HTML")
    if start.startswith(b"!type:"):
        return Family("other", "QIF")
    if start.startswith((b"<?xml", b"<!doctype")):
        return Family("other", "XML")
    if start.startswith((b'{"', b"[{", b"{\n")):
        return Family("other", "JSON")
    return Family("text", "CSV")


def _zipped(path: Path, limits: Limits) -> Family:
    check_declared(path, limits)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "mimetype" in names and "content.xml" in names:
            kind = archive.read("mimetype")[:100]
            is_sheet = b"opendocument.spreadsheet" in kind
            return Family("workbook", "ODS", zipped=True) if is_sheet else Family("other", "ODF")
    for member, label in MEMBERS:
        if member in names:
            return Family("workbook" if label.startswith("XL") else "other", label, zipped=True)
    return Family("other", "ZIP")
