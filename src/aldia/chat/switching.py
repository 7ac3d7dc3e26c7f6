"""Whether the bot answers: `settings["chat"]` of the organisation, and of each portfolio where it says otherwise.

`is_on`, `channels` (portal, whatsapp, sms), `from_hour` and `to_hour` of the team, `least_percent` of the debt that a promise takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.ledger.models import Portfolio

SETTING: Final = "chat"
CHANNELS: Final = ("portal", "whatsapp", "sms")


@dataclass(frozen=True, slots=True)
class ChatRules:
    """How the bot works in a house or a portfolio."""

    is_on: bool = False
    channels: tuple[str, ...] = CHANNELS
    from_hour: int = 9
    to_hour: int = 18
    least_percent: int = 1

    def answers(self, channel: str) -> bool:
        """Return whether the bot answers on a channel."""
        return self.is_on and channel in self.channels

    def to_data(self) -> dict[str, Any]:
        """Plain data, to be kept."""
        return {**asdict(self), "channels": list(self.channels)}


def rules_of(organisation: Organisation, portfolio: Portfolio | None = None) -> ChatRules:
    """Return the rules that hold: the house's, and the portfolio's own word on being on."""
    told: Mapping[str, Any] = organisation.settings.get(SETTING, {})
    own = portfolio.settings.get(SETTING, {}) if portfolio is not None else {}
    usual = ChatRules()
    return ChatRules(
        is_on=bool(own.get("is_on", told.get("is_on", usual.is_on))),
        channels=tuple(name for name in told.get("channels", usual.channels) if name in CHANNELS),
        from_hour=int(told.get("from_hour", usual.from_hour)), to_hour=int(told.get("to_hour", usual.to_hour)),
        least_percent=min(max(int(told.get("least_percent", usual.least_percent)), 0), 100),
    )  # fmt: skip
