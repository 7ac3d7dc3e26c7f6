"""A legal hold stops whoever would contact the person, machine or hand, and leaves its proof."""

from datetime import date, timedelta

import pytest

from aldia.cases import services as cases
from aldia.contact import selectors
from aldia.contact.models import GateProof
from tests.rooms.contact.conftest import NOON, TUESDAY, Post


def _legal(post: Post, until: date | None) -> None:
    hold = cases.HoldDraft("legal", TUESDAY, until, "Pidió por escrito que no le escriban", "desk:user:1")
    cases.place_hold(actor=post.actor, case_id=post.case_id, hold=hold, now=NOON)


@pytest.mark.enforces("event_block")
def test_a_legal_hold_without_end_stops_what_a_person_sends_and_keeps_the_proof(post: Post) -> None:
    _legal(post, None)
    by_hand, automatic = post.order(identity="manual:1"), post.order()
    post.send()
    assert (post.again(by_hand).state, post.again(by_hand).reason) == ("withheld", "hold")
    assert post.again(automatic).reason_args == {"hold": "legal"}
    proof = GateProof.objects.of(post.organisation).get(order_id=by_hand.pk)
    assert not proof.is_allowed and proof.reasons[0][2] == {"hold": "legal"}
    answers = selectors.may_contact_now(post.actor, post.case_id, clock=post.clock, language="es")
    assert not any(answer.is_allowed for answer in answers)


@pytest.mark.enforces("event_block")
def test_a_period_of_protection_lets_the_message_wait_for_its_end(post: Post) -> None:
    until = TUESDAY + timedelta(days=1)
    _legal(post, until)
    by_hand = post.order(identity="manual:1")
    post.send()
    waiting = post.again(by_hand)
    assert waiting.state == "queued" and waiting.not_before_at.date() == until
