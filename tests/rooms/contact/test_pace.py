"""The outbox under fire: each organisation in turn, what is urgent first, stopped at once, and no faster than the provider bears."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from aldia.contact import services
from aldia.contact.models import ChannelSetting, Order
from aldia.contact.outbox import carrying, delivering, passes
from aldia.contact.providers.protocol import Accepted, Capabilities, Outgoing
from tests.rooms.contact.conftest import NOON, Post, make_post

pytestmark = pytest.mark.django_db


class Line:
    """A provider that notes who wrote, and may do something at each message."""

    key = "smtp"
    capabilities = Capabilities(frozenset({"email"}), leaves_machine=True)

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.at_each = lambda: None

    def send(self, message: Outgoing) -> Accepted:
        self.sent.append(message.sender)
        self.at_each()
        return Accepted(message.reference)

    def close(self) -> None:
        return None


@pytest.fixture
def line(post: Post, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    made = Line()
    monkeypatch.setattr(carrying, "provider", lambda _key, _config: made)
    _live(post, "Sur <sur@sur.example>")
    yield made


def _live(post: Post, sender: str, **more: object) -> None:
    type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
    ChannelSetting.objects.update_or_create(
        organisation=post.organisation, channel="email",
        defaults={"provider": "smtp", "is_live": True, "sender": sender, **more},
    )  # fmt: skip


def _orders(post: Post, count: int, **more: object) -> list[Order]:
    return [
        post.order(identity=f"manual:{more.get('origin', '')}{number}", **more) for number in range(count)
    ]


def _send(now: datetime = NOON) -> dict[str, int]:
    return dict(services.send_due(limit=100, clock=lambda: now))


def test_a_big_organisation_keeps_no_small_one_waiting(post: Post, line: Line) -> None:
    _orders(post, 5)
    small = make_post("norte")
    _live(small, "Norte <norte@norte.example>")
    _orders(small, 2)
    assert _send()["sent"] == 7
    assert [each[:3] for each in line.sent] == ["Sur", "Nor", "Sur", "Nor", "Sur", "Sur", "Sur"]


def test_what_is_urgent_goes_first_even_when_it_comes_in_the_middle(
    post: Post, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SLICE", 1)
    _orders(post, 3)
    urgent: list[Order] = []
    line.at_each = lambda: urgent or urgent.extend(_orders(post, 1, origin="user:9", priority=90))  # type: ignore[func-returns-value]
    _send()
    ended = Order.objects.of(post.organisation).filter(state="sent").order_by("sending_at", "pk")
    attempts = list(
        delivering.Attempt.objects.of(post.organisation).order_by("pk").values_list("order_id", flat=True)
    )
    assert ended.count() == 4 and attempts[1] == urgent[0].pk


@pytest.mark.parametrize("what", ["channel", "organisation"])
def test_a_stop_holds_from_the_next_message_on(post: Post, line: Line, what: str) -> None:
    _orders(post, 4)
    houses = type(post.organisation).objects.all()
    rows = ChannelSetting.objects.of(post.organisation) if what == "channel" else houses
    line.at_each = lambda: rows.update(is_paused=True)
    _send()
    assert len(line.sent) == 1
    rows.update(is_paused=False)
    line.at_each = lambda: None
    assert _send()["sent"] == 3


def test_a_channel_with_a_pace_gives_each_its_place(post: Post, line: Line) -> None:
    _live(post, "Sur <sur@sur.example>", per_minute=30)
    orders = _orders(post, 4)
    for second, left in ((0, 1), (1, 1), (2, 2), (4, 3), (6, 4)):
        _send(NOON + timedelta(seconds=second))
        assert len(line.sent) == left
    assert {post.again(each).state for each in orders} == {"sent"}


def test_a_code_that_somebody_waits_for_does_not_wait(post: Post, line: Line) -> None:
    _live(post, "Sur <sur@sur.example>", per_minute=1)
    _orders(post, 2)
    post.order(
        identity="code:1",
        purpose="requested",
        template_key="verification_code",
        extra={"code": "1"},
        priority=99,
    )
    _send()
    assert len(line.sent) == 1 and post.by_identity("code:1").state == "sent"


def test_a_slowed_campaign_on_a_slowed_channel_leaves_in_the_end(post: Post, line: Line) -> None:
    _live(post, "Sur <sur@sur.example>", per_minute=30)
    for _each in range(3):
        post.order()
    services.brake_campaign(actor=post.actor, campaign="b2b:soft", per_minute=60, reason="prueba", now=NOON)
    for second in range(8):
        _send(NOON + timedelta(seconds=second))
    assert len(line.sent) == 3
