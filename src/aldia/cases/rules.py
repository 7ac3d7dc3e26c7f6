"""Settings of portfolios that rule cases: who deserves attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aldia.access.actors import Actor
from aldia.domain.attention import DEFAULT_RULE, AttentionRule
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio

SETTING = "attention"


def attention_rules(actor: Actor) -> dict[int, AttentionRule]:
    """Return the amount x age rule of each portfolio that has its own (`settings["attention"]`, fields of AttentionRule).

    Raises BadAttentionRule for numbers out of range, TypeError for a field that does not exist.
    """
    return {
        row.pk: AttentionRule(**row.settings[SETTING])
        for row in ledger.portfolios(actor)
        if row.settings.get(SETTING)
    }


def attention_rule(portfolio: Portfolio) -> AttentionRule:
    """Return the rule of one portfolio."""
    setting = portfolio.settings.get(SETTING)
    return AttentionRule(**setting) if setting else DEFAULT_RULE
