"""Accepts everything; the stored message is the delivery."""

from aldia.contact.providers.protocol import (
    Accepted,
    Call,
    CallRefused,
    Capabilities,
    Outgoing,
    Parsed,
    ProviderConfig,
)

CHANNELS = frozenset({"email", "sms", "whatsapp", "letter", "call", "visit"})


class Sandbox:
    key = "sandbox"
    capabilities = Capabilities(CHANNELS, leaves_machine=False, has_attachments=True, has_look_up=True)

    def send(self, message: Outgoing) -> Accepted:
        return Accepted(provider_reference=message.reference)

    def look_up(self, reference: str) -> bool | None:
        return True

    def parse_events(self, call: Call) -> Parsed:
        raise CallRefused("nobody calls back for this provider")

    def close(self) -> None:
        return None


def make(config: ProviderConfig) -> Sandbox:
    """Return the sandbox; it has nothing to configure."""
    return Sandbox()
