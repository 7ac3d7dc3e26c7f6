"""The pages of the face: sign-in, preferences, errors, navigation by role, gallery."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.urls import include, path

from aldia.access import services as access
from aldia.access.actors import Clock, member, system
from aldia.access.models import Organisation
from aldia.web.ui import navigation
from aldia.web.ui.context import Shell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
NOW = datetime(2026, 11, 24, 13, 12, tzinfo=UTC)


def nothing(request: object, **rest: object) -> None:
    raise AssertionError("only its address is used")


_ROUTES = [
    entry.route.removeprefix("desk:")
    for entry in (*navigation.ENTRIES, navigation.SETTINGS)
    if entry.route.startswith("desk:")
]
_DESK = ([path(f"{route}/", nothing, name=route) for route in _ROUTES], "desk")
urlpatterns = [
    path("", include(_DESK)),
    path("cuenta/", include("allauth.urls")),
    path("", include("aldia.web.ui.urls")),
]


@pytest.fixture
def organisation() -> Organisation:
    return access.create_organisation(
        key="andina", name="Distribuidora Andina", country="AR", currency="ARS", now=NOW
    )


@pytest.fixture
def staff(organisation: Organisation, client: Client) -> Client:
    membership = access.add_member(
        actor=system(organisation.pk), email="ana@andina.example", name="Ana Ruiz", role="COLLECTOR", now=NOW
    )
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_signing_in_speaks_spanish_and_offers_a_passkey_first(client: Client) -> None:
    html = client.get("/cuenta/login/").content.decode()
    assert "Entra a tu cuenta" in html
    assert html.index("Entrar con llave de acceso") < html.index("Continuar")
    assert 'autocomplete="current-password"' in html


def test_a_wrong_password_says_so_and_keeps_the_address(client: Client) -> None:
    html = client.post("/cuenta/login/", {"login": "ana@andina.example", "password": "no"}).content.decode()
    assert 'role="alert"' in html
    assert 'value="ana@andina.example"' in html


@pytest.mark.parametrize("address", ["/cuenta/password/reset/", "/cuenta/password/reset/done/"])
def test_the_other_doors_wear_the_same_clothes(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    assert "ald-door" in html
    assert "<c-" not in html


def test_theme_and_language_are_kept_for_who_is_not_signed_in(client: Client) -> None:
    client.post("/preferencias/", {"theme": "dark", "language": "en", "next": "/cuenta/login/"})
    html = client.get("/cuenta/login/").content.decode()
    assert 'data-bs-theme="dark"' in html
    assert 'lang="en"' in html


def test_preferences_of_the_staff_stay_in_the_profile(staff: Client) -> None:
    staff.post("/preferencias/", {"theme": "dark", "keys": "off"})
    user = get_user_model().objects.get(email="ana@andina.example")
    assert (user.theme, user.has_shortcuts) == ("dark", False)


@pytest.mark.parametrize("value", ["pink", "", "<b>"])
def test_a_theme_that_does_not_exist_changes_nothing(client: Client, value: str) -> None:
    response = client.post("/preferencias/", {"theme": value})
    assert "aldia_theme" not in response.cookies


@pytest.mark.parametrize("address", ["https://otro.example/", "//otro.example", "javascript:alert(1)"])
def test_preferences_never_send_anybody_to_another_site(client: Client, address: str) -> None:
    assert client.post("/preferencias/", {"theme": "dark", "next": address})["Location"] == "/"


def test_the_gallery_is_for_administrators(staff: Client) -> None:
    assert staff.get("/desk/componentes/").status_code == 404


def test_the_gallery_shows_every_component_rendered(staff: Client) -> None:
    with override_settings(DEBUG=True):
        html = staff.get("/desk/componentes/").content.decode()
    assert "$\xa0486.250,00" in html
    assert "<c-" not in html
    assert "{%" not in html


# this organisation does not lend, and nobody has somebody to visit
_WITHOUT_LOANS = " ".join(name for name in _ROUTES if name not in ("loans", "visits"))
EXPECTED = {
    "COLLECTOR": "today alarms conversations customers promises payments indicators settings",
    "SUPERVISOR": "today alarms conversations mailbox customers promises payments strategies campaigns indicators settings",
    "MANAGER": _WITHOUT_LOANS,
    "ADMINISTRATOR": _WITHOUT_LOANS,
    "AUDITOR": "conversations mailbox customers promises payments strategies campaigns indicators audit settings",
}


@pytest.mark.parametrize("role", EXPECTED)
@pytest.mark.urls(__name__)
def test_each_role_sees_its_entries_and_no_other(organisation: Organisation, role: str) -> None:
    request = RequestFactory().get("/customers/")
    request.actor = member(organisation.pk, user_id=1, role=role)  # type: ignore[attr-defined]
    request.clock = Clock(NOW.date(), NOW)  # type: ignore[attr-defined]
    shell = Shell(request)
    drawn = [link.route.split(":")[1] for link in (*shell.nav, shell.settings) if link]
    assert drawn == EXPECTED[role].split()
    assert [link.route for link in shell.nav if link.is_current] == ["desk:customers"]
    assert len(shell.bottom) == 4


def test_nobody_signed_in_sees_no_entry() -> None:
    shell = Shell(RequestFactory().get("/"))
    assert (shell.nav, shell.settings, shell.unread, shell.clock) == ([], None, 0, "")
