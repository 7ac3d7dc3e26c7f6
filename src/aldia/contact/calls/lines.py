"""The line of a person: the exchange of the organisation, the extension that is theirs, and whether calls are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact import mail_server
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.asterisk.exchange import Exchange
from aldia.contact.providers.protocol import ProviderError
from aldia.db.vault import VaultClosed

CHANNEL: Final = "call"
PROVIDER: Final = "asterisk"
KEPT_DAYS: Final = 90


@dataclass(frozen=True)
class Line:
    """How somebody calls. Without extension they cannot, except in sandbox."""

    setting: ChannelSetting | None
    extension: str = ""
    is_played: bool = False  # in sandbox, on the screen

    @property
    def config(self) -> dict[str, Any]:
        return self.setting.config if self.setting else {}

    @property
    def is_open(self) -> bool:
        """Whether somebody may call through it."""
        is_on = self.setting is not None and self.setting.provider == PROVIDER and self.setting.is_live
        return self.is_played or (is_on and bool(self.extension))

    @property
    def shows(self) -> str:
        """The number that the client sees."""
        return self.setting.sender if self.setting else ""

    @property
    def notice(self) -> str:
        """The sound of the exchange that says that the call is recorded."""
        return str(self.config.get("notice_sound", ""))

    @property
    def is_recorded(self) -> bool:
        """Whether calls are recorded: never without a notice."""
        return bool(self.config.get("is_recorded") and self.notice)

    @property
    def kept_days(self) -> int:
        """How many days a recording is kept."""
        return int(self.config.get("kept_days") or KEPT_DAYS)

    @contextmanager
    def exchange(self) -> Iterator[Exchange]:
        """The exchange, its password unsealed, for the length of the block. Raises ProviderError."""
        if self.setting is None:
            raise ProviderError("no exchange is set", is_certain=True, is_permanent=True)
        try:
            config = mail_server.open_config(self.setting)
        except VaultClosed as error:
            words = _("La contraseña se guardó con otra clave de instalación: escríbela otra vez.")
            raise ProviderError(words, is_certain=True, is_permanent=True) from error
        made = Exchange(config)
        try:
            yield made
        finally:
            made.close()


def line_of(actor: Actor) -> Line:
    """Return the line of a person."""
    setting = mail_server.setting_of(actor.organisation_id, CHANNEL)
    extensions = setting.config.get("extensions", {}) if setting else {}
    is_played = access.organisation_of(actor).is_sandbox
    return Line(setting, str(extensions.get(str(actor.user_id), "")), is_played)


def line_of_house(organisation_id: int) -> Line:
    """Return the organisation's line, nobody's in particular."""
    return Line(mail_server.setting_of(organisation_id, CHANNEL))
