"""The law of an organisation: the packs that ship with aldia and the rules of the house that hold now, as one book."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from aldia.contact.house.models import HouseKind, OwnRule
from aldia.contact.house.words import summary_of
from aldia.contact.rulepacks import policy_under, shipped_rules
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.packs import ContactWindow, FrequencyCap, Rule, RuleBook
from aldia.domain.compliance.parsing import parse_rule

if TYPE_CHECKING:
    from aldia.domain.compliance.policy import ContactPolicy
    from aldia.ledger.models import Portfolio

OWN: Final = "own"  # the confidence of a rule of the house: it is no law
_MARK: Final = 10  # characters of the mark in the version that proofs keep

Kept = tuple[int, str, str, str]  # id, kind, params as text, reason


def policy_of(organisation_id: int, facts: CaseFacts, *, on: date) -> ContactPolicy:
    """Return the cached policy of an organisation for these facts on that date."""
    return policy_under(book_of(organisation_id), facts, on=on)


def facts_of(portfolio: Portfolio, *, country: str, region: str = "") -> CaseFacts:
    """Return the facts of a portfolio's debts in a place, which the caller knows better: the person's, or the house's own."""
    return CaseFacts(country, region, portfolio.debt_kind, portfolio.debtor_kind, portfolio.actor_kind)


def book_of(organisation_id: int) -> RuleBook:
    """Return the law with the rules of the house in force; its version names them. The same book while they stay."""
    own = _own(organisation_id)
    return _book(shipped_rules(), own) if own else shipped_rules()


def rule_of(rule_id: str, kind: str, params: object, reason: str) -> Rule:
    """Return a rule of the house as the packs have theirs. Raises MalformedRule."""
    rule = parse_rule(
        {"id": rule_id, "kind": kind, "params": params, "severity": "hard", "law": reason, "basis": OWN, "confidence": OWN},
        country="",
    )  # fmt: skip
    says = summary_of(rule.params) if isinstance(rule.params, ContactWindow | FrequencyCap) else None
    return replace(rule, summary=says)


def name_of(pk: int) -> str:
    """Return how a rule of the house is named in reasons and proofs."""
    return f"OWN-{pk}"


@lru_cache(maxsize=256)
def _book(shipped: RuleBook, own: tuple[Kept, ...]) -> RuleBook:
    switched = frozenset(
        json.loads(params)["rule"] for _pk, kind, params, _why in own if kind == HouseKind.SWITCH
    )
    rules = tuple(
        rule_of(name_of(pk), kind, json.loads(params), why)
        for pk, kind, params, why in own
        if kind != HouseKind.SWITCH
    )
    mark = sha256(repr(own).encode()).hexdigest()[:_MARK]
    return shipped.with_organisation(tightenings=rules, switched_on=switched, version=f"own-{mark}")


@remembered
def _own(organisation_id: int) -> tuple[Kept, ...]:
    return tuple(
        (row.pk, row.kind, json.dumps(row.params, sort_keys=True), row.reason)
        for row in _rows(organisation_id)
    )


@prepared
def _rows(organisation_id: int) -> Any:
    return OwnRule.objects.of(organisation_id).filter(end=None).order_by("pk")
