"""Which encoding a text file has, with how sure we are: never a silent guess that garbles names."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aldia.intake.readers.stop import Stop

CHUNK = 1 << 20
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In this order: of two that read the file equally, the first is named.
SINGLE_BYTE = (
    "cp1252",
    "iso8859-15",
    "cp1250",
    "cp850",
    "mac_roman",
    "cp437",
    "cp1254",
    "cp1251",
    "iso8859-7",
)
USUAL = frozenset("áéíóúñüÁÉÍÓÚÑÜãõçâêôàÃÕÇÂÊÔÀ¿¡ºª°€’“”–…«»\u00a0")
WESTERN = frozenset("äöÄÖßëïîûëåøæœÅØÆ")
EASTERN = frozenset("čďěňřšťůýžČĎĚŇŘŠŤŮÝŽąćęłńśźżĄĆĘŁŃŚŹŻőűŐŰăâîșț")
RARE = frozenset("èùòÙÒ")
SANE_CERTAINTY = 0.25


@dataclass(frozen=True, slots=True)
class Encoding:
    """The codec to read with, how sure (0 to 1), and whether a byte order mark proved it."""

    name: str
    certainty: float


def detect_encoding(path: Path) -> Encoding:
    """The encoding of the whole file; Stop `mixed_encoding`, `unknown_encoding` or `binary_file` otherwise."""
    head = _head(path)
    for mark, name in BOMS:
        if head.startswith(mark):
            return Encoding(name, 1.0)
    wide = _utf16_without_mark(head)
    if wide:
        return Encoding(wide, 0.9)
    if _binary(head):
        raise Stop("binary_file")
    bad = first_undecodable(path, "utf-8")
    if bad is None:
        return Encoding("utf-8", 1.0)
    return _single_byte(path, bad)


def first_undecodable(path: Path, name: str) -> int | None:
    """Line of the first bytes that `name` cannot decode, or None."""
    decoder = codecs.getincrementaldecoder(name)()
    lines = 1
    for block, is_last in _blocks(path):
        try:
            text = decoder.decode(block, is_last)
        except UnicodeDecodeError as error:
            return lines + error.object[: error.start].count(b"\n")
        lines += text.count("\n")
    return None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(CHUNK)


def _blocks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        block = file.read(CHUNK)
        while block:
            following = file.read(CHUNK)
            yield block, not following
            block = following


def _utf16_without_mark(head: bytes) -> str | None:
    sample = head[:4096]
    if len(sample) < 8 or b"\0" not in sample:
        return None
    half = len(sample) // 2
    if sample[1::2].count(0) > 0.6 * half and sample[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.6 * half and sample[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return None


def _binary(head: bytes) -> bool:
    sample = head[:65536]
    strange = sum(sample.count(bytes([code])) for code in range(32) if code not in (9, 10, 12, 13, 26))
    return strange > 0.02 * len(sample) + 4


def _single_byte(path: Path, first_bad_line: int) -> Encoding:
    sample = _strange_lines(path)
    multi = len(re.findall(rb"[\xc3\xc2][\x80-\xbf]", sample))
    alone = len(re.findall(rb"(?<![\xc2-\xf4\x80-\xbf])[\x80-\xff](?![\x80-\xbf])", sample))
    if multi and multi >= alone:
        raise Stop("mixed_encoding", line=first_bad_line)
    scores = []
    for name in SINGLE_BYTE:
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        scores.append((_score(text), name, text))
    if not scores:
        raise Stop("unknown_encoding", line=first_bad_line)
    best = max(scores, key=lambda item: item[0])
    others = [score for score, _, text in scores if text != best[2]]
    certainty = min(1.0, best[0]) * min(1.0, 0.5 + 2 * (best[0] - max(others, default=-1.0)))
    if certainty < SANE_CERTAINTY:
        raise Stop("unknown_encoding", line=first_bad_line)
    return Encoding(best[1], round(min(certainty, 0.98), 2))


def _strange_lines(path: Path, *, enough: int = 200_000) -> bytes:
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        for line in file:
            if size > enough:
                break
            if not line.isascii():
                found.append(line[:4000])
                size += len(found[-1])
    return b"".join(found)


def _score(text: str) -> float:
    """Mean plausibility of the non-ASCII characters, -1 to 1, as names and headings in Western files use them."""
    total = count = 0.0
    for index, character in enumerate(text):
        if character.isascii():
            continue
        count += 1
        before = text[index - 1] if index else " "
        after = text[index + 1] if index + 1 < len(text) else " "
        total += _weight(character, before, after)
    return total / count if count else 0.0


def _weight(character: str, before: str, after: str) -> float:
    if character.isalpha() and character.isupper() and before.islower():
        return -1.0
    if not character.isalnum() and before.isalpha() and after.isalpha() and character != "’":
        return -0.7
    for characters, weight in ((USUAL, 1.0), (WESTERN, 0.7), (EASTERN, 0.6), (RARE, 0.1)):
        if character in characters:
            return weight
    if character.isalpha() and (before.isalpha() and not before.isascii()):
        return 0.4 if ord(character) > 0x370 else -0.3
    return -0.4 if character.isalpha() else -0.8
