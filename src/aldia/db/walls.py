"""The second wall between organisations: on PostgreSQL a screen's request cannot read or write the rows of another one.

Every table with an organisation has row-level security. It binds the role `aldia_screens`, which a request takes on with its
organisation's number and gives back at its end; the role that owns the tables (commands, worker, migrations) stands in front.
The policy compares one number, and queries name their organisation too: an opaque policy would cost thirty times as much.
SQLite has no such wall.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final

from django.apps import apps
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

ROLE: Final = "aldia_screens"
_OURS: Final = "organisation_id = NULLIF(current_setting('aldia.organisation', true), '')::bigint"
_ENTER: Final = "SELECT set_config('aldia.organisation', %s, false), set_config('role', %s, false)"
_RIGHTS: Final = {"SELECT, INSERT, UPDATE, DELETE": "TABLES", "USAGE, SELECT": "SEQUENCES"}
_MAKE_ROLE: Final = f"""
DO $$ BEGIN
    CREATE ROLE {ROLE} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def walled_tables() -> list[str]:
    """Return the tables whose rows belong to an organisation, sorted."""
    models = apps.get_models(include_auto_created=True)
    return sorted(
        model._meta.db_table
        for model in models
        if any(field.column == "organisation_id" for field in model._meta.concrete_fields)
    )


def install_walls(using: str = "default") -> None:
    """Put the wall on every table that has none, for the role of screens, which is made when this login may make roles."""
    own = connections[using]
    existing = set(own.introspection.table_names())
    open_tables = existing & set(missing_walls(using))
    if not open_tables or not _may_or_has_role(own):
        return
    with own.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {ROLE}")
        for right, things in _RIGHTS.items():
            cursor.execute(f"GRANT {right} ON ALL {things} IN SCHEMA {schema} TO {ROLE}")
            cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {right} ON {things} TO {ROLE}")
        for table in sorted(open_tables):
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            cursor.execute(f'DROP POLICY IF EXISTS own_organisation ON "{table}"')
            cursor.execute(
                f'CREATE POLICY own_organisation ON "{table}" TO {ROLE} USING ({_OURS}) WITH CHECK ({_OURS})'
            )
    _has_wall.cache_clear()


def missing_walls(using: str = "default") -> list[str]:
    """Return the tables that a request could read whole; every one where the role of screens cannot be taken on."""
    own = connections[using]
    if own.vendor != "postgresql":
        return []
    with own.cursor() as cursor:
        if not _can_take_role(own, cursor):
            return walled_tables()
        cursor.execute(
            "SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
            " WHERE p.polname = 'own_organisation' AND c.relrowsecurity AND pg_table_is_visible(c.oid)"
        )
        walled = {name for (name,) in cursor.fetchall()}
    return [table for table in walled_tables() if table not in walled]


@contextmanager
def behind_wall(organisation_id: int) -> Iterator[None]:
    """Within the block this connection sees and writes only rows of the organisation, whatever the query says."""
    if connection.vendor != "postgresql" or not _has_wall(connection.alias):
        yield
        return
    _take(str(organisation_id), ROLE)
    try:
        yield
    finally:
        _take("", "none")


@contextmanager
def in_front_of_wall() -> Iterator[None]:
    """Within the block the owner writes: for COPY, which PostgreSQL refuses behind a wall. Rows must be ours already."""
    if connection.vendor != "postgresql" or _role() != ROLE:
        yield
        return
    organisation = _setting("aldia.organisation")
    _take(organisation, "none")
    try:
        yield
    finally:
        _take(organisation, ROLE)


def _take(organisation: str, role: str) -> None:
    """Change who this connection is, past the query log. In a failed transaction its rollback brings back who it was."""
    raw = connection.connection
    if raw is None or raw.closed or raw.info.transaction_status.name == "INERROR":
        return
    raw.execute(_ENTER, [organisation, role])


def _role() -> str:
    return _setting("role")


def _setting(name: str) -> str:
    connection.ensure_connection()
    raw: Any = connection.connection
    if raw.info.transaction_status.name == "INERROR":
        return ""
    return str(raw.execute("SELECT current_setting(%s, true)", [name]).fetchone()[0] or "")


def _may_or_has_role(own: Any) -> bool:
    """Make the role and give it to this login, where it may; return whether it can be taken on."""
    with own.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        may_make_roles = cursor.fetchone()[0]
        if may_make_roles:
            cursor.execute(_MAKE_ROLE)
        if may_make_roles and not _can_take_role(own, cursor):
            # A role that another login made is not ours to give.
            with suppress(ProgrammingError), transaction.atomic(using=own.alias):
                cursor.execute(f"GRANT {ROLE} TO CURRENT_USER")
        return _can_take_role(own, cursor)


def _can_take_role(own: Any, cursor: Any) -> bool:
    # Since PostgreSQL 16 who made a role is a member that may give it away, and not take it on.
    right = "SET" if own.pg_version >= 160000 else "MEMBER"
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, %s)", [ROLE, right])
    return cursor.fetchone() is not None


@lru_cache
def _has_wall(alias: str) -> bool:
    return not missing_walls(alias)
