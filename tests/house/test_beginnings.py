"""What tests stand on is undone by whoever wrote it, or the next test would wait for it for ever."""

import asyncio

import pytest

from tests.beginnings import Ground


def nothing() -> None:
    """Make nothing."""


@pytest.mark.django_db(transaction=True)
def test_beside_a_browser_s_event_loop_nothing_is_begun_nor_undone() -> None:
    ground = Ground()

    async def begin() -> None:
        ground.stand_on((nothing,))

    async def leave() -> None:
        ground.leave()

    with pytest.raises(AssertionError, match="begins with nothing"):
        asyncio.run(begin())
    ground.stand_on((nothing,))
    with pytest.raises(AssertionError, match="another connection"):
        asyncio.run(leave())
    ground.leave()
