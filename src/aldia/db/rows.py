"""Some rows written in one go, without a frame: where one forks, no thread may be needed. Less work than Django's own ways."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db import connection, models

_AS_IT_IS: Final = frozenset({str, int, bool, type(None)})  # what both databases take without being asked how


def update_rows(rows: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Write these fields of the rows, a few dozen of one model. Call it in a transaction that holds them."""
    if not rows:
        return
    meta = rows[0]._meta
    known = {field.name: field for field in meta.concrete_fields} | {
        field.attname: field for field in meta.concrete_fields
    }
    fields = [known[name] for name in columns]
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)
    told = [[*_stored(row, fields), row.pk] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{meta.db_table}" SET {sets} WHERE "{meta.pk.column}" = %s', told)


def insert_rows(rows: Sequence[models.Model], *, skips_known: bool = False) -> None:
    """Insert new rows of one model, whose keys nobody asks for afterwards. `skips_known`: what is there already stays."""
    if not rows:
        return
    sql, fields = _insertion(type(rows[0]), skips_known)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [_stored(row, fields) for row in rows])


@lru_cache(maxsize=64)
def _insertion(model: type[models.Model], skips_known: bool) -> tuple[str, list[Any]]:
    meta = model._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    names, places = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    end = " ON CONFLICT DO NOTHING" if skips_known else ""
    return f'INSERT INTO "{meta.db_table}" ({names}) VALUES ({places}){end}', fields


def _stored(row: models.Model, fields: Sequence[Any]) -> list[Any]:
    """The values as the database takes them."""
    adapted: Callable[[Any], Any] = connection.ops.adapt_datetimefield_value
    told = []
    for field in fields:
        value = getattr(row, field.attname)
        if type(value) is datetime:
            value = adapted(value)
        elif type(value) not in _AS_IT_IS or isinstance(field, models.JSONField):
            value = field.get_db_prep_save(value, connection)
        told.append(value)
    return told
