"""Boot checks: unsafe databases are refused, not warned about."""

from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from aldia.db.append_only import missing_triggers
from aldia.db.walls import ROLE, missing_walls


@register(Tags.database)  # type: ignore[type-var]
def append_only_is_enforced(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every append-only table that exists must carry its refusing triggers."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        existing = set(connections[alias].introspection.table_names())
        naked = [table for table in missing_triggers(alias) if table in existing]
        if naked:
            found.append(
                Error(
                    f"These tables should be append-only but the database would let them change: {', '.join(naked)}.",
                    hint="Run `./aldia manage migrate --skip-checks`; it installs the triggers again.",
                    id="aldia.E001",
                )
            )
    return found


@register(Tags.database)  # type: ignore[type-var]
def writes_are_durable(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A committed payment must survive a crash: SQLite in WAL + FULL, PostgreSQL with fsync and synchronous commits."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        for setting, value, wanted in _unsafe_settings(alias):
            found.append(
                Error(
                    f"The database setting {setting} is {value!r}; committed payments could be lost.",
                    hint=f"Set {setting} to {wanted}.",
                    id="aldia.E002",
                )
            )
    return found


@register(Tags.database)  # type: ignore[type-var]
def organisations_are_walled(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """On PostgreSQL each table of an organisation carries its row-level security, for a role that this login can take on."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        existing = set(connections[alias].introspection.table_names())
        if bare := [table for table in missing_walls(alias) if table in existing]:
            found.append(
                checks.Warning(
                    f"Only the code keeps organisations apart: {len(bare)} tables have no row-level security.",
                    hint=f"As an administrator of the server: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO <the user of "
                    "ALDIA_DATABASE_URL>; then `./aldia manage migrate`, as the owner of the tables.",
                    id="aldia.W001",
                )
            )
    return found


def _unsafe_settings(alias: str) -> list[tuple[str, str, str]]:
    connection = connections[alias]
    wanted = (
        {
            "fsync": {"on"},
            "full_page_writes": {"on"},
            "synchronous_commit": {"on", "remote_apply", "remote_write", "local"},
        }
        if connection.vendor == "postgresql"
        else {"synchronous": {"2", "3"}}
    )
    unsafe = []
    with connection.cursor() as cursor:
        for setting, values in wanted.items():
            cursor.execute(f"SHOW {setting}" if connection.vendor == "postgresql" else f"PRAGMA {setting}")
            value = str(cursor.fetchone()[0])
            if value not in values:
                unsafe.append((setting, value, "/".join(sorted(values))))
    return unsafe
