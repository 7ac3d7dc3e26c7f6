"""Automatic calls: the client's telephone rings, and who listens to the exchange goes on when somebody picks up."""

from __future__ import annotations

from aldia.contact.providers.asterisk.exchange import Exchange, channel_of
from aldia.contact.providers.protocol import (
    Accepted,
    Call,
    CallRefused,
    Capabilities,
    Outgoing,
    Parsed,
    ProviderConfig,
)
from aldia.domain.calls import Leg


class Asterisk:
    key = "asterisk"
    capabilities = Capabilities(frozenset({"call"}), leaves_machine=True, has_look_up=True)

    def __init__(self, config: ProviderConfig) -> None:
        self._config, self._open = config, None  # type: ProviderConfig, Exchange | None

    def send(self, message: Outgoing) -> Accepted:
        self._exchange().ring_client(message.reference, number=message.recipient, shows=message.sender)
        return Accepted(provider_reference=channel_of(message.reference, Leg.CLIENT))

    def look_up(self, reference: str) -> bool | None:
        return self._exchange().has(reference) or None  # a call that is over is forgotten there

    def parse_events(self, call: Call) -> Parsed:
        raise CallRefused("the exchange tells over its WebSocket, not by calling")

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _exchange(self) -> Exchange:
        self._open = self._open or Exchange(self._config)
        return self._open


def make(config: ProviderConfig) -> Asterisk:
    """Return the automatic calls of an exchange; `password` is that of its REST interface."""
    return Asterisk(config)
