"""Placing cases outside: the owner who stays, what the agency tells, the silence that rings."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from aldia.access import services as access
from aldia.cases import selectors as case_reads
from aldia.cases import services as cases
from aldia.cases.models import Case, Placement
from aldia.intake import services as intake
from aldia.kpi import agencies
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Alarm, Outcome, Promise
from aldia.payments import placed
from tests.beginnings import beginning
from tests.web.agency.seed import Windows, make_windows
from tests.web.desk.conftest import stand_at
from tests.web.desk.seed import NOW, TODAY

windows = beginning(make_windows)


@pytest.mark.covers("S2-9a", "S4-23a")
def test_a_case_outside_keeps_somebody_of_the_house_who_answers_for_it(windows: Windows) -> None:
    rows = list(Placement.objects.of(windows.desk.organisation).filter(ended_on=None))
    assert {row.case_id for row in rows} == set(windows.placed)
    staff = {user.pk for user in windows.desk.users.values()}
    assert {row.owner_id for row in rows} <= staff
    assert all(windows.desk.case(n).holder_id is None for n in range(3))


@pytest.mark.covers("S2-9a")
def test_without_an_owner_of_the_house_no_agency_is_kept_and_no_case_given_to_strangers(
    windows: Windows,
) -> None:
    stranger = windows.people["agency"].pk
    with pytest.raises(access.UnableToAdd):
        access.set_outside_team(
            actor=windows.desk.system,
            key="otra",
            name="Otra",
            terms=access.OutsideTeam("agency", stranger),
            now=NOW,
        )
    with pytest.raises(cases.NotAHolder):
        cases.assign(
            actor=windows.desk.system,
            case_ids=windows.placed,
            user_id=stranger,
            team_id=windows.agency_id,
            as_of=TODAY,
            now=NOW,
        )


@pytest.mark.covers("S2-9a")
def test_who_answers_for_an_agency_does_not_leave_before_naming_another(windows: Windows) -> None:
    row = windows.desk.organisation.memberships.get(user=windows.desk.users["supervisor"])
    with pytest.raises(access.UnableToAdd):
        access.set_member(
            actor=windows.desk.system,
            membership_id=row.pk,
            role="SUPERVISOR",
            team_id=row.team_id,
            is_active=False,
            now=NOW,
        )


def test_the_rule_that_shares_out_leaves_placed_cases_outside_and_a_person_brings_one_back(
    windows: Windows,
) -> None:
    desk = windows.desk
    cases.assign_by_rule(actor=desk.system, as_of=TODAY, now=NOW)
    assert all(desk.case(n).team_id == windows.agency_id for n in range(3))
    ana = desk.users["ana"].pk
    cases.assign(
        actor=desk.system, case_ids=windows.placed[:1], user_id=ana, team_id=None, as_of=TODAY, now=NOW
    )
    back = desk.case(0)
    assert (back.holder_id, back.team_id) == (ana, desk.team_id)
    assert Placement.objects.of(desk.organisation).get(case_id=back.pk).ended_on == TODAY


FILE = """caso;fecha;canal;resultado;importe;fecha_de_compromiso;nota
{a};2026-11-23 15:30;call;promise;1500,50;2026-11-27;paga el viernes
{b};2026-11-23 16:00;call;no_answer;;;
{c};2026-11-23 16:00;call;no_answer;;;
{a};ayer;call;no_answer;;;
{b};2026-11-23;paloma;no_answer;;;
{b};2026-11-23;call;inventado;;;
"""


@pytest.mark.covers("S2-9b", "S4-23a")
def test_a_file_of_activities_enters_once_and_each_bad_row_says_its_repair(
    windows: Windows, tmp_path: Path
) -> None:
    strange = windows.owned[0]
    path = tmp_path / "gestiones.csv"
    path.write_text(FILE.format(a=windows.placed[0], b=windows.placed[1], c=strange), "utf-8")
    actor, clock = windows.actors["agency"], windows.desk.clock
    before = Outcome.objects.of(actor.organisation_id).count()
    dry = intake.load_activities(actor=actor, path=path, name="g.csv", is_dry_run=True, clock=clock)
    assert Outcome.objects.of(actor.organisation_id).count() == before
    done = intake.load_activities(actor=actor, path=path, name="g.csv", is_dry_run=False, clock=clock)
    assert (dry.new, dry.rejected) == (done.new, done.rejected) == (2, 4)
    assert [(each["row"], each["field"]) for each in done.problems] == [
        (4, "case"),
        (5, "at"),
        (6, "channel"),
        (7, "outcome"),
    ]
    promise = Promise.objects.of(actor.organisation_id).filter(case_id=windows.placed[0], state="open").get()
    assert promise.amount_minor == 150_050
    again = intake.load_activities(actor=actor, path=path, name="g.csv", is_dry_run=False, clock=clock)
    assert (again.new, again.same, again.rejected) == (0, 2, 4)
    assert Outcome.objects.of(actor.organisation_id).count() == before + 2


@pytest.mark.covers("S2-9b", "S4-23a")
def test_an_agency_that_tells_nothing_rings_once_until_it_tells_something(windows: Windows) -> None:
    desk = windows.desk
    assert outcomes.raise_silences(actor=desk.system, as_of=TODAY, now=NOW) == 1
    assert outcomes.raise_silences(actor=desk.system, as_of=TODAY + timedelta(days=1), now=NOW) == 0
    alarm = Alarm.objects.of(desk.organisation).get(kind="agency_silent")
    assert alarm.case_id in windows.placed
    assert alarm.owner_id is not None
    activity = outcomes.Activity(windows.placed[1], NOW - timedelta(hours=1), "call", "no_answer", {}, "una")
    outcomes.log_activity(actor=windows.actors["agency"], activity=activity, clock=desk.clock)
    alarm.refresh_from_db()
    assert alarm.state == "resolved"
    assert case_reads.silent_agencies(desk.system, as_of=TODAY) == []


@pytest.mark.covers("S2-9b", "S4-23a")
def test_agencies_stand_side_by_side_by_what_they_recover_cost_and_are_complained_of(
    windows: Windows,
) -> None:
    desk = windows.desk
    case = Case.objects.of(desk.organisation).get(pk=windows.placed[0])
    desk.receives(case.pk, 100_001, reference="R-1")
    span = {"from_on": TODAY.replace(day=1), "to_on": TODAY + timedelta(days=1)}
    row = next(iter(agencies.compare(desk.actors["manager"], as_of=TODAY, **span)))
    rows = placed.recovered(desk.system, team_id=windows.agency_id, **span)
    assert row.recovered["ARS"] == sum(each.amount_minor for each in rows) >= 100_001
    assert row.commission["ARS"] == sum(each.commission_minor for each in rows)
    assert placed.commission_of(100_001, 1_500) == 15_000
    assert (row.cases, row.is_silent) == (3, True)
    assert placed.recovered(windows.actors["creditor"], **span) == []


@pytest.mark.covers("S2-9a", "S2-9b", "S4-23a")
def test_the_page_of_agencies_compares_them_with_the_rows_behind_and_keeps_their_terms(
    windows: Windows, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, NOW)
    windows.desk.login(client, "administrator")
    assert [row.name for row in client.get(reverse("desk:agencies")).context["rows"]] == ["Surco Cobranzas"]
    one = client.get(reverse("desk:agency", args=[windows.agency_id]))
    assert {row.case_id for row in one.context["placements"]} == set(windows.placed)
    told = {"name": "Estudio Peña", "kind": "lawyer", "commission": "12,5", "silent_days": "10", "owner": ""}
    assert client.post(reverse("desk:agency-new"), told).status_code == 422
    told["owner"] = str(windows.desk.users["ana"].pk)
    assert client.post(reverse("desk:agency-new"), told).status_code == 302
    rows = {row.name: row for row in client.get(reverse("desk:agencies")).context["rows"]}
    assert rows["Estudio Peña"].commission_hundredths == 1_250
