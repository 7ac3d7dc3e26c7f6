"""The contract of a payment gateway: where a payer goes, which notice is true, and what became of a payment.

A gateway knows nothing of cases or receipts. A notice is only a knock at the door: money is posted from `look_up`, or from a
notice whose whole body is signed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, Protocol
from urllib.parse import urljoin

import httpx

Kind = Literal["waiting", "refused", "received", "returned"]
TIMEOUT: Final = 10.0  # seconds


class GatewayDown(Exception):
    """Raised when the gateway did not answer, or with something that cannot be read: nothing is known, ask again."""


class NoticeRefused(Exception):
    """Raised when a notice is not signed by who it says, or says nothing that can be read."""


class GatewayRefusal(Exception):
    """Raised when the gateway says that it will not take this payment."""


@dataclass(frozen=True)
class Asked:
    """A payment to begin. `key` is ours, for ever: begun twice with it, it is one payment."""

    key: str
    amount_minor: int
    currency: str
    title: str
    return_url: str
    notice_url: str


@dataclass(frozen=True)
class Begun:
    """Where the payer goes: by GET, or with a form of `fields` where there are any. `id` is the gateway's name of it."""

    id: str
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What became of one payment: `id` is the gateway's and unique for ever; amount in minor units, as it truly came.

    `returned_minor`: what of a received one went back since, all its partial refunds together.
    """

    kind: Kind
    id: str
    amount_minor: int
    currency: str
    is_charge_back: bool = False
    returned_minor: int = 0


@dataclass(frozen=True)
class Knock:
    """A true notice: the payment that it is about, by our `key` or by the gateway's `id`; `told` where it may be believed."""

    key: str = ""
    id: str = ""
    told: tuple[Told, ...] = ()


class Gateway(Protocol):
    """What every gateway can do. `look_up` raises GatewayDown, `start` GatewayRefusal too, `read_notice` NoticeRefused."""

    def start(self, asked: Asked) -> Begun: ...

    def read_notice(self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Knock: ...

    def look_up(self, key: str, provider_id: str) -> Sequence[Told]: ...

    def find_key(self, provider_id: str) -> str: ...


def signature(secret: str, told: bytes) -> str:
    """Return the HMAC-SHA256 of the bytes, in hexadecimal."""
    return hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()


def is_signed(secret: str, told: bytes, given: str) -> bool:
    """Return whether the signature is of these bytes, in constant time; without a secret nothing is."""
    return bool(secret) and hmac.compare_digest(signature(secret, told).encode(), given.encode())


def parts_of(header: str) -> dict[str, str]:
    """Return the parts of a header like `ts=1704908010,v1=618c…`."""
    pairs = (part.split("=", 1) for part in header.split(",") if "=" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def call(method: str, base_url: str, path: str, *, headers: Mapping[str, str], **more: Any) -> httpx.Response:
    """Return the answer of a gateway below 500. Raises GatewayDown."""
    try:
        answer = httpx.request(
            method, urljoin(base_url, path), headers=dict(headers), timeout=TIMEOUT, **more
        )
    except httpx.HTTPError as error:
        raise GatewayDown(type(error).__name__) from error
    if answer.status_code >= 500:
        raise GatewayDown(f"HTTP {answer.status_code}")
    return answer


def fields_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the object of an answer, its figures exact. Raises GatewayDown."""
    try:
        told = answer.json(parse_float=Decimal)
    except ValueError as error:
        raise GatewayDown("the answer is no JSON") from error
    if not isinstance(told, dict):
        raise GatewayDown("the answer is no object")
    return told
