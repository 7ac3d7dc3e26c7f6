"""Kannel's calls: nobody signs them; who calls knows the secret address of the door and, where it is set, a word."""

from aldia.contact.inbound.gateways import kannel
from aldia.contact.inbound.gateways.reading import query
from aldia.contact.providers.protocol import Call, CallRefused, Parsed, is_same


def read(call: Call, word: str) -> Parsed:
    """Return what the call says. Raises CallRefused without the agreed word, or when it cannot be read."""
    if word and not is_same(query(call).get("clave", ""), word):
        raise CallRefused("the agreed word is missing")
    return kannel.read(call, "")
