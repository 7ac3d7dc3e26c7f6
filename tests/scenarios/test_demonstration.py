"""The first start shows a house that has lived, and never mixes with anybody's work."""

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.access.permissions import ROLE_DESCRIPTIONS
from aldia.contact import selectors as contact
from aldia.kpi import selectors as kpi
from aldia.ledger import selectors as ledger
from aldia.ops.demo import again
from aldia.ops.demo.houses import HOUSES, PASSWORD
from aldia.ops.demo.making import _hire
from aldia.ops.newcomers import found_organisation
from aldia.outcomes.models import Outcome
from aldia.payments import selectors as payments


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.covers("S0-12", "S0-8", "S3-1a", "S3-20", "S3-82", "S3-28", "S1-2")
def test_the_demonstration_is_whole_its_books_balance_and_it_refuses_a_second_time() -> None:
    told = io.StringIO()
    call_command("demo", "--days", "2", "--json", stdout=told)
    users = json.loads(told.getvalue())
    assert {user["role"] for user in users["users"]} == set(ROLE_DESCRIPTIONS)
    houses = list(access.organisations())
    assert {house.key for house in houses} == {"andina", "jacaranda"}
    for house in houses:
        actor = system(house.pk)
        assert house.is_sandbox
        assert house.sandbox_on
        assert payments.verify(house.pk).ok
        assert ledger.portfolios(actor).exists()
        counts = contact.outbox_counts(house.pk)
        assert [counts.get(state, 0) for state in ("failed", "unknown", "sending")] == [0, 0, 0]
        assert kpi.currencies(actor)
        assert not Outcome.objects.filter(organisation_id=house.pk, at__gt=timezone.now()).exists()
    with pytest.raises(CommandError, match="vacía"):
        call_command("demo", "--json", stdout=io.StringIO())
    assert access.organisations().count() == len(houses)


@pytest.mark.slow
@pytest.mark.django_db
def test_every_person_of_the_demonstration_signs_in_with_the_password_that_is_shown() -> None:
    house = HOUSES[0]
    organisation = found_organisation(
        key=house.key, name=house.name, country=house.country, currency=house.currency
    )
    now = timezone.now()
    members = _hire(house, organisation, access.clock_of(organisation, now), now.date())
    assert len(members) == len(house.staff)
    assert all(member.user.check_password(PASSWORD) for member in access.members(system(organisation.pk)))
    away = [member for member in access.members(system(organisation.pk)) if member.absent_from_on]
    assert [member.stand_in_id is not None for member in away] == [True]


@pytest.mark.django_db
@pytest.mark.covers("S4-1g, 2")
def test_the_demonstration_is_put_away_whole_and_nobody_else_s_work_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own database is another one
    for name in ("db.sqlite3", "aldia_secret_key"):
        (tmp_path / name).write_text(name)
    if connection.vendor != "sqlite":
        with pytest.raises(again.NotTheDemonstration, match="PostgreSQL"):
            again.put_away(now=timezone.now())
        return
    assert again.put_away(now=timezone.now()) is None
    house = HOUSES[0]
    found_organisation(key=house.key, name=house.name, country=house.country, currency=house.currency)
    away = again.put_away(now=timezone.now())
    assert away is not None
    assert [path.name for path in away.iterdir()] == ["db.sqlite3"]
    assert (tmp_path / "aldia_secret_key").exists()
    found_organisation(key="propia", name="Casa Propia", country="AR", currency="ARS")
    with pytest.raises(again.NotTheDemonstration, match="Casa Propia"):
        again.put_away(now=timezone.now())
