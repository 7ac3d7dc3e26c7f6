"""How an organisation calls: its exchange with the password sealed, the notice of recording, who has which extension."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact import gateways
from aldia.contact.calls.lines import CHANNEL, PROVIDER, line_of
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.asterisk.exchange import is_pattern_of_clients
from aldia.contact.providers.protocol import ProviderError
from aldia.contact.services.gateways import GatewayRefused
from aldia.contact.services.mail_server import Tried
from aldia.db.vault import seal

_SOUND: Final = re.compile(r"(sound|recording|number|digits|characters|tone):[\w/.;=,-]+")
_EXTENSION: Final = re.compile(r"[\w.*#@-]{1,40}")


@transaction.atomic
def set_exchange(*, actor: Actor, told: Mapping[str, Any], now: datetime) -> ChannelSetting:
    """Keep the exchange: base_url, user, password (sealed; empty keeps the one that is there), client_pattern, agent_pattern,
    sender, is_recorded, notice_sound, kept_days. Raises GatewayRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    _check(told)
    setting = _locked(actor)
    kept = (
        setting.config
        if setting.provider == PROVIDER
        else {"extensions": setting.config.get("extensions", {})}
    )
    setting.provider, setting.sender = PROVIDER, str(told.get("sender", "")).strip()
    setting.config = {
        **kept,
        **{name: str(told.get(name, "")).strip() for name in ("base_url", "user", "client_pattern", "agent_pattern", "notice_sound")},
        "password": seal(str(told.get("password", ""))) or str(kept.get("password", "")),
        "is_recorded": bool(told.get("is_recorded")), "kept_days": int(told.get("kept_days") or 0),
    }  # fmt: skip
    setting.save(update_fields=["provider", "sender", "config"])
    _record(
        actor,
        "contact.gateway.set",
        now,
        {"provider": PROVIDER, "is_recorded": bool(told.get("is_recorded"))},
    )
    return setting


@transaction.atomic
def set_extensions(*, actor: Actor, extensions: Mapping[int, str], now: datetime) -> ChannelSetting:
    """Keep which extension rings for each person; an empty one takes it away. Raises GatewayRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    members = {row.user_id for row in access.members(actor)}
    told = {str(key): text.strip() for key, text in extensions.items() if key in members and text.strip()}
    for text in told.values():
        if not _EXTENSION.fullmatch(text):
            raise GatewayRefused(
                "extensions",
                _("«%(text)s» no es un interno: usa letras y números, como 1001.") % {"text": text[:40]},
            )
    setting = _locked(actor)
    setting.config = {**setting.config, "extensions": told}
    setting.save(update_fields=["config"])
    _record(actor, "contact.extensions.set", now, {"people": len(told)})
    return setting


def try_exchange(*, actor: Actor, now: datetime) -> Tried:
    """Ask the exchange who it is and whether we hear it; nothing rings. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    try:
        with line_of(actor).exchange() as exchange:
            version, is_heard = exchange.version(), exchange.is_listened_to()
    except ProviderError as error:
        tried = Tried(
            False,
            _("La central no contestó bien: revisa la dirección, el usuario y la contraseña."),
            str(error),
        )
    else:
        words = (
            _("La central contesta y aldia la escucha.")
            if is_heard
            else _("La central contesta. aldia la escuchará unos segundos después de encender el canal.")
        )
        tried = Tried(True, words, f"Asterisk {version}")
    _record(actor, "contact.gateway.try", now, {"is_accepted": tried.is_accepted, "answer": tried.answer})
    return tried


def _check(told: Mapping[str, Any]) -> None:
    if not str(told.get("base_url", "")).strip():
        raise GatewayRefused(
            "base_url", _("Falta la dirección de la central, como https://central.tuempresa.com:8089.")
        )
    if wrong := gateways.wrong_address(str(told["base_url"]).strip()):
        raise GatewayRefused("base_url", wrong)
    if not is_pattern_of_clients(str(told.get("client_pattern", ""))):
        raise GatewayRefused(
            "client_pattern", _("Escribe por dónde sale y dónde va el número, como PJSIP/{number}@troncal.")
        )
    agents = str(told.get("agent_pattern", "")).strip()
    if agents and "{extension}" not in agents:
        raise GatewayRefused("agent_pattern", _("Escribe dónde va el interno, como PJSIP/{extension}."))
    notice = str(told.get("notice_sound", "")).strip()
    if notice and not _SOUND.fullmatch(notice):
        raise GatewayRefused(
            "notice_sound", _("Es el nombre de un sonido de la central, como sound:custom/se-graba.")
        )
    if told.get("is_recorded") and not notice:
        raise GatewayRefused(
            "notice_sound",
            _("Para grabar hace falta avisar: escribe el sonido que dice que la llamada se graba."),
        )


def _locked(actor: Actor) -> ChannelSetting:
    rows = ChannelSetting.objects.of(actor.organisation_id)
    made, _is_new = rows.get_or_create(organisation_id=actor.organisation_id, channel=CHANNEL)
    setting: ChannelSetting = rows.select_for_update().get(pk=made.pk)
    return setting


def _record(actor: Actor, verb: str, now: datetime, data: dict[str, Any]) -> None:
    audit.record(actor=actor, verb=verb, object_type="channel", object_id=CHANNEL, now=now, data=data)
