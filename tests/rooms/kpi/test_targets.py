"""Targets of a month: versions that are kept, progress that counts today, and who may see and set them."""

from datetime import timedelta

import pytest

from aldia.access.actors import Clock
from aldia.access.permissions import NotAllowed
from aldia.db.append_only import RowsAreFinal
from aldia.kpi import selectors as kpi
from aldia.kpi import services
from aldia.kpi.models import Target
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
MONTH = TODAY.replace(day=1)


desk = beginning(company_at_work)


def goal(of: str, of_id: int, measure: str, currency: str = "") -> services.Goal:
    return services.Goal(of, of_id, measure, TODAY, currency)


def aim(desk: Desk, what: services.Goal, value: int) -> Target:
    return services.set_target(actor=desk.actors["manager"], goal=what, value=value, clock=Clock(TODAY, NOW))


@pytest.mark.covers("S2-3")
def test_a_portfolio_has_its_target_with_what_was_collected_and_what_was_due_by_today(desk: Desk) -> None:
    aim(desk, goal("organisation", 0, "recovered", "ARS"), 300_000_00)
    [row] = kpi.progress(desk.actors["manager"], MONTH, as_of=TODAY)
    days = (MONTH.replace(day=28) + timedelta(days=4)).replace(day=1) - MONTH
    assert row.expected == 300_000_00 * TODAY.day // days.days
    assert row.share == min(100 * row.reached // 300_000_00, 100)
    assert row.target.set_by_id == desk.users["manager"].pk


def test_a_target_is_never_changed_but_followed_by_another_version_and_zero_takes_it_away(desk: Desk) -> None:
    what = goal("person", desk.users["ana"].pk, "attempts")
    first = aim(desk, what, 200)
    second = aim(desk, what, 250)
    assert (first.version, second.version) == (1, 2)
    assert [row.value for row in kpi.targets(desk.actors["manager"], MONTH)] == [250]
    with pytest.raises(RowsAreFinal):
        first.save()
    aim(desk, what, 0)
    assert kpi.targets(desk.actors["manager"], MONTH) == []
    assert Target.objects.of(desk.organisation).count() == 3


def test_who_collects_sees_only_his_own_and_sets_none(desk: Desk) -> None:
    mine = goal("person", desk.users["ana"].pk, "promises_made")
    aim(desk, mine, 40)
    aim(desk, goal("person", desk.users["supervisor"].pk, "promises_made"), 10)
    aim(desk, goal("organisation", 0, "attempts"), 900)
    own = kpi.progress(desk.actors["ana"], MONTH, as_of=TODAY)
    assert [row.name for row in own] == [desk.users["ana"].name]
    with pytest.raises(NotAllowed):
        services.set_target(actor=desk.actors["ana"], goal=mine, value=1, clock=Clock(TODAY, NOW))


def test_an_act_of_today_counts_at_once(desk: Desk) -> None:
    aim(desk, goal("person", desk.users["ana"].pk, "attempts"), 100)
    aim(desk, goal("organisation", 0, "attempts"), 100)
    before = {row.target.of: row.reached for row in kpi.progress(desk.actors["manager"], MONTH, as_of=TODAY)}
    desk.log(0, "no_answer")
    after = {row.target.of: row.reached for row in kpi.progress(desk.actors["manager"], MONTH, as_of=TODAY)}
    assert after == {key: value + 1 for key, value in before.items()}


@pytest.mark.parametrize(
    ("what", "value"),
    [
        (goal("organisation", 0, "happiness"), 1),
        (goal("organisation", 0, "attempts"), -1),
        (goal("person", 999_999, "attempts"), 1),
        (goal("organisation", 7, "attempts"), 1),
    ],
)
def test_what_cannot_be_a_target_is_refused(desk: Desk, what: services.Goal, value: int) -> None:
    with pytest.raises(services.BadTarget):
        aim(desk, what, value)


def test_nobody_has_a_personal_target_of_all_that_was_collected(desk: Desk) -> None:
    with pytest.raises(services.BadTarget):
        aim(desk, goal("person", desk.users["ana"].pk, "recovered", "ARS"), 1)
