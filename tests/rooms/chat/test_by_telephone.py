"""WhatsApp and SMS: what people write is answered through the outbox, to the number that wrote, once."""

from typing import Any

import pytest

from aldia.chat import selectors
from aldia.chat import services as chat
from aldia.chat.models import Exchange
from aldia.chat.services import talking
from aldia.chat.switching import ChatRules
from aldia.contact.inbound.models import InboundFile, Reply
from aldia.contact.models import Message, Order
from aldia.contact.providers.protocol import Arrived
from aldia.contact.services import taking
from aldia.ledger import services as ledger
from aldia.outcomes.models import Promise
from aldia.parties import selectors as parties
from aldia.parties import services as party_services
from aldia.payments.models import ReportedPayment
from tests.rooms.contact.conftest import NOON, Post

PHONE = "+5491155501234"


@pytest.fixture
def phone(post: Post) -> str:
    point = party_services.PointDraft(kind="PHONE", value=PHONE)
    party_services.add_point(actor=post.actor, party_id=post.party_id, point=point, now=NOON)
    return PHONE


def _arrive(
    post: Post, text: str, *, channel: str = "whatsapp", sender: str = PHONE, media: str = ""
) -> Reply:
    many = Reply.objects.of(post.organisation).count()
    message = Arrived(
        event_id=f"{channel}:{many}",
        channel=channel,
        sender=sender.lstrip("+"),
        text=text,
        media=("1",) if media else (),
        media_kinds=(media,) if media else (),
    )
    found = taking.Found(post.case_id, None, "address")
    return taking.take_message(
        organisation_id=post.organisation.pk, arrival_id=0, message=message, found=found, now=NOON
    )


def _answer(post: Post, *texts: str, channel: str = "whatsapp") -> str:
    """Write one after another; the last message that left for them."""
    for text in texts:
        _arrive(post, text, channel=channel)
        chat.answer_replies(limit=20, now=NOON)
        post.send()
    last = Message.objects.of(post.organisation).filter(channel=channel).order_by("pk").last()
    return str(last.text).replace("\xa0", " ") if last else ""


@pytest.mark.covers("S3-68b", "S3-70", "S3-71")
@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_promise_is_made_by_telephone(post: Post, phone: str, channel: str) -> None:
    assert _answer(post, "pago el viernes 200", channel=channel).startswith("Antes de seguir")
    assert "¿Anoto que pagas $ 200,00" in _answer(post, "5678", channel=channel)
    assert "Anotado" in _answer(post, "dale", channel=channel)
    assert Promise.objects.of(post.organisation).get().amount_minor == 200_00
    recipients = set(
        Message.objects.of(post.organisation).filter(channel=channel).values_list("recipient", flat=True)
    )
    assert recipients == {PHONE}


@pytest.mark.covers("S3-71")
def test_the_worker_looks_again_and_nothing_is_answered_twice(post: Post, phone: str) -> None:
    _arrive(post, "hola")
    assert chat.answer_replies(limit=20, now=NOON) == {"answered": 1}
    assert chat.answer_replies(limit=20, now=NOON) == {}
    assert Order.objects.of(post.organisation).filter(template_key="chat_reply").count() == 1


def test_the_page_of_a_link_is_written_whole_in_the_message_and_its_secret_is_kept_nowhere_else(
    post: Post, phone: str
) -> None:
    told = _answer(post, "hola", "5678", "quiero pagar ahora")
    assert "/p/" in told and told.rstrip().endswith("/pagar/")
    assert not any("/p/" in line for row in Exchange.objects.of(post.organisation) for line in row.said)


def test_a_word_to_stop_closes_the_channel_and_is_confirmed_once(post: Post, phone: str) -> None:
    assert "no te escribimos más" in _answer(post, "BAJA")
    assert "whatsapp" in parties.opted_out(post.organisation.pk, post.party_id, post.creditor_id)


def test_a_number_that_we_do_not_know_is_left_to_a_person(post: Post, phone: str) -> None:
    _arrive(post, "cuánto debo", sender="+5491199999999")
    assert chat.answer_replies(limit=20, now=NOON) == {"left": 1}
    assert Reply.objects.of(post.organisation).get().is_open


@pytest.mark.covers("S3-70")
def test_off_it_is_silent(post: Post, phone: str) -> None:
    chat.set_chat(actor=post.actor, rules=ChatRules(is_on=True, channels=("portal",)), clock=post.clock)
    assert _answer(post, "hola") == ""


@pytest.mark.covers("S3-68c", "S3-36b")
def test_one_thread_over_telephone_and_page(post: Post, phone: str, talk: object) -> None:
    _answer(post, "hola")
    talk("5678", "cuánto debo")  # type: ignore[operator]
    channels = [bubble.channel for bubble in selectors.transcript(post.actor, post.case_id)]
    assert channels[0] == "whatsapp" and channels[-1] == "portal"


def test_while_a_person_holds_it_the_bot_is_silent_by_telephone_too(post: Post, phone: str) -> None:
    _answer(post, "quiero hablar con una persona")
    before = Message.objects.of(post.organisation).count()
    _answer(post, "hola?")
    assert Message.objects.of(post.organisation).count() == before
    assert Reply.objects.of(post.organisation).filter(is_open=True).count() == 2


@pytest.mark.covers("S3-68a")
def test_a_voice_note_is_asked_in_words_and_a_photo_goes_to_a_person(post: Post, phone: str) -> None:
    _arrive(post, "", media="audio/ogg")
    chat.answer_replies(limit=20, now=NOON)
    post.send()
    assert "no escucho audios" in Message.objects.of(post.organisation).latest("pk").text
    _arrive(post, "", media="image/jpeg")
    chat.answer_replies(limit=20, now=NOON)
    held = selectors.holding_of(post.actor, post.case_id)
    assert held is not None and held.why.startswith("Mandó un archivo")
    assert Reply.objects.of(post.organisation).get(is_open=True).suggestion == "already_paid"


def test_one_that_cannot_be_answered_waits_for_a_person_and_holds_up_nobody(
    post: Post, phone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, met = talking.machine.step, []

    def fails_at_first(*args: Any, **told: Any) -> Any:
        met.append(args)
        if len(met) == 1:
            raise LookupError("a fault of ours")
        return step(*args, **told)

    monkeypatch.setattr(talking.machine, "step", fails_at_first)
    _arrive(post, "hola")
    _arrive(post, "hola de nuevo")
    assert chat.answer_replies(limit=20, now=NOON) == {"failed": 1, "answered": 1}
    assert Reply.objects.of(post.organisation).filter(is_open=True).count() >= 1


@pytest.mark.covers("S3-68a", "S3-70")
def test_a_photo_that_was_fetched_is_the_receipt_of_what_was_paid(post: Post, phone: str) -> None:
    reply = _arrive(post, "", media="image/jpeg")
    stored = ledger.store_file(
        actor=post.actor,
        name="transferencia.jpg",
        content_type="image/jpeg",
        content=b"\xff\xd8\xff",
        now=NOON,
    )
    InboundFile.objects.create(
        organisation=post.organisation, reply=reply, number=0, provider="whatsapp", media="1", told_kind="image/jpeg",
        kind="image/jpeg", state="kept", file_id=stored.pk,
    )  # fmt: skip
    chat.answer_replies(limit=20, now=NOON)
    told = [_answer(post, text) for text in ("5678", "200", "ayer", "listo")]
    assert told[0] and "Anotado" not in told[0]
    reported = ReportedPayment.objects.of(post.organisation).get()
    assert (reported.amount_minor, reported.file_id) == (200_00, stored.pk)
