"""Fetching SMS: each operator whose SMSC keeps receipts and replies for us until we come for them."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from aldia.contact import mail_server
from aldia.contact.models import ChannelSetting
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Call, ProviderError
from aldia.contact.services.arriving import keep_heard
from aldia.db.vault import VaultClosed

log = logging.getLogger(__name__)
CHANNEL, PROVIDER = "sms", "smpp"


def fetch_sms(*, now: datetime, organisation_id: int | None = None) -> int:
    """Return how many receipts and messages were fetched and kept; an SMSC that does not answer waits for the next time."""
    rows = ChannelSetting.objects.across_organisations().filter(
        channel=CHANNEL, provider=PROVIDER, is_live=True
    )
    rows = rows.filter(organisation_id=organisation_id) if organisation_id else rows
    fetched = 0
    for setting in rows:
        try:
            fetched += _fetch(setting, now)
        except (ProviderError, VaultClosed):
            log.exception("the SMSC of organisation %s does not answer", setting.organisation_id)
    return fetched


def _fetch(setting: ChannelSetting, now: datetime) -> int:
    def keep(call: Call) -> None:
        keep_heard(
            organisation_id=setting.organisation_id,
            channel=CHANNEL,
            provider_key=PROVIDER,
            call=call,
            now=now,
        )

    carrier: Any = provider(PROVIDER, mail_server.open_config(setting))
    try:
        return int(carrier.fetch(keep))
    finally:
        carrier.close()
