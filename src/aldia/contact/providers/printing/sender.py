"""Takes letters for the next printing: the stored message, with its PDF, is what `aldia letters` prints, once."""

from aldia.contact.providers.protocol import (
    Accepted,
    Call,
    CallRefused,
    Capabilities,
    Outgoing,
    Parsed,
    ProviderConfig,
)


class Printing:
    key = "printing"
    capabilities = Capabilities(
        frozenset({"letter"}), leaves_machine=False, has_attachments=True, has_look_up=True
    )

    def send(self, message: Outgoing) -> Accepted:
        return Accepted(provider_reference=message.reference, answer="waits for the next printing")

    def look_up(self, reference: str) -> bool | None:
        return True

    def parse_events(self, call: Call) -> Parsed:
        raise CallRefused("nobody calls back for this provider")

    def close(self) -> None:
        return None


def make(config: ProviderConfig) -> Printing:
    """Return the printing queue; it has nothing to configure."""
    return Printing()
