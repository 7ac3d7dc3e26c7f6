"""Set-based reads of the room, for millions: what strategies, indicators and alarms need."""

from aldia.outcomes.facts.activity import (
    activity_frame,
    dispute_frame,
    expected_frame,
    promise_frame,
    promise_terms,
)
from aldia.outcomes.facts.alarm_facts import AlarmInputs, alarm_inputs
from aldia.outcomes.facts.of_cases import last_contacts, outcome_facts
from aldia.outcomes.facts.open_alarms import open_alarm_frame
from aldia.outcomes.models import DECIDED

__all__ = [
    "DECIDED",
    "AlarmInputs",
    "activity_frame",
    "alarm_inputs",
    "dispute_frame",
    "expected_frame",
    "last_contacts",
    "open_alarm_frame",
    "outcome_facts",
    "promise_frame",
    "promise_terms",
]
