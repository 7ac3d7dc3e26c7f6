"""Some rows that were read, changed and are written back in one go, without a frame: where one forks, no thread may be needed."""

from collections.abc import Sequence

from django.db import connection, models


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
    told = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{meta.db_table}" SET {sets} WHERE "{meta.pk.column}" = %s', told)
