"""Cheques, promissory notes and bills of exchange: the states each goes through, the moves between them, and their legal dates.

One table of moves says everything: a screen offers what it lists, a service does what its effect names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from aldia.domain.calendars import Calendar


class InstrumentKind(StrEnum):
    """What was signed."""

    CHEQUE = "cheque"
    NOTE = "promissory_note"
    BILL = "bill_of_exchange"


class InstrumentState(StrEnum):
    """Where the paper is, or how it ended."""

    HELD = "held"
    DEPOSITED = "deposited"
    CLEARED = "cleared"
    ENDORSED = "endorsed"
    BOUNCED = "bounced"
    PROTESTED = "protested"
    REPLACED = "replaced"
    RETURNED = "returned"


class Effect(StrEnum):
    """What a move does to the money."""

    NONE = "none"
    MONEY = "money"  # it is worth money now: a receipt covers it
    REOPEN = "reopen"  # it is worth nothing: what it covered is owed again
    REPLACE = "replace"  # another one takes its place
    COVER = "cover"  # it stands again for what it covered


class Ask(StrEnum):
    """What a move has to be told."""

    CODE = "code"  # the bank's reason
    CHARGE = "charge"  # what the bank took for it
    TO = "to"  # who has it now


class MoveRefused(ValueError):
    """The instrument may not make that move; `reason` is `state`, `before_due`, `code` or `is_debt`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. `is_after_due`: not before the day that the paper says. `needs_cover`: only of a paper that stands for
    other debts; one that is the debt itself, as those a file brings, stays while it is owed.
    """

    key: str
    kinds: frozenset[InstrumentKind]
    before: frozenset[InstrumentState]
    after: InstrumentState
    effect: Effect = Effect.NONE
    asks: tuple[Ask, ...] = ()
    is_after_due: bool = False
    needs_cover: bool = False


_CHEQUE: Final = frozenset({InstrumentKind.CHEQUE})
PROTESTED: Final = frozenset({InstrumentKind.NOTE, InstrumentKind.BILL})
"""What is protested when nobody pays it."""
_ALL: Final = _CHEQUE | PROTESTED
_S = InstrumentState

MOVES: Final = (
    Move("deposit", _CHEQUE, frozenset({_S.HELD}), _S.DEPOSITED, is_after_due=True),
    Move("deposit_again", _CHEQUE, frozenset({_S.BOUNCED}), _S.DEPOSITED, Effect.COVER, is_after_due=True),
    Move("clear", _CHEQUE, frozenset({_S.DEPOSITED}), _S.CLEARED, Effect.MONEY),
    Move("collect", PROTESTED, frozenset({_S.HELD, _S.PROTESTED}), _S.CLEARED, Effect.MONEY),
    Move("endorse", _CHEQUE | {InstrumentKind.BILL}, frozenset({_S.HELD}), _S.ENDORSED, Effect.MONEY, (Ask.TO,)),
    Move("bounce", _CHEQUE, frozenset({_S.DEPOSITED, _S.CLEARED, _S.ENDORSED}), _S.BOUNCED, Effect.REOPEN,
         (Ask.CODE, Ask.CHARGE)),
    Move("protest", PROTESTED, frozenset({_S.HELD}), _S.PROTESTED, asks=(Ask.TO,), is_after_due=True),
    Move("replace", _ALL, frozenset({_S.HELD, _S.BOUNCED, _S.PROTESTED}), _S.REPLACED, Effect.REPLACE),
    Move("give_back", _ALL, frozenset({_S.HELD, _S.BOUNCED}), _S.RETURNED, Effect.REOPEN, needs_cover=True),
)  # fmt: skip

BOUNCE_CODES: Final = ("no_funds", "account_closed", "stop_payment", "signature", "form", "other")
"""Why banks return a cheque, as people call it."""

LIMITATION_YEARS: Final[dict[str, tuple[int, str]]] = {
    "CL": (1, "Ley 18.092 art. 98"),
    "CO": (3, "Código de Comercio art. 789"),
    "MX": (3, "Ley General de Títulos y Operaciones de Crédito art. 165"),
    "PE": (3, "Ley 27287 art. 96"),
}
"""Years from the due date in which a promissory note or bill prescribes, and where it is written. Elsewhere nobody told us."""


PROTEST_DAYS: Final[dict[str, tuple[int, str]]] = {
    "AR": (2, "Decreto-ley 5965/63 art. 48"),
    "BR": (2, "Decreto 57.663/66, anexo I, art. 44"),
    "CL": (2, "Ley 18.092 art. 69"),
    "ES": (2, "Ley 19/1985 art. 51"),
    "MX": (2, "Ley General de Títulos y Operaciones de Crédito art. 144"),
    "PE": (15, "Ley 27287 art. 72"),
    "PT": (2, "Lei Uniforme relativa às Letras e Livranças art. 44"),
}
"""Days after the due date in which an unpaid note or bill is protested, and where it is written; counsel confirms them. Working days but
in Peru, whose fifteen run on the calendar. Elsewhere nobody told us."""
_CALENDAR_DAYS: Final = frozenset({"PE"})


def protest_until(kind: InstrumentKind, country: str, due_on: date, calendar: Calendar) -> date | None:
    """Return the last day to protest an unpaid note or bill, where the law of the country is known; after it only the maker is liable."""
    if kind not in PROTESTED or country not in PROTEST_DAYS:
        return None
    days = PROTEST_DAYS[country][0]
    if country in _CALENDAR_DAYS:
        return due_on + timedelta(days=days)
    return calendar.add_business_days(due_on, days)


def possible_moves(
    kind: InstrumentKind, state: InstrumentState, *, due_on: date, as_of: date, is_debt: bool = False
) -> tuple[Move, ...]:
    """Return the moves that the instrument may make on that day, in the order of the table. `is_debt`: it covers no other."""
    return tuple(
        move
        for move in MOVES
        if kind in move.kinds and state in move.before and (as_of >= due_on or not move.is_after_due)
        if not (is_debt and move.needs_cover)
    )


def checked_move(
    key: str,
    kind: InstrumentKind,
    state: InstrumentState,
    *,
    due_on: date,
    on: date,
    code: str = "",
    is_debt: bool = False,
) -> Move:
    """Return the move of that key. Raises MoveRefused."""
    move = next(
        (each for each in MOVES if each.key == key and kind in each.kinds and state in each.before), None
    )
    if move is None:
        raise MoveRefused("state")
    if is_debt and move.needs_cover:
        raise MoveRefused("is_debt")
    if move.is_after_due and on < due_on:
        raise MoveRefused("before_due")
    if Ask.CODE in move.asks and code not in BOUNCE_CODES:
        raise MoveRefused("code")
    return move


def prescribes_on(kind: InstrumentKind, country: str, due_on: date) -> date | None:
    """Return the day from which the signed promise may no longer be claimed in court, where the law of the country is known."""
    if kind not in PROTESTED or country not in LIMITATION_YEARS:
        return None
    years = due_on.year + LIMITATION_YEARS[country][0]
    return (
        date(years, 3, 1)
        if (due_on.month, due_on.day) == (2, 29) and years % 4
        else due_on.replace(year=years)
    )
