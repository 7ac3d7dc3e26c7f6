"""A step of a strategy that calls by itself: through the outbox and the gate, once; each key does what it says, in three languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aldia.access.actors import Actor
from aldia.chat import keypad_words
from aldia.contact import publishing, texts
from aldia.contact import services as contact
from aldia.contact.calls.models import PhoneCall
from aldia.contact.calls.sounds import shipped
from aldia.contact.models import DeliveryEvent, Order, Template
from aldia.domain.keypad import Say
from aldia.outcomes.models import Promise, Task
from aldia.parties import selectors as parties
from aldia.parties.models import Party
from tests.beginnings import beginning
from tests.rooms.contact.conftest import NOON, TUESDAY
from tests.rooms.contact.exchange import Exchange, exchange
from tests.rooms.contact.test_calls import NIGHT, Desk, make_calling_house

pytestmark = pytest.mark.covers("S3-44b")
DOCUMENT = "5678"  # the last of the client's tax id
desk = beginning(make_calling_house)


@pytest.fixture
def pbx(desk: Desk) -> Iterator[Exchange]:
    """An exchange that the house calls through."""
    with exchange() as made:
        desk.connect(made)
        yield made


def _ordered(desk: Desk) -> Order:
    return desk.post.order(channel="call", template_key="call_menu")


def _rung(desk: Desk, pbx: Exchange) -> str:
    """The channel of an automatic call that somebody picked up."""
    _ordered(desk)
    assert desk.post.send() == {"sent": 1}
    [channel] = pbx.channels
    desk.take(pbx, pbx.rings(channel))
    desk.take(pbx, pbx.picks_up(channel, after=6))
    return channel


def _pressed(desk: Desk, pbx: Exchange, channel: str, keys: str) -> list[str]:
    """What was said from the beginning until after these keys."""
    for key in keys:
        desk.take(pbx, pbx.presses(channel, key))
    return [
        sound
        for _method, path, told in pbx.asked
        if "/play/" in path
        for sound in told["media"].split(",")
        if sound != keypad_words.PAUSE
    ]


def _named(sound: str) -> str:
    return sound.rpartition("/")[2]


def test_the_notice_rings_once_by_the_outbox_and_is_delivered_when_somebody_picks_up(
    desk: Desk, pbx: Exchange
) -> None:
    channel = _rung(desk, pbx)
    assert desk.post.send() == {}
    assert pbx.channels[channel]["endpoint"] == "PJSIP/+541143215678@troncal"
    assert [_named(sound) for sound in _pressed(desk, pbx, channel, "")] == [Say.OPENING, Say.MENU]
    desk.take(pbx, pbx.hangs_up(channel, after=20))
    call = PhoneCall.objects.of(desk.post.organisation).get()
    assert (call.user_id, call.result, call.seconds) == (None, "answered", 20)
    assert DeliveryEvent.objects.of(desk.post.organisation).get().kind == "delivered"
    assert [touch.origin for touch in desk.touches()] == [f"order:{call.order_id}"]


def test_nobody_home_is_a_notice_that_failed(desk: Desk, pbx: Exchange) -> None:
    _ordered(desk)
    desk.post.send()
    [channel] = pbx.channels
    told = pbx.hangs_up(channel, 19)
    desk.take(pbx, told, told)
    assert DeliveryEvent.objects.of(desk.post.organisation).get().kind == "failed"


def test_at_night_it_waits_for_the_morning_of_the_law(desk: Desk, pbx: Exchange) -> None:
    order = _ordered(desk)
    Order.objects.of(desk.post.organisation).filter(pk=order.pk).update(not_before_at=NIGHT)
    desk.post.send(NIGHT)
    assert not pbx.channels and desk.post.again(order).state == "queued"


@pytest.mark.parametrize(
    ("mood", "state"), [("refused", "failed"), ("busy", "queued"), ("silent", "unknown")]
)
def test_an_exchange_that_is_silent_leaves_the_notice_unknown_and_is_not_asked_again(
    desk: Desk, pbx: Exchange, mood: str, state: str
) -> None:
    order, pbx.mood = _ordered(desk), mood
    desk.post.send()
    assert desk.post.again(order).state == state
    asked = len(pbx.asked)
    desk.post.send()
    assert len(pbx.asked) == asked


def test_one_sends_how_to_pay_by_writing_once(desk: Desk, pbx: Exchange) -> None:
    channel = _rung(desk, pbx)
    said = _pressed(desk, pbx, channel, "11")
    assert _named(said[-1]) == Say.LINK_SENT
    sent = Order.objects.of(desk.post.organisation).get(template_key="chat_reply")
    assert (sent.purpose, sent.channel, "/pagar" in sent.extra["text"]) == ("requested", "email", True)
    assert not pbx.bridges
    desk.take(pbx, pbx.finishes_playing(f"{channel.removesuffix('-client')}-2"))
    assert not pbx.channels  # it hangs up when all was said


@pytest.mark.parametrize("language", ["es", "en", "pt-br"])
def test_two_takes_a_promise_after_the_check_in_the_language_of_the_client(
    desk: Desk, pbx: Exchange, language: str
) -> None:
    Party.objects.of(desk.post.organisation).filter(pk=desk.post.party_id).update(language=language)
    channel = _rung(desk, pbx)
    before = _pressed(desk, pbx, channel, f"2{DOCUMENT[:3]}")
    assert not [
        sound for sound in before if sound.startswith("number:")
    ]  # nothing of the debt before the check
    said = _pressed(desk, pbx, channel, f"{DOCUMENT[3]}51")
    assert [_named(sound) for sound in said[len(before) :] if sound.startswith("sound:")] == [
        Say.BALANCE, Say.DAYS, Say.CONFIRM, Say.PROMISED,
    ]  # fmt: skip
    assert all(sound.startswith((f"sound:aldia/{language}/", "number:")) for sound in said)
    assert "number:6000" in said
    promise = Promise.objects.of(desk.post.organisation).get()
    assert (promise.amount_minor, promise.due_on) == (600_000, TUESDAY + timedelta(days=5))


def test_a_wrong_document_hears_no_amount_and_ends_with_a_person(desk: Desk, pbx: Exchange) -> None:
    channel = _rung(desk, pbx)
    said = _pressed(desk, pbx, channel, "2" + "0000" * 3)
    assert _named(said[-1]) == Say.SOMEBODY_CALLS
    assert not [sound for sound in said if sound.startswith("number:")]
    assert not Promise.objects.of(desk.post.organisation).exists()
    assert Task.objects.of(desk.post.organisation).get(origin__startswith="call:").kind == "call"


def test_three_leaves_a_task_for_now(desk: Desk, pbx: Exchange) -> None:
    _pressed(desk, pbx, _rung(desk, pbx), "3")
    task = Task.objects.of(desk.post.organisation).get(origin__startswith="call:")
    assert (task.kind, task.due_on, task.priority) == ("call", TUESDAY, 95)


def test_nine_ends_calls_to_that_person(desk: Desk, pbx: Exchange) -> None:
    _pressed(desk, pbx, _rung(desk, pbx), "9")
    assert "call" in parties.opted_out(desk.post.organisation.pk, desk.post.party_id, desk.post.creditor_id)
    later = _ordered(desk)
    desk.post.send(NOON + timedelta(days=1))
    assert desk.post.again(later).state == "withheld"


def test_who_presses_nothing_hears_the_menu_once_more_and_good_bye(desk: Desk, pbx: Exchange) -> None:
    channel = _rung(desk, pbx)
    name = channel.removesuffix("-client")
    for number in (1, 2, 3):
        desk.take(pbx, pbx.finishes_playing(f"{name}-{number}"))
    assert [_named(sound) for sound in _pressed(desk, pbx, channel, "")[2:]] == [Say.MENU, Say.GOODBYE]
    assert not pbx.channels


@pytest.mark.parametrize("say", Say)
def test_every_sound_has_its_words_and_the_guide_tells_them(say: Say) -> None:
    guide = (Path(__file__).parents[3] / "docs/guias/llamadas.md").read_text(encoding="utf-8")
    said = [shipped(say, language) for language in ("es", "en", "pt-br")]
    assert f"| `{say}` | {' | '.join(said)} |" in guide


def _row(desk: Desk, say: Say, state: str = "PUBLISHED") -> Template:
    rows = Template.objects.of(desk.post.organisation).filter(
        channel=texts.KEYPAD, language="es", state=state
    )
    row: Template = rows.get(key=f"keypad_{say}")
    return row


def _drafted(desk: Desk, say: Say, body: str, actor: Actor | None = None) -> Template:
    row = _row(desk, say)
    return contact.save_draft(
        actor=actor or desk.post.actor, template_id=row.pk, subject="", body=body, now=NOON
    )


def _published(desk: Desk, draft: Template, confirmed: str = "") -> Template:
    return contact.publish_template(
        actor=desk.post.actor, template_id=draft.pk, has_second_person=False, now=NOON, confirmed=confirmed
    )


KEYS = "Marca 1 y te enviamos cómo pagar. Marca 2 y eliges un día. Marca 3 y hablas con alguien. Marca 9 y no llamamos más."


def test_a_call_says_the_newest_published_text_by_a_sound_of_its_own(desk: Desk, pbx: Exchange) -> None:
    draft = _drafted(desk, Say.MENU, KEYS)
    channel = _rung(desk, pbx)
    assert _pressed(desk, pbx, channel, "")[1] == "sound:aldia/es/menu"  # a draft is not heard
    _published(desk, draft, "Lo grabó Marta")
    assert _pressed(desk, pbx, channel, "7")[-1] == "sound:aldia/es/menu-v2"


def test_a_text_that_hides_a_key_or_was_not_recorded_is_not_published(desk: Desk) -> None:
    with pytest.raises(texts.UnknownVariables, match="sonido"):
        _drafted(desk, Say.MENU, "Hola, {nombre}.")
    with pytest.raises(publishing.NotFit, match="tecla 9"):
        _published(desk, _drafted(desk, Say.MENU, KEYS.replace("9", "19")), "Lo grabó Marta")
    with pytest.raises(publishing.NotFit):
        _published(desk, _drafted(desk, Say.GOODBYE, "Es urgente: te vas a arrepentir."), "Lo grabó Marta")
    with pytest.raises(publishing.NeedsConfirming, match="aldia/es/menu-v2"):
        _published(desk, _drafted(desk, Say.MENU, KEYS))
    assert _row(desk, Say.MENU).version == 1


def test_whoever_reads_a_draft_does_not_become_its_writer_and_its_writer_may_not_publish_it(
    desk: Desk,
) -> None:
    boss, writer = (replace(desk.post.actor, label=label) for label in ("boss", "writer"))
    draft = _drafted(desk, Say.GOODBYE, "Gracias. Hasta pronto.", writer)
    _drafted(desk, Say.GOODBYE, "Gracias. Hasta pronto.", boss)
    asked = {"template_id": draft.pk, "has_second_person": True, "now": NOON, "confirmed": "Lo grabó Marta"}
    with pytest.raises(contact.OwnTextNeedsAnother):
        contact.publish_template(actor=writer, **asked)
    assert contact.publish_template(actor=boss, **asked).version == 2
