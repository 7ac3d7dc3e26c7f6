"""Tables of the room: outcomes, promises, agreements, and the work they leave to people."""

from aldia.outcomes.models.agreements import (
    Acceptance,
    Agreement,
    AgreementState,
    NegotiationPolicy,
    NegotiationVersion,
)
from aldia.outcomes.models.promises import DECIDED, Plan, Promise, PromiseState
from aldia.outcomes.models.results import Outcome, OutcomeDetail, OutcomeType
from aldia.outcomes.models.work import Alarm, Dispute, DisputeState, Task, TaskState
from aldia.outcomes.quality.models import Opinion, QualityForm, QualityReview

__all__ = [
    "DECIDED",
    "Acceptance",
    "Agreement",
    "AgreementState",
    "Alarm",
    "Dispute",
    "DisputeState",
    "NegotiationPolicy",
    "NegotiationVersion",
    "Opinion",
    "Outcome",
    "OutcomeDetail",
    "OutcomeType",
    "Plan",
    "Promise",
    "PromiseState",
    "QualityForm",
    "QualityReview",
    "Task",
    "TaskState",
]
