"""Who may do what in an organisation: each service asks for its permission, acts on its own house alone, and leaves its trail."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from aldia.access import selectors, services
from aldia.access.actors import Actor, Clock, debtor, member, system
from aldia.access.models import (
    AuditEvent,
    Membership,
    Notification,
    Organisation,
    OrganisationHoliday,
    SavedView,
    Team,
    User,
)
from aldia.access.permissions import ROLE_PERMISSIONS, NotAllowed, Permission, Role, permissions_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = date(2026, 3, 2)


def make_house(key: str = "casa", **details: Any) -> Organisation:
    told = {"name": key.title(), "country": "AR", "currency": "ARS", **details}
    return services.create_organisation(key=key, now=NOW, **told)


@pytest.fixture
def house(db: None) -> Organisation:
    return make_house()


@pytest.fixture
def other(db: None) -> Organisation:
    return make_house("ajena")


def person(house: Organisation, who: str = "ana", role: str = "COLLECTOR", **more: Any) -> Membership:
    told = {"email": f"{who}@{house.key}.example", "name": who.title(), "role": role, **more}
    return services.add_member(actor=system(house.pk), now=NOW, **told)


def trail(house: Organisation) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """What the audit keeps since the organisation was made."""
    events = AuditEvent.objects.of(house).order_by("id")
    return [(one.verb, one.actor, one.object_type, one.object_id, one.data) for one in events][1:]


Act = Callable[[Actor], object]
GUARDED: list[tuple[Permission, Act]] = [
    (Permission.EDIT_PEOPLE, lambda by: services.add_member(actor=by, email="x@x.example", name="X", role="AUDITOR", now=NOW)),
    (Permission.EDIT_PEOPLE, lambda by: services.set_common_password(actor=by, membership_ids=[], password="x", now=NOW)),
    (Permission.EDIT_PEOPLE, lambda by: services.add_team(actor=by, key="x", name="X", now=NOW)),
    (Permission.EDIT_PEOPLE, lambda by: services.set_member(
        actor=by, membership_id=own(by), role="AUDITOR", team_id=None, is_active=True, now=NOW)),
    (Permission.ASSIGN_CASES, lambda by: services.set_absence(
        actor=by, membership_id=own(by), from_on=None, until_on=None, stand_in_id=None, now=NOW)),
    (Permission.EDIT_SETTINGS, lambda by: services.add_holiday(actor=by, on=DAY, name="X", now=NOW)),
    (Permission.EDIT_SETTINGS, lambda by: services.remove_holiday(actor=by, on=DAY, now=NOW)),
    (Permission.EDIT_SETTINGS, lambda by: services.change_settings(actor=by, now=NOW, name="X")),
    (Permission.RUN_DAY, lambda by: services.move_clock(actor=by, to=DAY, now=NOW)),
    (Permission.RUN_DAY, lambda by: services.ask_for_day(actor=by, to=DAY, now=NOW)),
    (Permission.EDIT_SETTINGS, lambda by: services.leave_sandbox(actor=by, first_days={}, now=NOW)),
    (Permission.BULK_ACT, lambda by: services.set_paused(actor=by, is_paused=True, now=NOW)),
]  # fmt: skip


def own(actor: Actor) -> int:
    return Membership.objects.of(actor.organisation_id).earliest("pk").pk


@pytest.mark.parametrize(("permission", "act"), GUARDED)
def test_a_service_asks_for_its_permission_and_no_other(
    house: Organisation, permission: Permission, act: Act
) -> None:
    person(house)
    before = len(trail(house))
    everything_else = Actor(house.pk, "user:1", permissions=frozenset(Permission) - {permission})
    with pytest.raises(NotAllowed, match=permission) as refusal:
        act(everything_else)
    assert (refusal.value.permission, len(trail(house))) == (permission, before)
    act(Actor(house.pk, "user:1", permissions=frozenset({permission})))
    assert len(trail(house)) == before + 1
    assert trail(house)[-1][1] == "user:1"


def test_a_role_gives_its_permissions_and_an_unknown_one_none(house: Organisation) -> None:
    assert set(ROLE_PERMISSIONS) == set(Role.values)
    assert permissions_of("KING") == frozenset()
    ladder = [permissions_of(role) for role in ("COLLECTOR", "SUPERVISOR", "MANAGER", "ADMINISTRATOR")]
    assert all(lower < higher for lower, higher in pairwise(ladder))
    ana = member(house.pk, user_id=7, role="COLLECTOR", team_id=3)
    assert (ana.organisation_id, ana.label, ana.role, ana.user_id, ana.team_id) == (
        house.pk,
        "user:7",
        "COLLECTOR",
        7,
        3,
    )
    assert ana.may(Permission.WORK_CASES) and not ana.may(Permission.REGISTER_RECEIPTS)
    assert permissions_of("AUDITOR").isdisjoint({
        Permission.WORK_CASES, Permission.REGISTER_RECEIPTS, Permission.EDIT_PEOPLE, Permission.EDIT_SETTINGS,
    })  # fmt: skip
    assert all(system(house.pk).may(permission) for permission in Permission)
    behind_a_link = debtor(house.pk, party_id=991)
    assert (behind_a_link.label, behind_a_link.permissions) == ("debtor:991", {Permission.ANSWER_AS_DEBTOR})


def test_an_organisation_begins_in_its_sandbox_with_a_team_and_a_trail(house: Organisation) -> None:
    assert (house.name, house.country, house.currency, house.created_at, house.is_sandbox) == (
        "Casa",
        "AR",
        "ARS",
        NOW,
        True,
    )
    assert [(team.key, team.name) for team in selectors.teams(system(house.pk))] == [
        ("cobranzas", "Cobranzas")
    ]
    (made,) = AuditEvent.objects.of(house)
    assert (made.verb, made.object_type, made.object_id, made.actor, made.at) == (
        "access.organisation.create", "organisation", str(house.pk), "system", NOW,
    )  # fmt: skip
    assert selectors.organisation("casa") == house == selectors.organisation_of(system(house.pk))


def test_a_person_joins_once_and_may_belong_to_two_houses(house: Organisation, other: Organisation) -> None:
    team = services.add_team(actor=system(house.pk), key="sur", name="Sur", now=NOW)
    assert services.add_team(actor=system(house.pk), key="sur", name="Otro", now=NOW) == team
    row = person(house, "Ana", "SUPERVISOR", password="clave-larga-9", team_id=team.pk)
    assert (row.user.email, row.user.name, row.role, row.team) == (
        "ana@casa.example",
        "Ana",
        "SUPERVISOR",
        team,
    )
    assert row.user.check_password("clave-larga-9")
    with pytest.raises(services.UnableToAdd, match=r"^ANA@casa\.example ya es parte de la organización\.$"):
        person(house, "ANA")
    abroad = services.add_member(
        actor=system(other.pk), email="Ana@casa.example", name="Otra", role="AUDITOR", now=NOW
    )
    assert (abroad.user, User.objects.count()) == (row.user, 1)
    assert [one.organisation.key for one in selectors.memberships_of(row.user)] == ["ajena", "casa"]
    assert selectors.actor_of(row) == member(
        house.pk, user_id=row.user_id, role="SUPERVISOR", team_id=team.pk
    )
    assert trail(house) == [
        ("access.team.add", "system", "team", str(team.pk), {"key": "sur"}),
        ("access.member.add", "system", "membership", str(row.pk), {"role": "SUPERVISOR"}),
    ]


def test_a_member_changes_role_team_and_state_and_who_left_is_not_listed(house: Organisation) -> None:
    team = Team.objects.of(house).get()
    beto, ana = person(house, "beto"), person(house, "ana")
    changed = services.set_member(
        actor=system(house.pk), membership_id=ana.pk, role="MANAGER", team_id=team.pk, is_active=True, now=NOW
    )
    ana.refresh_from_db()
    assert (changed, ana.role, ana.team, ana.is_active) == (ana, "MANAGER", team, True)
    assert trail(house)[-1] == (
        "access.member.change",
        "system",
        "membership",
        str(ana.pk),
        {"role": "MANAGER"},
    )
    assert [one.user.name for one in selectors.members(system(house.pk))] == ["Ana", "Beto"]
    services.set_member(
        actor=system(house.pk),
        membership_id=beto.pk,
        role="COLLECTOR",
        team_id=None,
        is_active=False,
        now=NOW,
    )
    by = system(house.pk)
    assert [one.user.name for one in selectors.members(by)] == ["Ana"]
    assert (selectors.is_member(by, ana.user_id), selectors.is_member(by, beto.user_id)) == (True, False)
    assert selectors.memberships_of(beto.user) == []


def test_a_member_of_another_house_cannot_be_touched(house: Organisation, other: Organisation) -> None:
    stranger, by = person(other, "zoe"), system(house.pk)
    with pytest.raises(Membership.DoesNotExist):
        services.set_member(
            actor=by, membership_id=stranger.pk, role="ADMINISTRATOR", team_id=None, is_active=True, now=NOW
        )
    with pytest.raises(Membership.DoesNotExist):
        services.set_absence(
            actor=by, membership_id=stranger.pk, from_on=None, until_on=None, stand_in_id=None, now=NOW
        )
    assert (
        services.set_common_password(actor=by, membership_ids=[stranger.pk], password="x-y-z-9", now=NOW) == 0
    )
    stranger.user.refresh_from_db()
    assert not stranger.user.check_password("x-y-z-9")
    assert selectors.members(by) == []
    assert selectors.membership_of(member(house.pk, user_id=stranger.user_id, role="MANAGER")) is None


def test_one_password_for_several_is_theirs_alone(house: Organisation) -> None:
    ana, beto, ciro = (person(house, who) for who in ("ana", "beto", "ciro"))
    told = services.set_common_password(
        actor=system(house.pk), membership_ids=iter([ana.pk, beto.pk]), password="lapacho-9", now=NOW
    )
    opens = [User.objects.get(pk=one.user_id).check_password("lapacho-9") for one in (ana, beto, ciro)]
    assert (told, opens) == (2, [True, True, False])
    assert trail(house)[-1] == (
        "access.password.common",
        "system",
        "organisation",
        str(house.pk),
        {"people": 2},
    )


def test_an_absence_hands_over_from_its_first_day_to_the_day_of_return(house: Organisation) -> None:
    ana, beto = person(house, "ana"), person(house, "beto")
    back = DAY + timedelta(days=3)
    services.set_absence(
        actor=system(house.pk), membership_id=ana.pk, from_on=DAY, until_on=back, stand_in_id=beto.pk, now=NOW
    )
    stand_in = selectors.actor_of(beto)
    days = [DAY - timedelta(days=1), DAY, back - timedelta(days=1), back]
    assert [selectors.covered_by(stand_in, on) for on in days] == [[], [ana.user_id], [ana.user_id], []]
    assert selectors.covered_by(system(house.pk), DAY) == []
    ana.refresh_from_db()
    assert [ana.is_away(on) for on in days] == [False, True, True, False]
    assert trail(house)[-1] == ("access.member.absence", "system", "membership", str(ana.pk), {})


def test_own_closed_days_are_named_renamed_and_forgotten(house: Organisation, other: Organisation) -> None:
    by = system(house.pk)
    first = services.add_holiday(actor=by, on=DAY, name="Feria", now=NOW)
    assert services.add_holiday(actor=by, on=DAY, name="Fiesta", now=NOW) == first
    services.add_holiday(actor=system(other.pk), on=DAY, name="Ajena", now=NOW)
    assert [(one.on, one.name) for one in selectors.holidays_listed(by)] == [(DAY, "Fiesta")]
    assert selectors.holidays(house.pk) == {DAY}
    services.remove_holiday(actor=by, on=DAY, now=NOW)
    assert OrganisationHoliday.objects.of(house).count() == 0
    assert OrganisationHoliday.objects.of(other).count() == 1
    assert [line[:4] for line in trail(house)] == [
        ("access.holiday.add", "system", "holiday", str(first.pk)),
        ("access.holiday.add", "system", "holiday", str(first.pk)),
        ("access.holiday.remove", "system", "holiday", DAY.isoformat()),
    ]


def test_settings_are_added_to_and_fields_are_set(house: Organisation) -> None:
    by = system(house.pk)
    services.change_settings(actor=by, now=NOW, settings={"a": 1, "b": 1})
    services.change_settings(actor=by, now=NOW, settings={"b": 2}, name="Nueva", timezone="America/Lima")
    house.refresh_from_db()
    assert (house.settings, house.name, house.timezone) == ({"a": 1, "b": 2}, "Nueva", "America/Lima")
    told = ("access.organisation.change", "system", "organisation", str(house.pk))
    assert [(line[:4], line[4]) for line in trail(house)] == [
        (told, {"fields": []}), (told, {"fields": ["name", "timezone"]}),
    ]  # fmt: skip


def test_the_sandbox_clock_goes_forward_and_is_asked_for_once(house: Organisation) -> None:
    by, later = system(house.pk), DAY + timedelta(days=1)
    assert services.move_clock(actor=by, to=DAY, now=NOW).sandbox_on == DAY
    services.move_clock(actor=by, to=DAY, now=NOW)
    with pytest.raises(services.ClockGoesForward, match="2026-03-02 y no vuelve atrás a 2026-03-01"):
        services.move_clock(actor=by, to=DAY - timedelta(days=1), now=NOW)
    assert services.take_asked_day(organisation=house) is None
    services.ask_for_day(actor=by, to=later, now=NOW)
    asked = [Organisation.objects.get(pk=house.pk) for _worker in "12"]
    assert (asked[0].sandbox_on, asked[0].asked_on) == (DAY, later)
    assert [services.take_asked_day(organisation=one) for one in asked] == [later, None]
    assert [(line[0], line[4]) for line in trail(house)] == [
        ("access.clock.move", {"to": "2026-03-02"}), ("access.clock.move", {"to": "2026-03-02"}),
        ("access.clock.ask", {"to": "2026-03-03"}),
    ]  # fmt: skip
    house.refresh_from_db()
    clock = selectors.clock_of(house, datetime(2026, 7, 9, 2, 30, tzinfo=UTC))  # 23:30 in Buenos Aires
    assert clock == Clock(DAY, datetime(2026, 3, 3, 2, 30, tzinfo=UTC))


def test_going_live_leaves_the_sandbox_clock_for_good(house: Organisation) -> None:
    by = system(house.pk)
    services.change_settings(actor=by, now=NOW, settings={"kept": True})
    services.move_clock(actor=by, to=DAY, now=NOW)
    services.ask_for_day(actor=by, to=DAY, now=NOW)
    services.leave_sandbox(actor=by, first_days={"cap": 20}, now=NOW)
    house.refresh_from_db()
    assert (house.is_sandbox, house.sandbox_on, house.asked_on) == (False, None, None)
    assert house.settings == {"kept": True, "first_days": {"cap": 20}}
    assert trail(house)[-1] == ("access.organisation.live", "system", "organisation", str(house.pk), {})
    with pytest.raises(services.NotInSandbox, match=r"^Casa está en vivo: solo vive el día de hoy"):
        services.move_clock(actor=by, to=DAY, now=NOW)
    at = datetime(2026, 7, 9, 2, 30, tzinfo=UTC)
    assert selectors.clock_of(house, at) == Clock(date(2026, 7, 8), at)


def test_a_pause_stops_one_house_until_it_is_resumed(house: Organisation, other: Organisation) -> None:
    by = system(house.pk)
    services.set_paused(actor=by, is_paused=True, now=NOW)
    assert (selectors.is_paused(house.pk), selectors.is_paused(other.pk)) == (True, False)
    services.set_paused(actor=by, is_paused=False, now=NOW)
    assert not selectors.is_paused(house.pk)
    assert [line[:4] for line in trail(house)] == [
        (f"access.organisation.{verb}", "system", "organisation", str(house.pk))
        for verb in ("pause", "resume")
    ]
    assert set(selectors.organisations()) == {house, other}


def test_news_are_told_once_to_each_and_read_by_their_owner_alone(house: Organisation) -> None:
    ana, beto = person(house, "ana"), person(house, "beto")
    by = system(house.pk)
    news = services.News("alarm", "Título", "k1", body="Texto", url="/caso/7/")
    users = [ana.user_id, beto.user_id]
    assert services.notify(actor=by, user_ids=iter(users), news=news, now=NOW) == 2
    assert services.notify(actor=by, user_ids=users, news=news, now=NOW) == 0
    assert (
        services.notify(
            actor=by, user_ids=users[:1], news=services.News("alarm", "Otra", "k2"), now=NOW + timedelta(1)
        )
        == 1
    )
    mine, his = selectors.actor_of(ana), selectors.actor_of(beto)
    assert [line.title for line in selectors.notifications(mine)] == ["Otra", "Título"]
    assert [line.title for line in selectors.notifications(mine, limit=1)] == ["Otra"]
    (line,) = selectors.notifications(his)
    assert (line.kind, line.title, line.key, line.body, line.url, line.created_at, line.read_at) == (
        "alarm", "Título", "k1", "Texto", "/caso/7/", NOW, None,
    )  # fmt: skip
    assert (selectors.unread(mine), selectors.unread(his)) == (2, 1)
    assert services.read_notifications(actor=mine, now=NOW) == 2
    assert services.read_notifications(actor=mine, now=NOW) == 0
    assert (selectors.unread(mine), selectors.unread(his)) == (0, 1)
    assert {one.read_at for one in Notification.objects.of(house).filter(user=ana.user)} == {NOW}


def test_a_digest_is_taken_once_at_its_hour_by_who_wants_it_and_is_there(house: Organisation) -> None:
    ana, beto, ciro, dora = (person(house, who) for who in ("ana", "beto", "ciro", "dora"))
    services.set_digest(actor=selectors.actor_of(beto), is_on=False, hour=0)
    services.set_digest(actor=selectors.actor_of(ciro), is_on=True, hour=23)
    away = {"from_on": DAY, "until_on": DAY + timedelta(days=1), "stand_in_id": None}
    services.set_absence(actor=system(house.pk), membership_id=dora.pk, now=NOW, **away)
    by = system(house.pk)
    taken = [services.take_digests(actor=by, as_of=DAY, hour=hour) for hour in (7, 8, 8, 23, 23)]
    assert taken == [[], [ana], [], [ciro], []]
    next_day = services.take_digests(actor=by, as_of=DAY + timedelta(days=1), hour=8)
    assert next_day == [ana, dora]
    for hour in (-1, 24):
        with pytest.raises(ValueError, match=r"^La hora va de 0 a 23\.$"):
            services.set_digest(actor=selectors.actor_of(ana), is_on=True, hour=hour)


def test_a_saved_view_is_its_owner_s(house: Organisation) -> None:
    ana, beto = (selectors.actor_of(person(house, who)) for who in ("ana", "beto"))
    view = services.save_view(actor=ana, screen="clients", name="Grandes", query="q" * 1_001)
    assert (view.screen, view.name, len(view.query)) == ("clients", "Grandes", 1_000)
    common = SavedView.objects.create(organisation=house, screen="clients", name="De todos", query="")
    services.delete_view(actor=beto, view_id=view.pk)
    assert [[one.pk for one in selectors.saved_views(by, "clients")] for by in (ana, beto)] == [
        [view.pk, common.pk], [common.pk],
    ]  # fmt: skip
    assert selectors.saved_views(ana, "payments") == []
    services.delete_view(actor=ana, view_id=view.pk)
    assert not SavedView.objects.of(house).filter(pk=view.pk).exists()


def test_preferences_change_only_what_is_told(house: Organisation) -> None:
    user = person(house).user
    services.set_preferences(user=user, language="en", theme="dark", has_shortcuts=False)
    services.set_preferences(user=user)
    user.refresh_from_db()
    assert (user.language, user.theme, user.has_shortcuts) == ("en", "dark", False)


def test_the_trail_is_read_newest_first_by_page_and_of_its_house_alone(
    house: Organisation, other: Organisation
) -> None:
    for who in ("ana", "beto"):
        person(house, who)
    person(other, "zoe")
    by = system(house.pk)
    first = selectors.audit_events(by, limit=2)
    second = selectors.audit_events(by, first.next_cursor, limit=2)
    told = [one.verb for page in (first, second) for one in page.rows]
    assert told == ["access.member.add", "access.member.add", "access.organisation.create"]
    found = selectors.audit_events(by, verb__startswith="access.org").rows
    assert [one.organisation_id for one in found] == [house.pk]
