"""The doors of the staff and of the tables: nothing opens until a permission, or an organisation, is named."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from aldia.access import services
from aldia.access.actors import Actor, system
from aldia.access.models import AuditEvent, Membership, Organisation
from aldia.access.permissions import NotAllowed, Permission
from aldia.db.scoping import NoOrganisationNamed
from aldia.web.desk.doors import staff

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def houses(db: None) -> list[Organisation]:
    """Two organisations of one member each."""
    made = [
        services.create_organisation(key=key, name=key, country="AR", currency="ARS", now=NOW)
        for key in ("una", "otra")
    ]
    for house in made:
        services.add_member(
            actor=system(house.pk), email=f"ana@{house.key}.example", name="Ana", role="COLLECTOR", now=NOW
        )
    return made


def test_a_table_gives_nothing_until_it_is_told_of_which_house(houses: list[Organisation]) -> None:
    rows, (house, other) = Membership.objects, houses
    asks: list[Callable[[Any], object]] = [
        list, len, lambda q: q.count(), lambda q: q.exists(), lambda q: q.first(), lambda q: list(q.iterator()),
        lambda q: q.aggregate(), lambda q: q.update(role="AUDITOR"), lambda q: q.delete(),
    ]  # fmt: skip
    for ask in asks:
        for query in (rows.all(), rows.filter(role="COLLECTOR"), rows.exclude(organisation=house)):
            with pytest.raises(NoOrganisationNamed, match=r"Ask Membership\.objects\.of\(organisation\)"):
                ask(query)
    trail_asks: list[Callable[[Any], object]] = [list, *asks[2:4], lambda q: q.aggregate()]
    for ask in trail_asks:
        with pytest.raises(NoOrganisationNamed):
            ask(AuditEvent.objects.all())
    assert rows.across_organisations().count() == 2
    for mine in (
        rows.of(house),
        rows.of(house.pk),
        rows.filter(organisation=house),
        rows.filter(organisation_id=house.pk),
    ):
        assert [one.organisation_id for one in mine.order_by("pk").filter(role="COLLECTOR")] == [house.pk]
    assert rows.of(house).exists() and rows.of(house).count() == len(list(rows.of(house).iterator())) == 1
    assert rows.of(house).update(role="AUDITOR") == 1
    assert AuditEvent.objects.of(house).exists() and AuditEvent.objects.of(house).count() == 2
    assert rows.of(house).delete()[0] == 1
    assert rows.of(other).get().role == "COLLECTOR"


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("dentro")


def visit(
    permissions: set[Permission] | None, *needed: Permission, method: str = "GET", is_known: bool = True
) -> int | str:
    """The status of a guarded view for somebody with these permissions (None: a member of nothing), or where it sends them."""
    request = RequestFactory().generic(method, "/caso/7/?a=1")
    request.user = SimpleNamespace(is_authenticated=True) if is_known else AnonymousUser()  # type: ignore[assignment]
    request.actor = None if permissions is None else Actor(1, "user:1", permissions=frozenset(permissions))  # type: ignore[attr-defined]
    try:
        answer = staff(*needed)(view)(request)
    except PermissionDenied:
        return 403
    return answer["Location"] if answer.status_code == 302 else answer.status_code


P = Permission


@pytest.mark.parametrize(
    ("permissions", "needed", "method", "expected"),
    [
        ({P.WORK_CASES}, (P.WORK_CASES,), "POST", 200),
        ({P.WORK_CASES}, (P.EDIT_PEOPLE, P.WORK_CASES), "POST", 200),
        ({P.WORK_CASES}, (P.EDIT_PEOPLE,), "GET", 403),
        (set(), (), "POST", 200),
        (None, (), "GET", 403),
        ({P.READ_EVERYTHING}, (P.EDIT_PEOPLE,), "GET", 200),
        ({P.READ_EVERYTHING}, (P.EDIT_PEOPLE,), "HEAD", 200),
        ({P.READ_EVERYTHING}, (P.EDIT_PEOPLE,), "POST", 403),
        ({P.READ_EVERYTHING, P.SEE_AUDIT}, (P.SEE_AUDIT,), "POST", 403),
        ({P.READ_EVERYTHING}, (), "DELETE", 403),
        ({P.READ_EVERYTHING}, (), "HEAD", 200),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_a_door_opens_to_a_permission_and_to_whoever_reads_everything_only_to_read(
    permissions: set[Permission] | None, needed: tuple[Permission, ...], method: str, expected: int
) -> None:
    assert visit(permissions, *needed, method=method) == expected


@pytest.mark.django_db
def test_who_is_not_known_is_sent_to_sign_in_and_comes_back() -> None:
    assert visit(None, P.WORK_CASES, is_known=False) == "/cuenta/login/?next=/caso/7/%3Fa%3D1"


@pytest.mark.django_db
def test_a_door_keeps_the_view_s_name_and_its_need_and_a_refusal_inside_is_told_with_its_permission() -> None:
    def refuses(request: HttpRequest) -> HttpResponse:
        raise NotAllowed(P.BULK_ACT)

    guarded = staff(P.WORK_CASES, P.BULK_ACT)(refuses)
    assert (guarded.__name__, guarded.needs) == ("refuses", (P.WORK_CASES, P.BULK_ACT))  # type: ignore[attr-defined]
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
    request.actor = Actor(1, "user:1", permissions=frozenset({P.WORK_CASES}))  # type: ignore[attr-defined]
    with pytest.raises(PermissionDenied, match=r"^cases\.bulk$") as refusal:
        guarded(request)
    assert isinstance(refusal.value.__cause__, NotAllowed)
