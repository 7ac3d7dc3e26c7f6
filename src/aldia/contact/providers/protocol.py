"""The small promise every channel provider keeps: `send`, `parse_events`, `capabilities`; one error type says what is certain."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Outgoing:
    """A message ready to leave. `reference` is ours, unique for ever: the provider gets it and can be asked by it."""

    reference: str
    channel: str
    recipient: str
    sender: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """The provider took the message; `provider_reference` is its own name for it, `answer` what it said."""

    provider_reference: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Event:
    """What a provider told us later, in our own words."""

    event_id: str
    reference: str
    kind: str  # delivered, read, bounced, failed, clicked
    detail: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do."""

    channels: frozenset[str]
    leaves_machine: bool
    has_attachments: bool = False
    has_look_up: bool = False


class ProviderError(Exception):
    """The provider did not take the message.

    `is_certain`: nothing left, for sure; otherwise the order becomes `unknown`. `is_permanent`: trying again is useless.
    """

    def __init__(self, detail: str, *, is_certain: bool, is_permanent: bool) -> None:
        super().__init__(detail)
        self.is_certain, self.is_permanent = is_certain, is_permanent


class Provider(Protocol):
    """One way out of the house."""

    key: str
    capabilities: Capabilities

    def send(self, message: Outgoing) -> Accepted:
        """Hand over one message. Raises ProviderError."""

    def look_up(self, reference: str) -> bool | None:
        """Return whether the provider has that message; None when it cannot tell."""

    def parse_events(self, body: bytes, headers: dict[str, str]) -> list[Event]:
        """Return the events of a webhook call whose signature is right. Raises ProviderError otherwise."""

    def close(self) -> None:
        """Let go of connections."""


ProviderConfig = dict[str, Any]
