"""Sizes that a file may have, and what its reading may cost."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, checked before parsing where the format allows it."""

    workbook_bytes: int = 20 * MIB
    unpacked_bytes: int = 200 * MIB
    ratio: int = 100
    workbook_rows: int = 1_000_000
    members: int = 10_000
    columns: int = 200
    text_bytes: int = 2048 * MIB
    record_bytes: int = 128 * MIB
    cell_characters: int = 32_767
    memory_bytes: int = 1024 * MIB
    cpu_seconds: int = 120
    wall_seconds: int = 180
    batch_rows: int = 8_000


DEFAULT = Limits()
