"""Replies fetched from a box: kept before they are marked, led to their case whatever program wrote them, none lost."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from aldia.contact import services
from aldia.contact.inbound.models import Arrival, Reply
from aldia.contact.models import ChannelSetting
from aldia.contact.outbox.claiming import claim
from benchmarks.mail_programs import STYLES, Ours, replies
from tests.rooms.contact.conftest import NOON, Post
from tests.rooms.contact.imap import MailBox, mail_box

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(post: Post) -> Iterator[MailBox]:
    with mail_box() as made:
        inbox = services.InboxServer(
            "cobros@sur.example", "127.0.0.1", made.port, "none", "cobros", "secreta"
        )
        services.set_inbox(actor=post.actor, server=inbox, now=NOON)
        yield made


def _ours(post: Post) -> Ours:
    post.order()
    post.send()
    sent = post.messages()[-1]
    return Ours(
        sent.reference, sent.sender, f"cobros+{sent.reference}@sur.example", sent.recipient, sent.subject, sent.text, sent.html
    )  # fmt: skip


def test_replies_of_every_program_come_to_their_case_and_a_stranger_waits(post: Post, box: MailBox) -> None:
    count = sum(share for share, _make in STYLES.values())
    written = replies([_ours(post)], count=count)
    box.mails = [each.raw for each in written]
    assert services.fetch_mail(now=NOON) == count and services.fetch_mail(now=NOON) == 0
    services.process_arrivals(limit=1000, now=NOON)
    kept = list(Reply.objects.of(post.organisation).order_by("pk"))
    assert len(kept) == count == len(box.seen)
    astray = Counter(style.style for style, reply in zip(written, kept, strict=True) if reply.case_id is None)
    assert set(astray) <= {"stranger"} and len(kept) - astray.total() >= 0.95 * count


def test_a_line_that_breaks_loses_nothing_and_doubles_nothing(post: Post, box: MailBox) -> None:
    box.mails = [each.raw for each in replies([_ours(post)], count=6)]
    for commands in (6, 9, 1_000_000):  # the line breaks after a mail was handed over, and again
        box.dies_after = commands
        services.fetch_mail(now=NOON)
    services.process_arrivals(limit=100, now=NOON)
    assert len(box.seen) == 6 == Reply.objects.of(post.organisation).count()
    assert Arrival.objects.of(post.organisation).count() == 6


def test_a_wrong_password_stops_nothing_else(post: Post, box: MailBox) -> None:
    inbox = services.InboxServer("cobros@sur.example", "127.0.0.1", box.port, "none", "cobros", "otra")
    services.set_inbox(actor=post.actor, server=inbox, now=NOON)
    box.mails = [b"From: a@b.example\r\n\r\nHola"]
    assert services.fetch_mail(now=NOON) == 0 and not box.seen


def test_a_mail_offers_to_leave_in_one_click_where_the_address_is_encrypted(
    post: Post, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://cobros.sur.example"
    setting = ChannelSetting.objects.of(post.organisation).get_or_create(
        organisation=post.organisation, channel="email"
    )[0]
    type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
    order = post.order()
    organisation = type(post.organisation).objects.get(pk=post.organisation.pk)
    setting.provider, setting.is_live, setting.config = "smtp", True, {"host": "127.0.0.1"}
    setting.save()
    [claimed] = claim([order.pk], organisation=organisation, business_now=NOON, real_now=NOON).claimed
    told = claimed.outgoing.headers
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told["List-Unsubscribe"].startswith("<https://cobros.sur.example/p/")
