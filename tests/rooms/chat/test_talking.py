"""A conversation through the service: what it keeps, what it never says, who goes on."""

from datetime import date, timedelta

import pytest

from aldia.access.actors import member
from aldia.cases.models import Hold
from aldia.chat import selectors
from aldia.chat import services as chat
from aldia.chat.models import Conversation, Exchange
from aldia.contact.inbound.models import Reply
from aldia.contact.models import DebtorLink
from aldia.outcomes.models import Dispute, Promise
from aldia.parties import selectors as parties
from aldia.payments.models import ReportedPayment
from tests.rooms.chat.conftest import Talk
from tests.rooms.contact.conftest import NOON, TUESDAY, Post


@pytest.mark.covers("S3-73")
def test_a_promise_said_in_one_line_is_kept_after_showing_who_one_is(post: Post, talk: Talk) -> None:
    first = talk("pago el viernes 200")
    assert first == ["Antes de seguir cuidamos tus datos. Escribe los últimos 4 números de tu documento."]
    assert "$ 200,00" in talk("5678")[-1].replace("\xa0", " ")
    assert not Promise.objects.of(post.organisation).exists()
    talk("sí")
    promise = Promise.objects.of(post.organisation).get()
    assert (promise.amount_minor, promise.due_on) == (200_00, date(2026, 3, 6))


@pytest.mark.covers("S3-72")
def test_a_stranger_hears_nothing_and_the_person_hears_the_debt_of_the_ledger(post: Post, talk: Talk) -> None:
    asked = talk("hola", "cuánto debo?", "¿cómo me llamo?")
    private = ("6.000", "Ferretería", "Cooperativa", "FC A")
    assert not any(word in line for line in asked for word in private)
    told = " ".join(talk("5678"))
    assert "6.000,00" in told
    row = Conversation.objects.of(post.organisation).get()
    strangers = Exchange.objects.of(post.organisation).filter(conversation=row, is_known=False)
    assert not any(word in line for each in strangers for line in each.said for word in private)


def test_the_same_message_again_is_the_same_answer_and_one_act(post: Post, link: DebtorLink) -> None:
    for text, key in (("pago 200 mañana", "a"), ("sí", "b"), ("sí", "b"), ("sí", "b")):
        written = chat.Written(text, key, is_known=True)
        answer = chat.talk(link=link, written=written, clock=post.clock)
    assert "Anotado" in answer.lines[0]
    assert Promise.objects.of(post.organisation).count() == 1
    assert Exchange.objects.of(post.organisation).count() == 2


@pytest.mark.covers("S3-74")
def test_a_payment_is_reported_and_waits_to_be_verified(post: Post, talk: Talk) -> None:
    talk("hola", "5678", "ya pagué 1.500 ayer", "no")
    row = ReportedPayment.objects.of(post.organisation).get()
    assert (row.amount_minor, row.paid_on, row.state) == (1_500_00, date(2026, 3, 2), "open")


@pytest.mark.covers("S3-64b")
def test_a_problem_opens_a_dispute_in_the_persons_own_words(post: Post, talk: Talk) -> None:
    talk("hola", "5678", "6", "el producto vino roto")
    row = Dispute.objects.of(post.organisation).get()
    assert (row.reason, row.description) == ("goods_faulty", "el producto vino roto")


def test_stopping_is_obeyed_without_showing_who_one_is(post: Post, talk: Talk) -> None:
    talk("no quiero más mensajes")
    stopped = parties.opted_out(post.organisation.pk, post.party_id, post.creditor_id)
    assert {"email", "sms", "whatsapp", "call"} <= stopped


@pytest.mark.covers("S3-75", "S3-76")
def test_a_person_gets_the_conversation_with_its_reason_and_the_bot_is_silent(post: Post, talk: Talk) -> None:
    talk("hola", "5678", "quiero hablar con una persona")
    reply = Reply.objects.of(post.organisation).get(is_open=True)
    assert (reply.text, reply.suggestion) == ("quiero hablar con una persona", "call_back")
    held = selectors.holding_of(post.actor, post.case_id)
    assert held is not None and held.is_held and held.why == "Pidió hablar con una persona"
    assert talk("hola?", "cuánto debo") == []
    assert Reply.objects.of(post.organisation).filter(is_open=True).count() == 3


def test_what_is_delicate_is_answered_with_calm_and_nobody_is_chased_for_a_week(
    post: Post, talk: Talk
) -> None:
    assert "emergencias" in talk("me quiero morir")[0]
    assert Reply.objects.of(post.organisation).get().suggestion == "hardship"
    hold = Hold.objects.of(post.organisation).get()
    assert (hold.kind, hold.ends_on) == ("hardship", TUESDAY + timedelta(days=7))


def test_two_people_never_answer_at_once_unknowing(post: Post, talk: Talk) -> None:
    talk("persona")
    ana = member(post.organisation.pk, user_id=11, role="COLLECTOR")
    leo = member(post.organisation.pk, user_id=12, role="COLLECTOR")
    chat.take(actor=ana, case_id=post.case_id, clock=post.clock)
    with pytest.raises(chat.HeldByOther):
        chat.take(actor=leo, case_id=post.case_id, clock=post.clock)
    chat.take(actor=leo, case_id=post.case_id, clock=post.clock, is_forced=True)
    chat.to_bot(actor=leo, case_id=post.case_id, clock=post.clock)
    assert talk("hola")


def test_wrong_digits_are_tried_a_few_times_only(post: Post, talk: Talk) -> None:
    assert "Te paso con una persona" in talk("hola", "1111", "2222", "3333")[0]


def test_a_flood_is_left_to_a_person(post: Post, link: DebtorLink) -> None:
    for at in range(22):
        answer = chat.talk(link=link, written=chat.Written("hola", f"f{at}"), clock=post.clock)
    held = selectors.holding_of(post.actor, post.case_id)
    assert answer.lines == () and held is not None and held.is_held


@pytest.mark.covers("S3-84")
def test_the_share_solved_without_anybody_is_counted(post: Post, talk: Talk) -> None:
    talk("hola", "5678", "cuánto debo")
    assert selectors.solved_alone(post.actor, since=NOON) == selectors.Share(1, 1)
    talk("persona")
    assert selectors.solved_alone(post.actor, since=NOON) == selectors.Share(1, 0)
