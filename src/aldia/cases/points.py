"""The points of one case and why: the domain's rule over what the case keeps."""

from datetime import date

from aldia.cases.models import Case
from aldia.domain.attention import (
    DEFAULT_RULE,
    AttentionFacts,
    AttentionRule,
    Priority,
    PromiseSignal,
    priority,
)


def points_of(case: Case, as_of: date, rule: AttentionRule = DEFAULT_RULE) -> Priority:
    """Return the score of a case on a day with its reasons; the twin of `figures.advance` for one row.

    Who owes only in another currency than the portfolio's is ranked by age.
    """
    is_late = case.oldest_due_on is not None
    facts = AttentionFacts(
        overdue_minor=max(case.overdue_minor, 1) if is_late else 0,
        dpd=(as_of - case.oldest_due_on).days if case.oldest_due_on else 0,
        promise=_signal(case, as_of),
        days_since_contact=max((as_of - case.last_contact_at.date()).days, 0)
        if case.last_contact_at
        else None,
    )
    return priority(facts, rule)


def _signal(case: Case, as_of: date) -> PromiseSignal:
    if case.promise_state == "broken":
        return PromiseSignal.BROKEN
    if case.promise_state == "open" and case.promise_due_on == as_of:
        return PromiseSignal.DUE_TODAY
    return PromiseSignal.NONE
