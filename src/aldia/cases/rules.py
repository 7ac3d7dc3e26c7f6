"""Settings that rule cases: who deserves attention, portfolio by portfolio, and by what the queue of everybody is ordered."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.domain.attention import AttentionRule
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio

SETTING = "attention"
QUEUE_SETTING = "queue_by_worth"


def is_by_worth(actor: Actor) -> bool:
    """Return whether the queue goes by what a minute of work should bring; by points unless the organisation says so."""
    return bool(access.organisation_of(actor).settings.get(QUEUE_SETTING))


def attention_rules(actor: Actor) -> dict[int, AttentionRule]:
    """Return the amount x age rule of each portfolio that has its own. Raises BadAttentionRule for numbers out of range."""
    return {row.pk: attention_rule(row) for row in ledger.portfolios(actor) if row.settings.get(SETTING)}


def attention_rule(portfolio: Portfolio) -> AttentionRule:
    """Return the rule of one portfolio: its own (`settings["attention"]`, fields of AttentionRule) or the usual one."""
    told = portfolio.settings.get(SETTING) or {}
    # What an older version kept and this one no longer knows is passed over, so that the night goes on.
    return AttentionRule(
        **{field.name: told[field.name] for field in fields(AttentionRule) if field.name in told}
    )
