"""The company of these tests is whole."""

import pytest

from aldia.cases.selectors import neglected
from aldia.payments.selectors import verify
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db


def test_the_company_balances_and_every_case_has_somebody_and_something_to_come(desk: Desk) -> None:
    assert verify(desk.organisation.pk).ok
    assert neglected(desk.organisation.pk) == []
    assert desk.case(0).promise_state == "broken"
    assert desk.case(5).promise_state == "open"
