"""Runs in the virtual environment: brings the database up to date, then hands over to a Django command.

`python -m launcher.inside prepare` migrates and, on an empty installation, makes the demo portfolio (`prepare again` puts the one
that is there away before);
`python -m launcher.inside COMMAND …` migrates when the database is behind and runs the command.
"""

import io
import json
import os
import sys
from contextlib import redirect_stdout

import django
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command, execute_from_command_line
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from aldia.db import creation
from aldia.db.planner import refresh_statistics
from launcher.console import DEMO_USERS, FIRST_LINKS, say, step, told_whole

PIPE_CLOSED = 141  # what a shell says of a program that SIGPIPE ended


def main(words: list[str]) -> None:
    """Run `words`, a Django command or `prepare`, over an up-to-date database."""
    if not {"-h", "--help"} & set(words):
        django.setup()
        if words[0] != "restore":  # which makes the tables as its copy had them
            _migrate(is_json="--json" in words)
        if words[0] == "prepare":
            if "again" in words:
                _put_demo_away()
            _make_demo()
            _write_first_links()
            return
    _execute(words)


def _execute(words: list[str]) -> None:
    """Run the command; whoever reads it may go away (`| head`): that ends it as a signal would, without a traceback."""
    try:
        try:
            execute_from_command_line(["aldia", *words])
        finally:  # what waits in the buffer goes now, while its failure can still be answered
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # nothing is left to say when Python ends
        sys.exit(PIPE_CLOSED)


def _migrate(*, is_json: bool = False) -> None:
    """Bring the tables up to date. `is_json`: who asked reads an object, also when the database cannot be opened."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = f"No se puede abrir la base de datos {settings.DATABASES['default']['NAME']}: {error}"
        say(reason)
        say(
            "Revisa ALDIA_DATABASE_URL (postgresql://usuario:clave@servidor/base) o el permiso de la carpeta ALDIA_HOME."
        )
        if is_json:
            print(json.dumps({"error": reason}, ensure_ascii=False))  # noqa: T201 - the answer
        sys.exit(1)
    if creation.is_empty():
        with step("base de datos (tablas nuevas)"):
            creation.create_tables()
    else:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with step("base de datos (migrate)"), redirect_stdout(sys.stderr):
                call_command("migrate", interactive=False, verbosity=0)
                refresh_statistics()  # SQLite forgets those of a table that a migration made again
    connection.close()


def _put_demo_away() -> None:
    try:
        call_command("demo", put_away=True, stdout=sys.stderr)
    except CommandError as refusal:
        say(str(refusal))
        sys.exit(1)
    _migrate()


def _make_demo() -> None:
    """On a database without any organisation, make the demo portfolio and keep what it says of its users."""
    if apps.get_model("access", "Organisation")._base_manager.exists():
        return
    told = io.StringIO()
    with told_whole("cartera de demostración"):
        call_command("demo", stdout=told)
    (settings.HOME / DEMO_USERS).write_text(told.getvalue(), encoding="utf-8")


def _write_first_links() -> None:
    """Where nobody can enter yet, leave how the first person does; whoever reads the data folder runs the server."""
    from aldia.access import entering

    lines = [
        f"Primera cuenta de «{row.name}», con este enlace, una vez:\n  {entering.first_link(row)}"
        for row in entering.waiting()
    ]
    where = settings.HOME / FIRST_LINKS
    where.unlink(missing_ok=True)
    if lines:
        where.touch(mode=0o600)
        where.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
