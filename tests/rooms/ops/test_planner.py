"""The planner knows what grew: a case is read by its own index, not by that of its whole organisation."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from aldia.access import services
from aldia.access.models import OrganisationHoliday
from aldia.db.planner import refresh_statistics

pytestmark = pytest.mark.django_db


def test_what_grew_since_it_was_empty_is_known() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    made = services.create_organisation(key="uno", name="Uno", country="AR", currency="ARS", now=now)
    days = [date(2026, 1, 1) + timedelta(days=each) for each in range(200)]
    OrganisationHoliday.objects.bulk_create(OrganisationHoliday(organisation=made, on=on) for on in days)
    refresh_statistics()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'access_organisationholiday'")
            assert {row[0].split()[0] for row in cursor.fetchall()} == {"200"}
