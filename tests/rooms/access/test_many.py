"""A frame of many rows is written statement after statement, each made ready beside the last: whole, or not at all."""

from collections.abc import Iterator

import polars as pl
import pytest
from django.db import IntegrityError, connection, transaction

from aldia.db.frames import read_frame, write_table

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
