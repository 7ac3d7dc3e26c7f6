"""What may be talked about with whoever has shown who they are: each topic, and each question within it.

A question's function returns None for an answer that it cannot read. What breaks the policy is said with its limit and asked
again, and counts as not understood: the second time a person goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from aldia.domain.calendars import Calendar
from aldia.domain.chat.handing import again
from aldia.domain.chat.reading import Reading, day_in
from aldia.domain.chat.talk import (
    Here,
    Known,
    Line,
    MakePromise,
    OfferPlan,
    OpenDispute,
    PlanOption,
    ReportPayment,
    Say,
    State,
    Step,
    Turn,
    Why,
)
from aldia.domain.chat.words import Intent
from aldia.domain.replies import folded

Topic = Callable[[State, Reading, Known, Here], Turn]
_REASON_WORDS: Final = (
    ("not_my_debt", ("no reconozco", "no es mi", "no debo", "recognise", "recognize", "don't owe", "dont owe", "nao reconheco", "nao devo",
                     "nunca compre", "nunca comprei", "nunca contrat", "never bought", "never signed")),
    ("goods_not_received", ("no me llego", "no me entregaron", "nunca recibi", "never received", "nunca recebi", "nao chegou")),
    ("goods_faulty", ("defect", "defeit", "rot", "fallad", "faulty", "broken", "quebrad")),
    ("amount_wrong", ("de mas", "error", "wrong amount", "overcharg", "valor errado", "mal cobrado", "importe")),
)  # fmt: skip


def menu(state: State, _reading: Reading, _known: Known, _here: Here) -> Turn:
    """What can be asked."""
    return Turn(state.fresh(), (Line(Say.MENU),))


def who(state: State, _reading: Reading, _known: Known, _here: Here) -> Turn:
    """Who writes; and what can be asked."""
    return Turn(state.fresh(), (Line(Say.WHO), Line(Say.MENU)))


def balance(state: State, _reading: Reading, known: Known, _here: Here) -> Turn:
    """The debt as of now, and what was promised."""
    if known.owed_minor <= 0:
        return Turn(state.fresh(), (Line(Say.UP_TO_DATE),))
    lines = [
        Line(
            Say.BALANCE,
            {"totals": known.totals, "oldest_on": known.oldest_on, "is_overdue": known.is_overdue},
        )
    ]
    if known.promise:
        minor, currency, due_on = known.promise
        lines.append(Line(Say.PROMISE_OPEN, {"amount": (minor, currency), "on": due_on}))
    return Turn(state.fresh(), (*lines, Line(Say.MENU)))


def pay(state: State, _reading: Reading, known: Known, _here: Here) -> Turn:
    """Where to pay."""
    if known.owed_minor <= 0:
        return Turn(state.fresh(), (Line(Say.UP_TO_DATE),))
    return Turn(state.fresh(), (Line(Say.PAY, {"amount": (known.owed_minor, known.currency)}),))


def promise(state: State, reading: Reading, known: Known, here: Here) -> Turn:
    """A date and an amount, both asked for if missing, within the policy."""
    if known.owed_minor <= 0:
        return Turn(state.fresh(), (Line(Say.UP_TO_DATE),))
    if known.has_agreement:
        return Turn(state.fresh(), (Line(Say.AGREEMENT_RUNNING),))
    found = reading.found.on if reading.found else state.due_on
    amount = reading.amount.of(known.owed_minor) if reading.amount else state.amount_minor
    return _promise(replace(state, amount_minor=amount, due_on=found), known, here)


def promise_amount(state: State, reading: Reading, known: Known, here: Here) -> Turn | None:
    """How much."""
    if reading.has(Intent.NO):
        return _dropped(state)
    if not reading.amount:
        return None
    return promise(state, reading, known, here)


def promise_date(state: State, reading: Reading, known: Known, here: Here) -> Turn | None:
    """When; a bare «15» is a day here."""
    if reading.has(Intent.NO) and not reading.found:
        return _dropped(state)
    if reading.found and reading.amount:
        return promise(state, reading, known, here)
    due_on = day_in(reading, as_of=here.as_of, language=here.language)
    if due_on is None:
        return None
    return _promise(replace(state, due_on=due_on), known, here)


def promise_confirm(state: State, reading: Reading, known: Known, here: Here) -> Turn | None:
    """Yes, no, or another amount or day."""
    if reading.amount or reading.found:
        return promise(state, reading, known, here)
    if reading.has(Intent.NO):
        return _dropped(state)
    if not reading.has(Intent.YES) or state.due_on is None:
        return None
    again = _promise(state, known, here)
    if again.state.step is not Step.PROMISE_CONFIRM or again.state.due_on != state.due_on:
        return again  # the debt or the day changed since it was asked
    act = MakePromise(state.amount_minor, state.due_on)
    values = {"amount": (state.amount_minor, known.currency), "on": state.due_on}
    return Turn(state.fresh(), (Line(Say.PROMISE_MADE, values),), (act,))


def plan(state: State, _reading: Reading, known: Known, _here: Here) -> Turn:
    """The plans that the policy lets the bot offer, and no other."""
    if known.owed_minor <= 0:
        return Turn(state.fresh(), (Line(Say.UP_TO_DATE),))
    if known.has_agreement:
        return Turn(state.fresh(), (Line(Say.AGREEMENT_RUNNING),))
    if not known.plans:
        return Turn(state.fresh(), (Line(Say.PLAN_NONE),))
    return Turn(state.fresh().at(Step.PLAN_CHOICE), (_options(known),))


def plan_choice(state: State, reading: Reading, known: Known, here: Here) -> Turn | None:
    """By its number in the list, or by how many instalments."""
    if reading.has(Intent.NO):
        return _dropped(state)
    wanted = reading.parts
    if wanted is None and reading.option and reading.option <= len(known.plans):
        wanted = known.plans[reading.option - 1].parts
    chosen = _plan_of(known, wanted)
    if chosen is None:
        return again(state, _options(known), here) if wanted else None
    line = Line(Say.CONFIRM_PLAN, {"plan": chosen, "currency": known.currency})
    return Turn(replace(state.at(Step.PLAN_CONFIRM), parts=chosen.parts), (line,))


def plan_confirm(state: State, reading: Reading, known: Known, here: Here) -> Turn | None:
    """Yes leaves the plan to be read and accepted; another number is another plan."""
    if reading.parts and reading.parts != state.parts:
        return plan_choice(state, reading, known, here)
    if reading.has(Intent.NO):
        return _dropped(state)
    if not reading.has(Intent.YES):
        return None
    if _plan_of(known, state.parts) is None:
        return plan(state, reading, known, here)
    return Turn(state.fresh(), (Line(Say.PLAN_OFFERED),), (OfferPlan(state.parts),))


def paid(state: State, reading: Reading, known: Known, here: Here) -> Turn:
    """How much and when was paid."""
    paid_on = reading.found.looking_back(here.as_of) if reading.found else None
    minor = reading.amount.of(known.owed_minor) if reading.amount else 0
    return _paid(replace(state.fresh(), amount_minor=minor, due_on=paid_on), here)


def paid_amount(state: State, reading: Reading, known: Known, here: Here) -> Turn | None:
    """How much."""
    if not reading.amount or reading.amount.of(known.owed_minor) <= 0:
        return _dropped(state) if reading.has(Intent.NO) else None
    paid_on = reading.found.looking_back(here.as_of) if reading.found else state.due_on
    return _paid(replace(state, amount_minor=reading.amount.of(known.owed_minor), due_on=paid_on), here)


def paid_date(state: State, reading: Reading, _known: Known, here: Here) -> Turn | None:
    """When; a bare weekday is the last one."""
    on = day_in(reading, as_of=here.as_of, language=here.language)
    if on is None:
        return _dropped(state) if reading.has(Intent.NO) else None
    return _paid(replace(state, due_on=reading.found.looking_back(here.as_of) if reading.found else on), here)


def paid_proof(state: State, _reading: Reading, known: Known, _here: Here) -> Turn | None:
    """With the proof or without it, what was paid is taken."""
    assert state.due_on is not None
    act = ReportPayment(state.amount_minor, state.due_on)
    return Turn(
        state.fresh(),
        (Line(Say.PAID_TAKEN, {"amount": (state.amount_minor, known.currency), "on": state.due_on}),),
        (act,),
    )


def dispute(state: State, reading: Reading, known: Known, _here: Here) -> Turn:
    """What is wrong: asked, unless the words say it."""
    if known.owed_minor <= 0:
        return Turn(state.fresh(), (Line(Say.UP_TO_DATE),))
    said = folded(reading.text)
    found = next((key for key, words in _REASON_WORDS if any(word in said for word in words)), "")
    if found in known.reasons:
        return _disputed(state, found, reading.text)
    return Turn(
        replace(state.at(Step.REASON), words=reading.text),
        (Line(Say.ASK_REASON, {"reasons": known.reasons}),),
    )


def reason(state: State, reading: Reading, known: Known, _here: Here) -> Turn | None:
    """By its number; words that name none of them are the other reason, as they were said."""
    if reading.has(Intent.NO) and not reading.has(Intent.DISPUTE):
        return _dropped(state)
    if reading.option is not None:
        return (
            _disputed(state, known.reasons[reading.option - 1], state.words)
            if 1 <= reading.option <= len(known.reasons)
            else None
        )
    said = folded(reading.text)
    found = next((key for key, words in _REASON_WORDS if any(word in said for word in words)), "other")
    return _disputed(
        state, found if found in known.reasons else known.reasons[-1], f"{state.words} {reading.text}".strip()
    )


def _promise(state: State, known: Known, here: Here) -> Turn:
    """Ask for what is missing, refuse what the policy does not allow, then ask for a yes."""
    if not state.amount_minor:
        return Turn(
            state.at(Step.PROMISE_AMOUNT),
            (Line(Say.ASK_AMOUNT, {"amount": (known.owed_minor, known.currency)}),),
        )
    least = min(known.least_minor, known.owed_minor)
    if not least <= state.amount_minor <= known.owed_minor:
        values = {"least": (least, known.currency), "most": (known.owed_minor, known.currency)}
        return again(
            replace(state, amount_minor=0, step=Step.PROMISE_AMOUNT), Line(Say.AMOUNT_LIMITS, values), here
        )
    if state.due_on is None:
        return Turn(state.at(Step.PROMISE_DATE), (Line(Say.ASK_DATE, {"last_on": known.last_on}),))
    waiting = replace(state, due_on=None, step=Step.PROMISE_DATE)
    if state.due_on < here.as_of:
        return again(waiting, Line(Say.DATE_PAST), here, Why.LIMITS)
    if state.due_on > known.last_on:
        return again(waiting, Line(Say.DATE_FAR, {"last_on": known.last_on}), here, Why.LIMITS)
    due_on = payment_day(state.due_on, known)
    if due_on > known.last_on:
        return again(waiting, Line(Say.DATE_FAR, {"last_on": known.last_on}), here, Why.LIMITS)
    moved = (Line(Say.DATE_MOVED, {"asked": state.due_on}),) if due_on != state.due_on else ()
    asked = Line(Say.CONFIRM_PROMISE, {"amount": (state.amount_minor, known.currency), "on": due_on})
    return Turn(replace(state.at(Step.PROMISE_CONFIRM), due_on=due_on), (*moved, asked))


def payment_day(on: date, known: Known) -> date:
    """The first day on or after this one on which the customer pays."""
    return known.days.next_on(on, Calendar(holidays=known.closed_on)) if known.days else on


def _paid(state: State, here: Here) -> Turn:
    if not state.amount_minor:
        return Turn(state.at(Step.PAID_AMOUNT), (Line(Say.ASK_PAID_AMOUNT),))
    if state.due_on is None:
        return Turn(state.at(Step.PAID_DATE), (Line(Say.ASK_PAID_DATE),))
    if state.due_on > here.as_of:
        return again(replace(state, due_on=None, step=Step.PAID_DATE), Line(Say.PAID_IN_FUTURE), here)
    return Turn(state.at(Step.PAID_PROOF), (Line(Say.ASK_PROOF),))


def _disputed(state: State, key: str, words: str) -> Turn:
    return Turn(state.fresh(), (Line(Say.DISPUTE_TAKEN),), (OpenDispute(key, words[:2_000]),))


def _options(known: Known) -> Line:
    return Line(Say.PLAN_OPTIONS, {"plans": known.plans, "currency": known.currency})


def _plan_of(known: Known, parts: int | None) -> PlanOption | None:
    return next((option for option in known.plans if option.parts == parts), None)


def _dropped(state: State) -> Turn:
    return Turn(state.fresh(), (Line(Say.DROPPED), Line(Say.MENU)))
