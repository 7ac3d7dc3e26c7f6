"""What may be offered to who owes: discounts by age and component, plans, and who may grant each.

A policy is data. Its levels go from who may grant the least to who may grant the most; a discount is measured against the
most that the bands of the debt's age allow. Money in minor units of one currency; percents are whole numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from aldia.domain.loans.schedules import Terms, by_period, schedule
from aldia.domain.promises import Every, Instalment, step_date

ANY = "*"
"""The band of every component that has none of its own."""
MOST_INSTALMENTS = 120
_A_YEAR = {Every.WEEK: 52, Every.FORTNIGHT: 26, Every.MONTH: 12}
_USUAL_PARTS = (2, 3, 6, 12, 24, 36, 48, 60)


class BadPolicy(ValueError):
    """A policy that contradicts itself; `field` names the part to repair."""

    def __init__(self, field_name: str, text: str) -> None:
        super().__init__(text)
        self.field = field_name


class BadProposal(ValueError):
    """A proposal that is no plan: nothing to pay, or a down payment of everything."""


class When(StrEnum):
    """When the discount is posted: once the agreement is fulfilled, or at its start (and given back if it falls)."""

    FULFILLED = "fulfilled"
    START = "start"


@dataclass(frozen=True, slots=True)
class Band:
    """From so many days late, the most that may be taken off a component, paying at once or in parts (percent)."""

    from_days: int
    component: str
    at_once: int
    in_parts: int


@dataclass(frozen=True, slots=True)
class Level:
    """What a role may grant alone: a share of the most (percent), how many instalments, and from which down payment."""

    role: str
    discount_share: int
    instalments: int
    down_payment: int = 0


@dataclass(frozen=True, slots=True)
class NegotiationPolicy:
    """How far one may go. `yearly_rate` is nominal percent on the plan's balance; `minimum_minor` the least instalment by
    currency; an offer stands `valid_days`; the agreement falls at the `falls_after`-th instalment missed. Raises BadPolicy."""

    bands: tuple[Band, ...] = ()
    levels: tuple[Level, ...] = ()
    every: tuple[Every, ...] = (Every.MONTH,)
    yearly_rate: Decimal = Decimal(0)
    minimum_minor: Mapping[str, int] = field(default_factory=dict)
    valid_days: int = 7
    first_within_days: int = 30
    grace_days: int = 3
    falls_after: int = 1
    discount_when: When = When.FULFILLED

    def __post_init__(self) -> None:
        percents = [
            *(value for band in self.bands for value in (band.at_once, band.in_parts)),
            *(value for level in self.levels for value in (level.discount_share, level.down_payment)),
        ]
        if any(not 0 <= value <= 100 for value in percents):
            raise BadPolicy("bands", "percents go from 0 to 100")
        if not self.levels or any(not 1 <= level.instalments <= MOST_INSTALMENTS for level in self.levels):
            raise BadPolicy("levels", f"a policy has a level, and each 1 to {MOST_INSTALMENTS} instalments")
        for less, more in zip(self.levels, self.levels[1:], strict=False):
            if more.discount_share < less.discount_share or more.instalments < less.instalments:
                raise BadPolicy("levels", f"{more.role} may grant at least what {less.role} may")
            if more.down_payment > less.down_payment:
                raise BadPolicy("levels", f"{more.role} asks at most the down payment that {less.role} asks")
        if not self.every:
            raise BadPolicy("every", "a policy names a frequency")
        if self.yearly_rate < 0 or min(self.valid_days, self.falls_after) < 1 or self.first_within_days < 0:
            raise BadPolicy("numbers", "rates and days are not negative; an offer stands a day or more")

    def level_of(self, role: str) -> int:
        """The place of a role among the levels; one above them all has the highest, an unknown one none (-1)."""
        if role in ("", "ADMINISTRATOR"):
            return len(self.levels) - 1
        return next((at for at, level in enumerate(self.levels) if level.role == role), -1)


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed by component, how late it is, in which currency."""

    components: Mapping[str, int]
    days_late: int
    currency: str

    @property
    def total_minor(self) -> int:
        """All components together."""
        return sum(self.components.values())


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is asked for: so much off, so much down, the rest in parts from a day on. One part without down payment is at once."""

    discount_minor: int
    parts: int
    first_on: date
    every: Every = Every.MONTH
    down_minor: int = 0
    down_on: date | None = None


class Limit(StrEnum):
    """What a proposal goes beyond."""

    DISCOUNT = "discount"
    PARTS = "parts"
    DOWN_PAYMENT = "down_payment"
    INSTALMENT = "instalment"
    EVERY = "every"
    FIRST_ON = "first_on"


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that a proposal goes beyond, and the limit itself (minor units, parts or days)."""

    limit: Limit
    most: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the asker may grant it (`breaches` empty); if not, `needs` is the role that may, or "" when nobody may."""

    breaches: tuple[Breach, ...]
    needs: str

    @property
    def is_within(self) -> bool:
        """True when the asker may grant it."""
        return not self.breaches


@dataclass(frozen=True, slots=True)
class Sheet:
    """The money of an agreement: what is forgiven, the interest of waiting, and every line that is paid."""

    discount_minor: int
    interest_minor: int
    lines: tuple[Instalment, ...]

    @property
    def total_minor(self) -> int:
        """What the lines add up to."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be offered as it is."""

    proposal: Proposal
    sheet: Sheet


def most_discount(policy: NegotiationPolicy, debt: Debt, *, is_at_once: bool) -> dict[str, int]:
    """The most that may be taken off each component, rounded down; only components with something to take."""
    most = {}
    for component, minor in debt.components.items():
        percent = _percent(policy, component, debt.days_late, is_at_once=is_at_once)
        if minor > 0 and percent:
            most[component] = minor * percent // 100
    return most


def share_discount(policy: NegotiationPolicy, debt: Debt, proposal: Proposal) -> dict[str, int]:
    """Where a discount falls: first on the component that may lose the largest share (late interest before principal)."""
    at_once = _is_at_once(proposal)
    most, left, shares = most_discount(policy, debt, is_at_once=at_once), proposal.discount_minor, {}
    ranked = sorted(most, key=lambda key: (-_percent(policy, key, debt.days_late, is_at_once=at_once), key))
    for component in ranked:
        taken = min(left, most[component])
        if taken:
            shares[component] = taken
        left -= taken
    return shares


def sheet_of(policy: NegotiationPolicy, debt: Debt, proposal: Proposal) -> Sheet:
    """The lines to pay. 1 000.00 less 100.00, 300.00 down, the rest in 3 at 0 % -> 300.00, 200.00, 200.00, 200.00.

    Level instalments on what is left after discount and down payment, by the policy's rate per period. Raises BadProposal.
    """
    rest = debt.total_minor - proposal.discount_minor - proposal.down_minor
    if proposal.discount_minor < 0 or proposal.down_minor < 0 or not 1 <= proposal.parts <= MOST_INSTALMENTS:
        raise BadProposal("discount and down payment are not negative, and a plan has from 1 to 120 parts")
    if rest < proposal.parts:
        raise BadProposal("less is left than one minor unit for each part")
    if proposal.down_minor and (proposal.down_on is None or proposal.down_on > proposal.first_on):
        raise BadProposal("the down payment is dated on or before the first instalment")
    rate = Decimal(0) if _is_at_once(proposal) else policy.yearly_rate / 100
    factors = by_period(rate, _A_YEAR[proposal.every], proposal.parts)
    due = schedule(Terms(rest, factors))
    lines = [
        Instalment(row.number, step_date(proposal.first_on, proposal.every, row.number - 1), row.due_minor)
        for row in due
    ]
    if proposal.down_minor and proposal.down_on is not None:
        lines.insert(0, Instalment(0, proposal.down_on, proposal.down_minor))
    return Sheet(proposal.discount_minor, sum(row.interest_minor for row in due), tuple(lines))


def judge(policy: NegotiationPolicy, debt: Debt, proposal: Proposal, *, role: str, as_of: date) -> Verdict:
    """Whether the role may grant it; if not, the lowest level that may. Raises BadProposal."""
    sheet = sheet_of(policy, debt, proposal)
    own = policy.level_of(role)
    breaches = [_breaches(policy, debt, proposal, sheet, level, as_of) for level in policy.levels]
    if own >= 0 and not breaches[own]:
        return Verdict((), "")
    for place in range(own + 1, len(policy.levels)):
        if not breaches[place]:
            return Verdict(breaches[max(own, 0)] or breaches[place], policy.levels[place].role)
    return Verdict(breaches[-1], "")


def offers(
    policy: NegotiationPolicy, debt: Debt, *, role: str, first_on: date, as_of: date
) -> tuple[Offer, ...]:
    """What the role may offer alone: everything at once, then the usual numbers of instalments up to the most.

    Each with the largest discount that the level may give and the smallest down payment, rounded up. Offers whose instalment
    would be too small are left out.
    """
    place = policy.level_of(role)
    if place < 0 or debt.total_minor <= 0:
        return ()
    level = policy.levels[place]
    numbers = sorted({n for n in _USUAL_PARTS if n <= level.instalments} | {1, level.instalments})
    found = []
    for parts in numbers:
        discount = (
            sum(most_discount(policy, debt, is_at_once=parts == 1).values()) * level.discount_share // 100
        )
        owed = debt.total_minor - discount
        down = -(-owed * level.down_payment // 100) if parts > 1 else 0
        if owed - down < parts:
            continue
        proposal = Proposal(
            discount, parts, first_on, policy.every[0], down, min(as_of, first_on) if down else None
        )
        sheet = sheet_of(policy, debt, proposal)
        if not _breaches(policy, debt, proposal, sheet, level, as_of):
            found.append(Offer(proposal, sheet))
    return tuple(found)


def _breaches(
    policy: NegotiationPolicy, debt: Debt, proposal: Proposal, sheet: Sheet, level: Level, as_of: date
) -> tuple[Breach, ...]:
    """Every limit of a level, and of the policy itself, that the proposal goes beyond."""
    allowed = sum(most_discount(policy, debt, is_at_once=_is_at_once(proposal)).values())
    discount = allowed * level.discount_share // 100
    owed = debt.total_minor - proposal.discount_minor
    down = -(-owed * level.down_payment // 100) if proposal.parts > 1 else 0
    least = policy.minimum_minor.get(debt.currency, 0)
    smallest = min(line.amount_minor for line in sheet.lines if line.number)
    first = min(line.due_on for line in sheet.lines)
    checks = (
        (proposal.discount_minor > discount, Breach(Limit.DISCOUNT, discount)),
        (proposal.parts > level.instalments, Breach(Limit.PARTS, level.instalments)),
        (proposal.down_minor < down, Breach(Limit.DOWN_PAYMENT, down)),
        (proposal.parts > 1 and smallest < least, Breach(Limit.INSTALMENT, least)),
        (proposal.parts > 1 and proposal.every not in policy.every, Breach(Limit.EVERY, 0)),
        (
            first > as_of + timedelta(days=policy.first_within_days),
            Breach(Limit.FIRST_ON, policy.first_within_days),
        ),
    )
    return tuple(breach for is_beyond, breach in checks if is_beyond)


def _percent(policy: NegotiationPolicy, component: str, days_late: int, *, is_at_once: bool) -> int:
    """The percent of the oldest band that the debt has reached; a component's own bands before those of any."""
    own = [band for band in policy.bands if band.component == component]
    reached = [
        band
        for band in own or [band for band in policy.bands if band.component == ANY]
        if band.from_days <= days_late
    ]
    if not reached:
        return 0
    band = max(reached, key=lambda one: one.from_days)
    return band.at_once if is_at_once else band.in_parts


def _is_at_once(proposal: Proposal) -> bool:
    return proposal.parts == 1 and not proposal.down_minor


def to_data(policy: NegotiationPolicy) -> dict[str, Any]:
    """The policy as plain data, to be kept. `from_data` reads it back equal."""
    return {
        "bands": [[band.from_days, band.component, band.at_once, band.in_parts] for band in policy.bands],
        "levels": [
            [level.role, level.discount_share, level.instalments, level.down_payment] for level in policy.levels
        ],
        "every": [every.value for every in policy.every], "yearly_rate": str(policy.yearly_rate),
        "minimum_minor": dict(policy.minimum_minor), "valid_days": policy.valid_days,
        "first_within_days": policy.first_within_days, "grace_days": policy.grace_days,
        "falls_after": policy.falls_after, "discount_when": policy.discount_when.value,
    }  # fmt: skip


def from_data(data: Mapping[str, Any]) -> NegotiationPolicy:
    """The policy that was kept. Raises BadPolicy."""
    return NegotiationPolicy(
        bands=tuple(Band(*row) for row in data["bands"]), levels=tuple(Level(*row) for row in data["levels"]),
        every=tuple(Every(key) for key in data["every"]), yearly_rate=Decimal(data["yearly_rate"]),
        minimum_minor=dict(data["minimum_minor"]), valid_days=data["valid_days"],
        first_within_days=data["first_within_days"], grace_days=data["grace_days"], falls_after=data["falls_after"],
        discount_when=When(data["discount_when"]),
    )  # fmt: skip
