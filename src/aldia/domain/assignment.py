"""Assignment by rule: who works a case, stable from day to day, and who covers for an absent colleague.

Each (case, member) pair has a fixed draw; the present member with the highest draw takes the case. A member
who leaves moves only his own cases, one who joins takes only his share: nothing else changes hands.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aldia.domain.periods import Period

MAX_WEIGHT = 100


class AssignmentError(ValueError):
    """Any refusal of this module."""


class NobodyAvailable(AssignmentError):
    """Every member is absent or has weight 0: a case would be left without anybody."""


class Why(StrEnum):
    """Why a member has the case."""

    RULE = "rule"
    KEPT = "kept"
    STAND_IN = "stand_in"
    ABSENT = "absent"
    OVER_CAPACITY = "over_capacity"


@dataclass(frozen=True, slots=True)
class Member:
    """A person who can take cases.

    ``weight`` is the share of new cases (0 takes none), ``capacity`` the most cases held (None is no limit),
    ``absences`` the days away, ``stand_in`` the key of the colleague who covers them.
    """

    key: str
    weight: int = 1
    capacity: int | None = None
    absences: tuple[Period, ...] = ()
    stand_in: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= MAX_WEIGHT:
            raise AssignmentError(
                f"member {self.key!r}: the weight is 0 to {MAX_WEIGHT}, found {self.weight}"
            )
        if self.capacity is not None and self.capacity < 0:
            raise AssignmentError(f"member {self.key!r}: the capacity is 0 or more, found {self.capacity}")
        if self.stand_in == self.key:
            raise AssignmentError(f"member {self.key!r} cannot stand in for himself")

    def is_present(self, on: date) -> bool:
        """True outside every absence."""
        return not any(absence.contains(on) for absence in self.absences)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A case and its member, and why."""

    case_key: str
    member: str
    why: Why


def assign(
    case_key: str, members: Sequence[Member], as_of: date, held: Mapping[str, int] | None = None
) -> Assignment:
    """The member for one case.

    The holder by draw, if present and below capacity; when absent the stand-in (or the stand-in's stand-in), else the
    next by draw. When everybody is full, the next by draw takes it as OVER_CAPACITY: no case is left alone.
    Raises NobodyAvailable.
    """
    _check_keys(members)
    held = held or {}
    ranked = _ranked(case_key, members)
    here = [member for member in ranked if member.is_present(as_of)]
    if not here:
        raise NobodyAvailable(
            f"case {case_key!r}: no member is present on {as_of}; add one or name a stand-in"
        )
    if not ranked[0].is_present(as_of):
        cover = _stand_in_of(ranked[0], members, as_of)
        if cover is not None and _has_room(cover, held):
            return Assignment(case_key, cover.key, Why.STAND_IN)
    for member in here:
        if _has_room(member, held):
            return Assignment(
                case_key, member.key, Why.RULE if member is ranked[0] else _why_not_first(ranked[0], as_of)
            )
    return Assignment(case_key, here[0].key, Why.OVER_CAPACITY)


def assign_all(
    case_keys: Iterable[str], members: Sequence[Member], as_of: date, current: Mapping[str, str] | None = None
) -> tuple[Assignment, ...]:
    """A member for every case, sorted by key: cases keep their present holder, the others are assigned by rule.

    Does not depend on the order of the cases. Raises NobodyAvailable.
    """
    current = current or {}
    present = {member.key for member in members if member.is_present(as_of)}
    keys = sorted(set(case_keys))
    held = Counter(holder for key in keys if (holder := current.get(key)) in present and holder is not None)
    result = []
    for key in keys:
        if (holder := current.get(key)) is not None and holder in present:
            result.append(Assignment(key, holder, Why.KEPT))
            continue
        chosen = _cover_or_assign(key, holder, members, as_of, held)
        held[chosen.member] += 1
        result.append(chosen)
    return tuple(result)


def _cover_or_assign(
    key: str, holder: str | None, members: Sequence[Member], as_of: date, held: Mapping[str, int]
) -> Assignment:
    """An absent holder's own stand-in comes first; then the rule."""
    absent = next((member for member in members if member.key == holder), None)
    if absent is not None:
        cover = _stand_in_of(absent, members, as_of)
        if cover is not None and _has_room(cover, held):
            return Assignment(key, cover.key, Why.STAND_IN)
    return assign(key, members, as_of, held)


def _check_keys(members: Sequence[Member]) -> None:
    doubled = [key for key, count in Counter(member.key for member in members).items() if count > 1]
    if doubled:
        raise AssignmentError(f"members are listed twice: {doubled}")
    if not any(member.weight for member in members):
        raise NobodyAvailable("no member takes cases: give at least one a weight of 1 or more")


def _ranked(case_key: str, members: Sequence[Member]) -> list[Member]:
    """Members who take cases, by their draw for this case, highest first."""
    takers = [member for member in members if member.weight]
    return sorted(takers, key=lambda member: (_draw(case_key, member), member.key), reverse=True)


def _draw(case_key: str, member: Member) -> bytes:
    """The best of ``weight`` fixed draws: who has double weight wins twice as often, in whole numbers only."""
    tickets = (f"{case_key}\x1f{member.key}\x1f{ticket}" for ticket in range(member.weight))
    return max(hashlib.blake2b(ticket.encode(), digest_size=16).digest() for ticket in tickets)


def _stand_in_of(member: Member, members: Sequence[Member], as_of: date) -> Member | None:
    """The first present colleague along the chain of stand-ins; None when it ends or goes round."""
    by_key = {each.key: each for each in members}
    seen = {member.key}
    while member.stand_in is not None and member.stand_in in by_key and member.stand_in not in seen:
        member = by_key[member.stand_in]
        seen.add(member.key)
        if member.is_present(as_of):
            return member
    return None


def _has_room(member: Member, held: Mapping[str, int]) -> bool:
    return member.capacity is None or held.get(member.key, 0) < member.capacity


def _why_not_first(first: Member, as_of: date) -> Why:
    return Why.RULE if first.is_present(as_of) else Why.ABSENT
