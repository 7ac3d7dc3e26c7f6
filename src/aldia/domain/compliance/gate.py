"""The gate: may this person be contacted now, by this channel; if not, why, and from when.

Pure functions of a policy, an intent and what is known about the person. What only time heals (hours, caps, gaps, blocks with
an end) gives a next instant; what time does not heal (no consent, a forbidden person, an open dispute) gives none.
Every candidate zone must allow the instant.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from aldia.domain.compliance.history import (
    EVERY_CHANNEL,
    HOME_PLACES,
    Event,
    Hold,
    LocalContact,
    PastContact,
    Standing,
    count_used,
    is_same_matter,
    last_blocked_day,
    on_clock,
    relevant_to,
)
from aldia.domain.compliance.packs import CHANNELS, DayRanges, ForbiddenTarget
from aldia.domain.compliance.policy import PRODUCT, Block, Cap, ContactPolicy
from aldia.domain.compliance.windows import first_open, is_within, minute_of

IsHoliday = Callable[[date], bool]

ROLE_SYNONYMS: Final = {
    "payer": "debtor",
    "representative": "debtor",
    "joint_debtor": "co_debtor",
    "joint_obligor": "co_debtor",
    "endorser": "guarantor",
    "aval": "guarantor",
}
_CONVERSATION_TRIGGERS: Final = {"direct_contact": CHANNELS, "telephone_conversation": ("call",)}
_MOST_PASSES: Final = 400
_MOST_CLOCKS: Final = 24
_DAY: Final = 24 * 60


class UnknownChannel(ValueError):
    """The channel is none of those that rules know."""

    def __init__(self, found: str) -> None:
        super().__init__(f"found channel {found!r}, expected one of " + ", ".join(CHANNELS))


class ClockMissing(ValueError):
    """An intent without a time zone, or with an instant that has none: the law cannot be read without a clock."""


class Reason(NamedTuple):
    """Why contact is refused: the rule (or ``product``), a code that ``texts`` can say, and its figures."""

    rule_id: str
    code: str
    args: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """An act that is about to happen. ``at`` carries a zone; ``zones`` are all plausible clocks of the debtor.

    ``is_automated`` None means not known and is read as automated. ``place`` is home, workplace, third_party_address …
    """

    channel: str
    at: datetime
    zones: tuple[ZoneInfo, ...]
    creditor_id: str | None = None
    debt_ids: frozenset[str] = frozenset()
    target_role: str = "debtor"
    place: str | None = None
    is_automated: bool | None = None
    purpose: str = "collection"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with what is needed to prove it later. ``next_allowed_at`` and ``closes_at`` are in UTC.

    ``closes_at``: until when it stays lawful today on every clock; None when it is not lawful now, or the day has no end.
    """

    allowed: bool
    reasons: tuple[Reason, ...]
    next_allowed_at: datetime | None
    at_local: datetime
    rule_version: str
    missing: tuple[str, ...]
    closes_at: datetime | None = None


def may_contact(
    policy: ContactPolicy,
    intent: Intent,
    *,
    history: Sequence[PastContact],
    standing: Standing,
    is_holiday: IsHoliday,
) -> Verdict:
    """Whether the act is lawful now, all the reasons when it is not, and the first lawful instant if time heals it.

    ``history`` is of this person, in any order; later entries than the intent do not count. Raises UnknownChannel and
    ClockMissing.
    """
    _check(intent)
    lasting = tuple(_lasting_reasons(policy, intent, standing))
    act = _Act(policy, intent, history, standing, is_holiday)
    clocks = [_Clock(act, zone) for zone in intent.zones]
    found = (reason for clock in clocks for reason in clock.reasons_at(intent.at))
    timed = tuple({(reason.rule_id, reason.code): reason for reason in found}.values())
    return Verdict(
        allowed=not lasting and not timed,
        reasons=lasting + timed,
        next_allowed_at=None if lasting else _next(clocks, intent.at, is_allowed_now=not timed),
        at_local=intent.at.astimezone(intent.zones[0]),
        rule_version=policy.rule_version,
        missing=policy.missing,
        closes_at=None if lasting or timed else _closing(clocks, intent.at),
    )


def day_windows(policy: ContactPolicy, channel: str, on: date, is_holiday: bool) -> DayRanges:
    """The open ranges of a local day in minutes from midnight, ends exclusive; empty when closed."""
    if channel not in CHANNELS:
        raise UnknownChannel(channel)
    hours = policy.hours[channel]
    return () if is_holiday and hours.closes_on_holidays else hours.week[on.weekday()]


class _Act:
    """What is the same on every clock: the entries that count, and which of them each cap counts."""

    def __init__(
        self,
        policy: ContactPolicy,
        intent: Intent,
        history: Sequence[PastContact],
        standing: Standing,
        is_holiday: IsHoliday,
    ) -> None:
        self.policy, self.intent, self.standing, self.is_holiday = policy, intent, standing, is_holiday
        self.entries = sorted(
            (entry for entry in history if entry.at <= intent.at), key=lambda entry: entry.at
        )
        self.caps = [
            (cap, relevant_to(cap.limit, intent.channel, self.entries, intent.creditor_id, intent.debt_ids))
            for cap in _caps_for(policy, intent)
        ]


class _Clock:
    """The timed part of the law for one act on one plausible clock."""

    def __init__(self, act: "_Act", zone: ZoneInfo) -> None:
        self.policy, self.intent, self.zone, self.is_holiday = act.policy, act.intent, zone, act.is_holiday
        past = on_clock(act.entries, zone)
        self.caps = [(cap, [past[index] for index in counted]) for cap, counted in act.caps]
        self.pauses = [
            *_timed_blocks(act.policy, act.intent, past, act.standing),
            *_timed_holds(act.intent, act.standing.holds),
        ]

    def reasons_at(self, at: datetime) -> Iterator[Reason]:
        local = at.astimezone(self.zone)
        if not is_within(self._windows(local.date()), minute_of(local)):
            yield from self._hours_reasons(local)
        yield from self.reasons_on(local.date())

    def reasons_on(self, on: date) -> Iterator[Reason]:
        for cap, relevant in self.caps:
            yield from _cap_reasons(cap, self.intent, relevant, on)
        for until_on, reason in self.pauses:
            if on < until_on:
                yield reason

    def first_from(self, at: datetime) -> datetime | None:
        return first_open(self.zone, self._open_ranges, at)

    def closes_after(self, at: datetime) -> datetime | None:
        """The end of the open range of an instant; None when the day ends first."""
        local = at.astimezone(self.zone)
        minute = minute_of(local)
        end = next((end for begin, end in self._windows(local.date()) if begin <= minute < end), _DAY)
        if end >= _DAY:
            return None
        closing = datetime.combine(local.date(), time(*divmod(end, 60)), self.zone)
        return closing.astimezone(UTC)

    def _open_ranges(self, on: date) -> DayRanges:
        ranges = self._windows(on)
        return () if ranges and any(True for _ in self.reasons_on(on)) else ranges

    def _windows(self, on: date) -> DayRanges:
        return day_windows(self.policy, self.intent.channel, on, self.is_holiday(on))

    def _hours_reasons(self, local: datetime) -> Iterator[Reason]:
        hours = self.policy.hours[self.intent.channel]
        week_ranges = hours.week[local.date().weekday()]
        if hours.closes_on_holidays and self.is_holiday(local.date()):
            code = "holiday"
        else:
            code = "outside_hours" if week_ranges else "closed_day"
        args = (("day", local.weekday()), ("time", f"{local:%H:%M}"), ("channel", self.intent.channel))
        for rule_id in hours.rule_ids:
            yield Reason(rule_id, code, args)


def _next(clocks: Sequence[_Clock], at: datetime, *, is_allowed_now: bool) -> datetime | None:
    if is_allowed_now:
        return at.astimezone(UTC)
    # Only an unknown country leaves this many clocks, from Hawaii to Madrid: no office hour is common to them all.
    return None if len(clocks) > _MOST_CLOCKS else _first_common(clocks, at)


def _closing(clocks: Sequence[_Clock], at: datetime) -> datetime | None:
    return min((end for clock in clocks if (end := clock.closes_after(at))), default=None)


def _first_common(clocks: Sequence[_Clock], at: datetime) -> datetime | None:
    """The first instant that every clock allows; None when there is none within the horizon."""
    instant = at.astimezone(UTC)
    agreed = 0
    for turn in range(_MOST_PASSES):
        found = clocks[turn % len(clocks)].first_from(instant)
        if found is None:
            return None
        agreed = agreed + 1 if found == instant else 1
        instant = found
        if agreed >= len(clocks):
            return instant
    return None


def _check(intent: Intent) -> None:
    if intent.channel not in CHANNELS:
        raise UnknownChannel(intent.channel)
    if not intent.zones:
        raise ClockMissing("found no time zone, expected at least one plausible zone of the debtor")
    if intent.at.tzinfo is None:
        raise ClockMissing(f"found {intent.at!r}, expected an instant with a time zone")


def _lasting_reasons(policy: ContactPolicy, intent: Intent, standing: Standing) -> Iterator[Reason]:
    """What time alone does not heal."""
    yield from _consent_reasons(policy, intent, standing)
    role = ROLE_SYNONYMS.get(intent.target_role, intent.target_role)
    for rule_id, target in policy.targets:
        yield from _target_reasons(rule_id, target, role, policy, intent)
    for block in policy.blocks:
        if any(_is_open_block(block, event, intent, role) for event in standing.events):
            yield Reason(block.rule_id, "event", (("trigger", block.event.trigger),))
    for hold in standing.holds:
        if hold.until_on is None and hold.covers(intent.channel):
            yield Reason(PRODUCT, "hold", (("hold", hold.code),))


def _consent_reasons(policy: ContactPolicy, intent: Intent, standing: Standing) -> Iterator[Reason]:
    args = (("channel", intent.channel),)
    consent = policy.consents.get(intent.channel)
    if standing.opted_out & {intent.channel, EVERY_CHANNEL}:
        yield Reason(consent.rule_id if consent else PRODUCT, "opted_out", args)
        return
    if consent is None or intent.channel in standing.consented:
        return
    if consent.is_needed(is_automated=intent.is_automated):
        yield Reason(consent.rule_id, "no_consent", args)


def _target_reasons(
    rule_id: str, target: ForbiddenTarget, role: str, policy: ContactPolicy, intent: Intent
) -> Iterator[Reason]:
    allowed = {ROLE_SYNONYMS.get(name, name) for name in target.allowed}
    if role in target.targets or (allowed and role not in allowed):
        yield Reason(rule_id, "forbidden_role", (("role", intent.target_role),))
    if not target.places or (target.channels and intent.channel not in target.channels):
        return
    if policy.debt_kind is not None and policy.debt_kind in target.exempt_debts:
        return
    # A visit always goes to a place: not knowing which one counts as the forbidden one.
    is_hidden_visit = intent.channel == "visit" and intent.place is None
    if intent.place in target.places or is_hidden_visit:
        yield Reason(rule_id, "forbidden_place", (("place", intent.place or "unknown"),))


def _is_open_block(block: Block, event: Event, intent: Intent, role: str) -> bool:
    """True when an event without an end of its own still stands against the act."""
    rule = block.event
    if rule.until is None or event.trigger != rule.trigger or not _touches(block, event.debt_ids, intent):
        return False
    if event.ended_on is not None and event.ended_on <= min(
        intent.at.astimezone(zone).date() for zone in intent.zones
    ):
        return False
    return _stops(block, intent, role)


def _stops(block: Block, intent: Intent, role: str) -> bool:
    rule = block.event
    if intent.purpose in rule.exempt_purposes:
        return False
    if rule.effect == "redirect_to_attorney":
        return role != "attorney"
    return rule.effect != "block_channel" or intent.channel in rule.channels


def _touches(block: Block, debt_ids: frozenset[str], intent: Intent) -> bool:
    """Whether an event about some debts concerns the act; unknown debts always do."""
    is_partial = (
        block.event.scope in ("debt", "person_and_debt") or block.event.effect == "block_disputed_amount"
    )
    return not is_partial or not debt_ids or not intent.debt_ids or bool(debt_ids & intent.debt_ids)


def _timed_blocks(
    policy: ContactPolicy, intent: Intent, past: Sequence[LocalContact], standing: Standing
) -> Iterator[tuple[date, Reason]]:
    """Blocks with an end: the first free day and the reason."""
    role = ROLE_SYNONYMS.get(intent.target_role, intent.target_role)
    for block in policy.blocks:
        if block.event.until is not None or not _stops(block, intent, role):
            continue
        # A later occurrence never ends sooner, so only the latest one matters.
        happened_on = max(_occurrences(block, intent, past, standing), default=None)
        last = None if happened_on is None else last_blocked_day(block.event, happened_on)
        if happened_on is not None and last is not None:
            args = (("trigger", block.event.trigger), ("on", happened_on.isoformat()))
            yield last + timedelta(days=1), Reason(block.rule_id, "cool_down", args)


def _occurrences(
    block: Block, intent: Intent, past: Sequence[LocalContact], standing: Standing
) -> Iterator[date]:
    rule = block.event
    channels = _CONVERSATION_TRIGGERS.get(rule.trigger)
    if channels is None:
        for event in standing.events:
            if event.trigger == rule.trigger and _touches(block, event.debt_ids, intent):
                yield event.on
        return
    for local in past:
        entry = local.entry
        is_other = rule.effect != "lock_other_channels" or entry.channel != intent.channel
        # The person's own call is a conversation, but it never locks the channels that we use.
        is_ours = not entry.is_inbound or rule.trigger == "telephone_conversation"
        is_ours = is_ours and is_same_matter(entry, rule.scope, intent.creditor_id, intent.debt_ids)
        if entry.is_contact and is_ours and is_other and entry.channel in channels:
            yield local.on


def _timed_holds(intent: Intent, holds: Sequence[Hold]) -> Iterator[tuple[date, Reason]]:
    for hold in holds:
        if hold.until_on is not None and hold.covers(intent.channel):
            yield hold.until_on, Reason(PRODUCT, "hold", (("hold", hold.code),))


def _caps_for(policy: ContactPolicy, intent: Intent) -> list[Cap]:
    is_elsewhere = intent.place not in HOME_PLACES
    return [
        cap
        for cap in policy.caps
        if intent.channel in cap.limit.channels and (is_elsewhere or not cap.limit.only_elsewhere)
    ]


def _cap_reasons(cap: Cap, intent: Intent, relevant: Sequence[LocalContact], on: date) -> Iterator[Reason]:
    limit = cap.limit
    used = count_used(limit, relevant, on, intent.debt_ids)
    if used >= limit.maximum:
        args = (("used", used), ("max", limit.maximum), ("days", limit.period.length))
        yield Reason(cap.rule_id, f"cap_{limit.period.span}", args)
    if limit.min_gap_days and any(0 <= (on - local.on).days < limit.min_gap_days for local in relevant):
        yield Reason(cap.rule_id, "min_gap", (("days", limit.min_gap_days),))
