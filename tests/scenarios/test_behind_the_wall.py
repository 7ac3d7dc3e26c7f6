"""Where the database's user is no superuser, people sign in and work behind the second wall as they do elsewhere."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from aldia.db.walls import ROLE
from tests.waiting import run

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import django, json
django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
from aldia.access import services as access
from aldia.access.actors import system
from aldia.db import creation, walls
from django.utils import timezone

settings.ALLOWED_HOSTS = ["testserver"]
creation.create_tables()
house, other = (
    access.create_organisation(key=key, name=key.title(), country="AR", currency="ARS", now=timezone.now())
    for key in ("sur", "norte")
)
person = {"email": "ana@sur.example", "name": "Ana Quiroga", "role": "ADMINISTRATOR", "password": "jacaranda-azul-77"}
for of in (house, other):
    access.add_member(actor=system(of.pk), now=timezone.now(), **{**person, "email": f"ana@{of.key}.example"})

client = Client()
def signs_in(password):
    return client.post("/cuenta/login/", {"login": "ana@sur.example", "password": password}).status_code
told = {"missing": len(walls.missing_walls()), "refused": signs_in("otra-clave-55"), "entered": signs_in("jacaranda-azul-77")}
people = client.get("/ajustes/personas/")
told["page"] = people.status_code
told["names"] = ["ana@sur.example" in people.content.decode(), "ana@norte.example" in people.content.decode()]
told["left"] = client.post("/cuenta/logout/").status_code
with walls.behind_wall(house.pk), connection.cursor() as cursor:
    cursor.execute("SELECT current_user")
    told["role"] = cursor.fetchone()[0]
    cursor.execute("SELECT DISTINCT organisation_id FROM access_membership")
    told["seen"] = [key == house.pk for (key,) in cursor.fetchall()]
with connection.cursor() as cursor:
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    told["superuser"] = cursor.fetchone()[0]
print(json.dumps(told))
"""


@contextmanager
def login_of_its_own(server: str, rights: str, *, granted: str | None) -> Iterator[str]:
    """A new database whose owner is a new role with these rights, and the role of screens so granted; yields its URL."""
    name = f"muro_{uuid4().hex[:8]}"
    role = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(
            f"DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER " + rights).format(role))
        if granted is not None:
            admin.execute(sql.SQL("GRANT {} TO {} " + granted).format(sql.Identifier(ROLE), role))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
        try:
            yield f"postgresql://{name}@/{name}?host={_folder_of(server)}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(role))
            admin.execute(sql.SQL("DROP OWNED BY {}").format(role))
            admin.execute(sql.SQL("DROP ROLE {}").format(role))


def _folder_of(server: str) -> str:
    told = urlsplit(server)
    return parse_qs(told.query).get("host", [told.hostname or "localhost"])[0]


# What a login that may make roles is given over those that it made, since PostgreSQL 16: to grant them, not to take them on.
AS_ITS_MAKER = "WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"


@pytest.mark.parametrize(
    ("rights", "granted", "is_walled"),
    [
        ("NOCREATEROLE", "", True),
        ("CREATEROLE", AS_ITS_MAKER, True),
        ("CREATEROLE", None, False),
    ],
    ids=["role given by an administrator", "role of its own making", "may make roles but not have this one"],
)
def test_people_sign_in_and_see_their_own_organisation(
    pg_url: str, tmp_path: Path, rights: str, granted: str | None, is_walled: bool
) -> None:
    with login_of_its_own(pg_url, rights, granted=granted) as url:
        env = {
            **os.environ, "ALDIA_HOME": str(tmp_path), "ALDIA_DATABASE_URL": url, "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "aldia.config.settings",
        }  # fmt: skip
        done = run([sys.executable, "-c", SCRIPT], env=env, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["superuser"], told["refused"], told["entered"], told["left"]) == (False, 200, 302, 302)
    assert (told["page"], told["names"]) == (200, [True, False])
    if is_walled:
        assert (told["missing"], told["role"], told["seen"]) == (0, ROLE, [True])
    else:
        assert told["missing"] > 0  # one wall alone, which `check` tells: aldia.W001
