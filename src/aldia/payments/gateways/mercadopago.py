"""Mercado Pago: what an answer of its API says about money, field by field as written; amounts stay exact decimals.

Source: the public reference of its API (payments, orders, refunds, chargebacks, subscriptions). A field that a short answer
leaves out is not known: it is asked again by the id, never taken from elsewhere.
"""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_FIELDS: Final = (
    "id", "preapproval_id", "external_reference", "status", "status_detail", "order_status", "amount", "total_amount",
    "transaction_amount", "transaction_amount_refunded", "currency_id", "date_created", "date_approved", "payment_id",
    "next_retry_date", "retry_attempt",
)  # fmt: skip
_PARTS: Final = ("id", "status", "status_detail", "amount", "transaction_amount", "currency_id")
_REPEATS: Final = ("frequency", "frequency_type", "transaction_amount", "currency_id")
_LISTS: Final = ("results", "elements")

# A payment of which a part went back is still a payment: `transaction_amount_refunded` says how much.
RECEIVED: Final = frozenset(
    {("approved", "accredited"), ("processed", "accredited"), ("approved", "partially_refunded")}
)
RETURNED: Final = frozenset({"refunded", "charged_back"})
REFUSED: Final = frozenset({"rejected", "cancelled", "canceled", "failed", "expired"})


class NotAnAnswer(ValueError):
    """Raised for a text that is no JSON, or for an answer that says what went wrong; `status` is its HTTP status if any."""

    def __init__(self, text: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(text)


@dataclass(frozen=True)
class Movement:
    """What an answer means for the ledger: `received`, `returned`, `refused` or `waiting`; amount and currency as stated.

    `amount` and `currency` are None where the answer does not carry them: then nothing may be posted from it.
    """

    kind: str
    id: str
    reference: str | None
    amount: Decimal | None
    currency: str | None


def facts_of(text: str | bytes) -> Any:
    """Return the fields that matter, as they are written, in the shape of the answer. Raises NotAnAnswer."""
    try:
        told = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise NotAnAnswer("the answer is no JSON") from error
    if isinstance(told, dict) and "error" in told and "id" not in told:
        raise NotAnAnswer(str(told.get("message") or told["error"]), told.get("status"))
    return _facts(told)


def movement(facts: dict[str, Any]) -> Movement:
    """Return what one payment, order, refund or chargeback means for the ledger, once: its id is unique for ever."""
    status, detail = facts.get("status"), facts.get("status_detail")
    if (status, detail) in RECEIVED:
        kind = "received"
    elif status in RETURNED:
        kind = "returned"
    elif status in REFUSED:
        kind = "refused"
    else:
        kind = "waiting"
    amount = next(
        (facts[name] for name in ("transaction_amount", "total_amount", "amount") if name in facts), None
    )
    return Movement(
        kind, str(facts["id"]), facts.get("external_reference"), decimal(amount), facts.get("currency_id")
    )


def decimal(value: Any) -> Decimal | None:
    """Return an amount as an exact decimal, None for nothing. Raises NotAnAnswer for what is no amount."""
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise NotAnAnswer(f"{value!r} is no amount") from error


def _facts(told: Any) -> Any:
    if isinstance(told, list):
        return [_facts(each) for each in told]
    if not isinstance(told, dict):
        return told
    for name in _LISTS:
        if isinstance(told.get(name), list):
            return {name: [_facts(each) for each in told[name]]}
    found = _chosen(told, _FIELDS)
    if isinstance(told.get("payment"), dict):
        found["payment"] = _chosen(told["payment"], _PARTS)
    moves = told.get("transactions") if isinstance(told.get("transactions"), dict) else told
    for name in ("payments", "refunds", "chargebacks"):
        parts = moves.get(name) if isinstance(moves, dict) else None
        if isinstance(parts, list) and parts:
            found[name] = [_chosen(each, _PARTS) if isinstance(each, dict) else each for each in parts]
    if isinstance(told.get("auto_recurring"), dict):
        found["auto_recurring"] = _chosen(told["auto_recurring"], _REPEATS)
    return found


def _chosen(told: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: told[name] for name in names if told.get(name) is not None}
