"""A bank's statement that came as a table: the same lines as any other statement, balances where its column proves them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from aldia.domain.money import to_major
from aldia.intake.readers.records.shapes import Entry, Statement

Record = Mapping[str, Any]
# Columns that only a bank writes; a list of collections names its client instead.
OF_A_BANK = {"balance", "debit", "credit", "direction", "value_on"}


def statements_of(records: Sequence[Record], columns: Mapping[str, str]) -> list[Statement]:
    """The statement of these checked rows, one for each currency; none for a list that names the client of each row."""
    goes_out = any(record["amount_minor"] < 0 for record in records)
    if "customer_id" in columns or not (goes_out or OF_A_BANK & set(columns)):
        return []
    currencies = dict.fromkeys(record["currency"] for record in records)
    return [_statement([each for each in records if each["currency"] == code], code) for code in currencies]


def _statement(records: Sequence[Record], currency: str) -> Statement:
    # A sheet writes an account between quotes to keep its zeros.
    accounts = {(record.get("account") or "").strip("'") or None for record in records}
    opening, closing = _balances(records)
    return {
        "account": accounts.pop() if len(accounts) == 1 else None,
        "currency": currency,
        "opening": _written(opening, currency),
        "closing": _written(closing, currency),
        "entries": [_entry(record, currency) for record in records],
    }


def _entry(record: Record, currency: str) -> Entry:
    return {
        "booked_on": record.get("on"),
        "valued_on": record.get("value_on"),
        "amount": _written(record["amount_minor"], currency) or "0",
        "currency": currency,
        "reference": record.get("reference") or record.get("document_number"),
        "text": " ".join(text for name in ("payer_name", "text") if (text := record.get(name))),
        "returned": False,
    }


def _balances(records: Sequence[Record]) -> tuple[int | None, int | None]:
    """Opening and closing when every row's balance is the one before plus its amount, oldest or newest first."""
    for rows in (list(records), list(reversed(records))):
        balances = [record.get("balance_minor") for record in rows]
        if not rows or None in balances:
            return None, None
        if all(
            old["balance_minor"] + new["amount_minor"] == new["balance_minor"] for old, new in pairwise(rows)
        ):
            return rows[0]["balance_minor"] - rows[0]["amount_minor"], rows[-1]["balance_minor"]
    return None, None


def _written(minor: int | None, currency: str) -> str | None:
    return None if minor is None else f"{to_major(minor, currency):f}"
