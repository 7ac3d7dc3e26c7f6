"""A strategy that reports to the credit bureau sooner than the law allows is told so before it is published."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from aldia.contact.rulepacks import policy_under, shipped_rules
from aldia.domain.compliance.matching import CaseFacts
from aldia.strategy.checking import _too_soon

ON = date(2026, 11, 23)


def _told(country: str, days: int) -> dict[str, Any]:
    policy = policy_under(shipped_rules(), CaseFacts(country), on=ON)
    notice: Any = SimpleNamespace(days=days)
    return {
        problem.told["rule"]: (problem.code, problem.told["days"])
        for problem in _too_soon(policy, notice, ("s",), ON)
    }


@pytest.mark.enforces("notice_before")
@pytest.mark.parametrize(
    ("country", "rule", "lead"), [("CO", "CO-NOT-01", 20), ("US", "US-NOT-01", 14), ("GB", "GB-NOT-02", 28)]
)
def test_the_report_waits_its_days_and_not_one_more(country: str, rule: str, lead: int) -> None:
    assert _told(country, lead - 1)[rule] == ("bureau_wait", lead)
    assert rule not in _told(country, lead)


@pytest.mark.enforces("notice_before")
def test_a_small_colombian_debt_needs_two_notices() -> None:
    assert _told("CO", 60)["CO-NOT-02"] == ("bureau_notice", "1/2")
