"""One statement of SQLite over many rows: what `db/frames.py` writes with, where there is no COPY."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain, count, islice
from typing import Any, Final, TypeVar

import polars as pl
from django.db import connection, transaction

_BOUND_AT_ONCE: Final = 999  # what every SQLite binds in a statement
_FEW: Final = 10  # statements for which neither a thread nor a table is worth its start
_NUMBER: Final = count(1)
Made = TypeVar("Made")


class Many:
    """A statement of SQLite over a frame, many of its `{rows}` at a time; in them the columns are column1, column2 …

    A statement for each row costs twice as much, and so does binding what is the same in all of them.
    """

    def __init__(self, sql: str, frame: pl.DataFrame) -> None:
        stored = _as_stored(frame)
        first = stored.row(0) if stored.height else [None] * stored.width
        is_same = stored.select(pl.all().eq_missing(pl.all().first()).all()).row(0)
        self._marks = [_literal(value) if same else "?" for value, same in zip(first, is_same, strict=True)]
        self._marks[0] = "?"
        self._loose = stored.select(
            name for name, mark in zip(stored.columns, self._marks, strict=True) if mark == "?"
        )
        self._sql, self._row = sql, f"({', '.join(self._marks)})"
        self._at_once = _BOUND_AT_ONCE // self._loose.width
        self._waiting: dict[tuple[int, int | None], list[tuple[str, list[Any]]]] = {}
        self._staged: _Staged | None = None

    def ready(self, begin: int, length: int) -> None:
        """Make ready, before the lock, the `run` of so many rows: a few as the statements that it only runs, and where there
        are many all of the frame in a temporary table, which needs no lock, and from which SQLite copies them by itself."""
        if self._staged is None and self._loose.height > _FEW * self._at_once:
            self._staged, self._loose = _Staged(self._loose), self._loose.clear()  # never twice in memory
        if self._staged is None:
            self._waiting[begin, length] = list(map(self._bound, self._parts(begin, length)))

    def run(self, begin: int = 0, length: int | None = None) -> int:
        """Run it over so many rows; return how many it touched."""
        connection.ensure_connection()
        if self._staged is not None:
            with connection.wrap_database_errors:  # the driver's own errors are not Django's
                statement = self._copied(self._staged, begin, length)
                return int(connection.connection.execute(*statement).rowcount)
        statements: Iterable[tuple[str, list[Any]]] = self._waiting.pop((begin, length), ())
        with transaction.atomic(), connection.wrap_database_errors:
            bound = statements or _ahead(self._bound, self._parts(begin, length))
            return sum(connection.connection.execute(*each).rowcount for each in bound)

    def _parts(self, begin: int, length: int | None) -> Iterator[pl.DataFrame]:
        return self._loose.slice(begin, length).iter_slices(self._at_once)

    def _bound(self, part: pl.DataFrame) -> tuple[str, list[Any]]:
        rows = ", ".join([self._row] * part.height)
        return self._sql.format(rows=f"VALUES {rows}"), list(chain.from_iterable(part.rows()))

    def _copied(self, staged: _Staged, begin: int, length: int | None) -> tuple[str, list[Any]]:
        """The statement over rows that are in a table; theirs are its columns, in order, where the rows differ."""
        own = count(1)
        columns = (
            f"{f'c{next(own)}' if mark == '?' else mark} AS column{number}"
            for number, mark in enumerate(self._marks, start=1)
        )
        last = staged.height if length is None else begin + length
        rows = f"SELECT {', '.join(columns)} FROM {staged.name} WHERE rowid BETWEEN ? AND ?"
        return self._sql.format(rows=rows), [begin + 1, last]


class _Staged:
    """The rows of a frame in a temporary table of this connection, in its memory, numbered from 1; gone with this object."""

    def __init__(self, rows: pl.DataFrame) -> None:
        connection.ensure_connection()
        driver: sqlite3.Connection = connection.connection
        self.name, self.height = f"temp.ready_{next(_NUMBER)}", rows.height
        columns = ", ".join(f"c{number}" for number in range(1, rows.width + 1))
        row = f"({', '.join('?' * rows.width)})"
        with connection.wrap_database_errors:
            driver.execute(f"CREATE TABLE {self.name} ({columns})")
            self.drop = weakref.finalize(self, _drop, driver, self.name)
            for part in rows.iter_slices(_BOUND_AT_ONCE // rows.width):
                values = ", ".join([row] * part.height)
                driver.execute(
                    f"INSERT INTO {self.name} VALUES {values}", list(chain.from_iterable(part.rows()))
                )


def _drop(driver: sqlite3.Connection, name: str) -> None:
    with suppress(
        sqlite3.Error
    ):  # a transaction that was taken back, or a connection that is closed, took it along
        driver.execute(f"DROP TABLE {name}")


def _ahead(make: Callable[[pl.DataFrame], Made], parts: Iterator[pl.DataFrame]) -> Iterator[Made]:
    """Each part made ready, the next one while the caller works on the last; a thread begins only where there are many."""
    yield from map(make, islice(parts, _FEW))
    with ThreadPoolExecutor(1) as beside:
        coming = [beside.submit(make, part) for part in islice(parts, 1)]
        while coming:
            made = coming.pop().result()
            coming.extend(beside.submit(make, part) for part in islice(parts, 1))
            yield made


def _literal(value: Any) -> str:
    """The value as SQLite reads it; a mark to bind it where that is not safe."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "?" if "\0" in value else "'" + value.replace("'", "''") + "'"
    return str(int(value)) if isinstance(value, int) else "?"


def _as_stored(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates and instants as the text that Django itself stores on SQLite."""
    casts = []
    for name, dtype in frame.schema.items():
        if dtype == pl.Date:
            casts.append(pl.col(name).dt.to_string("%Y-%m-%d"))
        elif isinstance(dtype, pl.Datetime):
            casts.append(pl.col(name).dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%d %H:%M:%S%.6f"))
    return frame.with_columns(casts)
