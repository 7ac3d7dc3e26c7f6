"""SMS and WhatsApp: the gateway of an organisation with its secrets sealed, a real message to try it, and the switch."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact import approved_texts, gateways, mail_server
from aldia.contact.models import ChannelSetting, Template
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Outgoing, ProviderError
from aldia.contact.services import taking
from aldia.contact.services.arriving import open_door
from aldia.contact.services.mail_server import Tried
from aldia.db.vault import VaultClosed, seal


class GatewayRefused(ValueError):
    """Raised when a gateway cannot be used as it is written; `field` says which part, the text how to repair it."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        super().__init__(text)


class ChannelNotReady(Exception):
    """Raised when a channel is switched on before it can leave; the text lists what is missing."""


@transaction.atomic
def set_gateway(
    *, actor: Actor, channel: str, provider_key: str, sender: str, told: Mapping[str, Any], now: datetime
) -> ChannelSetting:
    """Keep the gateway of a channel, its secrets sealed (an empty one stays), and open its door. Raises GatewayRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    names = gateways.FIELDS[provider_key]
    if wrong := gateways.wrong_address(str(told.get("base_url", ""))):
        raise GatewayRefused("base_url", wrong)
    setting = _locked(actor, channel)
    kept = setting.config if setting.provider == provider_key else {}
    fresh = {name: str(told.get(name, "")).strip() for name in names}
    for name in names & mail_server.SEALED:
        fresh[name] = seal(fresh[name]) or str(kept.get(name, ""))
    setting.provider, setting.sender = provider_key, sender.strip()
    setting.config = {
        **kept, **fresh, "price_minor": int(told.get("price_minor") or 0),
        "callback_url": open_door(actor=actor, channel=channel, provider_key=provider_key, now=now),
    }  # fmt: skip
    setting.save(update_fields=["provider", "sender", "config"])
    _record(actor, "contact.gateway.set", channel, now, {"provider": provider_key})
    return setting


@transaction.atomic
def switch_channel(*, actor: Actor, channel: str, is_on: bool, now: datetime) -> ChannelSetting:
    """Let a channel leave the machine once the organisation is live, or keep it in. Raises ChannelNotReady, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    setting = _locked(actor, channel)
    if is_on and (missing := gateways.missing(setting)):
        raise ChannelNotReady("; ".join(missing))
    setting.is_live = is_on
    setting.save(update_fields=["is_live"])
    _record(actor, "contact.channel.on" if is_on else "contact.channel.off", channel, now, {})
    return setting


def try_gateway(*, actor: Actor, channel: str, to: str, now: datetime) -> Tried:
    """Send one real message to a telephone and return what the gateway answered. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    setting = mail_server.setting_of(actor.organisation_id, channel)
    if setting is None or setting.provider not in gateways.FIELDS:
        return Tried(False, _("Todavía no hay un proveedor: escríbelo y guárdalo."), "")
    try:
        carrier = provider(setting.provider, mail_server.open_config(setting))
    except VaultClosed:
        return Tried(
            False, _("La contraseña se guardó con otra clave de instalación: escríbela otra vez."), ""
        )
    text = _("Prueba de aldia: si lees esto, el canal está bien puesto.")
    try:
        accepted = carrier.send(Outgoing(secrets.token_hex(8), channel, to, setting.sender, "", text))
    except ProviderError as error:
        words = _("No lo aceptó: revisa los datos.") if error.is_certain else _("No contestó si lo tomó.")
        tried = Tried(False, words, str(error))
    else:
        tried = Tried(True, _("Lo tomó: mira el teléfono."), accepted.answer)
    finally:
        carrier.close()
    _record(
        actor, "contact.gateway.try", channel, now, {"is_accepted": tried.is_accepted, "answer": tried.answer}
    )
    return tried


def propose_texts(*, actor: Actor, now: datetime) -> dict[str, str]:
    """Hand over for approval every published WhatsApp text that was not; return their states by name. Raises ProviderError, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    setting = mail_server.setting_of(actor.organisation_id, "whatsapp")
    if setting is None or setting.provider != "whatsapp":
        raise ProviderError("WhatsApp is not set", is_certain=True, is_permanent=True)
    carrier: Any = provider("whatsapp", mail_server.open_config(setting))
    states = {}
    try:
        for row in Template.objects.of(actor.organisation_id).filter(channel="whatsapp", state="PUBLISHED"):
            wanted = approved_texts.proposal(row)
            if not approved_texts.state_of(setting, wanted):
                examples = [gateways.EXAMPLES.get(name, name) for name in wanted.variables]
                states[f"{wanted.name}:{wanted.language}"] = carrier.propose(
                    name=wanted.name, language=wanted.language, text=wanted.text, examples=examples
                )
    finally:
        carrier.close()
        taking.note_states(organisation_id=actor.organisation_id, states=states)
    _record(actor, "contact.texts.propose", "whatsapp", now, {"texts": len(states)})
    return states


def _locked(actor: Actor, channel: str) -> ChannelSetting:
    rows = ChannelSetting.objects.of(actor.organisation_id)
    made, _is_new = rows.get_or_create(organisation_id=actor.organisation_id, channel=channel)
    setting: ChannelSetting = rows.select_for_update().get(pk=made.pk)
    return setting


def _record(actor: Actor, verb: str, channel: str, now: datetime, data: dict[str, Any]) -> None:
    audit.record(actor=actor, verb=verb, object_type="channel", object_id=channel, now=now, data=data)
