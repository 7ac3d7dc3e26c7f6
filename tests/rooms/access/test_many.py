"""A frame of many rows is written statement after statement, each made ready beside the last: whole, or not at all."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from django.db import IntegrityError, connection, transaction

from aldia.db.frames import Changes, Overtaken, Rows, read_frame, write_table

MANY = pl.DataFrame({"id": range(8_000), "text": [f"fila {number}" for number in range(8_000)]})


@pytest.fixture
def empty_table(db: None) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE many (id bigint PRIMARY KEY, text text)")
        yield "many"
        cursor.execute("DROP TABLE many")


def _stored(table: str) -> pl.DataFrame:
    return read_frame(f"SELECT id, text FROM {table} ORDER BY id", [], MANY.schema)


def test_every_row_is_there_once(empty_table: str) -> None:
    assert write_table(empty_table, MANY) == MANY.height
    assert _stored(empty_table).equals(MANY)


def test_a_row_that_the_table_refuses_leaves_none_of_the_others(empty_table: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write_table(empty_table, pl.concat([MANY, MANY.tail(1)]))
    assert _stored(empty_table).is_empty()


def _model(table: str) -> Any:
    return SimpleNamespace(_meta=SimpleNamespace(db_table=table))


def _temporary_tables() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT COUNT(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'")
        else:
            cursor.execute("SELECT COUNT(*) FROM sqlite_temp_master WHERE type = 'table'")
        return int(cursor.fetchone()[0])


def test_rows_made_ready_are_written_part_after_part_and_leave_no_table_behind(empty_table: str) -> None:
    before = _temporary_tables()
    rows = Rows(_model(empty_table), MANY, MANY["id"])
    for begin in (0, 3_000, 6_000):
        rows.ready(begin, 3_000)
    for begin in (6_000, 0, 3_000):
        rows.write(begin, 3_000)
    assert _stored(empty_table).equals(MANY)
    del rows
    assert _temporary_tables() == before


def test_what_is_the_same_in_every_row_and_what_is_missing_are_written_too(empty_table: str) -> None:
    same = MANY.with_columns(text=pl.lit("el ' mismo"))
    some = MANY.with_columns(text=pl.when(pl.col("id") % 2 == 0).then("text"), id=pl.col("id") + MANY.height)
    for frame in (same, some):
        rows = Rows(_model(empty_table), frame, frame["id"])
        rows.ready(0, frame.height)
        rows.write(0, frame.height)
    assert _stored(empty_table).equals(pl.concat([same, some]))


def test_changes_made_ready_touch_their_rows_and_no_other(empty_table: str) -> None:
    write_table(empty_table, MANY)
    wanted = MANY.select("id", was_text="text", text=pl.format("{} bis", "text"))
    changes = Changes(_model(empty_table), wanted, key="id", columns=["text"], was=["text"])
    changes.ready(100, 5_000)
    assert changes.write(100, 5_000) == 5_000
    texts = _stored(empty_table)["text"]
    assert texts.str.ends_with("bis").arg_true().to_list() == list(range(100, 5_100))
    changes.ready(5_000, 200)
    with pytest.raises(Overtaken), transaction.atomic():
        changes.write(5_000, 200)
    assert _stored(empty_table)["text"].equals(texts)
