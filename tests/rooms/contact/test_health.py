"""A channel whose provider is in trouble rests some minutes and then tries again; a bad address does not count against it."""

from datetime import timedelta

import pytest

from aldia.contact.models import ChannelSetting, Order
from aldia.contact.outbox import health
from aldia.contact.outbox.carrying import Carriers
from aldia.contact.providers.protocol import ProviderError
from tests.rooms.contact.conftest import NOON, Post

BUSY = ProviderError("503", is_certain=True, is_permanent=False)
REFUSED = ProviderError("550 no such user", is_certain=True, is_permanent=True)


def _setting(post: Post) -> ChannelSetting:
    return ChannelSetting.objects.of(post.organisation).get(channel="email")


@pytest.fixture
def order(post: Post) -> Order:
    ChannelSetting.objects.update_or_create(
        organisation=post.organisation, channel="email", defaults={"provider": "smtp"}
    )
    return post.order()


def test_a_channel_rests_after_some_failures_in_a_row_and_wakes_by_itself(post: Post, order: Order) -> None:
    carriers = Carriers()
    for _each in range(health.TRIES - 1):
        carriers.note_failure(order, BUSY, NOON)
    assert health.resting(_setting(post), NOON) is None
    carriers.note_failure(order, BUSY, NOON)
    wait = health.resting(_setting(post), NOON)
    assert wait is not None and wait.until == NOON + health.REST
    assert health.resting(_setting(post), NOON + health.REST + timedelta(seconds=1)) is None
    assert _setting(post).last_error == "503"


def test_one_message_that_goes_through_ends_the_row(post: Post, order: Order) -> None:
    carriers = Carriers()
    for _each in range(health.TRIES):
        carriers.note_failure(order, BUSY, NOON)
    carriers.note_well(order)
    assert (_setting(post).failures, _setting(post).rests_until_at) == (0, None)


def test_a_bad_address_says_nothing_of_the_channel(post: Post, order: Order) -> None:
    for _each in range(health.TRIES):
        Carriers().note_failure(order, REFUSED, NOON)
    assert _setting(post).failures == 0
