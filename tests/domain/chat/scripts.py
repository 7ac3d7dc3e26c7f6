"""Scripted dialogues: what people write, in three languages, each said by a stranger first and by somebody known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from aldia.domain.chat import machine
from aldia.domain.chat.machine import Identity
from aldia.domain.chat.talk import Act, CheckIdentity, Heard, Here, Known, Line, PlanOption, State
from aldia.domain.outcome_tree import DISPUTE_REASONS

AS_OF = date(2026, 11, 22)  # a Sunday
DIGITS = "5678"
LANGUAGES = {"es": ("es", "ARS"), "en": ("en", "USD"), "pt": ("pt-br", "BRL")}
LAST_ON = AS_OF + timedelta(days=60)


@dataclass(frozen=True)
class Script:
    """One dialogue: its language and family, what is written first, whether by a stranger, and what is expected."""

    language: str
    family: str
    text: str
    expected: str
    is_stranger: bool

    def __str__(self) -> str:
        return f"{self.language}:{self.family}:{'stranger' if self.is_stranger else 'known'}:{self.text}"


@dataclass
class Talk:
    """A conversation with the machine alone; it knows who writes only once the right digits were written."""

    language: str
    is_known: bool = False
    state: State = field(default_factory=State)
    before: list[Line] = field(default_factory=list)  # said to a stranger
    lines: list[Line] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    @property
    def here(self) -> Here:
        spoken, currency = LANGUAGES[self.language]
        return Here(AS_OF, spoken, currency)

    @property
    def known(self) -> Known | None:
        return known(LANGUAGES[self.language][1]) if self.is_known else None

    def write(self, text: str) -> list[Line]:
        """Write; return what is answered."""
        turn = machine.step(self.state, Heard(text), known=self.known, here=self.here)
        acts = list(turn.acts)
        if acts and isinstance(acts[0], CheckIdentity):
            self.is_known = acts[0].digits == DIGITS
            identity = Identity.RIGHT if self.is_known else Identity.WRONG
            turn = machine.checked(turn.state, identity, known=self.known, here=self.here)
            acts += turn.acts
        self.state = State.from_data(turn.state.to_data())
        if not self.is_known:
            self.before += turn.lines
        self.lines += turn.lines
        self.acts += acts
        return list(turn.lines)


def known(currency: str) -> Known:
    """Somebody who owes 1 000.00, may promise up to sixty days ahead, and may have three instalments."""
    return Known(
        currency=currency, owed_minor=100_000, totals=((currency, 100_000),), oldest_on=date(2026, 10, 1), is_overdue=True,
        last_on=LAST_ON, least_minor=1_000, plans=(PlanOption(3, 33_334, 100_000, AS_OF),),
        reasons=tuple(reason.key for reason in DISPUTE_REASONS),
    )  # fmt: skip


def scripts() -> Iterator[Script]:
    """Every phrase of the three files, said by a stranger and by somebody known."""
    for language in LANGUAGES:
        family = ""
        for row in (Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8").splitlines():
            if row.startswith("[") and row.endswith("]"):
                family = row[1:-1]
            elif row:
                text, _arrow, expected = row.partition(" -> ")
                for is_stranger in (True, False):
                    yield Script(language, family, text, expected, is_stranger)
