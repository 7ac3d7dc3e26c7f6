"""A backup of SQLite made by an older aldia comes back into today's tables, here in SQLite and there in PostgreSQL, with
everything that it held. (One that PostgreSQL made is given back in tests/rooms/ops/test_backup.py.)"""

import json
import os
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from tests import postgresql, waiting

ROOT = Path(__file__).resolve().parents[2]
BEFORE = {"access": "0005"}  # the tables as they were then: several migrations back, of several rooms
MAKE = """
import sys, django
django.setup()
from datetime import date, datetime, UTC
from pathlib import Path
import polars as pl
from django.core.management import call_command
from aldia.access import services as access
from aldia.access.actors import system
from aldia.db import copying, creation
from aldia.ledger import services as ledger
from aldia.ops.backup import making
from aldia.parties.models import Party

now = datetime(2026, 3, 1, 12, tzinfo=UTC)
creation.create_tables()
house = access.create_organisation(key="casa", name="Casa", country="AR", currency="USD", now=now)
actor = system(house.pk)
access.add_member(actor=actor, email="gabi@casa.example", name="Gabi", role="ADMINISTRATOR", now=now)
creditor = ledger.ensure_creditor(actor=actor, key="c", name="C", now=now)
book = ledger.ensure_portfolio(actor=actor, creditor_id=creditor.pk, key="p", name="P", currency="USD", now=now)
ana = Party.objects.create(organisation=house, name="Ana", name_folded="ana")
opened = ledger.open_accounts(organisation_id=house.pk, portfolio_id=book.pk, party_ids=pl.Series([ana.pk]), opened_on=now.date())
row = {"account_id": opened["account_id"][0], "source": "erp", "reference": "F1", "number": "F-1", "kind": "invoice",
       "issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 31), "currency": "USD", "original_minor": 12_345}
ledger.add_documents(organisation_id=house.pk, portfolio_id=book.pk, documents=pl.DataFrame([row]), declared_on=now.date(),
                     posting_source="load:1", now=now)
for app_label, name in %(before)r.items():
    call_command("migrate", app_label, name, verbosity=0)
made = copying.applied_migrations()
assert not [name for name in made if name.startswith("access.0006")]
making._write(Path(sys.argv[1]), now)
"""
LOOK = """
import json, django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from aldia.access.models import Membership
from aldia.ledger.models import Document
executor = MigrationExecutor(connection)
print(json.dumps({
    "behind": len(executor.migration_plan(executor.loader.graph.leaf_nodes())),
    "people": [[row.user.email, row.creditor_id] for row in Membership.objects.across_organisations()],
    "owed": [row.balance_minor for row in Document.objects.across_organisations()],
}))
"""


def run(home: Path, url: str, *words: str) -> str:
    env = {
        **os.environ, "ALDIA_HOME": str(home), "ALDIA_DATABASE_URL": url, "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "aldia.config.settings",
    }  # fmt: skip
    done = waiting.run([sys.executable, *words], env=env, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.covers("S4-33")
def test_a_backup_of_older_tables_is_restored_and_brought_up_to_date(db: None, tmp_path: Path) -> None:
    new = postgresql.new_database(f"vuelta_{uuid4().hex[:8]}") if connection.vendor == "postgresql" else ""
    backup = tmp_path / "vieja.aldia.tar.gz"
    run(tmp_path / "entonces", "", "-c", MAKE % {"before": BEFORE}, str(backup))
    told = json.loads(run(tmp_path / "hoy", new, "-m", "django", "restore", str(backup), "--json"))
    assert (told["ok"], told["postings"]) == (True, 1)
    found = json.loads(run(tmp_path / "hoy", new, "-c", LOOK).splitlines()[-1])
    assert found == {"behind": 0, "people": [["gabi@casa.example", None]], "owed": [12_345]}
