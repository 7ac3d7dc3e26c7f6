"""The canonical form of the evidence, and the organisation's own Ed25519 key that signs it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aldia.access.actors import Actor
from aldia.db.vault import seal, unseal
from aldia.kpi.models import EvidenceKey


def canonical(value: Any) -> bytes:
    """Return JSON with sorted names, no spaces, UTF-8: the same data are the same bytes. The data hold no float."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sign(actor: Actor, content: bytes, *, now: datetime) -> str:
    """Return the signature (hexadecimal) of the organisation's key. Raises VaultClosed."""
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(unseal(_key(actor, now=now).private)))
    return private.sign(content).hex()


def public_key(actor: Actor, *, now: datetime) -> str:
    """Return the public key in hexadecimal; the first time that somebody asks, the pair is made."""
    return str(_key(actor, now=now).public)


def fingerprint(public: str) -> str:
    """Return what people compare of a public key: eight groups of four digits."""
    told = digest(bytes.fromhex(public))[:32]
    return " ".join(told[place : place + 4] for place in range(0, 32, 4))


def _key(actor: Actor, *, now: datetime) -> EvidenceKey:
    found: EvidenceKey | None = EvidenceKey.objects.of(actor.organisation_id).first()
    if found is not None:
        return found
    private = Ed25519PrivateKey.generate()
    kept: EvidenceKey
    kept, _made = EvidenceKey.objects.get_or_create(
        organisation_id=actor.organisation_id,
        defaults={
            "public": private.public_key().public_bytes_raw().hex(),
            "private": seal(private.private_bytes_raw().hex()),
            "made_at": now,
        },
    )
    return kept
