"""Gateways of SMS and WhatsApp: what each provider asks for, what a channel lacks, and what its texts wait for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.contact import approved_texts, mail_server
from aldia.contact.models import ChannelSetting, Template
from aldia.db.vault import VaultClosed, unseal

FIELDS: Final[dict[str, frozenset[str]]] = {
    "twilio": frozenset({"user", "password", "base_url"}),
    "kannel": frozenset({"base_url", "user", "password", "word"}),
    "smpp": frozenset({"host", "port", "user", "password", "system_type", "security", "receipt_ids"}),
    "whatsapp": frozenset(
        {"phone_number_id", "waba_id", "password", "app_secret", "verify_token", "base_url"}
    ),
    "asterisk": frozenset(
        {
            "base_url",
            "user",
            "password",
            "client_pattern",
            "agent_pattern",
            "is_recorded",
            "notice_sound",
            "kept_days",
        }
    ),
}
_NEEDED: Final = {
    "twilio": ("user", "password"), "kannel": ("base_url", "user", "password"),
    "smpp": ("host", "user"),
    "whatsapp": ("phone_number_id", "waba_id", "password", "app_secret"),
    "asterisk": ("base_url", "user", "password", "client_pattern"),
}  # fmt: skip
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
BY_CHANNEL: Final = {"sms": ("twilio", "kannel", "smpp"), "whatsapp": ("whatsapp",)}
EXAMPLES: Final = {
    "nombre": "Marta", "acreedor": "Andina", "importe": "$ 12.500,00", "vencimiento": "5 nov", "dias": "12",
    "documentos": "FC A 0003-1", "telefono": "+54 11 5555-0100", "codigo": "482913",
}  # fmt: skip


@dataclass(frozen=True)
class GatewaySetup:
    """The gateway of a channel as a screen may show it: `told` without its secrets, which are only said to be there."""

    channel: str
    provider: str
    sender: str
    told: dict[str, Any]
    secrets: frozenset[str]
    callback_url: str
    is_live: bool
    is_paused: bool
    missing: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]  # WhatsApp: name of each published text and its state


def setup(actor: Actor, channel: str) -> GatewaySetup:
    """Return how a channel leaves."""
    setting = mail_server.setting_of(actor.organisation_id, channel)
    config = setting.config if setting else {}
    names = FIELDS.get(setting.provider, frozenset()) if setting else frozenset()
    return GatewaySetup(
        channel=channel,
        provider=setting.provider if setting else "sandbox",
        sender=setting.sender if setting else "",
        told={name: config.get(name, "") for name in names - mail_server.SEALED} | {"price_minor": config.get("price_minor", 0)},
        secrets=frozenset(name for name in names & mail_server.SEALED if config.get(name)),
        callback_url=str(config.get("callback_url", "")),
        is_live=bool(setting and setting.is_live),
        is_paused=bool(setting and setting.is_paused),
        missing=tuple(missing(setting)),
        texts=_texts(actor, setting) if channel == "whatsapp" else (),
    )  # fmt: skip


def price_of(organisation_id: int) -> int:
    """Return what a segment of an SMS costs, in minor units of the organisation's currency; 0 while nobody said."""
    setting = mail_server.setting_of(organisation_id, "sms")
    return int(setting.config.get("price_minor") or 0) if setting else 0


def missing(setting: ChannelSetting | None) -> list[str]:
    """Return what a channel lacks before it may be switched on, in words; empty when it may."""
    if setting is not None and setting.provider == "printing":
        return []
    if setting is None or setting.provider not in FIELDS:
        return [_("elige un proveedor que salga de este equipo")]
    lacks = [name for name in _NEEDED[setting.provider] if not setting.config.get(name)]
    found = [_("faltan datos del proveedor")] if lacks else []
    if setting.provider != "whatsapp" and not setting.sender:
        number = (
            _("falta el número que llama") if setting.channel == "call" else _("falta el número que escribe")
        )
        found.append(number)
    try:
        for name in mail_server.SEALED:
            unseal(str(setting.config.get(name, "")))
    except VaultClosed:
        found.append(_("los secretos se guardaron con otra clave: escríbelos otra vez"))
    return found


def wrong_address(base_url: str) -> str:
    """Return why an address may not be called, as it is written: not whole, or open outside one's own network; empty when it may."""
    if not base_url:
        return ""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        return _("Escribe la dirección entera, como https://sms.tuempresa.com.")
    if parts.scheme == "http" and host not in _HERE and not host.startswith(("10.", "192.168.")):
        return _("Fuera de tu red hace falta cifrado: usa https.")
    return ""


def _texts(actor: Actor, setting: ChannelSetting | None) -> tuple[tuple[str, str], ...]:
    rows = (
        Template.objects.of(actor.organisation_id)
        .filter(channel="whatsapp", state="PUBLISHED")
        .order_by("key", "language")
    )
    return tuple(
        (f"{row.title} · {row.language}", approved_texts.state_of(setting, approved_texts.proposal(row)))
        for row in rows
    )
