"""What the dialogue asks to be done, done through the services of the rooms that own it; a refusal is told as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aldia.access.actors import Actor, Clock, debtor, system
from aldia.cases import services as cases
from aldia.chat.knowing import plans_of
from aldia.contact import services as contact
from aldia.domain import replies
from aldia.domain.chat.talk import (
    Act,
    HandOver,
    Known,
    MakePromise,
    OfferPlan,
    OpenDispute,
    ReportPayment,
    StopContact,
    Why,
)
from aldia.ledger import selectors as ledger
from aldia.outcomes import services as outcomes
from aldia.parties import selectors as parties
from aldia.parties import services as party_services
from aldia.payments import services as payments

if TYPE_CHECKING:
    from aldia.chat.models import Conversation
    from aldia.contact.inbound.models import Reply

_SUGGESTED: Final = {
    Why.ASKED: replies.PERSON, Why.LAWYER: replies.PERSON, Why.IDENTITY: replies.PERSON, Why.REFUSED: replies.PERSON,
    Why.FLOOD: replies.PERSON, Why.FILE: replies.PAID, Why.LIMITS: replies.PROMISE, Why.CARE: replies.HARDSHIP, Why.DECEASED: replies.DECEASED,
    Why.WRONG_PERSON: replies.WRONG_PERSON,
}  # fmt: skip
_CARE: Final = timedelta(days=7)


class ActRefused(Exception):
    """A room refused what the dialogue had agreed: nothing was kept."""


@dataclass(frozen=True)
class Job:
    """One message whose acts are done."""

    conversation: Conversation
    reply: Reply
    known: Known | None
    clock: Clock

    @property
    def actor(self) -> Actor:
        """The person itself: what it says, it says."""
        return debtor(self.conversation.organisation_id, party_id=self.conversation.party_id)

    @property
    def house(self) -> Actor:
        """The clockwork, for what a debtor may not do alone."""
        return system(self.conversation.organisation_id)

    @property
    def currency(self) -> str:
        """The currency of the debt that is talked about."""
        assert self.known is not None
        return self.known.currency


def perform(act: Act, job: Job) -> str:
    """Do it and return its key for the history. Raises ActRefused."""
    try:
        return _do(act, job)
    except (
        outcomes.PromiseRefused,
        outcomes.AgreementRefused,
        outcomes.DisputeRefused,
        payments.BadReport,
    ) as refusal:
        raise ActRefused(str(refusal)) from refusal


def _do(act: Act, job: Job) -> str:
    match act:
        case MakePromise():
            outcomes.make_promise(
                actor=job.actor, case_id=job.conversation.case_id, amount_minor=act.amount_minor, currency=job.currency,
                due_on=act.due_on, clock=job.clock,
            )  # fmt: skip
            return "promise"
        case OfferPlan():
            _offer(act, job)
            return "plan"
        case ReportPayment():
            payments.report_payment(
                actor=job.actor,
                case_id=job.conversation.case_id,
                draft=payments.ReportDraft(
                    amount_minor=act.amount_minor,
                    currency=job.currency,
                    paid_on=act.paid_on,
                    means="",
                    file_id=job.conversation.file_id,
                ),
                clock=job.clock,
            )
            return "payment"
        case OpenDispute():
            outcomes.open_dispute(
                actor=job.actor, case_id=job.conversation.case_id, reason=act.reason, clock=job.clock, description=act.words,
            )  # fmt: skip
            return "dispute"
        case StopContact():
            _stop(act, job)
            return "stop"
        case HandOver():
            _hand_over(act, job)
            return f"hand_over:{act.why.value}"
    raise AssertionError(act)


def _offer(act: OfferPlan, job: Job) -> None:
    """The plan as the policy gives it today: a choice made before the debt changed is refused."""
    case_id = job.conversation.case_id
    found = plans_of(job.house, case_id, job.currency, as_of=job.clock.as_of)
    chosen = next((offer.proposal for offer in found if offer.proposal.parts == act.parts), None)
    if chosen is None:
        raise ActRefused(act.parts)
    draft = outcomes.AgreementDraft(
        currency=job.currency, parts=chosen.parts, first_on=chosen.first_on, every=chosen.every,
        discount_minor=chosen.discount_minor, down_minor=chosen.down_minor, down_on=chosen.down_on,
    )  # fmt: skip
    outcomes.propose_agreement(actor=job.house, case_id=case_id, draft=draft, clock=job.clock)


def _stop(act: StopContact, job: Job) -> None:
    _portfolio, creditor_id, party_id = ledger.account_of(job.house, job.conversation.case_id)
    channel = "all" if act.is_everywhere or job.reply.channel == "portal" else job.reply.channel
    if channel == "all" or channel not in parties.opted_out(
        job.conversation.organisation_id, party_id, creditor_id
    ):
        party_services.record_consent(
            actor=job.actor, party_id=party_id, creditor_id=creditor_id, channel=channel, is_granted=False,
            evidence=f"reply:{job.reply.pk}", now=job.clock.now,
        )  # fmt: skip


def _hand_over(act: HandOver, job: Job) -> None:
    """The message waits for a person with what it asks of them; what is delicate also waits without being chased."""
    row = job.conversation
    row.is_held, row.why, row.held_by_id, row.held_at = True, act.why.value, None, job.clock.now
    suggestion = _SUGGESTED.get(act.why) or job.reply.suggestion
    contact.suggest(actor=job.house, reply_id=job.reply.pk, suggestion=suggestion)
    if act.why in (Why.CARE, Why.DECEASED):
        hold = cases.HoldDraft(
            "hardship", job.clock.as_of, job.clock.as_of + _CARE, source=f"chat:{job.reply.pk}"
        )
        cases.place_hold(actor=job.house, case_id=row.case_id, hold=hold, now=job.clock.now)
