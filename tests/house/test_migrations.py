"""The suite makes its tables straight from the models, for speed; here the migrations that users run make them."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.house.sources import ROOT


@pytest.fixture
def empty_installation(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation with an empty database of the kind under test."""
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("ALDIA", "PYTEST", "DJANGO"))
    }
    env |= {"ALDIA_HOME": str(tmp_path), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    url = os.environ.get("ALDIA_TEST_DATABASE_URL")
    if not url:
        return env
    name = f"fresh_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
    with psycopg.connect(url) as server:
        info = server.info
        where = f"host={info.host}" + (f"&port={info.port}" if info.port else "")
        return env | {"ALDIA_DATABASE_URL": f"postgresql://{info.user}:{info.password}@/{name}?{where}"}


def test_migrations_alone_make_a_database_that_passes_every_check(empty_installation: dict[str, str]) -> None:
    for words in (
        ["migrate", "--verbosity", "0"],
        ["migrate", "--check"],
        ["check", "--database", "default"],
    ):
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *words],
            env=empty_installation,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_models_and_migrations_say_the_same(empty_installation: dict[str, str]) -> None:
    words = [sys.executable, str(ROOT / "manage.py"), "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(words, env=empty_installation, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
