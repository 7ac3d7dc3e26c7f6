"""What the law lets be planned on one day, as plain data: closed channels and contact budgets.

The gate decides again at the moment of sending; planning by the same numbers keeps the queue honest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from aldia.domain.compliance.history import first_day
from aldia.domain.compliance.packs import FrequencyCap
from aldia.domain.compliance.policy import ContactPolicy

CHANNELS: Final = ("email", "sms", "whatsapp", "call", "letter", "visit")
REACH: Final = ("can", "out", "yes")
"""By channel, of a person: has where to be reached, does not want it, has agreed to it."""
Scope = Literal["person", "creditor", "case"]
_SCOPES: Final[dict[str, Scope]] = {
    "debtor": "person",
    "debtor_and_creditor": "creditor",
    "debt": "case",
    "person_and_debt": "case",
}


@dataclass(frozen=True, slots=True)
class DayCap:
    """At most ``maximum`` attempts (or contacts) since the day ``since`` included, per person or narrower.

    Pooled: one count for all the channels; otherwise one for each of them.
    """

    rule: str
    maximum: int
    since: date
    scope: Scope = "person"
    channels: tuple[str, ...] = CHANNELS
    is_pooled: bool = True
    counts_attempts: bool = True


@dataclass(frozen=True, slots=True)
class DayPolicy:
    """The plan's reading of a contact policy for one day. ``opt_in``: channels for which the person must have said yes."""

    closed: frozenset[str] = frozenset()
    caps: tuple[DayCap, ...] = ()
    opt_in: frozenset[str] = frozenset()


def day_policy(policy: ContactPolicy, *, as_of: date, is_holiday: Callable[[date], bool]) -> DayPolicy:
    """The closed channels, the caps and the channels that ask for consent of a policy on a day; a plan writes by machine.

    Caps that depend on what happens during the day (after an answer, at another place) stay with the gate.
    """
    holiday = is_holiday(as_of)
    closed = {
        channel
        for channel, hours in policy.hours.items()
        if not hours.week[as_of.weekday()] or (holiday and hours.closes_on_holidays)
    }
    caps = [cap for each in policy.caps for cap in _day_caps(each.rule_id, each.limit, as_of)]
    opt_in = {channel for channel, consent in policy.consents.items() if consent.is_needed(is_automated=True)}
    return DayPolicy(frozenset(closed), tuple(dict.fromkeys(caps)), frozenset(opt_in))


def _day_caps(rule: str, limit: FrequencyCap, as_of: date) -> list[DayCap]:
    found = [cap for inner in limit.also for cap in _day_caps(rule, inner, as_of)]
    if limit.after_event is not None or limit.only_elsewhere:
        return found
    scope = _SCOPES[limit.scope]
    since = first_day(limit.period, as_of)
    is_attempts = limit.unit == "attempts"
    found.append(DayCap(rule, limit.maximum, since, scope, limit.channels, limit.is_pooled, is_attempts))
    if limit.min_gap_days:
        since = as_of - timedelta(days=limit.min_gap_days - 1)
        found.append(DayCap(rule, 1, since, scope, limit.channels, limit.is_pooled, counts_attempts=True))
    return found
