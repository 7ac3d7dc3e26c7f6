"""Logging what came of a contact."""

from datetime import date, datetime
from typing import Any

import pytest

from aldia.contact.models import Touch
from aldia.domain.outcome_tree import DEFAULT_TREE
from aldia.domain.outcomes import Field, FieldType
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Dispute, Outcome, OutcomeDetail, Promise, Task
from tests.rooms.outcomes.conftest import MONDAY, Desk


def answer(field: Field, desk: Desk) -> Any:
    """Return something that a person could answer to the field."""
    given = {
        FieldType.MONEY: "250,50", FieldType.DATE: "viernes", FieldType.INSTANT: "mañana 10:30", FieldType.TEXT: "dijo que sí",
        FieldType.COUNT: "3", FieldType.CHOICE: "amount_wrong", FieldType.DOCUMENTS: [desk.documents()[0].pk],
        FieldType.CONTACT_POINT: desk.point().pk,
    }[field.type]  # fmt: skip
    return {"paid_on": MONDAY.isoformat(), "means": "cheque"}.get(field.key, given)


@pytest.mark.covers("S1-11d", "S1-13a")
@pytest.mark.parametrize("kind", DEFAULT_TREE.outcomes, ids=lambda kind: kind.key)
def test_every_outcome_of_the_tree_leaves_a_next_step(desk: Desk, kind: Any) -> None:
    answers = {field.key: answer(field, desk) for field in kind.fields if field.type is not FieldType.FILE}

    desk.log(kind.key, **answers)

    case = desk.case()
    assert case.next_step
    assert case.next_on >= MONDAY
    assert case.last_outcome == kind.key
