"""One rule, two speeds: decide() and its slow oracle say the same on invented portfolios."""

import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from aldia.engine.decide import decide
from aldia.engine.frames import DECISIONS, Frames
from aldia.engine.reference import decide_reference
from tests.engine.portfolios import AS_OF, CALENDARS, MIXED, POLICIES, portfolios


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(portfolios())
def test_the_fast_and_the_slow_way_take_the_same_decisions(frames: Frames) -> None:
    fast = decide(frames, MIXED, CALENDARS, POLICIES, as_of=AS_OF)
    slow = decide_reference(frames, MIXED, CALENDARS, POLICIES, as_of=AS_OF)
    assert_frame_equal(fast, slow)
    assert fast.schema == DECISIONS.dtypes
    identity = list(DECISIONS.key)
    assert fast.select(identity).is_duplicated().sum() == 0
