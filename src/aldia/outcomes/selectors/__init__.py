"""Reads of the room for screens, scoped by actor."""

from aldia.db.pages import BadCursor, Page
from aldia.outcomes.selectors.alarms import AlarmFilter, AlarmLine, alarm_counts, alarm_label, alarms
from aldia.outcomes.selectors.commitments import (
    CommitmentFilter,
    DisputeLine,
    PromiseLine,
    dispute,
    disputes,
    disputes_of_case,
    open_promise,
    promises,
    promises_of_case,
)
from aldia.outcomes.selectors.forecast import promised_minor
from aldia.outcomes.selectors.history import Event, TimelineFilter, timeline
from aldia.outcomes.selectors.plans import (
    CommitmentCounts,
    PlanLine,
    commitment_counts,
    plans,
    promise_is_seen,
)
from aldia.outcomes.selectors.tree import outcome_labels, outcome_tree
from aldia.outcomes.selectors.work import (
    AgendaDay,
    AgendaItem,
    Unowned,
    agenda,
    pending_without_owner,
    tasks_of_case,
)

__all__ = [
    "AgendaDay",
    "AgendaItem",
    "AlarmFilter",
    "AlarmLine",
    "BadCursor",
    "CommitmentCounts",
    "CommitmentFilter",
    "DisputeLine",
    "Event",
    "Page",
    "PlanLine",
    "PromiseLine",
    "TimelineFilter",
    "Unowned",
    "agenda",
    "alarm_counts",
    "alarm_label",
    "alarms",
    "commitment_counts",
    "dispute",
    "disputes",
    "disputes_of_case",
    "open_promise",
    "outcome_labels",
    "outcome_tree",
    "pending_without_owner",
    "plans",
    "promise_is_seen",
    "promised_minor",
    "promises",
    "promises_of_case",
    "tasks_of_case",
    "timeline",
]
