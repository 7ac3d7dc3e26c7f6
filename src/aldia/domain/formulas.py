"""The KPI formulas, as plain functions over whole numbers.

Money goes in as minor units of one currency. Ratios come out exact, as Fraction: percentages already times
100, days as days. A division by zero is None (unknown), never 0. Names and texts are in ``measures``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from aldia.domain.ageing import Buckets
from aldia.domain.periods import add_months, days_in_month, first_of_month


def ratio(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    """part / whole, exact; None when the whole is 0."""
    return None if whole == 0 else Fraction(part) / Fraction(whole)


def percent(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    """part / whole x 100: 75 of 200 -> 37.5; None when the whole is 0."""
    return ratio(part * 100, whole)


def rounded(value: Fraction | None, places: int = 2) -> Decimal | None:
    """For show, half up: 200/3 -> Decimal("66.67"); None stays None."""
    if value is None:
        return None
    scaled = value * 10**places
    size = abs(scaled)
    whole = (2 * size.numerator + size.denominator) // (2 * size.denominator)
    return (Decimal(whole if scaled >= 0 else -whole).scaleb(-places)).quantize(
        Decimal(1).scaleb(-places), ROUND_HALF_UP
    )


def dso_simple(receivables_minor: int, sales_minor: int, days: int) -> Fraction | None:
    """Ending receivables x days / credit sales, in days: 25,000, 15,000, 30 -> 50."""
    return ratio(receivables_minor * days, sales_minor)


def best_possible_dso(current_minor: int, sales_minor: int, days: int) -> Fraction | None:
    """Receivables not past due x days / credit sales, in days: 6,000, 15,000, 30 -> 12."""
    return ratio(current_minor * days, sales_minor)


def add(receivables_minor: int, current_minor: int, sales_minor: int, days: int) -> Fraction | None:
    """Average days delinquent = DSO - best-possible DSO: 50 - 12 -> 38."""
    return ratio((receivables_minor - current_minor) * days, sales_minor)


def dso_countback(receivables_minor: int, sales_by_month: Mapping[date, int], as_of: date) -> Fraction | None:
    """Days of sales that the receivables stand for, going back month by month, the last one pro rata.

    ``sales_by_month`` has gross credit sales by first day of month; a month missing between two known ones sold
    nothing. The month of ``as_of`` counts up to that day. 100,000 at 30 Jun, sales Jun 60,000 and May 50,000
    -> 30 + 40/50 x 31 = 54.8. None when the known months do not use up the receivables.
    """
    if receivables_minor <= 0:
        return Fraction(0)
    if not sales_by_month:
        return None
    left, days = receivables_minor, Fraction(0)
    month, length, earliest = first_of_month(as_of), as_of.day, min(sales_by_month)
    while month >= first_of_month(earliest):
        sales = sales_by_month.get(month, 0)
        if sales >= left:
            return days + Fraction(left, sales) * length
        left -= max(sales, 0)
        days += length
        month = add_months(month, -1)
        length = days_in_month(month)
    return None


def weighted_days_late(paid: Iterable[tuple[int, int]]) -> Fraction | None:
    """Days late per paid invoice weighted by amount; early payment counts 0. Pairs of (amount_minor, days late).

    [(100, 10), (300, -5)] -> 2.5 days.
    """
    rows = list(paid)
    return ratio(sum(minor * max(days, 0) for minor, days in rows), sum(minor for minor, _days in rows))


def cei(
    beginning_minor: int, sales_minor: int, ending_total_minor: int, ending_current_minor: int
) -> Fraction | None:
    """Collection effectiveness index, percent.

    (beginning + sales - ending total) / (beginning + sales - ending current) x 100:
    100,000, 50,000, 90,000, 60,000 -> 60,000 / 90,000 = 66.67.
    """
    brought = beginning_minor + sales_minor
    return percent(brought - ending_total_minor, brought - ending_current_minor)


def recovery_rate(collected_minor: int, placed_minor: int) -> Fraction | None:
    """Collected in the period / debt placed, percent; the denominator is fixed at placement."""
    return percent(collected_minor, placed_minor)


def promise_kept_count(kept: int, fallen_due: int) -> Fraction | None:
    """Promises kept / promises decided in the period, percent; promises still open are in neither."""
    return percent(kept, fallen_due)


def promise_kept_amount(kept_minor: int, promised_minor: int) -> Fraction | None:
    """Amount kept / amount promised, of the promises decided in the period, percent."""
    return percent(kept_minor, promised_minor)


def promise_rate(promises: int, right_party_contacts: int) -> Fraction | None:
    """Promises / contacts with the right party, percent."""
    return percent(promises, right_party_contacts)


def promise_rate_of_attempts(promises: int, attempts: int) -> Fraction | None:
    """Promises / attempts, percent: the other denominator in use."""
    return percent(promises, attempts)


def rpc_rate(right_party_contacts: int, attempts: int) -> Fraction | None:
    """Attempts that reached the right party / attempts, percent."""
    return percent(right_party_contacts, attempts)


def rpc_of_reached(right_party_contacts: int, contacts: int) -> Fraction | None:
    """Contacts with the right party / contacts with anybody, percent."""
    return percent(right_party_contacts, contacts)


def contactability(contacts: int, attempts: int) -> Fraction | None:
    """Effective contacts / attempts, percent: 75 / 200 -> 37.5."""
    return percent(contacts, attempts)


def contactability_by_debtor(reached: int, attempted: int) -> Fraction | None:
    """Debtors reached / debtors attempted, percent."""
    return percent(reached, attempted)


def delinquency_ratio(past_due_minor: int, total_minor: int) -> Fraction | None:
    """Past-due portfolio / whole portfolio, percent."""
    return percent(past_due_minor, total_minor)


def at_risk_rate(unpaid_after_90_minor: int, billed_minor: int) -> Fraction | None:
    """Share of a month's billing that is unpaid 90 days later, percent."""
    return percent(unpaid_after_90_minor, billed_minor)


def dispute_rate(disputed: int, documents: int) -> Fraction | None:
    """Documents delayed by a dispute / documents, percent."""
    return percent(disputed, documents)


def cost_to_collect(cost_minor: int, collected_minor: int) -> Fraction | None:
    """Cost / amount collected, percent."""
    return percent(cost_minor, collected_minor)


def drop_rate(dropped: int, live: int, estimated_machines: int = 0) -> Fraction | None:
    """Dropped / (dropped + live + estimated machines), percent: 29, 9, 7 -> 64.44."""
    return percent(dropped, dropped + live + estimated_machines)


def quantile(days: Sequence[int], percentage: int) -> Fraction | None:
    """A percentile with linear interpolation: the median is 50. None without values.

    Time to cure is shown as median and P90: quantile([10, 20, 30], 50) -> 20.
    """
    if not days:
        return None
    ordered = sorted(days)
    place = Fraction(percentage * (len(ordered) - 1), 100)
    at = int(place)
    above = ordered[min(at + 1, len(ordered) - 1)]
    return ordered[at] + (place - at) * (above - ordered[at])


@dataclass(frozen=True, slots=True)
class Move:
    """One account between two dates: its bucket and balance before, its bucket (None when closed) and balance after."""

    from_bucket: str
    before_minor: int
    to_bucket: str | None
    after_minor: int


@dataclass(frozen=True, slots=True)
class RollRates:
    """What became of a bucket's balance, percent; the four add up to 100."""

    cure: Fraction
    stay: Fraction
    roll: Fraction
    paid: Fraction


def roll_rates(moves: Iterable[Move], bucket: str, buckets: Buckets) -> RollRates | None:
    """Where the balance of a bucket went, following accounts; None when the bucket held nothing.

    Of each account, what was paid counts as paid; the rest, never more than it had, as cured (a better bucket),
    stayed or rolled (a worse one). 1,000,000 in a bucket, of which 200,000 in the next a month later -> roll 20.
    """
    sums = {"cure": 0, "stay": 0, "roll": 0, "paid": 0}
    here = buckets.position_of(bucket)
    for move in moves:
        if move.from_bucket != bucket or move.before_minor <= 0:
            continue
        rest = 0 if move.to_bucket is None else min(max(move.after_minor, 0), move.before_minor)
        sums["paid"] += move.before_minor - rest
        if rest and move.to_bucket is not None:
            there = buckets.position_of(move.to_bucket)
            sums["stay" if there == here else "roll" if there > here else "cure"] += rest
    whole = sum(sums.values())
    return RollRates(**{key: Fraction(part * 100, whole) for key, part in sums.items()}) if whole else None


def loss_forecast(balance_minor: int, rates: Sequence[Fraction]) -> Fraction:
    """The balance expected to reach the end: balance x each roll rate in turn (percent), in minor units.

    1,000 with 50 % and 20 % -> 100.
    """
    expected = Fraction(balance_minor)
    for rate in rates:
        expected *= rate / 100
    return expected
