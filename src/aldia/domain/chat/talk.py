"""What a dialogue is made of: its state, what it may know, what it says and what it asks to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from aldia.domain.customer_terms import PaymentDays


class Step(StrEnum):
    """What the bot waits for."""

    MENU = "menu"
    IDENTITY = "identity"
    PROMISE_AMOUNT = "promise_amount"
    PROMISE_DATE = "promise_date"
    PROMISE_CONFIRM = "promise_confirm"
    PLAN_CHOICE = "plan_choice"
    PLAN_CONFIRM = "plan_confirm"
    PAID_AMOUNT = "paid_amount"
    PAID_DATE = "paid_date"
    PAID_PROOF = "paid_proof"
    REASON = "reason"
    PERSON = "person"  # somebody holds the conversation: the bot is silent


class Say(StrEnum):
    """What the bot may say; the words are the room's. Those of NEUTRAL tell nothing about anybody."""

    ASK_IDENTITY = "ask_identity"
    IDENTITY_WRONG = "identity_wrong"
    WHO = "who"
    STOPPED = "stopped"
    SORRY_WRONG_PERSON = "sorry_wrong_person"
    VOICE = "voice"
    HANDED_NOW = "handed_now"
    HANDED_LATER = "handed_later"
    HANDED_CARE = "handed_care"
    WELCOME = "welcome"
    MENU = "menu"
    NOT_UNDERSTOOD = "not_understood"
    UP_TO_DATE = "up_to_date"
    BALANCE = "balance"
    PROMISE_OPEN = "promise_open"
    AGREEMENT_RUNNING = "agreement_running"
    PAY = "pay"
    ASK_AMOUNT = "ask_amount"
    AMOUNT_LIMITS = "amount_limits"
    ASK_DATE = "ask_date"
    DATE_PAST = "date_past"
    DATE_FAR = "date_far"
    DATE_MOVED = "date_moved"
    CONFIRM_PROMISE = "confirm_promise"
    PROMISE_MADE = "promise_made"
    PLAN_OPTIONS = "plan_options"
    PLAN_NONE = "plan_none"
    CONFIRM_PLAN = "confirm_plan"
    PLAN_OFFERED = "plan_offered"
    ASK_PAID_AMOUNT = "ask_paid_amount"
    ASK_PAID_DATE = "ask_paid_date"
    PAID_IN_FUTURE = "paid_in_future"
    ASK_PROOF = "ask_proof"
    PAID_TAKEN = "paid_taken"
    ASK_REASON = "ask_reason"
    DISPUTE_TAKEN = "dispute_taken"
    DROPPED = "dropped"
    REFUSED = "refused"


NEUTRAL = frozenset(
    {
        Say.ASK_IDENTITY, Say.IDENTITY_WRONG, Say.WHO, Say.STOPPED, Say.SORRY_WRONG_PERSON, Say.VOICE, Say.HANDED_NOW,
        Say.HANDED_LATER, Say.HANDED_CARE,
    }
)  # fmt: skip
"""All that a stranger may be told. None of them has values."""


class Why(StrEnum):
    """Why a person has to go on."""

    ASKED = "asked"
    MISUNDERSTOOD = "misunderstood"
    HOSTILE = "hostile"
    CARE = "care"
    LAWYER = "lawyer"
    DECEASED = "deceased"
    WRONG_PERSON = "wrong_person"
    IDENTITY = "identity"
    REFUSED = "refused"
    LIMITS = "limits"  # asked twice for what the policy does not give
    FLOOD = "flood"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that the bot says, with the values of its blanks."""

    say: Say
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckIdentity:
    """See whether these are the last digits of the person's document."""

    digits: str


@dataclass(frozen=True, slots=True)
class MakePromise:
    """Keep a promise of so many minor units."""

    amount_minor: int
    due_on: date


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """Offer the plan of so many parts that the policy allows; the person reads and accepts it on its own page."""

    parts: int


@dataclass(frozen=True, slots=True)
class ReportPayment:
    """Keep that the person says to have paid."""

    amount_minor: int
    paid_on: date


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """Open a dispute, in the person's own words."""

    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class StopContact:
    """Write no more: by this channel, or by none."""

    is_everywhere: bool


@dataclass(frozen=True, slots=True)
class HandOver:
    """Put the conversation in the hands of a person."""

    why: Why


Act = CheckIdentity | MakePromise | OfferPlan | ReportPayment | OpenDispute | StopContact | HandOver


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation is. `pending` is what a stranger asked before showing who they are."""

    step: Step = Step.MENU
    misses: int = 0
    tries: int = 0
    pending: str = ""
    amount_minor: int = 0
    due_on: date | None = None
    parts: int = 0
    words: str = ""

    def at(self, step: Step) -> State:
        """The same conversation, waiting for something else; what was not understood before is forgiven."""
        return replace(self, step=step, misses=0)

    def fresh(self) -> State:
        """Nothing half said."""
        return State()

    def to_data(self) -> dict[str, Any]:
        """Plain data, to be kept. `from_data` reads it back equal."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**told, "step": self.step.value, "due_on": self.due_on.isoformat() if self.due_on else None}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> State:
        """The state that was kept; the first one from nothing."""
        if not data:
            return cls()
        due_on = date.fromisoformat(data["due_on"]) if data["due_on"] else None
        return cls(**{**data, "step": Step(data["step"]), "due_on": due_on})


@dataclass(frozen=True, slots=True)
class PlanOption:
    """A plan that the policy lets the bot offer."""

    parts: int
    each_minor: int
    total_minor: int
    first_on: date
    down_minor: int = 0
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the bot knows of who has shown who they are, as of now. Without it the bot has nothing that it could tell.

    Amounts in minor units of `currency`; `totals` has every currency. A promise goes from `least_minor` to `owed_minor` and
    to `last_on` at most, on the days on which this customer pays.
    """

    currency: str
    owed_minor: int
    totals: tuple[tuple[str, int], ...]
    oldest_on: date | None
    is_overdue: bool
    last_on: date
    least_minor: int = 1
    closed_on: frozenset[date] = frozenset()
    days: PaymentDays = field(default_factory=PaymentDays)
    promise: tuple[int, str, date] | None = None
    has_agreement: bool = False
    plans: tuple[PlanOption, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when the dialogue happens: nothing of it is about the person."""

    as_of: date
    language: str
    currency: str
    is_staffed: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in: words, perhaps with a file that was kept, or one that only a person can open, or a voice note."""

    text: str
    has_file: bool = False
    is_closed_file: bool = False
    is_voice: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from a message."""

    state: State
    lines: tuple[Line, ...] = ()
    acts: tuple[Act, ...] = ()
