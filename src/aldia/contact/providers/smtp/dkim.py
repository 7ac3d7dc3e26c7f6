"""Signs mail as its domain (DKIM, RFC 6376): rsa-sha256 over relaxed headers and body. The public key is published in DNS."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS: Final = 2048
"""Of a key. RFC 8301 asks for 1024 at least; a longer one does not fit one DNS string of some providers."""
SIGNED: Final = (
    "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type", "list-unsubscribe",
    "list-unsubscribe-post",
)  # fmt: skip
_SPACES: Final = re.compile(rb"[ \t]+")
_FOLDS: Final = re.compile(rb"\r\n(?=[ \t])")


@dataclass(frozen=True)
class Signer:
    """Who signs for a domain: the selector under which its public key is found, and the private key."""

    domain: str
    selector: str
    key: rsa.RSAPrivateKey

    def signed(self, mail: bytes, *, now: datetime) -> bytes:
        """Return the mail with its signature before it. `From` is named once more than it is there: nobody can add another."""
        head, _break, body = mail.partition(b"\r\n\r\n")
        found = _headers(head)
        names = [name for name in SIGNED if name in found]
        tags = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector}; t={int(now.timestamp())};\r\n"
            f" h={':'.join([*names, 'from'])};\r\n bh={_digest(relaxed_body(body))};\r\n b="
        )
        own = _relaxed(b"DKIM-Signature: " + tags.encode("ascii"))
        told = b"".join(found[name] + b"\r\n" for name in names) + own
        signature = base64.b64encode(self.key.sign(told, padding.PKCS1v15(), hashes.SHA256())).decode()
        folded = "\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return f"DKIM-Signature: {tags}{folded}\r\n".encode("ascii") + mail


def signer(domain: str, selector: str, key: str) -> Signer:
    """Return who signs for a domain with a key of `new_key`."""
    loaded = serialization.load_pem_private_key(key.encode("ascii"), password=None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return Signer(domain, selector, loaded)


def new_key() -> str:
    """Return a new private key, as PEM."""
    made = rsa.generate_private_key(public_exponent=65_537, key_size=BITS)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode("ascii")


def record_of(key: str) -> str:
    """Return the text that the domain publishes in DNS for a private key."""
    loaded = serialization.load_pem_private_key(key.encode("ascii"), password=None)
    public = loaded.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def relaxed_body(body: bytes) -> bytes:
    """Return the body as it is hashed (RFC 6376, 3.4.4): runs of blanks as one, none at line ends, no empty lines at the end."""
    lines = [_SPACES.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _headers(head: bytes) -> dict[str, bytes]:
    """Each header in its relaxed form, by its name; ours are there once."""
    relaxed = map(_relaxed, _FOLDS.sub(b"", head).split(b"\r\n"))
    return {line.partition(b":")[0].decode("ascii"): line for line in relaxed}


def _relaxed(line: bytes) -> bytes:
    name, _colon, value = _FOLDS.sub(b"", line).partition(b":")
    return name.strip().lower() + b":" + _SPACES.sub(b" ", value).strip()


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
