"""What a lender and a borrower agree on, as data, and the instalments that follow from it. One agreement, one plan: nothing else decides.

Changes of a loan on its way (prepaid, rescheduled) plan what is left with the same terms: `replanned`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from aldia.domain import balances
from aldia.domain.loans.calendars import Every, Unit, due_dates
from aldia.domain.loans.day_counts import DayCount, year_fraction
from aldia.domain.loans.extras import Base, Extra, Instalment, total_yearly_cost, with_extras
from aldia.domain.loans.late_interest import LateTerms
from aldia.domain.loans.published import TABLES
from aldia.domain.loans.rate_tables import DatedRate, RateTable
from aldia.domain.loans.rates import exact, for_part
from aldia.domain.loans.rounding import whole
from aldia.domain.loans.schedules import BadSchedule, Line, Method, Rounding, Terms, schedule

ONE_MONTH = Every(1, Unit.MONTHS)
LONGEST = 600


class RateKind(StrEnum):
    """How the yearly rate is stated: nominal (TNA) or effective (TEA)."""

    NOMINAL = "nominal"
    EFFECTIVE = "effective"


@dataclass(frozen=True, slots=True)
class LateAgreement:
    """Interest of delay: moratorio and punitorio, yearly, on the overdue principal or on all of the overdue instalment."""

    late_rate: Decimal = Decimal(0)
    penalty_rate: Decimal = Decimal(0)
    grace_days: int = 0
    year: int = 365
    ceiling: str = ""  # key of `published.TABLES`
    is_on_principal: bool = True

    def terms(self) -> dict[str, LateTerms]:
        """The terms by component; a rate of nothing has none."""
        ceiling = TABLES[self.ceiling].standing() if self.ceiling else None
        rates = {
            balances.LATE_INTEREST: self.late_rate,
            balances.PENALTY_INTEREST: self.penalty_rate,
        }
        return {
            component: LateTerms(_always(component, rate), ceiling, self.grace_days, self.year)
            for component, rate in rates.items()
            if rate
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The terms. `step` rounds instalments to so many minor units; `day_count` None takes every period as the same part of a year."""

    principal_minor: int
    granted_on: date
    count: int
    every: Every = ONE_MONTH
    first_due_on: date | None = None
    method: Method = Method.FRENCH
    yearly_rate: Decimal = Decimal(0)
    rate_kind: RateKind = RateKind.NOMINAL
    day_count: DayCount | None = None
    interest_only: int = 0
    deferred: int = 0
    capitalises: bool = False
    balloon_minor: int = 0
    step: int = 1
    extras: tuple[Extra, ...] = ()
    late: LateAgreement = field(default_factory=LateAgreement)

    def __post_init__(self) -> None:
        if not 1 <= self.count <= LONGEST:
            raise BadSchedule(f"a loan has 1 to {LONGEST} instalments, found {self.count}")
        if self.first_due_on is not None and self.first_due_on <= self.granted_on:
            raise BadSchedule(f"the first instalment falls due after the grant, found {self.first_due_on}")
        if self.yearly_rate < 0 or self.step < 1:
            raise BadSchedule("a rate is not negative and instalments are rounded to 1 or more")

    @property
    def due_on(self) -> tuple[date, ...]:
        """The dates of its instalments."""
        return due_dates(self.granted_on, self.every, self.count, self.first_due_on)

    @property
    def effective_rate(self) -> Decimal:
        """The yearly rate with interest on interest (TEA)."""
        if self.rate_kind is RateKind.EFFECTIVE:
            return self.yearly_rate
        parts, year = self.every.part_of_year()
        period = Fraction(self.yearly_rate) * parts / year
        return for_part(exact(period), Fraction(year, parts)) if period else Decimal(0)


@dataclass(frozen=True, slots=True)
class OverCeiling:
    """A rate above what the law allows: `name` is `yearly_rate` or `late_rate`, which counts the penalty too."""

    name: str
    rate: Decimal
    allowed: Decimal
    table: str


def over_ceiling(agreement: Agreement, on: date) -> tuple[OverCeiling, ...]:
    """The effective rates of the agreement that are above its ceiling on a day; none where it has no ceiling."""
    late = agreement.late
    if not late.ceiling:
        return ()
    table = TABLES[late.ceiling].standing()
    told = {"yearly_rate": agreement.effective_rate, "late_rate": late.late_rate + late.penalty_rate}
    allowed = table.rate_on(on)
    return tuple(
        OverCeiling(name, rate, allowed, table.name) for name, rate in told.items() if rate > allowed
    )


def _always(name: str, rate: Decimal) -> RateTable:
    return RateTable(name, (DatedRate(date.min, None, rate),))


def plan(agreement: Agreement) -> tuple[Instalment, ...]:
    """The instalments with their dates and extras. Raises BadSchedule."""
    days = agreement.due_on
    lines = schedule(
        _terms(agreement, agreement.principal_minor, factors(agreement, agreement.granted_on, days))
    )
    return with_extras(lines, days, agreement.extras)


def _terms(agreement: Agreement, principal_minor: int, parts: tuple[Fraction, ...]) -> Terms:
    return Terms(
        principal_minor=principal_minor, factors=parts, method=agreement.method,
        rounding=Rounding(step=agreement.step), balloon_minor=agreement.balloon_minor,
        interest_only=agreement.interest_only, deferred=agreement.deferred, capitalises=agreement.capitalises,
    )  # fmt: skip


def factors(agreement: Agreement, since: date, days: Sequence[date]) -> tuple[Fraction, ...]:
    """The interest of one unit of debt in each period; the first one begins at `since`."""
    parts, year = agreement.every.part_of_year()
    whole_period = Fraction(parts, year)
    if agreement.day_count is None:
        spans = [whole_period] * len(days)
    else:
        starts = (since, *days)
        spans = [year_fraction(agreement.day_count, a, b) for a, b in zip(starts, days, strict=False)]
    if agreement.rate_kind is RateKind.NOMINAL:
        return tuple(Fraction(agreement.yearly_rate) * span for span in spans)
    held = {span: Fraction(for_part(agreement.yearly_rate, span)) if span else Fraction(0) for span in spans}
    return tuple(held[span] for span in spans)


def replanned(
    agreement: Agreement,
    principal_minor: int,
    since: date,
    days: Sequence[date],
    *,
    first_part: Fraction = Fraction(1),
    level_minor: int | None = None,
    grace: int = 0,
) -> tuple[Instalment, ...]:
    """The instalments of what is left, on these days. `first_part` of the first period is still to run; what is charged once was.

    With `level_minor` the instalment (or, paying equal principal, that part of it) stays and the term shortens: rows at the end may owe
    nothing. `grace` instalments pay interest only. Raises BadSchedule.
    """
    parts = factors(agreement, since, days)
    terms = replace(
        _terms(agreement, principal_minor, (parts[0] * first_part, *parts[1:])),
        balloon_minor=min(agreement.balloon_minor, principal_minor - 1), interest_only=grace, deferred=0,
    )  # fmt: skip
    if terms.method is Method.SIMPLE:  # what is left of a flat loan bears interest on what is left
        terms = replace(terms, method=Method.FRENCH)
    if level_minor is not None and terms.method is Method.FRENCH:
        terms = replace(terms, level_minor=level_minor, balloon_minor=0)
    elif level_minor is not None and terms.method is Method.GERMAN:
        terms = replace(terms, method=Method.OWN, own_parts=_shrunk(principal_minor, level_minor, len(parts)))
    standing = tuple(extra for extra in agreement.extras if extra.base is not Base.ONCE)
    return with_extras(schedule(terms), days, standing)


def _shrunk(principal_minor: int, each: int, count: int) -> tuple[int, ...]:
    """Equal parts until nothing is left; the last place takes what would not fit."""
    parts = [max(0, min(each, principal_minor - each * at)) for at in range(count)]
    parts[-1] += principal_minor - sum(parts)
    return tuple(parts)


def parts_of(instalment: Instalment) -> dict[str, int]:
    """What falls due by component of the ledger, in minor units; nothing where nothing is."""
    told = {
        balances.PRINCIPAL: instalment.line.principal_minor,
        balances.COMPENSATORY_INTEREST: instalment.line.interest_minor,
        **dict(instalment.extras),
    }
    return {component: minor for component, minor in told.items() if minor}


def extras_of_interest(agreement: Agreement, interest_minor: int) -> dict[str, int]:
    """What goes with an amount of interest alone: its tax."""
    line = Line(2, 0, interest_minor, 0)
    bound = [extra for extra in agreement.extras if extra.base is Base.INTEREST]
    return dict(with_extras([line], [agreement.granted_on], bound)[0].extras)


def accrued(interest_minor: int, since: date, due_on: date, on: date) -> int:
    """The part of a period's interest that has run by a day, by its days."""
    if on >= due_on:
        return interest_minor
    return whole(Fraction(interest_minor * max(0, (on - since).days), max(1, (due_on - since).days)))


def yearly_cost_of(agreement: Agreement, instalments: Sequence[Instalment]) -> Decimal:
    """The effective yearly cost of all that the borrower pays (CFT, CAT, TCEA, TAE). Raises NoRate."""
    return total_yearly_cost(agreement.principal_minor, agreement.granted_on, instalments)


def to_json(agreement: Agreement) -> dict[str, Any]:
    """The terms as plain values: dates ISO, rates as decimal text."""
    every, late = agreement.every, agreement.late
    return {
        "principal_minor": agreement.principal_minor, "granted_on": agreement.granted_on.isoformat(), "count": agreement.count,
        "every": [every.count, every.unit.value, every.day],
        "first_due_on": agreement.first_due_on.isoformat() if agreement.first_due_on else None,
        "method": agreement.method.value, "yearly_rate": str(agreement.yearly_rate), "rate_kind": agreement.rate_kind.value,
        "day_count": agreement.day_count.value if agreement.day_count else None,
        "interest_only": agreement.interest_only, "deferred": agreement.deferred, "capitalises": agreement.capitalises,
        "balloon_minor": agreement.balloon_minor, "step": agreement.step,
        "extras": [
            [extra.component, extra.base.value, str(extra.rate), extra.amount_minor, str(extra.tax_rate), extra.is_cost]
            for extra in agreement.extras
        ],
        "late": [
            str(late.late_rate), str(late.penalty_rate), late.grace_days, late.year, late.ceiling, late.is_on_principal,
        ],
    }  # fmt: skip


def from_json(data: Mapping[str, Any]) -> Agreement:
    """The terms that `to_json` wrote. Raises BadSchedule, KeyError."""
    late_rate, penalty_rate, *more = data["late"]
    count, unit, day = data["every"]
    first = data["first_due_on"]
    return Agreement(
        principal_minor=data["principal_minor"], granted_on=date.fromisoformat(data["granted_on"]), count=data["count"],
        every=Every(count, Unit(unit), day), first_due_on=date.fromisoformat(first) if first else None,
        method=Method(data["method"]), yearly_rate=Decimal(data["yearly_rate"]), rate_kind=RateKind(data["rate_kind"]),
        day_count=DayCount(data["day_count"]) if data["day_count"] else None, interest_only=data["interest_only"],
        deferred=data["deferred"], capitalises=data["capitalises"], balloon_minor=data["balloon_minor"], step=data["step"],
        extras=tuple(
            Extra(component, Base(base), Decimal(rate), minor, Decimal(tax), is_cost)
            for component, base, rate, minor, tax, is_cost in data["extras"]
        ),
        late=LateAgreement(Decimal(late_rate), Decimal(penalty_rate), *more),
    )  # fmt: skip
