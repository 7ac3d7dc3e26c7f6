"""The pages of the face: sign-in, preferences, errors, navigation by role, gallery."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.urls import include, path

from aldia.access import services as access
from aldia.access.actors import Clock, member, system
from aldia.access.models import Membership, Organisation
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.protocol import Accepted, Outgoing
from aldia.contact.services import mail_server
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


def test_a_lost_password_is_no_fault_where_nothing_carries_mail(staff: Client) -> None:
    assert asks_for_a_link().status_code == 302
    assert mail.outbox == []


def test_a_lost_password_goes_by_the_installations_server_and_one_that_is_down_tells_nobody(
    staff: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST = "mail.example"
    asks_for_a_link()
    (sent,) = mail.outbox
    assert "/cuenta/password/reset/key/" in str(sent.body)
    monkeypatch.setattr(
        mail.EmailMessage, "send", lambda *_args: (_ for _ in ()).throw(ConnectionRefusedError())
    )
    assert (
        asks_for_a_link()["Location"] == Client().post(RESET, {"email": "nadie@andina.example"})["Location"]
    )


def test_a_lost_password_goes_by_the_server_of_the_house_when_it_has_one(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation_id = Membership.objects.across_organisations().get().organisation_id
    ChannelSetting.objects.create(
        organisation_id=organisation_id,
        channel="email",
        provider="smtp",
        config={"host": "mail.casa.example"},
    )
    sent: list[Outgoing] = []
    carrier = SimpleNamespace(send=lambda message: sent.append(message) or Accepted(), close=lambda: None)
    monkeypatch.setattr(mail_server, "provider", lambda _key, _config: carrier)
    assert asks_for_a_link().status_code == 302
    assert [message.recipient for message in sent] == ["ana@andina.example"]
    assert "/cuenta/password/reset/key/" in sent[0].text
    assert mail.outbox == []


RESET = "/cuenta/password/reset/"


def asks_for_a_link() -> HttpResponse:
    answer: HttpResponse = Client().post(RESET, {"email": "ana@andina.example"})
    return answer
