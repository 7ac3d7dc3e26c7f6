"""From the sandbox to the first live night by screen: the server, a real test message, the list, and the name typed."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.test import Client

from aldia.access.models import AuditEvent, Organisation
from aldia.contact import selectors as contact
from aldia.contact import services
from aldia.contact.mail_server import open_config
from aldia.contact.models import ChannelSetting
from aldia.ops import day
from aldia.strategy import services as strategy
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
MAIL = "/ajustes/canales/email/"
LIVE = "/ajustes/en-vivo/"
SECRET = "clave-del-servidor-26"


class Kept(Message):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@pytest.fixture
def server(free_tcp_port: int) -> Iterator[tuple[Kept, int]]:
    kept = Kept()
    controller = Controller(kept, hostname="127.0.0.1", port=free_tcp_port)
    controller.start()
    yield kept, free_tcp_port
    controller.stop()


def written(port: int, **changes: str) -> dict[str, str]:
    return {"host": "127.0.0.1", "port": str(port), "security": "none", "user": "", "password": "", **changes}


def setting(desk: Desk) -> ChannelSetting:
    return ChannelSetting.objects.of(desk.organisation).get(channel="email")


def make_ready(desk: Desk, port: int = 2525) -> None:
    strategy.ensure_catalogue(organisation_id=desk.organisation.pk, now=NOW)
    services.set_mail_server(
        actor=desk.system, server=services.MailServer("127.0.0.1", port, "none"), now=NOW
    )
    services.switch_mail(actor=desk.system, is_on=True, now=NOW)


def test_the_password_is_kept_sealed_and_never_shown_again(desk: Desk, client: Client) -> None:
    administrator = desk.login(client, "administrator")
    told = written(587, host="smtp.andina.example", security="starttls", user="ana", password=SECRET)
    assert administrator.post(MAIL, told).status_code == 302
    assert setting(desk).config["password"] not in ("", SECRET)
    assert SECRET not in administrator.get(MAIL).content.decode()
    assert administrator.post(MAIL, {**told, "password": ""}).status_code == 302
    assert open_config(setting(desk))["password"] == SECRET


def test_a_password_without_encryption_is_refused_beside_its_field(desk: Desk, client: Client) -> None:
    told = written(25, host="smtp.andina.example", user="ana", password=SECRET)
    answer = desk.login(client, "administrator").post(MAIL, told)
    assert answer.status_code == 422
    assert "hace falta cifrado" in answer.content.decode()
    assert desk.login(client, "supervisor").post(MAIL, told).status_code in (302, 403)
    assert not setting(desk).config


def test_the_test_message_leaves_and_the_server_answers(
    desk: Desk, client: Client, server: tuple[Kept, int]
) -> None:
    kept, port = server
    administrator = desk.login(client, "administrator")
    administrator.post(MAIL, written(port))
    shown = administrator.post(f"{MAIL}prueba/").content.decode()
    assert "El servidor tomó el mensaje" in shown
    assert "250 OK" in shown
    [mail] = kept.mails
    assert mail["To"] == desk.users["administrator"].email
    assert "cobranzas@andina.example" in mail["From"]


def test_a_server_that_is_not_there_is_told_in_plain_words(
    desk: Desk, client: Client, free_tcp_port: int
) -> None:
    administrator = desk.login(client, "administrator")
    administrator.post(MAIL, written(free_tcp_port))
    shown = administrator.post(f"{MAIL}prueba/").content.decode()
    assert "Nadie escucha en ese puerto" in shown
    assert "refused" in shown


def test_each_creditor_has_its_own_sender(desk: Desk, client: Client) -> None:
    administrator = desk.login(client, "administrator")
    url = f"{MAIL}remitente/{desk.creditor_id}/"
    assert administrator.post(url, {"name": "Cobros Ñandú", "address": "no es"}).status_code == 422
    assert (
        administrator.post(url, {"name": "Cobros Ñandú", "address": "cobros@nandu.example"}).status_code
        == 302
    )
    [line] = contact.mail_setup(desk.system).senders
    assert (line.name, line.address) == ("Cobros Ñandú", "cobros@nandu.example")
    assert administrator.post(f"{MAIL}remitente/999999/", {"address": "a@b.example"}).status_code == 404


def test_the_switch_needs_a_server(desk: Desk, client: Client) -> None:
    administrator = desk.login(client, "administrator")
    assert administrator.post(f"{MAIL}interruptor/", {"encender": "1"}).status_code == 422
    assert not setting(desk).is_live
    administrator.post(MAIL, written(2525))
    assert administrator.post(f"{MAIL}interruptor/", {"encender": "1"}).status_code == 302
    assert setting(desk).is_live
    administrator.post(f"{MAIL}interruptor/", {"encender": "0"})
    assert not setting(desk).is_live


@pytest.mark.covers("S3-49a")
def test_the_list_names_what_is_missing_with_where_to_repair_it(desk: Desk, client: Client) -> None:
    shown = desk.login(client, "administrator").get(LIVE)
    assert not shown.context["is_ready"]
    assert "falta el servidor de correo" in shown.content.decode()
    assert MAIL in shown.content.decode()
    assert desk.login(client, "auditor").get(f"{LIVE}?noche=1").status_code == 200


def test_the_first_night_is_shown_and_nothing_of_it_stays(desk: Desk, client: Client) -> None:
    make_ready(desk)
    before = contact.outbox_counts(desk.organisation.pk)
    shown = desk.login(client, "administrator").get(f"{LIVE}?noche=1")
    night = shown.context["night"]["told"]
    assert night.total > 0
    assert night.people <= night.total
    assert set(night.notices) == {"email"}
    assert 0 < len(night.examples) <= 10
    assert Organisation.objects.get(pk=desk.organisation.pk).is_sandbox
    assert contact.outbox_counts(desk.organisation.pk) == before


def test_the_name_typed_leaves_the_sandbox_and_a_pause_is_the_way_back(desk: Desk, client: Client) -> None:
    make_ready(desk)
    administrator = desk.login(client, "administrator")
    assert administrator.get(f"{LIVE}confirmar/").status_code == 200
    told = {"cap": "50", "days": "2", "name": "Otra"}
    assert administrator.post(f"{LIVE}confirmar/", told).status_code == 422
    assert (
        administrator.post(f"{LIVE}confirmar/", {**told, "name": "distribuidora andina"}).status_code == 302
    )
    house = Organisation.objects.get(pk=desk.organisation.pk)
    assert (house.is_sandbox, house.sandbox_on, house.settings["first_days"]["cap"]) == (False, None, 50)
    assert day.missing_days(house, now=NOW) == [TODAY]
    assert AuditEvent.objects.of(house).filter(verb="strategy.go_live").count() == 1
    assert "Detener todo ahora" in administrator.get(LIVE).content.decode()
    administrator.post("/buzon/pausa/", {"pausa": "1"})
    assert Organisation.objects.get(pk=house.pk).is_paused
    assert desk.login(client, "manager").post(f"{LIVE}confirmar/", told).status_code == 403
