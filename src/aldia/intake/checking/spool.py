"""Rows that passed their checks, kept in order: the first piece in memory, the rest on disk."""

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

import polars as pl


class Spool:
    """Frames of the same columns. A small file never touches the disk; of a large one, one piece at a time is in memory."""

    def __init__(self, house: Path) -> None:
        self.height = 0
        self._house = house
        self._first: pl.DataFrame | None = None
        self._rest: list[Path] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Keep one more piece."""
        self.height += frame.height
        if self._first is None:
            self._first = frame
            return
        path = self._folder() / f"{len(self._rest)}.arrow"
        frame.write_ipc(path, compression="lz4")
        self._rest.append(path)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        if self._first is not None:
            yield self._first
        for path in self._rest:
            yield pl.read_ipc(path)

    def whole(self) -> pl.DataFrame:
        """Return all rows in memory."""
        return pl.concat(self)

    def _folder(self) -> Path:
        """The place on disk, removed when nobody remembers the spool."""
        if self._rest:
            return self._rest[0].parent
        self._house.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="filas-", dir=self._house))
        weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
        return made
