"""Typified outcomes as data: contact -> result -> reason, what each result asks for, does, and leaves as next step.

The tree that ships is in ``outcome_tree``; an organisation edits a copy of it as plain data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from aldia.domain.calendars import Calendar
from aldia.domain.labels import Label


class BadOutcomeTree(ValueError):
    """The tree breaks a rule; the message names the outcome and the repair."""


class UnknownOutcome(ValueError):
    """There is no outcome with that key or letter."""


class ContactLevel(StrEnum):
    """Who was reached: nobody, somebody else, or the person who owes."""

    NO_CONTACT = "no_contact"
    THIRD_PARTY = "third_party"
    RIGHT_PARTY = "right_party"


class OutcomeEffect(StrEnum):
    """What saving the outcome does."""

    MAKE_PROMISE = "make_promise"
    MAKE_PLAN = "make_plan"
    OPEN_DISPUTE = "open_dispute"
    SCHEDULE_CALL = "schedule_call"
    PAUSE = "pause"
    RETIRE_CONTACT_POINT = "retire_contact_point"
    REPORT_PAYMENT = "report_payment"
    NEXT_TASK = "next_task"
    HOLD = "hold"
    NONE = "none"


class FieldType(StrEnum):
    """The kind of answer that a form shows."""

    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    TEXT = "text"
    COUNT = "count"
    CHOICE = "choice"
    DOCUMENTS = "documents"
    CONTACT_POINT = "contact_point"
    FILE = "file"
    POSITION = "position"


class NextKind(StrEnum):
    """The kind of work that a next step is."""

    CALL = "call"
    REVIEW_PROMISE = "review_promise"
    REVIEW_PLAN = "review_plan"
    VERIFY_PAYMENT = "verify_payment"
    ANSWER_DISPUTE = "answer_dispute"
    SEND_MESSAGE = "send_message"
    FIND_CONTACT = "find_contact"
    SUPERVISE = "supervise"


@dataclass(frozen=True, slots=True)
class Field:
    """One answer that an outcome asks for."""

    key: str
    type: FieldType
    label: Label
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the third level of the tree."""

    key: str
    label: Label


@dataclass(frozen=True, slots=True)
class NextStep:
    """The work that follows: some business days after the outcome, or after the date given in ``counts_from``."""

    kind: NextKind
    business_days: int
    counts_from: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One result of a contact. Every outcome has a next step: without it there is no outcome."""

    key: str
    contact: ContactLevel
    label: Label
    next_step: NextStep
    effect: OutcomeEffect = OutcomeEffect.NONE
    letter: str = ""
    fields: tuple[Field, ...] = ()
    reasons: tuple[Reason, ...] = ()
    is_active: bool = True

    @property
    def is_contact(self) -> bool:
        """True when a person was reached."""
        return self.contact is not ContactLevel.NO_CONTACT

    @property
    def is_right_party(self) -> bool:
        """True when that person is the one who owes."""
        return self.contact is ContactLevel.RIGHT_PARTY

    def next_on(self, on: date, calendar: Calendar, answers: Mapping[str, object] | None = None) -> date:
        """The business day of the next step.

        Counted from the answer named by ``counts_from`` (a promise due the 27th with one day leaves the 28th or
        the next open day), else from the day of the outcome. An instant must come in the party's own zone.
        """
        given = (answers or {}).get(self.next_step.counts_from)
        if isinstance(
            given, datetime
        ):  # a datetime is a date too, but counts as neither equal nor comparable
            given = given.date()
        start = given if isinstance(given, date) else on
        return calendar.add_business_days(start, self.next_step.business_days)


@dataclass(frozen=True, slots=True)
class OutcomeTree:
    """All outcomes of an organisation, in the order of the screen. Raises BadOutcomeTree."""

    outcomes: tuple[Outcome, ...]
    contact_labels: Mapping[ContactLevel, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_unique("key", [outcome.key for outcome in self.outcomes])
        _check_unique("letter", [o.letter for o in self.outcomes if o.letter and o.is_active])
        for outcome in self.outcomes:
            _check_outcome(outcome)

    def get(self, key: str) -> Outcome:
        """By key. Raises UnknownOutcome."""
        for outcome in self.outcomes:
            if outcome.key == key:
                return outcome
        raise UnknownOutcome(
            f"unknown outcome {key!r}: expected one of {', '.join(o.key for o in self.outcomes)}"
        )


def _check_unique(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise BadOutcomeTree(f"two outcomes have the {what} {value!r}: change one of them")
        seen.add(value)


def _check_outcome(outcome: Outcome) -> None:
    step = outcome.next_step
    if not outcome.key:
        raise BadOutcomeTree("an outcome needs a key")
    if outcome.letter and (len(outcome.letter) != 1 or not outcome.letter.isupper()):
        raise BadOutcomeTree(f"outcome {outcome.key!r}: a letter is one capital, found {outcome.letter!r}")
    if step.business_days < 0 or (step.business_days == 0 and not step.counts_from):
        raise BadOutcomeTree(f"outcome {outcome.key!r}: the next step is 1 business day or more ahead")
    keys = {f.key for f in outcome.fields if f.is_required}
    if step.counts_from and step.counts_from not in keys:
        raise BadOutcomeTree(
            f"outcome {outcome.key!r}: next step counts from {step.counts_from!r}, not a required field"
        )
    needed = NEEDED_FIELDS.get(outcome.effect, frozenset())
    if missing := sorted(needed - keys):
        raise BadOutcomeTree(
            f"outcome {outcome.key!r}: effect {outcome.effect} must ask for {', '.join(missing)}"
        )


NEEDED_FIELDS: dict[OutcomeEffect, frozenset[str]] = {
    OutcomeEffect.MAKE_PROMISE: frozenset({"amount", "due_on"}),
    OutcomeEffect.MAKE_PLAN: frozenset({"amount", "parts", "first_on"}),
    OutcomeEffect.OPEN_DISPUTE: frozenset({"reason"}),
    OutcomeEffect.SCHEDULE_CALL: frozenset({"call_at"}),
    OutcomeEffect.PAUSE: frozenset({"until_on"}),
    OutcomeEffect.RETIRE_CONTACT_POINT: frozenset({"contact_point"}),
    OutcomeEffect.REPORT_PAYMENT: frozenset({"paid_on"}),
}
"""What an effect cannot do without."""


def tree_as_data(tree: OutcomeTree) -> list[dict[str, Any]]:
    """The outcomes as plain data (JSON): what an editor stores."""
    return [
        {
            "key": o.key, "contact": o.contact.value, "label": o.label.as_data(), "effect": o.effect.value,
            "letter": o.letter, "is_active": o.is_active,
            "next_step": {"kind": o.next_step.kind.value, "business_days": o.next_step.business_days,
                          "counts_from": o.next_step.counts_from},
            "fields": [{"key": f.key, "type": f.type.value, "label": f.label.as_data(), "is_required": f.is_required}
                       for f in o.fields],
            "reasons": [{"key": r.key, "label": r.label.as_data()} for r in o.reasons],
        }
        for o in tree.outcomes
    ]  # fmt: skip


def tree_from_data(
    rows: Iterable[Mapping[str, Any]], contact_labels: Mapping[ContactLevel, Label] | None = None
) -> OutcomeTree:
    """The tree behind plain data. Raises BadOutcomeTree naming the row that cannot be read."""
    outcomes = []
    for number, row in enumerate(rows, start=1):
        try:
            outcomes.append(_outcome_from(row))
        except (KeyError, TypeError, ValueError) as problem:
            raise BadOutcomeTree(f"outcome {number} ({row.get('key', 'no key')}): {problem!r}") from problem
    return OutcomeTree(tuple(outcomes), contact_labels or {})


def _outcome_from(row: Mapping[str, Any]) -> Outcome:
    step = row["next_step"]
    return Outcome(
        key=row["key"],
        contact=ContactLevel(row["contact"]),
        label=Label(**row["label"]),
        next_step=NextStep(NextKind(step["kind"]), int(step["business_days"]), step.get("counts_from", "")),
        effect=OutcomeEffect(row.get("effect", "none")),
        letter=row.get("letter", ""),
        fields=tuple(
            Field(f["key"], FieldType(f["type"]), Label(**f["label"]), bool(f.get("is_required", True)))
            for f in row.get("fields", ())
        ),
        reasons=tuple(Reason(r["key"], Label(**r["label"])) for r in row.get("reasons", ())),
        is_active=bool(row.get("is_active", True)),
    )
