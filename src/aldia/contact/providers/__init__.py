"""A provider is a folder: `sender.py`, `events.py` where it calls back, `README.md`. No provider knows another."""

from importlib import import_module

from aldia.contact.providers.protocol import Provider, ProviderConfig

FOLDERS = ("sandbox", "smtp", "twilio", "kannel", "smpp", "whatsapp", "asterisk", "printing")


class UnknownProvider(LookupError):
    """Raised when a channel is set to a provider that this installation does not have."""


def provider(key: str, config: ProviderConfig) -> Provider:
    """Return the provider of that key, set up with its configuration. Raises UnknownProvider."""
    if key not in FOLDERS:
        raise UnknownProvider(f"There is no provider {key!r}; there are: {', '.join(FOLDERS)}.")
    made: Provider = import_module(f"aldia.contact.providers.{key}.sender").make(config)
    return made
