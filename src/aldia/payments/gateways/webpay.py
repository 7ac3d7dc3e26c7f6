"""Chile's Webpay Plus: a transaction has a token, the payer goes there with it, comes back, and only a commit moves the money.

Source: Transbank's public reference of its REST API 1.2. There are no webhooks: the payer's return is the notice, which proves
nothing but that somebody knows the token; what it means is what the commit answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

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
)

ADDRESS: Final = "https://webpay3g.transbank.cl"
TEST_ADDRESS: Final = "https://webpay3gint.transbank.cl"
_PATH: Final = "/rswebpaytransaction/api/webpay/v1.2/transactions"
_RETURNED: Final = frozenset({"REVERSED", "NULLIFIED"})
_PARTLY: Final = "PARTIALLY_NULLIFIED"


class Webpay:
    """A commerce of Transbank: `commerce` code and `access_token`. It takes pesos of Chile and nothing else."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self.base_url = config.get("base_url") or (TEST_ADDRESS if config.get("is_test") else ADDRESS)
        self.headers = {
            "Tbk-Api-Key-Id": config.get("commerce", ""), "Tbk-Api-Key-Secret": config.get("access_token", ""),
        }  # fmt: skip

    def start(self, asked: Asked) -> Begun:
        """Return the form's page and its token."""
        if asked.currency != "CLP":
            raise GatewayRefusal(f"Webpay takes CLP, not {asked.currency}")
        told = {
            "buy_order": asked.key, "session_id": asked.key, "amount": asked.amount_minor, "return_url": asked.return_url,
        }  # fmt: skip
        answer = call("POST", self.base_url, _PATH, headers=self.headers, json=told)
        made = fields_of(answer)
        if answer.status_code >= 400 or "token" not in made:
            raise GatewayRefusal(str(made.get("error_message") or answer.status_code))
        return Begun(str(made["token"]), str(made["url"]), {"token_ws": str(made["token"])})

    def read_notice(self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Knock:
        """Return the transaction of a return: finished, given up (TBK_TOKEN) or timed out (only our order)."""
        told = {**query, **dict(parse_qsl(body.decode("utf-8", "replace")))}
        token = told.get("token_ws") or told.get("TBK_TOKEN") or ""
        order = told.get("TBK_ORDEN_COMPRA", "")
        if not token and not order:
            raise NoticeRefused("a return without token and without order")
        return Knock(key="" if token else order, id=token)

    def look_up(self, key: str, provider_id: str) -> Sequence[Told]:
        """Return what the transaction is, committed first if the payer has done his part; a commit repeated changes nothing."""
        if not provider_id.isalnum():
            return []
        told = self._asked("GET", provider_id)
        if told and told.get("status") == "INITIALIZED":
            told = self._asked("PUT", provider_id) or told
        if not told or str(told.get("buy_order", key)) != key:
            return []
        return [_told(provider_id, told)]

    def find_key(self, provider_id: str) -> str:
        """Return our key of a token; empty where Transbank knows none."""
        told = self._asked("GET", provider_id) if provider_id.isalnum() else None
        return str((told or {}).get("buy_order", ""))

    def _asked(self, method: str, token: str) -> dict[str, Any] | None:
        """The transaction, None where it cannot be (an unfinished one has no commit, an old one no status)."""
        answer = call(method, self.base_url, f"{_PATH}/{token}", headers=self.headers)
        if answer.status_code in {404, 422}:
            return None
        if answer.status_code >= 400:
            raise GatewayDown(f"HTTP {answer.status_code}")
        return fields_of(answer)


def _told(token: str, told: dict[str, Any]) -> Told:
    status, amount = str(told.get("status", "")), int(told.get("amount", 0))
    if status == "AUTHORIZED" and told.get("response_code") == 0:
        return Told("received", token, amount, "CLP")
    if status == _PARTLY:  # `balance` is what stays
        return Told(
            "received", token, amount, "CLP", returned_minor=amount - int(told.get("balance", amount))
        )
    if status in _RETURNED:
        return Told("returned", token, amount, "CLP")
    return Told("waiting" if status == "INITIALIZED" else "refused", token, amount, "CLP")
