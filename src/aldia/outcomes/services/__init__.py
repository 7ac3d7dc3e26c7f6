"""All writes of the room: outcomes, promises, plans, disputes, tasks, alarms and the outcome tree."""

from aldia.outcomes.services.alarms import (
    AlarmRefused,
    UnknownAlarm,
    alarm_rows,
    delegate_alarm,
    mark_alarm,
    postpone_alarm,
    raise_alarm,
    raise_alarm_frame,
    raise_alarms,
    reopen_alarm,
)
from aldia.outcomes.services.disputes import (
    DisputeRefused,
    UnknownDispute,
    answer_dispute,
    cancel_dispute,
    hand_over_dispute,
    open_dispute,
)
from aldia.outcomes.services.effects import OutcomeRefused
from aldia.outcomes.services.promises import (
    PlanDraft,
    PromiseRefused,
    UnknownPromise,
    cancel_promise,
    make_plan,
    make_promise,
)
from aldia.outcomes.services.saving import log_outcome
from aldia.outcomes.services.settling import Settled, settle_promises
from aldia.outcomes.services.tasks import (
    BadTask,
    TaskDraft,
    UnknownTask,
    cancel_task,
    create_tasks,
    drop_claims,
    finish_task,
    hand_over_task,
    reschedule_task,
    task_rows,
)
from aldia.outcomes.services.tree import (
    OutcomeTypeRefused,
    UnknownOutcomeType,
    deactivate_outcome_type,
    ensure_outcome_tree,
    save_outcome_type,
)
from aldia.outcomes.services.undoing import UndoRefused, undo_outcome

__all__ = [
    "AlarmRefused",
    "BadTask",
    "DisputeRefused",
    "OutcomeRefused",
    "OutcomeTypeRefused",
    "PlanDraft",
    "PromiseRefused",
    "Settled",
    "TaskDraft",
    "UndoRefused",
    "UnknownAlarm",
    "UnknownDispute",
    "UnknownOutcomeType",
    "UnknownPromise",
    "UnknownTask",
    "alarm_rows",
    "answer_dispute",
    "cancel_dispute",
    "cancel_promise",
    "cancel_task",
    "create_tasks",
    "deactivate_outcome_type",
    "delegate_alarm",
    "drop_claims",
    "ensure_outcome_tree",
    "finish_task",
    "hand_over_dispute",
    "hand_over_task",
    "log_outcome",
    "make_plan",
    "make_promise",
    "mark_alarm",
    "open_dispute",
    "postpone_alarm",
    "raise_alarm",
    "raise_alarm_frame",
    "raise_alarms",
    "reopen_alarm",
    "reschedule_task",
    "save_outcome_type",
    "settle_promises",
    "task_rows",
    "undo_outcome",
]
