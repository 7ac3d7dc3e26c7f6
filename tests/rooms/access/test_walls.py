"""The second wall between organisations. SQLite has none and says so; PostgreSQL shows one organisation alone to a screen."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from aldia.access import services as access
from aldia.access.models import Organisation, OrganisationHoliday
from aldia.db import walls
from aldia.db.checks import organisations_are_walled
from aldia.db.frames import read_frame, write_table
from aldia.parties.models import Party
from aldia.payments.models import PayMethod, PayNotice

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def houses(db: None) -> list[Organisation]:
    """Two organisations that look alike."""
    made = [
        access.create_organisation(key=key, name="Casa", country="AR", currency="USD", now=NOW)
        for key in ("una", "otra")
    ]
    for house in made:
        Party.objects.create(organisation=house, name="Ana Canario", name_folded="ana canario")
    return made


def raw(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def has_walls() -> bool:
    return connection.vendor == "postgresql"


def test_raw_sql_without_any_predicate_sees_one_organisation(houses: list[Organisation]) -> None:
    mine, other = houses
    with walls.behind_wall(mine.pk):
        seen = {organisation for (organisation,) in raw("SELECT organisation_id FROM parties_party")}
        audited = {organisation for (organisation,) in raw("SELECT organisation_id FROM access_auditevent")}
    expected = {mine.pk} if has_walls() else {mine.pk, other.pk}
    assert (seen, audited) == (expected, expected)
    assert {row for (row,) in raw("SELECT organisation_id FROM parties_party")} == {mine.pk, other.pk}


def test_every_table_of_an_organisation_has_its_wall(houses: list[Organisation]) -> None:
    tables = walls.walled_tables()
    assert {"ledger_leg", "parties_partyword", "contact_message", "access_membership"} <= set(tables)
    assert walls.missing_walls() == []
    if not has_walls():
        return
    with walls.behind_wall(houses[0].pk):
        for table in tables:
            strangers = raw(f'SELECT COUNT(*) FROM "{table}" WHERE organisation_id <> {houses[0].pk}')
            assert strangers == [(0,)], table


def test_the_online_payments_of_a_house_are_its_own(houses: list[Organisation]) -> None:
    mine, other = houses
    for house in houses:
        PayMethod.objects.create(
            organisation=house, provider="practice", token=house.key, config={"secret": house.key}
        )
    notice = PayMethod.objects.of(other).get()
    PayNotice.objects.create(organisation=other, method=notice, fingerprint="f", body=b"x", received_at=NOW)
    with walls.behind_wall(mine.pk):
        tokens = {token for (token,) in raw("SELECT token FROM payments_paymethod")}
        notices = raw("SELECT COUNT(*) FROM payments_paynotice")
    assert tokens == ({mine.key} if has_walls() else {mine.key, other.key})
    assert notices == [(0 if has_walls() else 1,)]


def test_no_table_hides_rows_of_an_organisation_behind_a_parent() -> None:
    """A wall compares one column of its own table: what hangs from a walled table without that column would be open."""
    walled = set(walls.walled_tables())
    open_children = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if model._meta.db_table not in walled and field.related_model is not None
        and field.related_model._meta.db_table in walled
    }  # fmt: skip
    assert open_children == set()


def test_nothing_of_another_organisation_can_be_written_changed_or_deleted(
    houses: list[Organisation],
) -> None:
    mine, other = houses
    if not has_walls():
        return
    with walls.behind_wall(mine.pk):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            OrganisationHoliday.objects.create(organisation=other, on=date(2026, 5, 1), name="x")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE parties_party SET name = 'X' WHERE organisation_id = %s", [other.pk])
            assert cursor.rowcount == 0
            cursor.execute("DELETE FROM parties_party WHERE organisation_id = %s", [other.pk])
            assert cursor.rowcount == 0
    assert Party.objects.of(other).get().name == "Ana Canario"


def test_without_an_organisation_the_role_of_screens_sees_nothing(houses: list[Organisation]) -> None:
    if not has_walls():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {walls.ROLE}")
        cursor.execute("SELECT COUNT(*) FROM parties_party")
        assert cursor.fetchone() == (0,)
        cursor.execute("SET LOCAL ROLE NONE")


def test_the_next_request_on_the_connection_keeps_nothing_of_the_last(houses: list[Organisation]) -> None:
    mine, other = houses
    for house in (mine, other, mine):
        with pytest.raises(LookupError), walls.behind_wall(house.pk):
            seen = {organisation for (organisation,) in raw("SELECT organisation_id FROM parties_party")}
            raise LookupError
        assert seen == ({house.pk} if has_walls() else {mine.pk, other.pk})
    assert len(raw("SELECT id FROM parties_party")) == 2


def test_frames_are_written_behind_the_wall_too(houses: list[Organisation]) -> None:
    mine, _other = houses
    rows = pl.DataFrame({"organisation_id": [mine.pk], "on": [date(2026, 5, 1)], "name": ["Fiesta"]})
    with walls.behind_wall(mine.pk):
        people = read_frame("SELECT organisation_id FROM parties_party", [], {"organisation_id": pl.Int64})
        assert people.height == (1 if has_walls() else 2)
        assert write_table("access_organisationholiday", rows) == 1
        with pytest.raises(Exception, match=r"holiday_once|UNIQUE"), transaction.atomic():
            write_table("access_organisationholiday", rows)
        assert OrganisationHoliday.objects.of(mine).count() == 1
        seen = {organisation for (organisation,) in raw("SELECT organisation_id FROM access_auditevent")}
    assert seen == ({mine.pk} if has_walls() else {house.pk for house in houses})


def test_a_missing_wall_is_told_at_boot(houses: list[Organisation], monkeypatch: pytest.MonkeyPatch) -> None:
    assert organisations_are_walled(["default"]) == []
    monkeypatch.setattr("aldia.db.checks.missing_walls", lambda alias: ["parties_party"])
    (told,) = organisations_are_walled(["default"])
    assert told.id == "aldia.W001"
    assert walls.ROLE in str(told.hint)
