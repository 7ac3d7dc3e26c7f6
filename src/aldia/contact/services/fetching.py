"""Fetching mail: each box that an organisation reads, message after message; a message is marked read once it is kept."""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact.inbox_server import CHANNEL, InboxServer
from aldia.contact.models import ChannelSetting
from aldia.contact.services.arriving import keep_mail
from aldia.db.vault import VaultClosed, seal, unseal

log = logging.getLogger(__name__)
MOST: Final = 200
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class InboxRefused(ValueError):
    """Raised when a box cannot be read as it is written; `field` says which part, the text how to repair it."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        super().__init__(text)


@transaction.atomic
def set_inbox(*, actor: Actor, server: InboxServer, now: datetime) -> ChannelSetting:
    """Keep the box where replies and bounces come in, its password sealed. Raises InboxRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    _check(server)
    rows = ChannelSetting.objects.of(actor.organisation_id)
    setting, _made = rows.get_or_create(organisation_id=actor.organisation_id, channel=CHANNEL)
    locked: ChannelSetting = rows.select_for_update().get(pk=setting.pk)
    kept = locked.config.get("inbox", {})
    told = {
        "address": server.address.lower(), "host": server.host, "port": server.port, "security": server.security,
        "user": server.user, "password": seal(server.password) or kept.get("password", ""),
    }  # fmt: skip
    locked.config = {**locked.config, "inbox": told}
    locked.save(update_fields=["config"])
    audit.record(actor=actor, verb="contact.inbox.set", object_type="channel", object_id=CHANNEL, now=now,
                 data={"host": server.host, "user": server.user, "has_new_password": bool(server.password)})  # fmt: skip
    return locked


def _check(server: InboxServer) -> None:
    name, at, domain = server.address.partition("@")
    if not (name and at and "." in domain) or "+" in name or any(each.isspace() for each in server.address):
        raise InboxRefused("address", _("Escribe la dirección del buzón, como cobros@tuempresa.com."))
    if server.host and server.security == "none" and server.host not in _HERE:
        raise InboxRefused(
            "security", _("Con usuario y contraseña hace falta cifrado: elige TLS o STARTTLS.")
        )


def fetch_mail(*, now: datetime, organisation_id: int | None = None) -> int:
    """Return how many mails were fetched and kept; a box that does not answer waits for the next time, and is logged."""
    rows = ChannelSetting.objects.across_organisations().filter(channel=CHANNEL)
    rows = rows.filter(organisation_id=organisation_id) if organisation_id else rows
    fetched = 0
    for setting in rows:
        box = setting.config.get("inbox", {})
        if box.get("host"):
            try:
                fetched += _fetch(setting.organisation_id, box, now)
            except (OSError, imaplib.IMAP4.error, VaultClosed):
                log.exception("the box of organisation %s does not answer", setting.organisation_id)
    return fetched


def _fetch(organisation_id: int, box: dict[str, Any], now: datetime) -> int:
    with _opened(box) as server:
        _state, found = server.uid("search", "UNSEEN")
        names = (found[0] or b"").split()[:MOST]
        for name in names:
            _state, parts = server.uid("fetch", name.decode(), "(BODY.PEEK[])")
            raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            if raw:
                keep_mail(organisation_id=organisation_id, raw=bytes(raw), now=now)
                server.uid(
                    "store", name.decode(), "+FLAGS", "(\\Seen)"
                )  # only after it is kept: lost never, twice harmless
        return len(names)


@contextmanager
def _opened(box: dict[str, Any]) -> Iterator[imaplib.IMAP4]:
    patience, trusted = settings.EMAIL_TIMEOUT, ssl.create_default_context()
    host, port = str(box["host"]), int(box.get("port") or 993)
    if box.get("security") == "tls":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=trusted, timeout=patience)
    else:
        server = imaplib.IMAP4(host, port, timeout=patience)
    try:
        if box.get("security") == "starttls":
            server.starttls(trusted)
        server.login(str(box.get("user", "")), unseal(str(box.get("password", ""))))
        server.select("INBOX")
        yield server
    finally:
        try:
            server.logout()
        except (OSError, imaplib.IMAP4.error):  # it was dead already
            with suppress(OSError):
                server.shutdown()
