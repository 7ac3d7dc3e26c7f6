"""Campaigns in the hands of people: paused, slowed, stopped; and the provider asked about what nobody knows."""

from datetime import timedelta

import pytest

from aldia.access.models import AuditEvent
from aldia.contact import services
from aldia.contact.outbox.claiming import LEASE, claim
from aldia.contact.providers.sandbox.sender import Sandbox
from tests.rooms.contact.conftest import NOON, Post

SOFT = "b2b:soft"


def _brake(post: Post, per_minute: int | None) -> None:
    services.brake_campaign(
        actor=post.actor, campaign=SOFT, per_minute=per_minute, reason="Revisar el texto", now=NOON
    )


def test_a_paused_campaign_stands_still_and_the_others_go_on(post: Post) -> None:
    held, free = post.order(), post.order(identity="b2b:softer:1", document_ids=[])
    _brake(post, None)
    post.send()
    assert post.again(held).state == "queued"
    assert post.again(free).state != "queued"
    services.release_campaign(actor=post.actor, campaign=SOFT, now=NOON)
    post.send()
    assert post.again(held).state != "queued"


def test_a_pause_reaches_an_order_that_a_pass_has_already_taken_up(post: Post) -> None:
    order = post.order()
    _brake(post, None)
    assert not claim([order.pk], organisation=post.organisation, business_now=NOON, real_now=NOON).claimed
    assert post.again(order).state == "queued"


def test_a_slowed_campaign_gives_each_order_its_own_place(post: Post) -> None:
    orders = [post.order(purpose="service") for _ in range(3)]
    _brake(post, 2)
    post.send()
    found = [post.again(order) for order in orders]
    assert [order.state for order in found] == ["sent", "queued", "queued"]
    assert [order.not_before_at - NOON for order in found[1:]] == [
        timedelta(seconds=30),
        timedelta(seconds=60),
    ]
    post.send(NOON + timedelta(seconds=30))
    assert [post.again(order).state for order in orders] == ["sent", "sent", "queued"]
    services.release_campaign(actor=post.actor, campaign=SOFT, now=NOON + timedelta(seconds=31))
    post.send(NOON + timedelta(seconds=31))
    assert post.again(orders[2]).state == "sent"


def test_a_brake_needs_a_reason_and_a_pace(post: Post) -> None:
    for pace, reason in ((None, "  "), (0, "x"), (services.campaigns.FASTEST + 1, "x")):
        with pytest.raises(services.BrakeRefused):
            services.brake_campaign(actor=post.actor, campaign=SOFT, per_minute=pace, reason=reason, now=NOON)


def test_a_stopped_campaign_is_cancelled_if_it_is_still_what_was_read(post: Post) -> None:
    order, other = post.order(), post.order(identity="b2b:softer:1")
    told = {"actor": post.actor, "campaign": SOFT, "reason": "Texto equivocado", "now": NOON}
    with pytest.raises(services.CountChanged) as refusal:
        services.stop_campaign(expected=2, **told)
    assert refusal.value.count == 1
    assert services.stop_campaign(expected=1, **told) == 1
    assert (post.again(order).state, post.again(order).reason) == ("cancelled", "campaign_stopped")
    assert post.again(other).state == "queued"
    kept = AuditEvent.objects.of(post.organisation).get(verb="contact.campaign.stop")
    assert kept.data == {"campaign": SOFT, "orders": 1, "reason": "Texto equivocado"}


@pytest.mark.parametrize(("answer", "state"), [(True, "sent"), (False, "failed"), (None, "unknown")])
def test_the_provider_is_asked_about_what_nobody_knows(
    post: Post, monkeypatch: pytest.MonkeyPatch, answer: bool | None, state: str
) -> None:
    order = post.order()
    claim([order.pk], organisation=post.organisation, business_now=NOON, real_now=NOON)
    services.expire_leases(now=NOON + LEASE * 2)
    monkeypatch.setattr(Sandbox, "look_up", lambda _self, _reference: answer)
    assert services.ask_provider(actor=post.actor, order_id=order.pk, now=NOON) is answer
    assert post.again(order).state == state
