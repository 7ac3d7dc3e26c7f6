"""One customer who writes, on the page of its link or by telephone, where the bot is on."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from aldia.access import services as access
from aldia.chat import services as chat
from aldia.chat.switching import ChatRules
from aldia.contact import services as contact
from aldia.contact.models import DebtorLink
from aldia.outcomes import services as outcomes
from tests.rooms.contact.conftest import NOON, TUESDAY, Post, make_post

Talk = Callable[..., list[str]]


def make_talking_post() -> Post:
    """A customer of a house whose bot is on, on a Tuesday at noon."""
    made = make_post()
    access.move_clock(actor=made.actor, to=TUESDAY, now=timezone.now())
    outcomes.ensure_outcome_tree(organisation_id=made.organisation.pk)
    chat.set_chat(actor=made.actor, rules=ChatRules(is_on=True), clock=made.clock)
    return made


@pytest.fixture
def post(db: None) -> Post:
    return make_talking_post()


@pytest.fixture
def link(post: Post) -> DebtorLink:
    _token, made = contact.make_link(
        organisation_id=post.organisation.pk, case_id=post.case_id, party_id=post.party_id, origin="test:1", now=NOON,
    )  # fmt: skip
    return made


@pytest.fixture
def talk(post: Post, link: DebtorLink) -> Talk:
    """Write one message after another on the page of the link; what was answered to the last."""
    told = {"many": 0, "is_known": False}

    def write(*texts: str) -> list[str]:
        lines: tuple[str, ...] = ()
        for text in texts:
            told["many"] += 1
            written = chat.Written(text, f"c{told['many']}", is_known=bool(told["is_known"]))
            answer = chat.talk(link=link, written=written, clock=post.clock)
            told["is_known"], lines = answer.is_known, answer.lines
        return list(lines)

    return write
