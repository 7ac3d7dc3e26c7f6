"""Settings that rule cases: who deserves attention, portfolio by portfolio, and by what the queue of everybody is ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.domain.attention import DEFAULT_RULE, AttentionRule
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio

SETTING = "attention"
QUEUE_SETTING = "queue_by_worth"


def is_by_worth(actor: Actor) -> bool:
    """Return whether the queue goes by what a minute of work should bring; by points unless the organisation says so."""
    return bool(access.organisation_of(actor).settings.get(QUEUE_SETTING))


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
