"""Twilio's calls: signed with the account's token over the address and the fields of the form, as they came."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

from aldia.contact.inbound.gateways import twilio
from aldia.contact.providers.protocol import Call, CallRefused, Parsed, is_same


def read(call: Call, token: str) -> Parsed:
    """Return what the call says. Raises CallRefused when it is not signed with the token, or cannot be read."""
    given = call.headers.get("x-twilio-signature", "")
    if not token or not is_same(given, signature(call.url, call.body, token)):
        raise CallRefused("the signature is not Twilio's")
    return twilio.read(call, "")


def signature(url: str, body: bytes, token: str) -> str:
    """Return the signature of a call: SHA-1 over the address and every field, name and value, sorted by name."""
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True)
    except UnicodeDecodeError as error:
        raise CallRefused("the body is no form") from error
    told = url + "".join(name + value for name, value in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode()
