"""Reads of the room for screens, scoped by actor."""

from aldia.outcomes.selectors.tree import outcome_labels, outcome_tree

__all__ = ["outcome_labels", "outcome_tree"]
