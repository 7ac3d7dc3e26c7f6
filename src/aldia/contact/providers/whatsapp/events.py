"""Calls of the Cloud API: signed with the app's secret over the raw body."""

import hashlib
import hmac

from aldia.contact.inbound import whatsapp
from aldia.contact.providers.protocol import Call, CallRefused, Parsed, is_same


def read(call: Call, secret: str) -> Parsed:
    """Return what the call says. Raises CallRefused when it is not signed with the secret, or cannot be read."""
    given = call.headers.get("x-hub-signature-256", "")
    if not secret or not is_same(given, signature(call.body, secret)):
        raise CallRefused("the signature is not Meta's")
    return whatsapp.parsed(whatsapp.changes(call.body))


def signature(body: bytes, secret: str) -> str:
    """Return the signature of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
