"""What is kept of the shipped rules belongs to one run: a second one in the same process reads them anew."""

import pytest

from aldia.contact import rulepacks


@pytest.fixture(scope="session", autouse=True)
def _rules_are_read_by_this_run() -> None:
    rulepacks.shipped_rules.cache_clear()
    rulepacks.policy_under.cache_clear()
