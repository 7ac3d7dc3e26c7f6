"""Every route is classified: guarded by a permission, or named here as open; a new one that is neither fails."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from aldia.access.permissions import ROLE_PERMISSIONS, Permission
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work, stand_at
from tests.web.desk.seed import NOW, Desk, make_desk

OPEN = {
    "ui:preferences": "theme and language of whoever looks, kept in a cookie",
    "ui:first": "the first person of an organisation, by a signed link that serves while there is nobody",
    "ui:gallery": "its own check: administrators, or anybody where DEBUG is on",
    "api:callback": "providers, by the token of their door and the signature of each call",
    "api:pay-notice": "payment gateways, by the token of their door and the signature of each notice",
    "api:pay-back": "a payer who comes back from a gateway, by its token and the key of the payment",
    "desk:switch": "changes only the session, to an organisation of the same person",
}
OPEN_PREFIXES = {
    "account_": "signing in",
    "api-v1:": "integrators, by token: tests/web/api has the matrix of their permissions",
    "mfa_": "second factor",
    "portal:": "debtors, by their link",
    "socialaccount_": "signing in",
    "usersessions_": "signing in",
}
NEEDS = "needs"
WINDOWS = ROLE_PERMISSIONS["AGENCY"] | ROLE_PERMISSIONS["CREDITOR"]
LOGINS = {
    "COLLECTOR": "ana",
    "SUPERVISOR": "supervisor",
    "MANAGER": "manager",
    "ADMINISTRATOR": "administrator",
    "AUDITOR": "auditor",
}


def routes(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from routes(pattern, space + inner)
        else:
            yield f"{space}{pattern.name or pattern.pattern}", pattern


def guarded() -> list[tuple[str, URLPattern]]:
    """The routes of the staff; those of the portal are guarded by their link."""
    return [
        (name, pattern)
        for name, pattern in routes()
        if hasattr(pattern.callback, NEEDS) and name not in OPEN and not name.startswith("portal:")
    ]


def test_every_route_is_guarded_or_named_as_open() -> None:
    unknown = [
        name for name, pattern in routes()
        if not hasattr(pattern.callback, NEEDS) and name not in OPEN and not name.startswith(tuple(OPEN_PREFIXES))
    ]  # fmt: skip
    assert unknown == []


def test_no_open_route_is_left_over_in_the_list() -> None:
    assert set(OPEN) <= {name for name, _pattern in routes()}


def test_a_guard_that_is_missing_would_be_seen() -> None:
    stray = URLPattern(get_resolver().url_patterns[0].pattern, lambda request: None, name="stray")
    assert not hasattr(stray.callback, NEEDS)


company = beginning(company_at_work)


@pytest.fixture
def desk(company: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    stand_at(monkeypatch, NOW)
    return company


def plain_routes() -> list[tuple[str, frozenset[Permission]]]:
    return [
        (name, frozenset(pattern.callback.needs))
        for name, pattern in guarded()
        if not pattern.pattern.converters
    ]  # type: ignore[attr-defined]


def may_read(role: str, needed: frozenset[Permission]) -> bool:
    mine = ROLE_PERMISSIONS[role]
    if needed and needed <= WINDOWS:
        return False  # tests/web/agency has the matrix of the windows
    return not needed or bool(needed & mine) or Permission.READ_EVERYTHING in mine


def test_a_role_reads_exactly_what_its_permissions_say(desk: Desk, client: Client) -> None:
    wrong = []
    for role, login in LOGINS.items():
        desk.login(client, login)
        for name, needed in plain_routes():
            status = client.get(reverse(name)).status_code
            if status != 405 and (status == 403) == may_read(role, needed):
                wrong.append((role, name, status))
            if status >= 500:
                wrong.append((role, name, status))
    assert wrong == []


def test_who_has_not_signed_in_goes_to_the_door(desk: Desk, client: Client) -> None:
    for name, _needed in plain_routes():
        answer = client.get(reverse(name))
        assert answer.status_code == 405 or answer.url.startswith("/cuenta/login/"), name


def test_the_auditor_changes_nothing(desk: Desk, client: Client) -> None:
    desk.login(client, "auditor")
    refused = {name: client.post(_address(pattern, name)).status_code for name, pattern in guarded()}
    own = {"desk:notifications-read", "desk:digest"}
    assert {
        name: status for name, status in refused.items() if status not in {403, 405} and name not in own
    } == {}


def test_what_is_of_another_organisation_does_not_exist_here(desk: Desk, client: Client) -> None:
    other = make_desk("otra")
    desk.login(client, "administrator")
    foreign = {
        "desk:case": other.case_ids[0], "desk:settings-portfolio": other.portfolio_id, "desk:settings-creditor": other.creditor_id,
        "desk:member": other.organisation.memberships.first().pk,
    }  # fmt: skip
    for name, key in foreign.items():
        assert client.get(reverse(name, args=[key])).status_code == 404, name


def test_a_stranger_to_every_organisation_sees_nothing(desk: Desk, client: Client) -> None:
    from aldia.access.models import User

    client.force_login(
        User.objects.create_user("nadie@x.example", name="Nadie"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    for name, _needed in plain_routes():
        assert client.get(reverse(name)).status_code in {403, 405}, name


def _address(pattern: URLPattern, name: str) -> str:
    values = {
        key: 1 if type(kind).__name__ == "IntConverter" else "x"
        for key, kind in pattern.pattern.converters.items()
    }
    return reverse(name, kwargs=values)
