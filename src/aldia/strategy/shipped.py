"""The strategies that ship with aldia, as documents."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

B2B: Final = "b2b_invoices"
CONSUMER: Final = "consumer_instalments"
DEFAULTS: Final = (B2B, CONSUMER)
"""What every organisation has from its first day; the others are taken from the catalogue by whoever wants them."""
KEYS: Final = (
    *DEFAULTS, "small_companies", "key_accounts", "small_balances", "microcredit_weekly", "credit_cards", "telco_utility",
    "cheques_notes", "agency_residual",
)  # fmt: skip


@cache
def shipped_documents() -> dict[str, dict[str, Any]]:
    """Return the documents by key, as their files say."""
    folder = files("aldia.strategy").joinpath("catalogue")
    return {key: json.loads(folder.joinpath(f"{key}.json").read_text(encoding="utf-8")) for key in KEYS}


@cache
def shipped_words() -> dict[str, dict[str, str]]:
    """Return what the documents say in three languages (names of steps and stages, titles of tasks), by each of its three texts."""
    return {text: label for label in _labels(list(shipped_documents().values())) for text in label.values()}


def _labels(told: Any) -> Iterator[dict[str, str]]:
    if isinstance(told, dict) and told.keys() == {"es", "en", "pt"}:
        yield told
    elif isinstance(told, dict | list):
        for part in told.values() if isinstance(told, dict) else told:
            yield from _labels(part)


def default_key(*, debt_kind: str, debtor_kind: str) -> str:
    """Return the strategy of a portfolio that names none: by who owes, else by what is owed."""
    return CONSUMER if "consumer" in (debtor_kind, debt_kind) else B2B


def suited_key(*, debt_kind: str, debtor_kind: str) -> str:
    """Return the strategy of the catalogue that suits a kind of debt best: the one made for it, else the default one."""
    made_for = {"credit_card": "credit_cards", "public_utility": "telco_utility"}
    return made_for.get(debt_kind) or default_key(debt_kind=debt_kind, debtor_kind=debtor_kind)
