"""Rows written as an Arrow IPC file, batch after batch: the child's answer, read by the parent without copying."""

from pathlib import Path
from types import TracebackType

import pyarrow as pa

from aldia.intake.readers.limits import Limits

ROW, CELLS, TYPES = "_row", "_cells", "_types"


class TableWriter:
    """Writes text cells with the row number, the number of cells found and, for workbooks, each cell's native type."""

    def __init__(self, path: Path, columns: list[str], limits: Limits, *, typed: bool) -> None:
        self.columns = columns
        self.rows = 0
        self._limits = limits
        self._typed = typed
        self._pending: list[list[str]] = []
        self._numbers: list[int] = []
        self._cells: list[int] = []
        self._types: list[str] = []
        marks = [pa.field(ROW, pa.int64()), pa.field(CELLS, pa.int32()), pa.field(TYPES, pa.large_string())]
        self._schema = pa.schema([*marks, *(pa.field(name, pa.large_string()) for name in columns)])
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, self._schema)

    def __enter__(self) -> "TableWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()
        self._writer.close()
        self._file.close()

    def add(self, number: int, cells: list[str], *, types: str = "", is_broken: bool = False) -> None:
        """One row; short rows are filled with blanks, long ones cut, both remembered in `_cells` (-1: broken quotes)."""
        width = len(self.columns)
        count = len(cells)
        if count > width:
            extra = any(cell.strip() for cell in cells[width:])
            cells = cells[:width]
            count = count if extra else width
        elif count < width:
            cells = cells + [""] * (width - count)
        self._pending.append(cells)
        self._numbers.append(number)
        self._cells.append(-1 if is_broken else count)
        if self._typed:
            self._types.append(types)
        if len(self._pending) >= self._limits.batch_rows:
            self.flush()

    def flush(self) -> None:
        """Write what is pending as one record batch."""
        if not self._pending:
            return
        top = self._limits.cell_characters + 1
        arrays = [
            pa.array(self._numbers, pa.int64()),
            pa.array(self._cells, pa.int32()),
            pa.array(self._types if self._typed else [""] * len(self._numbers), pa.large_string()),
        ]
        for column in zip(*self._pending, strict=True):
            if len(max(column, key=len)) > top:
                column = tuple(cell[:top] for cell in column)
            arrays.append(pa.array(column, pa.large_string()))
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self.rows += len(self._pending)
        self._pending, self._numbers, self._cells, self._types = [], [], [], []
