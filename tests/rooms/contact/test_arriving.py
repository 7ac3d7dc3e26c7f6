"""Mails and calls that come in: led to their case, obeyed, once for ever, and never lost."""

import random
from datetime import timedelta
from email.message import EmailMessage

import pytest

from aldia.contact import falling_back, inbox, services
from aldia.contact.inbound.models import Arrival, Reply
from aldia.contact.models import DeliveryEvent, Touch
from aldia.contact.providers.protocol import Arrived, Event
from aldia.contact.services import arriving, taking
from aldia.domain.delivery import RANKS, Standing, joined, standing_of
from aldia.parties import facts as party_facts
from aldia.parties import selectors as parties
from aldia.parties import services as party_services
from tests.rooms.contact.conftest import NOON, Post
from tests.rooms.contact.inbound.test_reading_mail import DSN

LATER = NOON + timedelta(hours=2)


def _reply(text: str, *, to: str = "cobros@sur.example", name: str = "r1", **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Pagos <pagos@elarbol.example>", to, "Re: pendiente"
    mail["Message-ID"] = f"<{name}@elarbol.example>"
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def _take(post: Post, raw: bytes) -> None:
    services.keep_mail(organisation_id=post.organisation.pk, raw=raw, now=LATER)
    services.process_arrivals(limit=10, now=LATER)


def _replies(post: Post) -> list[Reply]:
    return list(Reply.objects.of(post.organisation).order_by("pk"))


def _sent(post: Post) -> str:
    post.order()
    post.send()
    return post.messages()[-1].reference


def test_a_reply_comes_to_its_case_by_the_address_of_the_message(post: Post) -> None:
    reference = _sent(post)
    _take(post, _reply("Ya pagué el lunes.", to=f"cobros+{reference}@sur.example"))
    (reply,) = _replies(post)
    assert (reply.case_id, reply.matched_by, reply.suggestion) == (post.case_id, "token", "already_paid")
    touch = Touch.objects.of(post.organisation).get(origin=f"reply:{reply.pk}")
    assert touch.is_inbound and touch.is_contact


def test_a_reply_comes_to_its_case_by_the_message_that_it_names(post: Post) -> None:
    reference = _sent(post)
    _take(post, _reply("Hola", In_Reply_To=f"<{reference}@sur.example>"))
    assert [(each.case_id, each.matched_by) for each in _replies(post)] == [(post.case_id, "message")]


def test_a_reply_that_names_nothing_comes_by_its_sender_when_that_leads_to_one_case(post: Post) -> None:
    _take(post, _reply("Hola"))
    assert [(each.case_id, each.matched_by) for each in _replies(post)] == [(post.case_id, "address")]


def test_one_that_nobody_can_read_holds_up_nothing_that_came_after_it(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, met = arriving.mails.opened, []

    def fails_at_first(raw: bytes) -> EmailMessage:
        met.append(raw)
        if len(met) == 1:
            raise LookupError("unknown encoding: klingon")
        return read(raw)

    monkeypatch.setattr(arriving.mails, "opened", fails_at_first)
    services.keep_mail(organisation_id=post.organisation.pk, raw=_reply("Hola", name="rara"), now=LATER)
    services.keep_mail(organisation_id=post.organisation.pk, raw=_reply("Hola"), now=LATER)
    assert services.process_arrivals(limit=10, now=LATER) == {"failed": 1, "done": 1}
    assert len(_replies(post)) == 1


def test_nobody_is_lost_who_cannot_be_placed(post: Post) -> None:
    _take(post, _reply("Hola").replace(b"pagos@elarbol.example>", b"otra@persona.example>"))
    (reply,) = inbox.replies(post.actor, kind="sin-identificar").rows
    services.identify_reply(actor=post.actor, reply_id=reply.pk, case_id=post.case_id, now=LATER)
    assert [each.matched_by for each in inbox.replies(post.actor).rows] == ["person"]


def test_the_same_mail_fetched_again_is_one(post: Post) -> None:
    raw = _reply("Hola")
    for each in (raw, raw, b"Received: from elsewhere\n" + raw):
        _take(post, each)
    assert len(_replies(post)) == 1
    assert Arrival.objects.of(post.organisation).filter(state="done").count() == 2


@pytest.mark.enforces("US-CON-01")
def test_a_bare_word_to_stop_is_obeyed_without_a_person(post: Post) -> None:
    reference = _sent(post)
    _take(post, _reply("BAJA", to=f"cobros+{reference}@sur.example"))
    assert "email" in parties.opted_out(post.organisation.pk, post.party_id, post.creditor_id)


def test_a_longer_wish_to_stop_is_suggested_and_kept_by_whoever_reads_it(post: Post) -> None:
    _take(post, _reply("Por favor no me escriban más a este correo, soy proveedor"))
    (reply,) = _replies(post)
    assert reply.suggestion == "opt_out"
    assert "email" not in parties.opted_out(post.organisation.pk, post.party_id, post.creditor_id)
    services.stop_by_reply(actor=post.actor, reply_id=reply.pk, now=LATER)
    assert "email" in parties.opted_out(post.organisation.pk, post.party_id, post.creditor_id)
    with pytest.raises(services.UnknownReply):
        services.close_reply(actor=post.actor, reply_id=reply.pk, now=LATER)


def test_an_automatic_answer_is_no_reply_and_no_contact(post: Post) -> None:
    reference = _sent(post)
    _take(
        post, _reply("Vuelvo el lunes", to=f"cobros+{reference}@sur.example", Auto_Submitted="auto-replied")
    )
    assert _replies(post) == []


def _bounce(reference: str, diagnostic: str, status: str, name: str = "b1") -> bytes:
    told = {b"diagnostic": diagnostic.encode(), b"status": status.encode(), b"action": b"failed"}
    raw = (DSN % told).replace(b"avisos+t1@acreedor.example", f"cobros+{reference}@sur.example".encode())
    return f"Message-ID: <{name}@correo.example>\n".encode() + raw


def _with_phone(post: Post) -> None:
    draft = party_services.PointDraft(kind="PHONE", value="+5491155550123")
    point = party_services.add_point(actor=post.actor, party_id=post.party_id, point=draft, now=NOON)
    point.is_mobile = True
    point.save(update_fields=["is_mobile"])


def test_a_dead_address_is_retired_and_the_notice_goes_another_way_once(post: Post) -> None:
    _with_phone(post)
    reference = _sent(post)
    for name in ("b1", "b2"):
        _take(post, _bounce(reference, "550 5.1.1 User unknown", "5.1.1", name))
    (point,) = [each for each in parties.points(post.actor, post.party_id) if each.kind == "EMAIL"]
    assert point.state == "BOUNCED"
    assert post.by_identity("b2b:soft:1:via:whatsapp").state == "queued"


def test_who_hides_the_telephone_is_still_known_by_the_name_that_whatsapp_gives(post: Post) -> None:
    _with_phone(post)

    def wrote(name: str, sender: str) -> taking.Found:
        found = taking.find_by_sender(post.organisation.pk, "whatsapp", sender, "AR.77")
        told = Arrived(f"wa:{name}", "whatsapp", sender, "Hola", user_id="AR.77")
        taking.take_message(
            organisation_id=post.organisation.pk, arrival_id=0, message=told, found=found, now=LATER
        )
        return found

    assert wrote("0", "AR.77").case_id is None
    assert wrote("1", "5491155550123").case_id == post.case_id
    assert wrote("2", "AR.77").case_id == post.case_id
    assert party_facts.references(post.organisation.pk, post.party_id) == []


def test_a_full_box_keeps_its_address(post: Post) -> None:
    reference = _sent(post)
    _take(post, _bounce(reference, "552 5.2.2 Mailbox full", "5.2.2"))
    (point,) = parties.points(post.actor, post.party_id)
    assert point.state == "ACTIVE"


WORDS = [
    ("accepted", ""), ("sent", ""), ("failed", "dead"), ("delivered", ""), ("read", ""), ("failed", ""), ("bounced", ""),
]  # fmt: skip


def test_in_ten_thousand_orders_the_same_words_end_the_same() -> None:
    dice = random.Random(20260303)
    for _each in range(10_000):
        told = dice.choices(WORDS, k=dice.randint(1, 5))
        expected = standing_of(sorted(told))
        dice.shuffle(told)
        standing = Standing()
        for kind, address in (*told, *told[:2]):  # some come twice
            standing = joined(standing, kind, address)
        assert standing == expected


def test_no_state_ever_goes_back() -> None:
    for kind in RANKS:
        assert RANKS[joined(Standing("read"), kind).state] >= RANKS["read"]


@pytest.mark.parametrize("order_of_words", [("failed", "delivered"), ("delivered", "failed")])
def test_what_follows_does_not_depend_on_the_order_either(
    post: Post, order_of_words: tuple[str, str]
) -> None:
    _with_phone(post)
    reference = _sent(post)
    for kind in order_of_words:
        event = Event(f"x:{kind}", kind, reference, address_state="dead" if kind == "failed" else "")
        taking.take_event(organisation_id=post.organisation.pk, provider="sandbox", event=event, now=LATER)
    (point,) = [each for each in parties.points(post.actor, post.party_id) if each.kind == "EMAIL"]
    waiting = falling_back.Order.objects.of(post.organisation).filter(state="queued")
    assert (point.state, waiting.count()) == ("ACTIVE", 0)
    assert DeliveryEvent.objects.of(post.organisation).count() == 2
