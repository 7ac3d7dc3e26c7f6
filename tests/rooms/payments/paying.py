"""Faithful stand-ins of two gateways: what their public references say that they answer, over a transport of ours."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from aldia.access.actors import debtor
from aldia.payments import services as payments
from aldia.payments.gateways.protocol import signature
from aldia.payments.models import PayIntent, PayMethod
from tests.rooms.payments.conftest import NOW, Desk

SECRET = "palabra-del-webhook"


@dataclass
class MercadoPago:
    """Preferences by their idempotency key, and payments by id."""

    preferences: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_down: bool = False

    def __call__(self, method: str, url: str, *, headers: Any, timeout: float, **told: Any) -> httpx.Response:
        if self.is_down:
            raise httpx.ConnectTimeout("no answer")
        if headers.get("Authorization") != "Bearer APP-1":
            return httpx.Response(401, json={"message": "invalid access token", "error": "unauthorized"})
        if url.endswith("/checkout/preferences"):
            made = self.preferences.setdefault(headers["X-Idempotency-Key"], told["json"])
            number = f"pref-{list(self.preferences.values()).index(made) + 1}"
            return httpx.Response(201, json={"id": number, "init_point": f"https://pay.example/{number}"})
        if url.endswith("/v1/payments/search"):
            key = told["params"]["external_reference"]
            found = [each for each in self.payments.values() if each["external_reference"] == key]
            return httpx.Response(200, json={"results": found})
        found_one = self.payments.get(url.rpartition("/")[2])
        return (
            httpx.Response(200, json=found_one)
            if found_one
            else httpx.Response(404, json={"error": "not_found"})
        )

    def pay(self, intent: PayIntent, number: str = "9001", **changes: Any) -> str:
        """Let the payer pay; return the payment's id."""
        self.payments[number] = {
            "id": int(number), "external_reference": intent.key, "status": "approved", "status_detail": "accredited",
            "transaction_amount": intent.amount_minor / 100, "currency_id": intent.currency, **changes,
        }  # fmt: skip
        return number


@dataclass
class Transbank:
    """Transactions by token, which stay INITIALIZED until they are committed."""

    transactions: dict[str, dict[str, Any]] = field(default_factory=dict)
    commits: int = 0

    def __call__(self, method: str, url: str, *, headers: Any, timeout: float, **told: Any) -> httpx.Response:
        if headers.get("Tbk-Api-Key-Secret") != "APP-1":
            return httpx.Response(401, json={"error_message": "Not Authorized"})
        if method == "POST":
            token = f"01ab{len(self.transactions)}"
            self.transactions[token] = {**told["json"], "status": "INITIALIZED", "said": None}
            return httpx.Response(200, json={"token": token, "url": "https://webpay.example/init"})
        row = self.transactions[url.rpartition("/")[2]]
        if method == "PUT":
            if row["said"] is None:
                return httpx.Response(422, json={"error_message": "Transaction not finished"})
            self.commits += 1
            row["status"], row["response_code"] = ("AUTHORIZED", 0) if row["said"] else ("FAILED", -1)
        return httpx.Response(200, json={name: value for name, value in row.items() if name != "said"})


def offer(desk: Desk, provider: str = "mercadopago", currencies: str = "USD", **told: Any) -> PayMethod:
    """Return a method that is on."""
    told = {"access_token": "APP-1", "secret": SECRET, "commerce": "5970", "currencies": currencies, **told}
    actor = desk.book.actor
    method = payments.set_method(actor=actor, provider=provider, creditor_id=None, told=told, now=NOW)
    return payments.switch_method(actor=actor, method_id=method.pk, is_on=True, now=NOW)


def begin(
    desk: Desk, method: PayMethod, minor: int, currency: str = "USD", *documents: int
) -> payments.Departure:
    """Return where the debtor of the case goes to pay."""
    draft = payments.PayDraft(method, minor, currency, "https://aldia.example/p/T/pago/{key}/", documents)
    actor = debtor(desk.organisation_id, party_id=desk.account.party_id)
    return payments.begin_payment(actor=actor, case_id=desk.account.pk, draft=draft, clock=desk.clock)


def signed(number: str, secret: str = SECRET, request: str = "r-1") -> dict[str, Any]:
    """Return a webhook of Mercado Pago about a payment."""
    manifest = f"id:{number};request-id:{request};ts:1704908010;".encode()
    return {
        "body": json.dumps({"type": "payment", "data": {"id": number}}).encode(),
        "headers": {
            "x-signature": f"ts=1704908010,v1={signature(secret, manifest)}",
            "x-request-id": request,
        },
        "query": {"data.id": number, "type": "payment"},
    }
