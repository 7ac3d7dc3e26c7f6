"""Two ways of working compared on people dealt by lot: how many are needed, and when a difference may be believed.

The test is the mixture sequential probability ratio test (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2022): the ratio of the
likelihood of the data under differences spread as N(0, spread²) to that under no difference. However often it is looked at, the
chance that it ever passes 1/alpha without a difference is at most alpha (Ville's inequality), so every day may be looked at.
Normal approximation of the difference of two shares, whose variance takes one more and one less in each arm (Agresti and Caffo
2000), or of two mean amounts, whose variance is that of the sample.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import NormalDist
from typing import Final

CONTROL: Final = "control"
CHAMPION: Final = "champion"
CHALLENGER: Final = "challenger"
ARMS: Final = (CHAMPION, CHALLENGER, CONTROL)
_PARTS: Final = 10_000
_MOST: Final = 10_000_000
LEAST_IN_ARM: Final = 50
"""People in each arm before anything is said: below, the normal approximation does not hold."""


class ExperimentError(ValueError):
    """A plan that cannot be: says which figure, what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Shares between 0 and 1: how many pay today, the least difference worth knowing, the chances of both errors."""

    base: float
    effect: float
    alpha: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        for name, value in (
            ("base", self.base),
            ("effect", self.effect),
            ("alpha", self.alpha),
            ("power", self.power),
        ):
            if not 0 < value < 1:
                raise ExperimentError(f"{name}: found {value}, expected more than 0 and less than 1")
        if self.base + self.effect >= 1:
            raise ExperimentError(f"base + effect: found {self.base + self.effect}, expected less than 1")

    def variance(self, people: int) -> float:
        """The variance of the difference with so many people in each arm, if it is the planned one."""
        after = self.base + self.effect
        return (self.base * (1 - self.base) + after * (1 - after)) / people


@dataclass(frozen=True, slots=True)
class AmountPlan:
    """Amounts in one unit: how much they vary from person to person, the least difference of means worth knowing, the chances of
    both errors."""

    deviation: float
    effect: float
    alpha: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        if self.deviation <= 0 or self.effect <= 0:
            raise ExperimentError(
                f"deviation and effect: found {self.deviation} and {self.effect}, expected more than 0"
            )

    def variance(self, people: int) -> float:
        """The variance of the difference of means with so many people in each arm."""
        return 2 * self.deviation**2 / people


AnyPlan = Plan | AmountPlan


@dataclass(frozen=True, slots=True)
class Arm:
    """How many people of an arm can be counted, and how many of them did it (paid, complained, opted out)."""

    people: int
    hits: int

    @property
    def share(self) -> float:
        """The share that did it; 0 without people."""
        return self.hits / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """The variance of the share, with one more who did and one who did not."""
        smoothed = (self.hits + 1) / (self.people + 2)
        return smoothed * (1 - smoothed) / max(self.people, 1)


@dataclass(frozen=True, slots=True)
class AmountArm:
    """How many people of an arm can be counted, and the sums of what each brought and of its square."""

    people: int
    total: int
    squares: int

    @property
    def share(self) -> float:
        """The mean amount of a person; 0 without people."""
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """The variance of that mean, from the sample."""
        if self.people < 2:
            return inf
        spread = self.squares - self.total**2 / self.people
        return max(spread, 0.0) / (self.people - 1) / self.people


AnyArm = Arm | AmountArm


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the difference (second less first), its always-valid p-value so far, and the interval that holds at every look."""

    difference: float
    p_value: float
    low: float
    high: float


def arm_of(key: str, party_id: int, shares: Mapping[str, int]) -> str:
    """The arm of a person: a stable hash of the experiment's key and the person, over shares that add up to a hundred.

    Raises ExperimentError.
    """
    if sum(shares.values()) != 100 or min(shares.values()) < 0:
        raise ExperimentError(f"shares: found {dict(shares)}, expected parts of a hundred")
    digest = hashlib.blake2b(f"{key}:{party_id}".encode(), digest_size=8).digest()
    place, so_far = int.from_bytes(digest, "big") % _PARTS, 0
    for arm in ARMS:
        so_far += shares.get(arm, 0) * _PARTS // 100
        if place < so_far:
            return arm
    raise ExperimentError(f"shares: found {dict(shares)}, expected the arms {', '.join(ARMS)}")


def sequential_size(plan: AnyPlan) -> int:
    """People in each arm so that the test, looked at every day, finds the planned difference with the planned chance at the latest then.

    From the power of its last look alone, which is a lower bound: the earlier looks only add to it.
    """
    low, high = LEAST_IN_ARM, _MOST
    while low < high:
        middle = (low + high) // 2
        if _last_look_power(plan, middle) >= plan.power:
            high = middle
        else:
            low = middle + 1
    return low


def least_effect(base: float, people: int) -> int | None:
    """The least rise over `base`, in whole points of a hundred, that so many people in each arm can show; None if none."""
    rises = range(1, 100 - round(100 * base))
    return next((points for points in rises if sequential_size(Plan(base, points / 100)) <= people), None)


def _last_look_power(plan: AnyPlan, people: int) -> float:
    variance = plan.variance(people)
    return 1 - NormalDist(plan.effect, sqrt(variance)).cdf(_edge(variance, plan))


def _edge(variance: float, plan: AnyPlan) -> float:
    """The least difference that passes the test at a variance; the differences that it mixes spread as the least one worth knowing."""
    spread = plan.effect**2
    return sqrt(
        2
        * variance
        * (variance + spread)
        / spread
        * (log(1 / plan.alpha) + 0.5 * log((variance + spread) / variance))
    )


def likelihood_ratio(difference: float, variance: float, spread: float) -> float:
    """How many times likelier the difference is under the mixture N(0, spread²) than under none."""
    wide = variance + spread**2
    return sqrt(variance / wide) * exp(min(spread**2 * difference**2 / (2 * variance * wide), 700.0))


def looks(pairs: Iterable[tuple[AnyArm, AnyArm]], plan: AnyPlan) -> list[Look]:
    """One look for each pair of arms as they stood day after day: first (champion) and second (challenger).

    Before there are enough people the interval is the whole of what may be: a share, or any amount.
    """
    found, p_value = [], 1.0
    for first, second in pairs:
        difference, variance = second.share - first.share, first.variance + second.variance
        if min(first.people, second.people) < LEAST_IN_ARM or variance == 0:
            widest = 1.0 if isinstance(plan, Plan) else inf
            found.append(Look(difference, p_value, -widest, widest))
            continue
        p_value = min(p_value, 1 / likelihood_ratio(difference, variance, plan.effect))
        edge = _edge(variance, plan)
        found.append(Look(difference, p_value, difference - edge, difference + edge))
    return found


def verdict(
    pairs: Iterable[tuple[AnyArm, AnyArm]],
    plan: AnyPlan,
    *,
    size: int,
    guards: Iterable[tuple[str, Look]] = (),
) -> str:
    """What may be said today: harm:<guard>, challenger, champion, no_difference (everybody is counted) or go_on.

    A guard is the last look at a rate that must not rise (complaints, opt-outs): harm when its whole interval is above zero.
    """
    for name, look in guards:
        if look.p_value <= plan.alpha and look.low > 0:
            return f"harm:{name}"
    days = list(pairs)
    passed = next((look for look in looks(days, plan) if look.p_value <= plan.alpha), None)
    if passed is not None:
        return CHALLENGER if passed.difference > 0 else CHAMPION
    is_full = bool(days) and min(days[-1][0].people, days[-1][1].people) >= size
    return "no_difference" if is_full else "go_on"
