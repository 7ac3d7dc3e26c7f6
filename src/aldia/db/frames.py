"""Frames in, frames out: a query read into Polars and a frame written into a table, on both databases.

PostgreSQL speaks COPY both ways; SQLite uses the driver's fetchall and executemany, which need no server round trip.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction

from aldia.db import few
from aldia.db.few import NULL
from aldia.db.many import Many
from aldia.db.walls import in_front_of_wall

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn

Schema = Mapping[str, Any]

SQLITE_ROWS_AT_ONCE = 2_000  # short write transactions: no screen waits longer than one of these


def read_frame(sql: str, params: Sequence[Any], schema: Schema) -> pl.DataFrame:
    """Return the rows of a SELECT as a frame with exactly the columns and types of `schema`, in its order."""
    if connection.vendor == "postgresql":
        return _copy_out(sql, params, schema)
    names = [f"c{number}" for number in range(len(schema))]
    # The plus makes each column an expression, without declared type: the driver then leaves dates as the text that they are
    # instead of calling Python for each. It begins with SELECT, by which a request's memory knows that nothing is written.
    columns = ", ".join(f"+{name}" for name in names)
    plain = f"SELECT * FROM (WITH q ({', '.join(names)}) AS ({sql}) SELECT {columns} FROM q)"
    with connection.cursor() as cursor:
        cursor.execute(plain, list(params))
        rows = cursor.fetchall()
    return _from_rows(rows, schema)


def read_queryset(rows: models.QuerySet[Any], schema: Schema) -> pl.DataFrame:
    """Return a queryset's `.values_list(*schema)` as a frame, through COPY where there is one."""
    try:
        sql, params = rows.values_list(*schema).query.sql_with_params()
    except EmptyResultSet:  # its conditions cannot hold, as `IN ()`: Django writes no SQL for it
        return pl.DataFrame(schema=schema)
    return read_frame(sql, params, schema)


def write_frame(model: type[models.Model], frame: pl.DataFrame) -> int:
    """Append the frame to the model's table, column names being the table's columns; return the number of rows.

    Constraints hold as for any insert: the call raises IntegrityError and writes nothing of the frame.
    """
    return write_table(model._meta.db_table, frame)


def write_table(table: str, frame: pl.DataFrame) -> int:
    """Append the frame to a table by name (a temporary one included); return the number of rows."""
    if frame.is_empty():
        return 0
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    if connection.vendor == "sqlite":
        return Many(f'INSERT INTO "{table}" ({columns}) {{rows}}', frame).run()
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, null_value=NULL, quote_style="non_numeric")
    sql = f"COPY \"{table}\" ({columns}) FROM STDIN (FORMAT csv, NULL '{NULL}')"
    with (
        in_front_of_wall(),
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(sql) as copy,
    ):
        copy.write(buffer.getbuffer())
    return frame.height


class Rows:
    """Rows for a table, made ready before the transaction that writes them, part after part. `parties`: whose each row is."""

    def __init__(self, model: type[models.Model], frame: pl.DataFrame, parties: pl.Series) -> None:
        self.parties = parties
        self._table, self._frame = model._meta.db_table, frame
        if connection.vendor == "sqlite":
            self._frame = frame.clear()  # the statement has its own
            columns = ", ".join(f'"{name}"' for name in frame.columns)
            self._many = Many(f'INSERT INTO "{self._table}" ({columns}) {{rows}}', frame)

    def ready(self, begin: int, length: int) -> None:
        """Make ready, before the lock, what `write` will append."""
        if connection.vendor == "sqlite":
            self._many.ready(begin, length)

    def write(self, begin: int, length: int) -> None:
        """Append so many of the rows. Raises IntegrityError."""
        if connection.vendor == "sqlite":
            self._many.run(begin, length)
        else:
            write_table(self._table, self._frame.slice(begin, length))


class Overtaken(Exception):
    """Raised when a row is no longer as it was read."""


def update_from_frame(
    model: type[models.Model], frame: pl.DataFrame, *, key: str, columns: Sequence[str]
) -> int:
    """Set `columns` of the rows whose `key` column is in the frame; return how many rows were touched."""
    return Changes(model, frame, key=key, columns=columns).write(0, frame.height)


class Changes:
    """Columns to set in the rows of a table, made ready before the transaction that writes them, part after part.

    The frame has the `key`, the `columns` and, for each one in `was`, `was_<column>`: what it must still be.
    """

    def __init__(
        self,
        model: type[models.Model],
        frame: pl.DataFrame,
        *,
        key: str,
        columns: Sequence[str],
        was: Sequence[str] = (),
    ) -> None:
        self._table, self._like = model._meta.db_table, [key, *columns, *was]
        self._frame = frame.select(key, *columns, *(f"was_{name}" for name in was))
        self._must_match, is_sqlite = bool(was), connection.vendor == "sqlite"
        place = {
            name: f"s.column{number}" if is_sqlite else f's."{name}"'
            for number, name in enumerate(self._frame.columns, start=1)
        }
        is_still = "IS" if is_sqlite else "IS NOT DISTINCT FROM"
        sets = ", ".join(f'"{name}" = {place[name]}' for name in columns)
        still = "".join(f' AND t."{name}" {is_still} {place[f"was_{name}"]}' for name in was)
        self._sql = f'UPDATE "{self._table}" AS t SET {sets} FROM {{source}} AS s WHERE t."{key}" = {place[key]}{still}'
        if is_sqlite:
            self._many = Many(self._sql.format(source="({rows})"), self._frame)
            self._frame = self._frame.clear()  # the statement has its own

    def ready(self, begin: int, length: int) -> None:
        """Make ready, before the lock, what `write` will write."""
        if connection.vendor == "sqlite":
            self._many.ready(begin, length)

    def write(self, begin: int, length: int) -> int:
        """Write so many of them; return how many rows were touched. Raises Overtaken when one is not what it was."""
        if not length:
            return 0
        is_sqlite = connection.vendor == "sqlite"
        touched = self._many.run(begin, length) if is_sqlite else self._through_table(begin, length)
        if self._must_match and touched < length:
            raise Overtaken(f"{length - touched} of {length} rows of {self._table} changed meanwhile")
        return touched

    def _through_table(self, begin: int, length: int) -> int:
        part = self._frame.slice(begin, length)
        with (
            transaction.atomic(),
            temporary_table(self._table, self._like, part) as staged,
            connection.cursor() as cursor,
        ):
            cursor.execute(self._sql.format(source=f'"{staged}"'))
            return int(cursor.rowcount)


def known_among(
    model: type[models.Model], column: str, values: pl.Series, *, organisation_id: int, **also: Any
) -> pl.DataFrame:
    """Return, as a frame of that column, which of these texts are there already: one indexed look-up each.

    `also`: what other columns of the index must be.
    """
    # JSON on both: the driver would quote the items of an array one by one.
    is_sqlite = connection.vendor == "sqlite"
    told = "SELECT value FROM json_each(%s)" if is_sqlite else "SELECT json_array_elements_text(%s::json)"
    must = {"organisation_id": organisation_id, **also}
    where = " AND ".join(f'"{name}" = %s' for name in must)
    return read_frame(
        f'SELECT "{column}" FROM "{model._meta.db_table}" WHERE {where} AND "{column}" IN ({told})',
        [*must.values(), json.dumps(values.to_list())],
        {column: pl.String},
    )


class temporary_table:
    """A temporary table of the frame, its columns of the types of these columns of a table; dropped at the end.

    >>> with temporary_table("ledger_document", ["id", "balance_minor"], frame) as name: ...
    """

    _made = 0

    def __init__(self, like: str, columns: Sequence[str], frame: pl.DataFrame) -> None:
        temporary_table._made += 1
        self.name = f"staged_{like[:40]}_{temporary_table._made}"
        self._like, self._columns, self._frame = like, columns, frame

    def __enter__(self) -> str:
        like = zip(self._columns, self._frame.columns, strict=True)
        names = ", ".join(f'"{column}" AS "{name}"' for column, name in like)
        with connection.cursor() as cursor:
            cursor.execute(
                f'CREATE TEMPORARY TABLE "{self.name}" AS SELECT {names} FROM "{self._like}" LIMIT 0'
            )
        write_table(self.name, self._frame)
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE INDEX "{self.name}_key" ON "{self.name}" ("{self._frame.columns[0]}")')
            if connection.vendor == "postgresql":
                cursor.execute(f'ANALYZE "{self.name}"')
        return self.name

    def __exit__(self, *_: object) -> None:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP TABLE IF EXISTS "{self.name}"')


def reserve_ids(model: type[models.Model], count: int) -> pl.Series:
    """Return `count` primary keys that nobody else will get. Call it inside the transaction that inserts them."""
    table, column = model._meta.db_table, model._meta.pk.column
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
            (sequence,) = cursor.fetchone()  # inside the query it would be looked up for every row
        query = "SELECT nextval(%s::regclass) AS id FROM generate_series(1, %s)"
        return read_frame(query, [sequence, count], {"id": pl.Int64})["id"]
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT MAX(COALESCE((SELECT MAX("{column}") FROM "{table}"), 0),'
            " COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0))",  # its own mark of deleted rows
            [table],
        )
        first = int(cursor.fetchone()[0]) + 1
    return pl.Series("id", range(first, first + count), dtype=pl.Int64)


def slices(frame: pl.DataFrame, size: int = SQLITE_ROWS_AT_ONCE) -> Iterator[pl.DataFrame]:
    """Return the frame in parts small enough for one short write transaction on the database that runs."""
    if connection.vendor == "postgresql":
        size = max(size, 50_000)
    return frame.iter_slices(size)


def _copy_out(sql: str, params: Sequence[Any], schema: Schema) -> pl.DataFrame:
    buffer = io.BytesIO()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL '{NULL}')", params) as copy,
    ):
        copy.connection.wait(_all_rows(copy.connection.pgconn, buffer))
    if not buffer.tell() or (buffer.tell() <= few.FEW_BYTES and few.is_read_here(schema)):
        return few.from_copy(buffer.getvalue().decode(), schema)
    buffer.seek(0)
    text_like = [pl.String if dtype in (pl.Boolean, pl.Datetime) else dtype for dtype in schema.values()]
    frame = pl.read_csv(
        buffer,
        has_header=False,
        new_columns=list(schema),
        schema_overrides=text_like,
        null_values=[NULL],
        empty_string_is_null=False,
    )
    return frame.with_columns(*(_from_text(name, dtype) for name, dtype in schema.items()))


def _all_rows(pgconn: PGconn, into: io.BytesIO) -> PQGen[None]:
    """Every row of a COPY in one wait: the driver's own loop waits anew for each, which costs twice as much."""
    from psycopg.generators import copy_from

    while isinstance(row := (yield from copy_from(pgconn)), memoryview):
        into.write(row)


def _from_text(name: str, dtype: Any) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean:
        return (column == "t").alias(name)
    if dtype == pl.Datetime or isinstance(dtype, pl.Datetime):
        return column.str.to_datetime(time_zone="UTC", strict=True).cast(dtype).alias(name)
    return column


def _from_rows(rows: list[tuple[Any, ...]], schema: Schema) -> pl.DataFrame:
    """SQLite gives dates as text and booleans as integers; make them what the schema says."""
    if not rows or (len(rows) <= few.FEW_ROWS and few.is_read_here(schema)):
        return few.from_stored(rows, schema)
    columns = zip(*rows, strict=True)  # Polars takes columns twice as fast as rows
    raw = [
        pl.Series(name, values, dtype=_stored_as(dtype))
        for (name, dtype), values in zip(schema.items(), columns, strict=True)
    ]
    casts = []
    for name, dtype in schema.items():
        if dtype == pl.Date:
            casts.append(pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d"))
        elif dtype == pl.Boolean:
            casts.append(pl.col(name).cast(pl.Boolean))
        elif dtype == pl.Datetime:
            casts.append(_instant(name).cast(dtype))
    frame = pl.DataFrame(raw)
    return frame.with_columns(casts) if casts else frame


def _stored_as(dtype: Any) -> Any:
    if dtype == pl.Date or dtype == pl.Datetime:
        return pl.String
    return pl.Int64 if dtype == pl.Boolean else dtype


def _instant(name: str) -> pl.Expr:
    """Django writes `…:00` or `…:00.123456` as it falls; aggregates and isoformat write `T` and an offset of zero."""
    text = pl.col(name).str.replace("T", " ", literal=True).str.replace("+00:00", "", literal=True)
    full = pl.when(text.str.len_bytes() == 19).then(text + pl.lit(".000000")).otherwise(text)
    return full.str.to_datetime("%Y-%m-%d %H:%M:%S%.6f", time_zone="UTC", strict=True)
