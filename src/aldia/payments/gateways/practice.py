"""The gateway of the demonstration: a page of ours where one plays the payer; its notices are signed as the real ones are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from aldia.payments.gateways.protocol import (
    Asked,
    Begun,
    Knock,
    NoticeRefused,
    Told,
    is_signed,
    parts_of,
    signature,
)


class Practice:
    """No money moves. `secret` signs what the page says; it is made when the gateway is kept."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self.secret = config.get("secret", "")

    def start(self, asked: Asked) -> Begun:
        """Return the page where one decides what the bank would say, beside the page one comes back to."""
        return Begun(f"P{asked.key}", f"{asked.return_url}ensayo/")

    def read_notice(self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Knock:
        """Return what the page said; its whole body is signed, so it is believed."""
        given = parts_of(headers.get("x-signature", ""))
        if not is_signed(self.secret, f"{given.get('ts', '')}.".encode() + body, given.get("v1", "")):
            raise NoticeRefused("the signature is not of this notice")
        told = json.loads(body)
        return Knock(
            told["key"], told["id"], (Told(told["kind"], told["id"], told["amount_minor"], told["currency"]),)
        )

    def look_up(self, key: str, provider_id: str) -> Sequence[Told]:
        """Return nothing: the page tells at once."""
        return []

    def find_key(self, provider_id: str) -> str:
        """Return the key in its name."""
        return provider_id.removeprefix("P")

    def notice(self, body: bytes, ts: str) -> dict[str, str]:
        """Return the headers by which the page signs."""
        return {"x-signature": f"ts={ts},v1={signature(self.secret, f'{ts}.'.encode() + body)}"}
