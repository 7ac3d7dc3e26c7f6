"""Who carries the mail of an organisation: its server, who signs for each creditor, and a message to try it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, system
from aldia.access.permissions import Permission
from aldia.contact import mail_server
from aldia.contact.mail_server import CHANNEL, SECURITIES, MailServer
from aldia.contact.models import ChannelSetting
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Outgoing, ProviderError
from aldia.contact.providers.smtp.words import in_plain_words, own_words
from aldia.db.vault import VaultClosed, seal
from aldia.ledger import selectors as ledger

log = logging.getLogger(__name__)
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailServerRefused(ValueError):
    """Raised when a server cannot be used as it is written; `field` says which part, the text how to repair it."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        super().__init__(text)


class SenderRefused(ValueError):
    """Raised when nobody could sign with that name and address."""


class MailNotReady(Exception):
    """Raised when e-mail is switched on before it can leave; `missing` lists what."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__("; ".join(missing))


@transaction.atomic
def set_mail_server(*, actor: Actor, server: MailServer, now: datetime) -> ChannelSetting:
    """Keep the server through which e-mail leaves, its password sealed. Raises MailServerRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    _check(server)
    setting = _setting(actor)
    kept, same = setting.config, setting.config.get("user", "") == server.user
    password = seal(server.password) or (kept.get("password", "") if same and server.user else "")
    told = {"host": server.host, "port": server.port, "security": server.security, "user": server.user}
    setting.provider, setting.config = "smtp", {**kept, **told, "password": password}
    setting.save(update_fields=["provider", "config"])
    _record(actor, "contact.mail_server.set", now, {**told, "has_new_password": bool(server.password)})
    return setting


@transaction.atomic
def set_sender(*, actor: Actor, creditor_id: int, name: str, address: str, now: datetime) -> None:
    """Keep who signs for a creditor; with no address, the creditor's own does. Raises SenderRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    creditor = ledger.creditor(actor, creditor_id)
    setting = _setting(actor)
    senders = {
        key: value for key, value in setting.config.get("senders", {}).items() if key != str(creditor.pk)
    }
    if address:
        senders[str(creditor.pk)] = _signature(name or creditor.name, address)
    setting.config = {**setting.config, "senders": senders}
    setting.save(update_fields=["config"])
    _record(actor, "contact.sender.set", now, {"creditor": creditor.pk, "is_own": bool(address)})


@transaction.atomic
def switch_mail(*, actor: Actor, is_on: bool, now: datetime) -> ChannelSetting:
    """Let e-mail leave the machine once the organisation is live, or keep it in. Raises MailNotReady, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    setting = _setting(actor)
    if is_on and (missing := mail_server.missing_for_mail(actor)):
        raise MailNotReady(missing)
    setting.is_live = is_on
    if is_on:
        setting.provider = "smtp"
    setting.save(update_fields=["is_live", "provider"])
    _record(actor, "contact.mail.on" if is_on else "contact.mail.off", now, {})
    return setting


@dataclass(frozen=True)
class Tried:
    """What became of a test message: whether the server took it, in plain words, and what the server itself said."""

    is_accepted: bool
    words: str
    answer: str


def try_mail(*, actor: Actor, to: str, now: datetime) -> Tried:
    """Send one real message to an address of the reader and return the server's answer. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    setting = mail_server.setting_of(actor.organisation_id, CHANNEL)
    if setting is None or mail_server.server_of(setting) is None:
        return Tried(False, _("Todavía no hay un servidor de correo: escríbelo y guárdalo."), "")
    words = _("Si lees esto, el servidor de correo está bien puesto. No hace falta responder.")
    tried = _handed_over(actor, setting, to, _("Prueba de correo de aldia"), words)
    _record(actor, "contact.mail.try", now, {"is_accepted": tried.is_accepted, "answer": tried.answer})
    return tried


def write_to_member(*, organisation_ids: Sequence[int], to: str, subject: str, text: str) -> bool:
    """Hand a message about somebody's own account over by the first of these organisations that has a server; return whether it went.

    Never through the outbox: the message holds a key, and others read what waits there.
    """
    for organisation_id in organisation_ids:
        setting = mail_server.setting_of(organisation_id, CHANNEL)
        if setting is not None and mail_server.server_of(setting) is not None:
            tried = _handed_over(system(organisation_id), setting, to, subject, text)
            if tried.is_accepted:
                return True
            log.warning(
                "organisation %s could not write to its member: %s",
                organisation_id,
                tried.answer or tried.words,
            )
    return False


def _handed_over(actor: Actor, setting: ChannelSetting, to: str, subject: str, text: str) -> Tried:
    try:
        carrier = provider("smtp", mail_server.open_config(setting))
    except VaultClosed:
        return Tried(
            False, _("La contraseña se guardó con otra clave de instalación: escríbela otra vez."), ""
        )
    creditor = ledger.creditors(actor).first()
    sender = mail_server.sender_of(setting, creditor) if creditor else setting.sender or to
    try:
        accepted = carrier.send(
            Outgoing(
                reference=secrets.token_hex(8), channel=CHANNEL, recipient=to, sender=sender, subject=subject, text=text,
            )
        )  # fmt: skip
    except ProviderError as error:
        cause = error.__cause__ or error
        return Tried(False, in_plain_words(cause), own_words(cause))
    finally:
        carrier.close()
    return Tried(True, _("El servidor tomó el mensaje: mira tu buzón."), accepted.answer)


def _check(server: MailServer) -> None:
    if not server.host or any(character.isspace() for character in server.host) or "/" in server.host:
        raise MailServerRefused("host", _("Escribe solo el nombre del servidor, como smtp.tuempresa.com."))
    if not 1 <= server.port <= 65_535:
        raise MailServerRefused("port", _("El puerto va de 1 a 65535; los usuales son 587, 465 y 25."))
    if server.security not in SECURITIES:
        raise MailServerRefused("security", _("Elige STARTTLS, TLS o sin cifrado."))
    if server.user and server.security == "none" and server.host not in _HERE:
        raise MailServerRefused(
            "security", _("Con usuario y contraseña hace falta cifrado: elige STARTTLS o TLS.")
        )


def _signature(name: str, address: str) -> str:
    """The sender as it goes in the message; what cannot go there is refused now and not at night."""
    try:
        Address(name, addr_spec=address)
    except (ValueError, IndexError) as error:
        raise SenderRefused(_("«%(found)s» no es una dirección de correo.") % {"found": address}) from error
    if any(character in name + address for character in "\r\n") or "@" not in parseaddr(address)[1]:
        raise SenderRefused(_("«%(found)s» no es una dirección de correo.") % {"found": address})
    return mail_server.signature(name, address)


def _setting(actor: Actor) -> ChannelSetting:
    rows = ChannelSetting.objects.of(actor.organisation_id)
    setting: ChannelSetting
    setting, _made = rows.get_or_create(organisation_id=actor.organisation_id, channel=CHANNEL)
    locked: ChannelSetting = rows.select_for_update().get(pk=setting.pk)
    return locked


def _record(actor: Actor, verb: str, now: datetime, data: dict[str, Any]) -> None:
    audit.record(actor=actor, verb=verb, object_type="channel", object_id=CHANNEL, now=now, data=data)
