"""Answers of payment gateways against their reference: every field that matters for posting money, amounts as decimals."""

from pathlib import Path
from typing import Any

from aldia.ops.conformance.checks import Case, Checks, Comparison, Found
from aldia.payments.gateways.mercadopago import NotAnAnswer, decimal, facts_of

_AMOUNTS = {"amount", "total_amount", "transaction_amount", "transaction_amount_refunded"}


def answer(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """One answer of the gateway, field by field."""
    try:
        ours = facts_of(path.read_bytes())
    except NotAnAnswer as error:
        ours = {"error": str(error)}
    checks.same("facts", _comparable(case["facts"]), _comparable(ours))


def _comparable(told: Any) -> Any:
    if isinstance(told, list):
        return [_comparable(each) for each in told]
    if isinstance(told, dict):
        return {
            name: decimal(value) if name in _AMOUNTS else _comparable(value) for name, value in told.items()
        }
    return told


KINDS: dict[str, Comparison] = {"gateway answer": answer}
