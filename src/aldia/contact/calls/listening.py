"""Hearing what every exchange tells, for as long as this process lives: one connection for each organisation that calls."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db import connection

from aldia.contact import mail_server
from aldia.contact.calls import following
from aldia.contact.calls.lines import CHANNEL, PROVIDER
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.asterisk.events import Unreadable, read
from aldia.contact.providers.asterisk.exchange import APP
from aldia.contact.providers.asterisk.websocket import PATIENCE, Hung, heard
from aldia.contact.providers.protocol import ProviderError
from aldia.db.locks import lock_of_session
from aldia.db.vault import VaultClosed

log = logging.getLogger(__name__)
LOOK_AROUND: Final = timedelta(seconds=20)
Instant = Callable[[], datetime]
_ears: dict[int, threading.Thread] = {}
_guard = threading.Lock()


def keep_listening(*, clock: Instant) -> int:
    """Begin to hear every exchange that nobody here hears yet; return how many were begun. Call it every few seconds.

    Of several processes one hears: the lock goes back by itself when it dies, and another takes over.
    """
    rows = ChannelSetting.objects.across_organisations().filter(
        channel=CHANNEL, provider=PROVIDER, is_live=True, organisation__is_sandbox=False
    )
    begun = 0
    with _guard:
        for organisation_id in rows.values_list("organisation_id", flat=True):
            heard_by = _ears.get(organisation_id)
            if heard_by is None or not heard_by.is_alive():
                ear = threading.Thread(target=_hear, args=(organisation_id, clock), daemon=True)
                _ears[organisation_id] = ear
                ear.start()
                begun += 1
    return begun


def _hear(organisation_id: int, clock: Instant) -> None:
    """Hear one exchange until it goes, or the channel is switched off."""
    try:
        with lock_of_session("calls", organisation_id, waits=False) as is_ours:
            if is_ours:
                listen(organisation_id, clock=clock)
    except (Hung, ProviderError, VaultClosed) as error:
        log.warning("the exchange of organisation %s is not heard: %s", organisation_id, error)
    except Exception:
        log.exception("hearing the exchange of organisation %s failed", organisation_id)
    finally:
        connection.close()


def listen(organisation_id: int, *, clock: Instant, patience: float = PATIENCE) -> None:
    """Follow every call of an organisation while its exchange speaks and the channel is on.

    Raises Hung when the exchange goes, VaultClosed. Silences serve to ask for calls whose end nobody told.
    """
    config = _config(organisation_id)
    if config is None:
        return
    base = str(config.get("base_url", "")).rstrip("/")
    url = f"ws{base.removeprefix('http')}/ari/events?{urlencode({'app': APP})}"
    user, password = str(config.get("user", "")), str(config.get("password", ""))
    looked_at = clock() - LOOK_AROUND
    with closing(heard(url, user=user, password=password, patience=patience)) as words:
        for text in words:
            now = clock()
            if text is not None:
                take(organisation_id, text, now=now)
            if now - looked_at >= LOOK_AROUND:
                looked_at = now
                following.look_for_lost(organisation_id=organisation_id, now=now)
                if _config(organisation_id) is None:
                    return


def take(organisation_id: int, text: str, *, now: datetime) -> bool:
    """Follow one event of an exchange as it came; False for one that is not about a call of ours."""
    try:
        told = read(text, now=now)
    except Unreadable as error:
        log.warning("an event of the exchange cannot be read: %s", error)
        return False
    return told is not None and following.take_told(organisation_id=organisation_id, told=told, now=now)


def _config(organisation_id: int) -> dict[str, object] | None:
    setting = mail_server.setting_of(organisation_id, CHANNEL)
    if setting is None or setting.provider != PROVIDER or not setting.is_live:
        return None
    return mail_server.open_config(setting)
