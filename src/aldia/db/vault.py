"""Secrets at rest: sealed with a key that lives in the data folder, never in the database."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class VaultClosed(Exception):
    """Raised when a secret was sealed with another key: the data folder is not the one it was written with."""


def seal(plain: str) -> str:
    """Return the secret, readable only with this installation's key; nothing stays nothing."""
    return _fernet().encrypt(plain.encode()).decode("ascii") if plain else ""


def unseal(sealed: str) -> str:
    """Return the secret of `seal`. Raises VaultClosed when it was sealed with another key."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise VaultClosed(
            "aldia_vault_key is not the key that sealed this secret; write it again."
        ) from error


def seal_bytes(plain: bytes) -> bytes:
    """Return a file's content, readable only with this installation's key."""
    return _fernet().encrypt(plain)


def unseal_bytes(sealed: bytes) -> bytes:
    """Return the content of `seal_bytes`. Raises VaultClosed when it was sealed with another key, or changed since."""
    try:
        return _fernet().decrypt(sealed)
    except InvalidToken as error:
        raise VaultClosed("the file was sealed with another aldia_vault_key, or changed since.") from error


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.VAULT_KEY.encode()).digest()))
