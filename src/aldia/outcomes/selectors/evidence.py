"""What was agreed, answered and disputed about some cases, row by row: for who has to prove it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aldia.outcomes.models import Dispute, Outcome, OutcomeDetail, Promise

_OUTCOME: Final = (
    "id", "case_id", "type_key", "channel", "is_inbound", "is_contact", "is_right_party", "on", "at", "seconds", "user_id",
    "voids_id",
)  # fmt: skip
_DISPUTE: Final = (
    "id", "case_id", "document_ids", "reason", "description", "department", "deadline_on", "state", "answer", "opened_by",
    "opened_on", "opened_at", "answered_at",
)  # fmt: skip
_PROMISE: Final = (
    "id",
    "case_id",
    "amount_minor",
    "currency",
    "due_on",
    "state",
    "kept_minor",
    "made_on",
    "made_at",
    "made_by",
)


def evidence(organisation_id: int, case_ids: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
    """Return the outcomes (with what was noted), disputes and promises of the cases, oldest first."""
    outcomes = list(
        Outcome.objects.of(organisation_id)
        .filter(case_id__in=case_ids)
        .order_by("at", "id")
        .values(*_OUTCOME)
    )
    details = OutcomeDetail.objects.of(organisation_id).filter(outcome_id__in=[row["id"] for row in outcomes])
    noted = {row.outcome_id: {"person": row.person, "note": row.note} for row in details}
    return {
        "outcomes": [{**row, **noted.get(row["id"], {})} for row in outcomes],
        "disputes": list(
            Dispute.objects.of(organisation_id).filter(case_id__in=case_ids).order_by("id").values(*_DISPUTE)
        ),
        "promises": list(
            Promise.objects.of(organisation_id).filter(case_id__in=case_ids).order_by("id").values(*_PROMISE)
        ),
    }
