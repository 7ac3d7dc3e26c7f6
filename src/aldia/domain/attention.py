"""Attention: how much a case deserves it today, from 0 to 100, with the reasons shown.

Plain integer arithmetic, so that a vectorised twin agrees on every row. Each part is a share from 0 to 1000
(per mille) of its weight; the weights add up to 100:

    amount_share  = min(overdue, full_amount) * 1000 // full_amount
    age_share     = min(max(dpd, 0), full_dpd) * 1000 // full_dpd
    attention     = amount_share * (100 - age_percent) + age_share * age_percent, // 100
    promise_share = 1000 broken, 700 due today, else 0
    silence_share = min(days since contact, full_silence) * 1000 // full_silence; 1000 when never contacted
    points        = weight * share // 1000; score = sum of points
"""

from dataclasses import dataclass
from enum import StrEnum

from aldia.domain.labels import Label

FULL = 1000
"""A whole share, per mille."""

DUE_TODAY_SHARE = 700
"""A promise that is due today weighs less than one already broken."""


class BadAttentionRule(ValueError):
    """A setting outside its range."""


@dataclass(frozen=True, slots=True)
class AttentionRule:
    """Amount against age: where each is full, and how many percent age weighs.

    ``full_amount_minor`` is in the portfolio's stated currency. With ``age_percent=60``, 1,200.00 of 45 days
    (shares 120 and 500 -> 348) ranks above 5,000.00 of 2 days (500 and 22 -> 213); with 0 the order is by amount alone. Raises BadAttentionRule.
    """

    full_amount_minor: int = 10_000_00
    full_dpd: int = 90
    age_percent: int = 60

    def __post_init__(self) -> None:
        if self.full_amount_minor < 1 or self.full_dpd < 1:
            raise BadAttentionRule("full amount and full days are 1 or more")
        if not 0 <= self.age_percent <= 100:
            raise BadAttentionRule(f"the weight of age is 0 to 100 percent, found {self.age_percent}")

    def share_of(self, overdue_minor: int, dpd: int) -> int:
        """0 to 1000: the mix of amount and age; 0 when nothing is overdue."""
        if overdue_minor <= 0 or dpd <= 0:
            return 0
        amount = _share(overdue_minor, self.full_amount_minor)
        return (amount * (100 - self.age_percent) + _share(dpd, self.full_dpd) * self.age_percent) // 100


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each part; they add up to 100. Raises BadAttentionRule."""

    attention: int = 60
    promise: int = 20
    silence: int = 20

    def __post_init__(self) -> None:
        parts = (self.attention, self.promise, self.silence)
        if min(parts) < 0 or sum(parts) != 100:
            raise BadAttentionRule(f"weights are 0 or more and add up to 100, found {parts}")


class PromiseSignal(StrEnum):
    """What the last promise says about today."""

    NONE = "none"
    DUE_TODAY = "due_today"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class AttentionFacts:
    """One case on one day; ``days_since_contact`` is None when nobody was ever reached."""

    overdue_minor: int
    dpd: int
    promise: PromiseSignal = PromiseSignal.NONE
    days_since_contact: int | None = None


class ReasonKind(StrEnum):
    """What raised a score."""

    AMOUNT_AND_AGE = "amount_and_age"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_DUE_TODAY = "promise_due_today"
    NO_CONTACT_SINCE = "no_contact_since"
    NEVER_CONTACTED = "never_contacted"


REASON_LABELS: dict[ReasonKind, Label] = {
    ReasonKind.AMOUNT_AND_AGE: Label("importe y antigüedad ({dpd} días)", "amount and age ({dpd} days)",
                                     "valor e atraso ({dpd} dias)"),
    ReasonKind.PROMISE_BROKEN: Label("promesa rota", "broken promise", "promessa quebrada"),
    ReasonKind.PROMISE_DUE_TODAY: Label("promesa vence hoy", "promise due today", "promessa vence hoje"),
    ReasonKind.NO_CONTACT_SINCE: Label("sin contacto hace {days} días", "no contact for {days} days",
                                       "sem contato há {days} dias"),
    ReasonKind.NEVER_CONTACTED: Label("sin contacto efectivo", "nobody reached yet", "sem contato efetivo"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """One part of a score: its points, and the numbers that its label names."""

    kind: ReasonKind
    points: int
    args: tuple[tuple[str, int], ...] = ()

    def text(self, language: str) -> str:
        """The reason in words: ``sin contacto hace 12 días``."""
        return REASON_LABELS[self.kind].of(language).format(**dict(self.args))


@dataclass(frozen=True, slots=True)
class Priority:
    """A score from 0 to 100 and its up to three strongest reasons, strongest first."""

    score: int
    reasons: tuple[ScoreReason, ...]


DEFAULT_RULE = AttentionRule()
DEFAULT_WEIGHTS = Weights()
FULL_SILENCE_DAYS = 30


def priority(
    facts: AttentionFacts,
    rule: AttentionRule = DEFAULT_RULE,
    weights: Weights = DEFAULT_WEIGHTS,
    full_silence_days: int = FULL_SILENCE_DAYS,
) -> Priority:
    """The score of a case and why.

    1,200.00 of 45 days, promise broken, never contacted -> 20 + 20 + 20 = 60. A case with nothing overdue
    scores 0: nobody is called for a debt that is not due.
    """
    if facts.overdue_minor <= 0 or facts.dpd <= 0:
        return Priority(0, ())
    parts = (
        _attention(facts, rule, weights.attention),
        _promise(facts, weights.promise),
        _silence(facts, weights.silence, full_silence_days),
    )
    strongest = sorted((part for part in parts if part.points), key=lambda part: -part.points)
    return Priority(sum(part.points for part in parts), tuple(strongest[:3]))


def _share(value: int, full: int) -> int:
    return min(max(value, 0), full) * FULL // full


def _attention(facts: AttentionFacts, rule: AttentionRule, weight: int) -> ScoreReason:
    points = weight * rule.share_of(facts.overdue_minor, facts.dpd) // FULL
    return ScoreReason(
        ReasonKind.AMOUNT_AND_AGE, points, (("overdue_minor", facts.overdue_minor), ("dpd", facts.dpd))
    )


def _promise(facts: AttentionFacts, weight: int) -> ScoreReason:
    if facts.promise is PromiseSignal.BROKEN:
        return ScoreReason(ReasonKind.PROMISE_BROKEN, weight)
    share = DUE_TODAY_SHARE if facts.promise is PromiseSignal.DUE_TODAY else 0
    return ScoreReason(ReasonKind.PROMISE_DUE_TODAY, weight * share // FULL)


def _silence(facts: AttentionFacts, weight: int, full_days: int) -> ScoreReason:
    if facts.days_since_contact is None:
        return ScoreReason(ReasonKind.NEVER_CONTACTED, weight)
    points = weight * _share(facts.days_since_contact, full_days) // FULL
    return ScoreReason(ReasonKind.NO_CONTACT_SINCE, points, (("days", facts.days_since_contact),))
