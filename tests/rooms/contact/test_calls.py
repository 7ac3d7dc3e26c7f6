"""Click-to-call against a stand-in of Asterisk: asked once and lawfully, followed to its end, counted once, recorded with notice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, member
from aldia.access.models import AuditEvent, Organisation
from aldia.access.permissions import NotAllowed
from aldia.contact import law, services
from aldia.contact.calls import following, listening
from aldia.contact.calls.models import PhoneCall, Recording
from aldia.contact.models import ChannelSetting, GateProof, Order, Touch
from aldia.contact.providers.asterisk.websocket import Hung
from aldia.outcomes import services as outcomes
from aldia.parties import services as parties
from tests.beginnings import beginning
from tests.rooms.contact.conftest import NOON, TUESDAY, Post, make_post
from tests.rooms.contact.exchange import BEGAN, PASSWORD, SOUND, Exchange, exchange

NOTICE = "sound:custom/se-graba"
NIGHT = NOON.replace(hour=2)  # 23:00 of the day before in Buenos Aires


@dataclass
class Desk:
    """A live house with a telephone to call, somebody with an extension, and short ways to call."""

    post: Post
    agent: Actor
    colleague: Actor
    clicks: int = 0

    def call(self, now: datetime = NOON, click: str = "", actor: Actor | None = None) -> PhoneCall:
        self.clicks += 1
        draft = services.CallDraft(self.post.case_id, click or f"click-{self.clicks}")
        clock = Clock(TUESDAY, now)
        return services.call_now(actor=actor or self.agent, draft=draft, clock=clock, real_now=now)

    def take(self, pbx: Exchange, *texts: str) -> PhoneCall:
        """Follow what the exchange told since, or these words."""
        for text in texts or [pbx.told.pop(0) for _one in list(pbx.told)]:
            listening.take(self.post.organisation.pk, text, now=BEGAN + timedelta(seconds=pbx.seconds))
        return self.last()

    def last(self) -> PhoneCall:
        return PhoneCall.objects.of(self.post.organisation).select_related("order").latest("pk")

    def touches(self) -> list[Touch]:
        return list(Touch.objects.of(self.post.organisation).filter(channel="call").order_by("pk"))

    def log(self, key: str = "no_answer", **answers: Any) -> Any:
        self.clicks += 1
        return outcomes.log_outcome(
            actor=self.agent,
            case_id=self.post.case_id,
            draft=outcomes.OutcomeDraft(
                type_key=key, channel="call", answers=answers, client_id=f"outcome-{self.clicks}"
            ),
            clock=Clock(TUESDAY, NOON),
        )

    def connect(self, pbx: Exchange, **told: Any) -> None:
        config = {**pbx.config, "sender": "+541155550100", **told}
        services.set_exchange(actor=self.post.actor, told=config, now=NOON)
        services.set_extensions(
            actor=self.post.actor, extensions={self.agent.user_id or 0: "1001", self.colleague.user_id or 0: "1002"}, now=NOON
        )  # fmt: skip
        services.switch_channel(actor=self.post.actor, channel="call", is_on=True, now=NOON)

    def answered(self, pbx: Exchange, seconds: int = 63) -> PhoneCall:
        """A call that somebody answered and that ended after so many seconds."""
        call = self.call()
        ends = f"aldia-{call.reference}-agent", f"aldia-{call.reference}-client"
        self.take(pbx, pbx.picks_up(ends[0]))
        self.take(pbx, pbx.rings(ends[1]))
        self.take(pbx, pbx.picks_up(ends[1], after=8))
        return self.take(pbx, pbx.hangs_up(ends[1], after=seconds))


def make_calling_house() -> Desk:
    post = make_post("voz")
    outcomes.ensure_outcome_tree(organisation_id=post.organisation.pk)
    parties.add_point(
        actor=post.actor, party_id=post.party_id, point=parties.PointDraft(kind="PHONE", value="+54 11 4321-5678"), now=NOON
    )  # fmt: skip
    Organisation.objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
    people = [
        access.add_member(actor=post.actor, email=f"{name}@voz.example", name=name, role=role, now=NOON)
        for name, role in (("ana", "COLLECTOR"), ("bruno", "COLLECTOR"))
    ]
    ana, bruno = (member(post.organisation.pk, user_id=row.user_id, role=row.role) for row in people)
    return Desk(post, ana, bruno)


desk = beginning(make_calling_house)


@pytest.fixture
def pbx(desk: Desk) -> Iterator[Exchange]:
    """An exchange that the house calls through."""
    with exchange() as made:
        desk.connect(made)
        yield made


@pytest.mark.covers("S2-22a", "S4-39a")
def test_a_call_rings_the_agent_then_the_client_and_its_length_goes_to_the_outcome(
    desk: Desk, pbx: Exchange
) -> None:
    call = desk.call()
    agent, client = f"aldia-{call.reference}-agent", f"aldia-{call.reference}-client"
    assert list(pbx.channels) == [agent] and pbx.channels[agent]["endpoint"] == "PJSIP/1001"
    desk.take(pbx, pbx.picks_up(agent))
    assert pbx.channels[client]["endpoint"] == "PJSIP/+541143215678@troncal"
    desk.take(pbx, pbx.rings(client))
    assert desk.last().state == "ringing"
    desk.take(pbx, pbx.picks_up(client, after=8))
    assert pbx.bridges[f"aldia-{call.reference}"] == {agent, client}
    call = desk.take(pbx, pbx.hangs_up(client, after=63))
    assert (call.state, call.result, call.seconds) == ("ended", "answered", 63)
    assert not pbx.channels and not pbx.bridges  # nothing is left ringing
    assert desk.log().seconds == 63


@pytest.mark.covers("S2-22a")
def test_the_intent_is_there_before_anything_rings_and_the_law_counts_it(desk: Desk, pbx: Exchange) -> None:
    call = desk.call()
    order = Order.objects.of(desk.post.organisation).get(pk=call.order_id)
    assert (order.state, order.channel, order.provider) == ("sending", "call", "asterisk")
    assert GateProof.objects.of(desk.post.organisation).get(order_id=order.pk).is_allowed
    about = law.matter(desk.post.organisation.pk, desk.post.case_id, on=TUESDAY)
    assert [past.channel for past in law.history(about, before=NOON)] == ["call"]


@pytest.mark.covers("S2-22a")
def test_one_click_is_one_call_and_one_person_talks_once_at_a_time(desk: Desk, pbx: Exchange) -> None:
    first = desk.call(click="the-click")
    assert desk.call(click="the-click").pk == first.pk
    with pytest.raises(services.CallRefused, match="en curso"):
        desk.call()
    assert sum(verb.startswith("POST channels/") for verb in pbx.verbs()) == 1


@pytest.mark.covers("S2-22a")
def test_outside_the_hours_of_the_law_nothing_rings_and_the_proof_is_kept(desk: Desk, pbx: Exchange) -> None:
    with pytest.raises(services.CallRefused, match="8:00"):
        desk.call(now=NIGHT)
    assert not PhoneCall.objects.of(desk.post.organisation).exists() and not pbx.channels
    proof = GateProof.objects.of(desk.post.organisation).get()
    assert (proof.channel, proof.is_allowed, proof.order_id) == ("call", False, None)


@pytest.mark.parametrize(
    ("cause", "result"), [(19, "no_answer"), (17, "busy"), (21, "rejected"), (1, "bad_number")]
)
def test_a_telephone_that_nobody_answers_is_one_attempt_and_no_contact(
    desk: Desk, pbx: Exchange, cause: int, result: str
) -> None:
    call = desk.call()
    desk.take(pbx, pbx.picks_up(f"aldia-{call.reference}-agent"))
    call = desk.take(pbx, pbx.hangs_up(f"aldia-{call.reference}-client", cause))
    assert (call.result, call.order.state) == (result, "sent")
    desk.log("no_answer")
    [touch] = desk.touches()  # the call and its outcome are one
    assert (touch.origin, touch.is_contact) == (f"call:{call.pk}", False)


def test_an_extension_that_nobody_picks_up_is_no_attempt(desk: Desk, pbx: Exchange) -> None:
    call = desk.call()
    call = desk.take(pbx, pbx.hangs_up(f"aldia-{call.reference}-agent", 19))
    assert (call.result, call.order.state, call.order.reason) == ("agent_absent", "failed", "never_rang")
    assert not desk.touches()


def test_a_talk_counts_as_its_outcome_says_and_as_a_contact_when_nobody_says(
    desk: Desk, pbx: Exchange
) -> None:
    call = desk.answered(pbx)
    assert call.order.state == "sending" and not desk.touches()
    desk.log("voicemail")
    assert [touch.is_contact for touch in desk.touches()] == [False]
    untold = desk.answered(pbx)
    later = (untold.ended_at or NOON) + following.UNTOLD_FOR + timedelta(seconds=1)
    assert services.count_untold(now=later) == 1 and services.count_untold(now=later) == 0
    assert [touch.is_contact for touch in desk.touches()] == [False, True]
    assert {order.state for order in Order.objects.of(desk.post.organisation)} == {"sent"}


@pytest.mark.parametrize(("mood", "state"), [("refused", "ended"), ("busy", "ended"), ("silent", "unknown")])
def test_an_exchange_that_refuses_is_certain_and_one_that_falls_silent_is_not(
    desk: Desk, pbx: Exchange, mood: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "aldia.contact.providers.asterisk.exchange.Exchange.is_listened_to", lambda _self: True
    )
    pbx.mood = mood
    call = desk.call()
    assert call.state == state
    assert desk.touches() == []
    pbx.mood = "taken"
    assert not pbx.channels
    assert following.look_for_lost(
        organisation_id=desk.post.organisation.pk, now=NOON + timedelta(minutes=5)
    ) == (state == "unknown")
    assert desk.last().state == "ended"


def test_a_call_whose_end_nobody_told_is_asked_for(desk: Desk, pbx: Exchange) -> None:
    call = desk.call()
    pbx.picks_up(f"aldia-{call.reference}-agent")  # and nobody heard it
    soon, later = NOON + timedelta(seconds=30), NOON + timedelta(minutes=5)
    house = desk.post.organisation.pk
    assert (
        following.look_for_lost(organisation_id=house, now=soon),
        following.look_for_lost(organisation_id=house, now=later),
    ) == (0, 0)
    pbx.channels.clear()
    assert following.look_for_lost(organisation_id=house, now=later) == 1
    assert (desk.last().state, desk.last().result) == ("ended", "lost")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_live": False}, "apagadas"),
        ({"is_paused": True}, "apagadas"),
        ({"rests_until_at": NOON + timedelta(minutes=5)}, "descansa"),
    ],
)
def test_a_channel_that_is_off_or_rests_rings_nobody(
    desk: Desk, pbx: Exchange, change: dict[str, Any], words: str
) -> None:
    ChannelSetting.objects.of(desk.post.organisation).filter(channel="call").update(**change)
    with pytest.raises(services.CallRefused, match=words):
        desk.call()
    assert not pbx.asked


def test_without_extension_or_without_ear_nothing_rings(desk: Desk, pbx: Exchange) -> None:
    pbx.is_heard = False
    with pytest.raises(services.CallRefused, match="Nadie escucha"):
        desk.call()
    services.set_extensions(actor=desk.post.actor, extensions={}, now=NOON)
    with pytest.raises(services.CallRefused, match="interno"):
        desk.call()
    assert not pbx.channels


@pytest.mark.covers("S2-22b")
def test_a_recording_is_kept_sealed_heard_by_who_may_and_each_time_on_record(
    desk: Desk, pbx: Exchange
) -> None:
    desk.connect(pbx, is_recorded=True, notice_sound=NOTICE, kept_days=30)
    call = desk.call()
    name, agent, client = (
        f"aldia-{call.reference}",
        f"aldia-{call.reference}-agent",
        f"aldia-{call.reference}-client",
    )
    desk.take(pbx, pbx.picks_up(agent))
    desk.take(pbx, pbx.picks_up(client))
    assert ("POST", f"bridges/{name}/play/{name}", {"media": NOTICE}) in pbx.asked
    assert f"POST bridges/{name}/record" not in pbx.verbs()  # not before both know
    desk.take(pbx, pbx.finishes_playing(name))
    assert f"POST bridges/{name}/record" in pbx.verbs()
    desk.take(pbx, pbx.hangs_up(client, after=40))
    told = pbx.finishes_recording(name)
    desk.take(pbx, told, told)
    kept = Recording.objects.of(desk.post.organisation).get()
    assert not pbx.recordings  # it is off the exchange
    [path] = [found for found in Path(default_storage.path("recordings")).rglob("*") if found.is_file()]
    assert SOUND not in path.read_bytes() and b"WAVE" not in path.read_bytes()
    assert services.open_recording(actor=desk.agent, call_id=call.pk, now=NOON) == (SOUND, "audio/wav")
    with pytest.raises(NotAllowed):
        services.open_recording(actor=desk.colleague, call_id=call.pk, now=NOON)
    heard = AuditEvent.objects.of(desk.post.organisation).filter(verb="contact.recording.play")
    assert [(row.actor, row.object_id) for row in heard] == [(desk.agent.label, str(call.pk))]
    assert kept.expires_on == TUESDAY + timedelta(days=30)


@pytest.mark.covers("S2-22b")
def test_a_recording_goes_on_its_day_and_its_going_is_on_record(desk: Desk, pbx: Exchange) -> None:
    desk.connect(pbx, is_recorded=True, notice_sound=NOTICE, kept_days=30)
    call, house = desk.answered(pbx), desk.post.organisation
    desk.take(pbx, pbx.finishes_recording(f"aldia-{call.reference}"))
    last_day = TUESDAY + timedelta(days=29)
    assert services.delete_expired(organisation_id=house.pk, as_of=last_day, now=NOON) == 0
    due = last_day + timedelta(days=1)
    assert services.delete_expired(organisation_id=house.pk, as_of=due, now=NOON) == 1
    assert services.delete_expired(organisation_id=house.pk, as_of=due, now=NOON) == 0
    assert not [found for found in Path(default_storage.path("recordings")).rglob("*") if found.is_file()]
    with pytest.raises(services.RecordingGone):
        services.open_recording(actor=desk.agent, call_id=call.pk, now=NOON)
    verbs = AuditEvent.objects.of(house).filter(verb="contact.recording.delete")
    assert [row.object_id for row in verbs] == [str(call.pk)]


@pytest.mark.covers("S2-22b")
def test_a_file_that_somebody_changed_is_not_played(desk: Desk, pbx: Exchange) -> None:
    call = desk.answered(pbx)
    desk.take(pbx, pbx.finishes_recording(f"aldia-{call.reference}"))
    [path] = [found for found in Path(default_storage.path("recordings")).rglob("*") if found.is_file()]
    path.write_bytes(b"otra cosa")
    with pytest.raises(services.RecordingGone, match="cambió"):
        services.open_recording(actor=desk.agent, call_id=call.pk, now=NOON)


def test_to_record_one_must_say_so(desk: Desk, pbx: Exchange) -> None:
    with pytest.raises(services.GatewayRefused, match="avisar"):
        desk.connect(pbx, is_recorded=True)


def test_the_password_is_sealed_and_the_exchange_says_who_it_is(desk: Desk, pbx: Exchange) -> None:
    setting = ChannelSetting.objects.of(desk.post.organisation).get(channel="call")
    assert PASSWORD not in str(setting.config)
    tried = services.try_exchange(actor=desk.post.actor, now=NOON)
    assert tried.is_accepted and tried.answer == "Asterisk 22.1.0"
    desk.connect(pbx, password="otra")
    assert not services.try_exchange(actor=desk.post.actor, now=NOON).is_accepted


def test_the_words_of_the_exchange_come_over_its_websocket(
    desk: Desk, pbx: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(listening, "take", lambda _house, text, now: heard.append(text))
    call = desk.call()
    said = [pbx.picks_up(f"aldia-{call.reference}-agent"), pbx.tell("ChannelVarset", variable="x" * 300)]
    pbx.events.put(None)  # good-bye
    with pytest.raises(Hung, match="good-bye"):
        listening.listen(desk.post.organisation.pk, clock=lambda: NOON, patience=5)
    assert heard == said


def test_an_ear_with_the_wrong_password_is_told_so(desk: Desk, pbx: Exchange) -> None:
    desk.connect(pbx, password="otra")
    with pytest.raises(Hung, match="401"):
        listening.listen(desk.post.organisation.pk, clock=lambda: NOON, patience=5)


_OURS = "aldia-00ff00ff00ff00ff"


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "no", '{"type": 3}', '{"type": "StasisStart"}',
        f'{{"type": "ChannelDestroyed", "channel": {{"id": "{_OURS}-client"}}, "cause": "x"}}',
        f'{{"type": "StasisStart", "timestamp": "ayer", "channel": {{"id": "{_OURS}-agent"}}}}',
    ],
)  # fmt: skip
def test_what_is_not_about_a_call_of_ours_changes_nothing(desk: Desk, text: str) -> None:
    assert listening.take(desk.post.organisation.pk, text, now=NOON) is False


@pytest.mark.covers("S2-22a")
def test_in_sandbox_somebody_plays_the_client_and_nothing_leaves(desk: Desk, pbx: Exchange) -> None:
    Organisation.objects.filter(pk=desk.post.organisation.pk).update(is_sandbox=True)
    call = desk.call()
    assert (call.state, call.is_sandbox, pbx.asked) == ("ringing", True, [])
    talking = services.play_client(actor=desk.agent, call_id=call.pk, what="answers", now=NOON)
    assert talking.state == "talking"
    ended = services.hang_up(actor=desk.agent, call_id=call.pk, now=NOON + timedelta(seconds=12))
    assert (ended.result, ended.seconds, pbx.asked) == ("answered", 12, [])
    with pytest.raises(services.UnknownPhoneCall):
        services.hang_up(actor=desk.colleague, call_id=call.pk, now=NOON)


def test_in_sandbox_the_next_call_ends_the_one_that_was_left_ringing(desk: Desk) -> None:
    Organisation.objects.filter(pk=desk.post.organisation.pk).update(is_sandbox=True)
    left, fresh = desk.call(), desk.call()
    assert (PhoneCall.objects.of(desk.post.organisation).get(pk=left.pk).result, fresh.state) == (
        "cancelled",
        "ringing",
    )


def test_hanging_up_asks_the_exchange_and_its_word_ends_the_call(desk: Desk, pbx: Exchange) -> None:
    call = desk.call()
    desk.take(pbx, pbx.picks_up(f"aldia-{call.reference}-agent"))
    services.hang_up(actor=desk.agent, call_id=call.pk, now=NOON)
    assert not pbx.channels
    assert desk.take(pbx).result == "cancelled"
