"""Signatures of outgoing webhooks, as the Standard Webhooks specification says: HMAC-SHA256 of id, instant and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"


def new_secret() -> str:
    """Return a fresh secret of 24 random bytes, as receivers' libraries read it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode("ascii")


def signed_headers(secret: str, message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """Return the three headers that let the receiver check who wrote the body and when. Raises ValueError for a bad secret."""
    instant = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    text = f"{message_id}.{instant}.".encode() + body
    told = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode("ascii")
    return {"webhook-id": message_id, "webhook-timestamp": instant, "webhook-signature": f"v1,{told}"}
