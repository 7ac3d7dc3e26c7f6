"""The mail server of an organisation and who signs: what its channel keeps, with the password unsealed only to send."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr, quote
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.protocol import ProviderConfig
from aldia.contact.providers.smtp.sender import installed
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.db.vault import unseal
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from aldia.ledger.models import Creditor

CHANNEL: Final = "email"
SECURITIES: Final = ("starttls", "tls", "none")
SEALED: Final = frozenset({"password", "app_secret", "word"})
NOBODY: Final = "avisos@localhost"  # in the sandbox a creditor without an address signs with this one


@dataclass(frozen=True)
class MailServer:
    """A server as a person writes it down. An empty password keeps the one that is there."""

    host: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = ""


@dataclass(frozen=True)
class ServerView:
    """The server as a screen may show it: never its password. `is_installed`: set for the whole installation by ALDIA_SMTP_…."""

    host: str
    port: int
    security: str
    user: str
    has_password: bool
    is_installed: bool


@remembered
def setting_of(organisation_id: int, channel: str) -> ChannelSetting | None:
    """Return how a channel of the organisation leaves, or None when nobody set it."""
    return next(iter(_settings(organisation_id, channel)), None)


@prepared
def _settings(organisation_id: int, channel: str) -> Any:
    return ChannelSetting.objects.of(organisation_id).filter(channel=channel)


def server_of(setting: ChannelSetting | None) -> ServerView | None:
    """Return the server of the e-mail channel, the installation's where the organisation has none; None without any."""
    config = setting.config if setting else {}
    told = config if config.get("host") else installed()
    if not told.get("host"):
        return None
    return ServerView(
        host=str(told["host"]), port=int(told.get("port") or 25), security=str(told.get("security", "none")),
        user=str(told.get("user", "")), has_password=bool(told.get("password")), is_installed=told is not config,
    )  # fmt: skip


def open_config(setting: ChannelSetting) -> ProviderConfig:
    """Return what the provider connects with. Raises VaultClosed when a secret was sealed with another key."""
    opened: ProviderConfig = {
        **setting.config,
        **{name: unseal(str(setting.config.get(name, ""))) for name in SEALED},
    }
    if "dkim" in opened:
        opened["dkim"] = {
            domain: {**told, "key": unseal(told["key"])}
            for domain, told in opened["dkim"].items()
            if told["is_on"]
        }
    return opened


def sender_of(setting: ChannelSetting | None, creditor: Creditor) -> str:
    """Return who signs for a creditor, as `Name <address>`: its own sender, the channel's, or the creditor's own address."""
    own = (setting.config.get("senders", {}) if setting else {}).get(str(creditor.pk))
    if own:
        return str(own)
    if setting and setting.sender:
        return str(setting.sender)
    return signature(creditor.name, creditor.email or NOBODY)


def own_address(setting: ChannelSetting | None, reference: str) -> str:
    """Return the address of one message (`cobros+4f1c…@x.com`) in the box that is read, empty while no box is."""
    box = str(setting.config.get("inbox", {}).get("address", "")) if setting else ""
    name, _at, domain = box.partition("@")
    return f"{name}+{reference}@{domain}" if domain else ""


def signature(name: str, address: str) -> str:
    """Return `"Name" <address>` in plain letters: whoever writes the message encodes them, once."""
    return f'"{quote(name)}" <{address}>'


def has_sender(setting: ChannelSetting | None, creditor: Creditor) -> bool:
    """Return whether somebody real signs for the creditor."""
    return parseaddr(sender_of(setting, creditor))[1] != NOBODY


@dataclass(frozen=True)
class SigningView:
    """How a domain signs its mail: the name and the text of its DNS record, both empty while it has no key."""

    domain: str
    record_name: str = ""
    record: str = ""
    is_on: bool = False


def domains(actor: Actor) -> list[str]:
    """Return the domains that some creditor writes from, each once."""
    setting = setting_of(actor.organisation_id, CHANNEL)
    signs = [parseaddr(sender_of(setting, creditor))[1] for creditor in ledger.creditors(actor)]
    return sorted({address.rpartition("@")[2].lower() for address in signs if address != NOBODY})


def signing_of(actor: Actor) -> list[SigningView]:
    """Return how each of those domains signs."""
    setting = setting_of(actor.organisation_id, CHANNEL)
    kept = setting.config.get("dkim", {}) if setting else {}
    return [
        SigningView(domain, f"{kept[domain]['selector']}._domainkey.{domain}", kept[domain]["record"], kept[domain]["is_on"])
        if domain in kept else SigningView(domain)
        for domain in domains(actor)
    ]  # fmt: skip


def missing_for_mail(actor: Actor) -> list[str]:
    """Return what e-mail lacks before it may be switched on, in words; empty when it may."""
    setting = setting_of(actor.organisation_id, CHANNEL)
    found = [] if server_of(setting) else [_("falta el servidor de correo")]
    for creditor in ledger.creditors(actor):
        if not has_sender(setting, creditor):
            found.append(_("falta el remitente de %(name)s") % {"name": creditor.name})
    return found
