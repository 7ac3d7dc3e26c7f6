"""Settings of portfolios that rule cases: who deserves attention."""

from aldia.access.actors import Actor
from aldia.domain.attention import DEFAULT_RULE, AttentionRule
from aldia.ledger import selectors as ledger

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


def attention_rule(actor: Actor, portfolio_id: int) -> AttentionRule:
    """Return the rule of one portfolio."""
    setting = ledger.portfolio(actor, portfolio_id).settings.get(SETTING)
    return AttentionRule(**setting) if setting else DEFAULT_RULE
