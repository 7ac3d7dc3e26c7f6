"""A frame of few rows is read in Python, one of many by columns: both say the same, on both databases."""

import polars as pl
import pytest
from django.db import connection
from polars.testing import assert_frame_equal

from aldia.db import few
from aldia.db.frames import read_frame

SCHEMA = {
    "id": pl.Int64, "text": pl.String, "on": pl.Date, "at": pl.Datetime("us", "UTC"), "is_so": pl.Boolean, "share": pl.Float64,
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["id > 0", "id > 2", "id > 9"])
def test_few_rows_are_read_as_many_are(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = "timestamptz" if connection.vendor == "postgresql" else "text"
    sql = f"""
        SELECT * FROM (
            SELECT 1 AS id, 'say "no",' || %s || 'then yes' AS text, '2026-03-02' AS "on",
                   CAST('2026-03-02 08:00:00.123456' AS {plain}) AS at, TRUE AS is_so, 0.5 AS share
            UNION ALL SELECT 2, '', '2024-02-29', CAST('2026-03-02 08:00:00' AS {plain}), FALSE, 2.0
            UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL
        ) AS told WHERE {where} ORDER BY id
    """
    read = read_frame(sql, ["\n"], SCHEMA)
    monkeypatch.setattr(few, "FEW_ROWS", -1)
    monkeypatch.setattr(few, "FEW_BYTES", -1)
    assert_frame_equal(read, read_frame(sql, ["\n"], SCHEMA))
    assert read.schema == pl.Schema(SCHEMA)
    assert read["id"].to_list() == [each for each in (1, 2, 3) if each > int(where[-1])]
