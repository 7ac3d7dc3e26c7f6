"""Rows that are never changed: refused in Python here, and by a trigger in the database.

Triggers are installed after every migrate and checked at boot, since a table rebuild of Django on SQLite drops them silently.
"""

from typing import Any, ClassVar, Never

from django.apps import apps
from django.db import connections, models


class RowsAreFinal(Exception):
    """Raised when code tries to change or delete a row of an append-only table."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> Never:
        raise RowsAreFinal(
            f"{self.model.__name__} rows are never changed; record a new row that corrects them."
        )

    def delete(self) -> Never:
        raise RowsAreFinal(
            f"{self.model.__name__} rows are never deleted; record a new row that reverses them."
        )

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        raise RowsAreFinal(f"{self.model.__name__} rows are never changed.")


class AppendOnlyModel(models.Model):
    """A table whose rows, once written, stay as they are. No personal data belongs in it."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RowsAreFinal(f"{type(self).__name__} rows are never changed.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise RowsAreFinal(f"{type(self).__name__} rows are never deleted.")


class MutableModel(models.Model):
    """A table whose rows live and change. Every model says which of the two it is."""

    is_mutable: ClassVar[bool] = True

    class Meta:
        abstract = True


def append_only_tables() -> list[str]:
    """Return the names of all append-only tables, sorted."""
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnlyModel))


def install_triggers(using: str = "default") -> None:
    """Create the refusing triggers on every append-only table of the database."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for table in append_only_tables():
            if table in existing:
                for statement in _statements(connection.vendor, table):
                    cursor.execute(statement)


def missing_triggers(using: str = "default") -> list[str]:
    """Return the append-only tables that the database would let somebody change."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'final_%%' AND tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'final_%%'"
    with connection.cursor() as cursor:
        cursor.execute(query.replace("%%", "%"))
        found = {row[0] for row in cursor.fetchall()}
    return [table for table in append_only_tables() if not _expected(connection.vendor, table) <= found]


_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION aldia_rows_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are final', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def _expected(vendor: str, table: str) -> set[str]:
    verbs = ("change", "truncate") if vendor == "postgresql" else ("update", "delete")
    return {f"final_{table}_{verb}" for verb in verbs}


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f'CREATE OR REPLACE TRIGGER "final_{table}_change" BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION aldia_rows_are_final()",
            f'CREATE OR REPLACE TRIGGER "final_{table}_truncate" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION aldia_rows_are_final()",
        ]
    return [
        f'CREATE TRIGGER IF NOT EXISTS "final_{table}_{verb.lower()}" BEFORE {verb} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are final'); END"
        for verb in ("UPDATE", "DELETE")
    ]
