"""A prepared read answers what its queryset would, with SQL that was written the first time."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from aldia.access import services
from aldia.access.actors import system
from aldia.access.models import OrganisationHoliday
from aldia.db.prepared import NotPrepared, prepared
from aldia.db.scoping import NoOrganisationNamed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
built: list[bool] = []


@prepared
def closed(organisation_id: int, since: date, names: list[str], is_newest_first: bool) -> Any:
    built.append(is_newest_first)
    rows = OrganisationHoliday.objects.of(organisation_id).filter(on__gte=since, name__in=names)
    return rows.select_related("organisation").order_by("-on" if is_newest_first else "on")


@pytest.fixture
def organisations() -> list[int]:
    made = []
    for key in ("uno", "dos"):
        organisation = services.create_organisation(key=key, name=key, country="AR", currency="ARS", now=NOW)
        for day in range(1, 6):
            services.add_holiday(
                actor=system(organisation.pk), on=date(2026, 12, day), name=f"{key} {day}", now=NOW
            )
        made.append(organisation.pk)
    return made


def test_each_asking_gets_its_own_rows_from_the_same_sql(organisations: list[int]) -> None:
    built.clear()
    for key, organisation_id in zip(("uno", "dos"), organisations, strict=True):
        names = [f"{key} 2", f"{key} 4"]
        found = closed(organisation_id, date(2026, 12, 2), names, True)
        assert [row.name for row in found] == names[::-1]
        assert {row.organisation.key for row in found} == {key}
        assert [row.name for row in closed(organisation_id, date(2026, 12, 3), names, False)] == names[1:]
    assert sorted(built) in ([False, True], [])


def test_a_longer_list_is_another_query(organisations: list[int]) -> None:
    assert len(closed(organisations[0], date(2026, 12, 1), ["uno 1", "uno 2", "uno 3"], True)) == 3
    assert closed(organisations[0], date(2026, 12, 1), ["uno 1"], True)[0].on == date(2026, 12, 1)


def test_plain_values_and_sums_are_answered_too(organisations: list[int]) -> None:
    @prepared
    def days(organisation_id: int, until: date) -> Any:
        return (
            OrganisationHoliday.objects.of(organisation_id).filter(on__lt=until).values_list("on", flat=True)
        )

    assert sorted(days(organisations[1], date(2026, 12, 3))) == [date(2026, 12, 1), date(2026, 12, 2)]


def test_a_value_that_does_not_reach_the_query_as_it_came_is_refused(organisations: list[int]) -> None:
    @prepared
    def named(organisation_id: int, text: str) -> Any:
        return OrganisationHoliday.objects.of(organisation_id).filter(name=text.upper())

    with pytest.raises(NotPrepared, match="named"):
        named(organisations[0], "uno 1")


def test_a_query_without_its_organisation_is_refused() -> None:
    @prepared
    def everybody(name: str) -> Any:
        return OrganisationHoliday.objects.filter(name=name)

    with pytest.raises(NoOrganisationNamed):
        everybody("uno 1")
