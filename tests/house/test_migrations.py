"""Two ways to the same tables: at once from the models (the suite, a first start) and by migrations (an update)."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import postgresql
from tests.house.sources import ROOT
from tests.waiting import run

pytestmark = pytest.mark.on_each_database
Environment = dict[str, str]

WIDER_KEY = {
    "auth_group_permissions"
}  # Django's own migration gives it a bigger key than Django's model; unused here
AT_ONCE = "from aldia.db import creation; assert creation.is_empty(); creation.create_tables()"
TABLES = """
import json
from django.db import connection
inspect = connection.introspection
with connection.cursor() as cursor:
    print(json.dumps({
        table: [
            sorted([column.name, inspect.get_field_type(column.type_code, column), column.null_ok]
                   for column in inspect.get_table_description(cursor, table)),
            sorted(json.dumps([rule["columns"], rule["unique"], rule["index"], rule["check"], rule["foreign_key"]])
                   for rule in inspect.get_constraints(cursor, table).values()),
        ] for table in inspect.table_names(cursor)}))
"""


@pytest.fixture
def installation(tmp_path: Path) -> Callable[[str], Environment]:
    """Return what makes the environment of an installation with an empty database of the kind under test."""

    def make(name: str) -> Environment:
        env = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("ALDIA", "PYTEST", "DJANGO"))
        }
        env |= {"ALDIA_HOME": str(tmp_path / name), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        (tmp_path / name).mkdir()
        if postgresql.GIVEN not in os.environ:
            return env
        unique = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        return env | {"ALDIA_DATABASE_URL": postgresql.new_database(unique)}

    return make


def _manage(env: Environment, *words: str) -> str:
    done = run([sys.executable, str(ROOT / "manage.py"), *words], env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _tables(env: Environment) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(_manage(env, "shell", "--no-imports", "-c", TABLES))
    return tables


@pytest.mark.slow
def test_migrations_and_a_first_start_make_the_same_tables_and_both_pass_every_check(
    installation: Callable[[str], Environment],
) -> None:
    migrated, new = installation("migrated"), installation("new")
    _manage(migrated, "migrate", "--verbosity", "0")
    _manage(new, "shell", "--no-imports", "-c", AT_ONCE)
    for env in (migrated, new):
        _manage(env, "migrate", "--check")
        _manage(env, "check", "--database", "default")
    by_migrations, at_once = _tables(migrated), _tables(new)
    names = (by_migrations.keys() | at_once.keys()) - WIDER_KEY
    different = {name for name in names if by_migrations.get(name) != at_once.get(name)}
    assert {name: (by_migrations.get(name), at_once.get(name)) for name in different} == {}


def test_models_and_migrations_say_the_same(installation: Callable[[str], Environment]) -> None:
    _manage(installation("models"), "makemigrations", "--check", "--dry-run")
