"""The whole database as files, and back: SQLite's own online copy, or one CSV file a table on PostgreSQL.

A copy is one moment of the database: work goes on meanwhile and nobody waits for it. What SQLite wrote PostgreSQL can read too:
that is how an installation grows out of its file. The other way there is none.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from aldia.db import creation

SQLITE_FILE = "database.sqlite3"
_BLOCK = 1 << 20


class FromNewerVersion(Exception):
    """Raised when a copy knows migrations that this aldia does not."""


def can_come_from(vendor: str) -> bool:
    """Return whether this database can take a copy that a database of that kind made."""
    return vendor in ("sqlite", connection.vendor)


def applied_migrations() -> list[str]:
    """Return the migrations that made the tables, as `app.name`, in the order of their names."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def copy_out(folder: Path) -> dict[str, int]:
    """Write the database as it is now into the folder; return the number of rows of each table."""
    if connection.vendor == "sqlite":
        return _sqlite_out(folder / SQLITE_FILE)
    return _postgresql_out(folder)


def copy_in(folder: Path, *, migrations: list[str]) -> None:
    """Fill this database, which must hold no organisation, with what `copy_out` wrote. Whole or not at all.

    `migrations`: those of the copy. Raises FromNewerVersion.
    """
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(migrations) - known):
        raise FromNewerVersion(", ".join(unknown))
    if connection.vendor == "sqlite":
        _sqlite_in(folder / SQLITE_FILE)
        return
    _tables_as_then(migrations, known)
    (_postgresql_from_sqlite if (folder / SQLITE_FILE).exists() else _postgresql_in)(folder)


def bring_up_to_date() -> None:
    """Run the migrations that came after the copy, if any."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def count_rows() -> dict[str, int]:
    """Return the number of rows of each table."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = {}
        for name in names:
            cursor.execute(f'SELECT COUNT(*) FROM "{name}"')
            found[name] = int(cursor.fetchone()[0])
        return found


def _sqlite_out(target: Path) -> dict[str, int]:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
        return {
            name: copy.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in _tables_of(copy)
        }


def _tables_of(copy: sqlite3.Connection) -> list[str]:
    """The tables of a copy, without those that SQLite keeps for itself."""
    names = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [name for name in names if not name.startswith("sqlite_")]


def _check_whole(copy: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError when a copy is damaged."""
    if (problem := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
        raise sqlite3.DatabaseError(problem)


def _sqlite_in(source: Path) -> None:
    """Copy page by page into the open database, so that other connections see it too."""
    connection.ensure_connection()
    with closing(sqlite3.connect(source)) as copy:
        _check_whole(copy)
        copy.backup(connection.connection)
    connection.close()  # opens again in WAL


def _postgresql_out(folder: Path) -> dict[str, int]:
    found = {}
    with _one_moment(connection.copy()) as cursor:
        for name in connection.introspection.table_names():
            with (
                (folder / f"{name}.csv").open("wb") as file,
                cursor.copy(f'COPY "{name}" TO STDOUT (FORMAT csv, HEADER)') as rows,
            ):
                for block in rows:
                    file.write(block)
            cursor.execute(f'SELECT COUNT(*) FROM "{name}"')
            found[name] = int(cursor.fetchone()[0])
    return found


@contextmanager
def _one_moment(own: BaseDatabaseWrapper) -> Iterator[CursorWrapper]:
    """A cursor of a connection of its own, every read of which is of the same moment."""
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield cursor
            cursor.execute("COMMIT")
    finally:
        own.close()


def _tables_as_then(migrations: list[str], known: set[str]) -> None:
    """Make the tables as the copy's aldia knew them; the migrations that came later are run afterwards, over the rows."""
    if not creation.is_empty():
        return
    if set(migrations) == known:
        creation.create_tables()
        return
    latest = {name.partition(".")[0]: name.partition(".")[2] for name in migrations}
    MigrationExecutor(connection).migrate(list(latest.items()))


def _postgresql_in(folder: Path) -> None:
    files = {path.stem: path for path in sorted(folder.glob("*.csv"))}

    def pour(cursor: CursorWrapper, name: str) -> None:
        with files[name].open("rb") as file:
            columns = file.readline().decode().strip().split(",")
            with cursor.copy(_copy_from(name, columns) + " (FORMAT csv)") as rows:
                while block := file.read(_BLOCK):
                    rows.write(block)

    _fill(list(files), pour)


def _postgresql_from_sqlite(folder: Path) -> None:
    """Row by row as SQLite keeps them: its ones and zeros, its instants in UTC and its JSON are text that PostgreSQL reads."""
    with closing(sqlite3.connect(folder / SQLITE_FILE)) as copy:
        _check_whole(copy)

        def pour(cursor: CursorWrapper, name: str) -> None:
            found = copy.execute(f'SELECT * FROM "{name}"')
            with cursor.copy(_copy_from(name, [column[0] for column in found.description])) as rows:
                for row in found:
                    rows.write_row(row)

        _fill(_tables_of(copy), pour)


def _copy_from(table: str, columns: list[str]) -> str:
    named = ", ".join(f'"{column}"' for column in columns)
    return f'COPY "{table}" ({named}) FROM STDIN'


def _fill(tables: list[str], pour: Callable[[CursorWrapper, str], None]) -> None:
    """Fill the tables of PostgreSQL in one transaction, at whose end the keys between them are looked at."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name in tables:  # what the making of the tables wrote: kinds of rows, permissions
            cursor.execute(f'DELETE FROM "{name}"')
        for name in tables:
            pour(cursor, name)
        known: list[type[Model]] = [*apps.get_models(include_auto_created=True), MigrationRecorder.Migration]
        made = [model for model in known if model._meta.db_table in tables]  # an older copy lacks today's
        for statement in connection.ops.sequence_reset_sql(no_style(), made):
            cursor.execute(statement)
