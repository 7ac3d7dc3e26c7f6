"""What happened with a person before: contacts, events and holds, and how the law counts them on a local day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aldia.domain.compliance.packs import CapPeriod, EventBlock, FrequencyCap, Scope

HOME_PLACES: Final = (None, "personal", "home")
EVERY_CHANNEL: Final = "*"


@dataclass(frozen=True, slots=True)
class PastContact:
    """One attempt with this person, or a contact that came from the person (``is_inbound``).

    ``is_contact`` means that it reached somebody: a conversation, or a delivered message. When that is not known yet, say
    True. No creditor or debts means that they are not known: such an entry counts for all of them.
    """

    channel: str
    at: datetime
    is_contact: bool = True
    is_inbound: bool = False
    creditor_id: str | None = None
    debt_ids: frozenset[str] = frozenset()
    place: str | None = None
    exclusions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a rule may react to (``written_cease_request``, ``served_in_lawsuit_or_insolvency`` …)."""

    trigger: str
    on: date
    ended_on: date | None = None
    debt_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause of the product itself (promise, plan, dispute, manual). Without ``until_on`` it has no end yet.

    ``until_on`` is the first day on which contact is allowed again.
    """

    code: str
    until_on: date | None = None
    channels: frozenset[str] = frozenset()

    def covers(self, channel: str) -> bool:
        """True when the hold stops that channel; no channels listed means all."""
        return not self.channels or channel in self.channels


@dataclass(frozen=True, slots=True)
class Standing:
    """What the person has agreed to or asked for, and what stands against contacting now.

    ``consented`` and ``opted_out`` hold channels; ``*`` in ``opted_out`` means every channel.
    """

    consented: frozenset[str] = frozenset()
    opted_out: frozenset[str] = frozenset()
    events: tuple[Event, ...] = ()
    holds: tuple[Hold, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LocalContact:
    """A past contact with the day it fell on, on one clock."""

    on: date
    entry: PastContact


def on_clock(entries: Iterable[PastContact], zone: ZoneInfo) -> list[LocalContact]:
    """The same contacts in the same order, with their local days."""
    return [LocalContact(entry.at.astimezone(zone).date(), entry) for entry in entries]


def is_same_matter(
    entry: PastContact, scope: Scope, creditor_id: str | None, debt_ids: frozenset[str]
) -> bool:
    """Whether an entry belongs to the matter that a rule counts over; what is not known belongs."""
    if scope == "debtor":
        return True
    if scope == "debtor_and_creditor":
        return None in (creditor_id, entry.creditor_id) or creditor_id == entry.creditor_id
    return not debt_ids or not entry.debt_ids or bool(debt_ids & entry.debt_ids)


def first_day(period: CapPeriod, on: date) -> date:
    """The first day that a period ending on ``on`` counts. Rolling days count ``on`` as the last of them."""
    if period.span == "calendar_week":
        return on - timedelta(days=on.weekday())
    return on - timedelta(days=period.length - 1)


def count_used(
    cap: FrequencyCap, relevant: Sequence[LocalContact], on: date, debt_ids: frozenset[str]
) -> int:
    """How much of a cap is used on a day. Per debt, the debt with the most counts."""
    begin = first_day(cap.period, on)
    counted = [local.entry for local in relevant if begin <= local.on <= on]
    if cap.after_event is not None:
        return _after_response(counted)
    if cap.unit == "contacts":
        counted = [entry for entry in counted if entry.is_contact]
    counted = [entry for entry in counted if not entry.is_inbound]
    if cap.scope in ("debt", "person_and_debt") and debt_ids:
        return max(
            sum(not entry.debt_ids or debt in entry.debt_ids for entry in counted) for debt in debt_ids
        )
    return len(counted)


def _after_response(counted: Sequence[PastContact]) -> int:
    """Contacts made after the person first answered or wrote that day; 0 while nobody answered."""
    answered = [index for index, entry in enumerate(counted) if entry.is_inbound or entry.is_contact]
    if not answered:
        return 0
    return sum(entry.is_contact and not entry.is_inbound for entry in counted[answered[0] + 1 :])


def relevant_to(
    cap: FrequencyCap,
    channel: str,
    entries: Sequence[PastContact],
    creditor_id: str | None,
    debt_ids: frozenset[str],
) -> list[int]:
    """The positions of the past contacts that a cap may count for an act on that channel."""
    pool = cap.channels if cap.is_pooled else (channel,)
    return [
        position
        for position, entry in enumerate(entries)
        if entry.channel in pool
        and not (entry.exclusions & cap.excluded)
        and (not cap.only_elsewhere or entry.place not in HOME_PLACES)
        and is_same_matter(entry, cap.scope, creditor_id, debt_ids)
    ]


def last_blocked_day(event: EventBlock, happened_on: date) -> date | None:
    """The last day that an event blocks; None when it has no end of its own."""
    if event.rest_of_week:
        return happened_on + timedelta(days=6 - happened_on.weekday())
    if event.days is None:
        return None
    return happened_on + timedelta(days=event.days - (1 if event.is_event_day_first else 0))
