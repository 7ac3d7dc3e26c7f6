"""The keypad of an automatic call answered: what each key asks for is done by the room that owns it, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import translation

from aldia.access import selectors as access
from aldia.access.actors import Clock, debtor, system
from aldia.chat import keypad_words, knowing
from aldia.contact import links
from aldia.contact import services as contact
from aldia.contact.calls.menus import BEGIN, SILENCE, Spoken, answers_keys
from aldia.domain import keypad
from aldia.domain.keypad import Act, Line, State, Terms, Turn
from aldia.domain.money import to_major
from aldia.outcomes import services as outcomes
from aldia.parties import selectors as parties
from aldia.parties import services as party_services

if TYPE_CHECKING:
    from aldia.contact.calls.models import PhoneCall
    from aldia.contact.models import DebtorLink
    from aldia.domain.chat.talk import Known

TEMPLATE: Final = "chat_reply"
LIFE: Final = timedelta(hours=1)
FARTHEST: Final = 9  # days: one key
_BY: Final = ("sms", "whatsapp", "email")


@answers_keys
def answer_key(*, call: PhoneCall, key: str, now: datetime) -> Spoken:
    """Return what an automatic call says to a key, with what the key asks for done; where the menu is stays in `call.menu`."""
    talk = _Talk(call, now)
    turn = talk.turn(State.from_data(call.menu.get("state", {})), key)
    call.menu = {**call.menu, "state": turn.state.to_data(), "is_known": talk.is_known}
    sounds = [sound for line in turn.lines for sound in talk.sounds(line)]
    if sounds and not turn.is_over:
        sounds.append(keypad_words.PAUSE)
    return Spoken(tuple(sounds), is_over=turn.is_over)


class _Talk:
    """One key of one call: what is known of the case, and who the person is said to be."""

    def __init__(self, call: PhoneCall, now: datetime) -> None:
        self.call, self.actor = call, system(call.organisation_id)
        self.clock: Clock = access.clock_of(access.organisation_of(self.actor), now)
        self.around = knowing.surroundings(self.actor, call.case_id, self.clock)
        self.is_known = bool(call.menu.get("is_known"))

    def sounds(self, line: Line) -> list[str]:
        return keypad_words.sounds(self.call.organisation_id, line, self.around.language)

    def turn(self, state: State, key: str) -> Turn:
        if key == BEGIN:
            return keypad.begin()
        terms = self._terms() if self.is_known else None
        if key == SILENCE:
            return keypad.silence(state, terms=terms)
        turn = keypad.press(state, key, terms=terms)
        if turn.act is Act.CHECK:
            self.is_known = self._is_right(turn.state.typed)
            turn = keypad.checked(
                turn.state, is_right=self.is_known, terms=self._terms() if self.is_known else None
            )
        return self._done(turn)

    def _known(self) -> Known:
        return knowing.known_of(self.actor, self.call.case_id, self.around, self.clock)

    def _terms(self) -> Terms:
        known = self._known()
        most = min((known.last_on - self.clock.as_of).days, FARTHEST)
        return Terms(int(to_major(known.owed_minor, known.currency)), max(most, 1))

    def _is_right(self, digits: str) -> bool:
        """As on the page of the client; the tries of a call are counted with a link that nobody was given."""
        link = contact.link_of(
            organisation_id=self.call.organisation_id, link_id=self.call.menu.get("link"), now=self.clock.now
        )
        if link is None:
            _token, link = self._link()
            self.call.menu = {**self.call.menu, "link": link.pk}
        try:
            contact.verify_digits(link=link, digits=digits, now=self.clock.now)
        except (contact.TooManyTries, contact.VerificationFailed):
            return False
        return True

    def _link(self) -> tuple[str, DebtorLink]:
        return contact.make_link(
            organisation_id=self.call.organisation_id, case_id=self.call.case_id, party_id=self.call.order.party_id,
            origin=f"call:{self.call.pk}", now=self.clock.now,
        )  # fmt: skip

    def _done(self, turn: Turn) -> Turn:
        match turn.act:
            case Act.SEND_LINK:
                return self._done(keypad.done(turn.state, is_done=self._send_link()))
            case Act.PROMISE:
                is_done = self._promise(turn.state.days)
                if not is_done:
                    self._call_back()
                return keypad.done(turn.state, is_done=is_done)
            case Act.CALL_ME:
                self._call_back()
            case Act.STOP:
                self._stop()
        return turn

    def _send_link(self) -> bool:
        """The way to pay, to the person's own address by the first channel that reaches it; asked for, it leaves at any hour."""
        order = self.call.order
        reached = (
            (by, parties.best_point(order.organisation_id, order.party_id, order.creditor_id, by))
            for by in _BY
        )
        by, point = next(((by, point) for by, point in reached if point is not None), ("", None))
        if point is None:
            return False
        token, _link = self._link()
        with translation.override(self.around.language):
            text = keypad_words.link_text(links.address_of(token, "pagar"))
        draft = contact.OrderDraft(
            creditor_id=order.creditor_id, portfolio_id=order.portfolio_id, case_id=order.case_id, party_id=order.party_id,
            identity=f"keypad:{self.call.pk}", channel=by, template_key=TEMPLATE, origin=f"call:{self.call.pk}",
            as_of=self.clock.as_of, not_before_at=self.clock.now, expires_at=self.clock.now + LIFE, contact_point_id=point.pk,
            extra={"text": text}, purpose="requested", priority=95, has_statement=False,
        )  # fmt: skip
        contact.place_orders(organisation_id=order.organisation_id, orders=[draft], now=self.clock.now)
        return True

    def _promise(self, days: int) -> bool:
        """All that is overdue, by a day that the policy gives; False where the room refuses."""
        known = self._known()
        person = debtor(self.call.organisation_id, party_id=self.call.order.party_id)
        try:
            with transaction.atomic():
                outcomes.make_promise(
                    actor=person, case_id=self.call.case_id, amount_minor=known.owed_minor, currency=known.currency,
                    due_on=self.clock.as_of + timedelta(days=days), clock=self.clock,
                )  # fmt: skip
        except outcomes.PromiseRefused:
            return False
        return True

    def _call_back(self) -> None:
        """A person is to call, today; whoever holds the case sees it first."""
        task = outcomes.TaskDraft(
            self.call.case_id, "call", self.clock.as_of, f"keypad:{self.call.pk}", f"call:{self.call.pk}", priority=95,
            title=str(keypad_words.ASKED_FOR_A_PERSON), due_at=self.clock.now,
        )  # fmt: skip
        outcomes.create_tasks(organisation_id=self.call.organisation_id, tasks=[task], now=self.clock.now)

    def _stop(self) -> None:
        """No more calls to that person from this creditor: whoever answered is somebody else, or does not want them."""
        order = self.call.order
        if "call" not in parties.opted_out(order.organisation_id, order.party_id, order.creditor_id):
            party_services.record_consent(
                actor=self.actor, party_id=order.party_id, creditor_id=order.creditor_id, channel="call", is_granted=False,
                evidence=f"call:{self.call.pk}", now=self.clock.now,
            )  # fmt: skip
