"""A real installation for a scenario: its own data folder and database, the product's own commands, a web server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection

from tests import postgresql
from tests.waiting import run

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "jacaranda-azul-77"
STAFF = {
    "gabriela@sur.example": ("Gabriela Paz", "ADMINISTRATOR"),
    "ana@sur.example": ("Ana Quiroga", "COLLECTOR"),
    "elena@sur.example": ("Elena Ríos", "SUPERVISOR"),
}
_FOUND = """
from django.utils import timezone
from aldia.access import services as access
from aldia.access.actors import system
from aldia.db import creation
from aldia.ops.newcomers import found_organisation
creation.create_tables()
organisation = found_organisation(key="sur", name="Cooperativa Sur", country="AR", currency="ARS")
team = organisation.teams.first()
for email, (name, role) in {staff!r}.items():
    access.add_member(actor=system(organisation.pk), email=email, name=name, role=role, now=timezone.now(),
                      password={password!r}, team_id=team.pk)
"""


@dataclass
class Installation:
    """Where the commands run, and where the web answers."""

    env: dict[str, str]
    port: int
    web: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *words: str) -> str:
        """Return what a command printed; a command that fails fails the test with its own words."""
        done = run([sys.executable, str(ROOT / "manage.py"), *words], env=self.env)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def answer(self, *words: str) -> dict[str, Any]:
        """Return the JSON object that a command of the contract printed."""
        found: dict[str, Any] = json.loads(self.manage(*words, "--json"))
        return found

    def start_web(self) -> None:
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        self.web = subprocess.Popen(
            [*command, "aldia.config.wsgi:application"],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            try:
                urllib.request.urlopen(f"{self.url}/cuenta/login/", timeout=5)
                return
            except (urllib.error.URLError, OSError):
                assert self.web.poll() is None, "the web server ended while starting"
        raise AssertionError("the web server did not answer in a minute")

    def stop_web(self) -> None:
        if self.web is not None:
            self.web.terminate()
            self.web.wait(timeout=30)


def install(home: Path, port: int) -> Installation:
    """Return an installation made as a first start makes it: one sandbox organisation and its people, on the suite's own database."""
    env = {
        **os.environ, "ALDIA_HOME": str(home), "ALDIA_PUBLIC_URL": f"http://127.0.0.1:{port}", "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "aldia.config.settings",
    }  # fmt: skip
    is_postgresql = connection.vendor == "postgresql"
    env["ALDIA_DATABASE_URL"] = (
        postgresql.new_database(f"scenario_{uuid4().hex[:8]}") if is_postgresql else ""
    )
    env.pop(postgresql.GIVEN, None)
    made = Installation(env, port)
    made.manage("shell", "--verbosity", "0", "-c", _FOUND.format(staff=STAFF, password=PASSWORD))
    return made
