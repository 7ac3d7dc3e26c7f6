"""The small promise every channel provider keeps: `send`, `parse_events`, `capabilities`; one error type says what is certain."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Approved:
    """A template that the provider approved before, and what goes in its places, in order."""

    name: str
    language: str
    values: tuple[str, ...] = ()


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
    template: Approved | None = None
    returns_to: str = ""  # e-mail: where replies and bounces of this one message come back


@dataclass(frozen=True)
class Accepted:
    """The provider took the message; `provider_reference` is its own name for it, `answer` what it said."""

    provider_reference: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Event:
    """What a provider told us later of a message of ours, in our own words.

    `reference` is ours where the provider repeats it, `provider_reference` its own. `address_state`: `dead` when nobody can
    be reached there, `opted_out` when the person said so to the provider.
    """

    event_id: str
    kind: str  # accepted, sent, delivered, read, failed, bounced, complaint
    reference: str = ""
    provider_reference: str = ""
    detail: str = ""
    at: datetime | None = None
    address_state: str = ""


@dataclass(frozen=True)
class Arrived:
    """What a person wrote to us. `sender` is a telephone in E.164 without plus, a WhatsApp user id or an e-mail address."""

    event_id: str
    channel: str
    sender: str
    text: str
    name: str = ""
    reply_to: str = ""  # the provider's name of the message that it answers
    payload: str = ""  # of the button or list entry that was chosen
    user_id: str = ""  # WhatsApp's own id of the person; it may be all there is
    media: tuple[str, ...] = ()
    media_kinds: tuple[str, ...] = ()  # audio/ogg …; of each of `media`, where the provider says it
    media_names: tuple[str, ...] = ()  # as the person's file is called, where it has a name
    at: datetime | None = None


@dataclass(frozen=True)
class Parsed:
    """All that one call of a provider says."""

    events: tuple[Event, ...] = ()
    messages: tuple[Arrived, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()  # templates: `name:language` and its state


@dataclass(frozen=True)
class Call:
    """One call that came in over HTTP, as it came: `url` is the address that the provider knows, with its query."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    method: str = "POST"


def is_same(given: str, expected: str) -> bool:
    """Return whether a caller's word is the expected one, in constant time, whatever letters it sends."""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode())


class CallRefused(Exception):
    """Raised when a call is not what it says: a wrong signature, or nothing that can be read. Nothing of it is kept."""


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do."""

    channels: frozenset[str]
    leaves_machine: bool
    has_attachments: bool = False
    has_look_up: bool = False
    needs_template: bool = False  # besides an answer within the hours that the provider allows
    has_media: bool = (
        False  # it is a `MediaSource`: files that people send stay with it until they are asked for
    )
    lanes: int = 1  # how many messages it carries at once, each over a connection of its own


class ProviderError(Exception):
    """The provider did not take the message.

    `is_certain`: nothing left, for sure; otherwise the order becomes `unknown`. `is_permanent`: trying again is useless.
    """

    def __init__(self, detail: str, *, is_certain: bool, is_permanent: bool) -> None:
        super().__init__(detail)
        self.is_certain, self.is_permanent = is_certain, is_permanent

    @property
    def is_about_channel(self) -> bool:
        """Whether it says something of the whole channel, and not of this very message."""
        return not (self.is_certain and self.is_permanent)


class MediaRefused(Exception):
    """Raised when a file that a person sent cannot be kept, ever: the reason is a key of `contact.incoming`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaSource(Protocol):
    """A provider that keeps what people send until it is asked for."""

    def fetch(self, media: str) -> bytes:
        """Return the bytes of a file, equal to what the provider says of them. Raises MediaRefused, ProviderError."""


class Provider(Protocol):
    """One way out of the house."""

    key: str
    capabilities: Capabilities

    def send(self, message: Outgoing) -> Accepted:
        """Hand over one message. Raises ProviderError."""

    def look_up(self, reference: str) -> bool | None:
        """Return whether the provider has that message; None when it cannot tell."""

    def parse_events(self, call: Call) -> Parsed:
        """Return what a call says, its signature checked on the raw bytes first. Raises CallRefused."""

    def close(self) -> None:
        """Let go of connections."""


ProviderConfig = dict[str, Any]
