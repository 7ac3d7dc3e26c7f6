"""Mercado Pago Checkout Pro: a preference, the payer goes to its page, signed webhooks name a payment that is then asked.

Source: its public reference (preferences, payments/search, «x-signature»). The signature is over the id, the request and the
instant, not over the body: so the body is never believed, the payment is always looked up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from aldia.domain.money import MoneyError, to_major, to_minor
from aldia.payments.gateways.mercadopago import NotAnAnswer, decimal, facts_of, movement
from aldia.payments.gateways.protocol import (
    Asked,
    Begun,
    GatewayDown,
    GatewayRefusal,
    Knock,
    NoticeRefused,
    Told,
    call,
    fields_of,
    is_signed,
    parts_of,
)

ADDRESS: Final = "https://api.mercadopago.com"


class Checkout:
    """The account of one creditor: `access_token` and, for its notices, `secret`."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self.base_url = config.get("base_url") or ADDRESS
        self.secret = config.get("secret", "")
        self.is_test = bool(config.get("is_test"))
        self.headers = {"Authorization": f"Bearer {config.get('access_token', '')}"}

    def start(self, asked: Asked) -> Begun:
        """Return the preference's page; the same key again is the same preference."""
        amount = to_major(asked.amount_minor, asked.currency)
        # The API wants a JSON number: a double writes the decimals of any amount exactly up to fifteen figures.
        told = {
            "items": [{"title": asked.title, "quantity": 1, "currency_id": asked.currency, "unit_price": float(amount)}],
            "external_reference": asked.key, "notification_url": asked.notice_url, "auto_return": "approved",
            "back_urls": dict.fromkeys(("success", "pending", "failure"), asked.return_url),
        }  # fmt: skip
        answer = call(
            "POST", self.base_url, "/checkout/preferences", json=told,
            headers={**self.headers, "X-Idempotency-Key": asked.key},
        )  # fmt: skip
        made = fields_of(answer)
        if answer.status_code >= 400:
            raise GatewayRefusal(str(made.get("message") or answer.status_code))
        page = made.get("sandbox_init_point") if self.is_test else None
        return Begun(str(made["id"]), str(page or made["init_point"]))

    def read_notice(self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Knock:
        """Return the payment that a true notice names; anything else that is signed names none."""
        number = query.get("data.id", "")
        given = parts_of(headers.get("x-signature", ""))
        told = (
            ("id", number.lower()),
            ("request-id", headers.get("x-request-id", "")),
            ("ts", given.get("ts", "")),
        )
        manifest = "".join(f"{name}:{value};" for name, value in told if value)
        if not number or not is_signed(self.secret, manifest.encode(), given.get("v1", "")):
            raise NoticeRefused("the signature is not of this notice")
        try:
            kind = json.loads(body or b"{}").get("type", query.get("type", ""))
        except (ValueError, AttributeError) as error:
            raise NoticeRefused("the notice is no JSON object") from error
        return Knock(id=number) if kind in {"payment", ""} else Knock()

    def look_up(self, key: str, provider_id: str) -> Sequence[Told]:
        """Return every payment of our key, refused ones too."""
        answer = call(
            "GET",
            self.base_url,
            "/v1/payments/search",
            headers=self.headers,
            params={"external_reference": key},
        )
        found = self._facts(answer)
        return [_told(each) for each in found.get("results", []) if each.get("external_reference") == key]

    def find_key(self, provider_id: str) -> str:
        """Return our key of a payment, as the gateway keeps it; empty where it has none."""
        if not provider_id.isalnum():
            return ""
        answer = call("GET", self.base_url, f"/v1/payments/{provider_id}", headers=self.headers)
        if answer.status_code == 404:
            return ""
        return str(self._facts(answer).get("external_reference") or "")

    def _facts(self, answer: Any) -> dict[str, Any]:
        if answer.status_code >= 400:
            raise GatewayDown(f"HTTP {answer.status_code}")
        try:
            facts: dict[str, Any] = facts_of(answer.text)
        except NotAnAnswer as error:
            raise GatewayDown(str(error)) from error
        return facts


def _told(facts: dict[str, Any]) -> Told:
    moved = movement(facts)
    currency = moved.currency or ""
    if moved.kind in {"received", "returned"} and (moved.amount is None or not currency):
        raise GatewayDown("a payment without amount or currency: nothing may be posted from it")
    try:
        minor = _minor(moved.amount, currency)
        returned = _minor(decimal(facts.get("transaction_amount_refunded")), currency)
    except (MoneyError, NotAnAnswer) as error:
        raise GatewayDown(str(error)) from error
    kind: Any = moved.kind
    is_charge_back = facts.get("status") == "charged_back"
    return Told(kind, moved.id, minor, currency, is_charge_back, returned if kind == "received" else 0)


def _minor(amount: Decimal | None, currency: str) -> int:
    return to_minor(amount, currency, rounding=None) if amount is not None and currency else 0
