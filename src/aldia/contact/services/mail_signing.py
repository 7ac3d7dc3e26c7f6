"""The signature of a domain on its mail (DKIM): a key is made here, its public half is published by a person, then it signs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact import mail_server
from aldia.contact.mail_server import CHANNEL
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.smtp.dkim import new_key, record_of
from aldia.db.vault import seal

_SELECTOR: Final = "aldia%Y%m%d"


class SigningRefused(ValueError):
    """Raised when nobody writes from that domain, or it has no key to sign with."""


@transaction.atomic
def make_signing_key(*, actor: Actor, domain: str, now: datetime) -> None:
    """Make a key for a domain that some creditor writes from. It signs nothing before `switch_signing`.

    A domain that has a key gets another, under another selector, and stops signing until that one is published. Raises
    SigningRefused, NotAllowed.
    """
    actor.check(Permission.EDIT_SETTINGS)
    if domain not in mail_server.domains(actor):
        raise SigningRefused(
            _("Nadie escribe desde %(domain)s: pon primero el remitente.") % {"domain": domain}
        )
    key, had = new_key(), _keys(actor).get(domain, {}).get("selector", "")
    selector = now.strftime(_SELECTOR)
    selector += "b" if had == selector else ""
    told = {"selector": selector, "key": seal(key), "record": record_of(key), "is_on": False}
    _keep(actor, domain, told, "contact.dkim.key", now)


@transaction.atomic
def switch_signing(*, actor: Actor, domain: str, is_on: bool, now: datetime) -> None:
    """Sign what leaves from a domain, or stop. Raises SigningRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    told = _keys(actor).get(domain)
    if told is None:
        raise SigningRefused(_("%(domain)s todavía no tiene clave.") % {"domain": domain})
    _keep(actor, domain, {**told, "is_on": is_on}, "contact.dkim.on" if is_on else "contact.dkim.off", now)


def _keys(actor: Actor) -> dict[str, dict[str, Any]]:
    rows = ChannelSetting.objects.of(actor.organisation_id).select_for_update()
    setting: ChannelSetting | None = rows.filter(channel=CHANNEL).first()
    return dict(setting.config.get("dkim", {})) if setting else {}


def _keep(actor: Actor, domain: str, told: dict[str, Any], verb: str, now: datetime) -> None:
    setting, _made = ChannelSetting.objects.of(actor.organisation_id).get_or_create(
        organisation_id=actor.organisation_id, channel=CHANNEL
    )
    setting.config = {**setting.config, "dkim": {**setting.config.get("dkim", {}), domain: told}}
    setting.save(update_fields=["config"])
    data = {"domain": domain, "selector": told["selector"]}
    audit.record(actor=actor, verb=verb, object_type="channel", object_id=CHANNEL, now=now, data=data)
