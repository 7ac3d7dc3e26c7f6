"""Reach: by which channel, and at what hour, a person has answered so far. Plain counting of what was tried, nothing guessed.

* Only what we tried counts. A try reached the person when the right person was there; a written one also when the person wrote
  back by that channel within 72 hours of it, and a reply answers the latest try only.
* Below `LEAST_TRIES` tries nothing is said of a channel or of a band, however well they went.
* The best channel is the one with the largest share reached, of those that ever reached.
* The best band is two whole hours from an even one (10:00 to 12:00), working days apart from weekends, in the person's own
  clock: the largest share of answered calls, and at least half of them, since «usually answers» says that.
* Equal shares: the one that reached the person last; if that is equal too, the one tried more, then by name or hour.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, TypeVar

CALL: Final = "call"
LEAST_TRIES: Final = 3
BAND_HOURS: Final = 2
ANSWERS_WITHIN: Final = timedelta(hours=72)
IN_PERSON: Final = frozenset({CALL, "visit"})
"""Nobody answers these later: being called back says nothing about them."""
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Touch:
    """One time that we tried, or that the person came (`is_inbound`). ``at`` is an instant in the person's own clock."""

    channel: str
    at: datetime
    is_inbound: bool = False
    is_right_party: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tries reached the person."""

    reached: int
    tries: int


@dataclass(frozen=True, slots=True)
class BestChannel:
    """The channel that reaches best, and how all the others did together."""

    channel: str
    tally: Tally
    others: Tally


@dataclass(frozen=True, slots=True)
class BestHours:
    """The band [from_hour, to_hour) in which calls reach best, of weekends or of working days, and how the other calls did."""

    from_hour: int
    is_weekend: bool
    tally: Tally
    others: Tally

    @property
    def to_hour(self) -> int:
        """Where the band ends: 12 for the one from 10, 24 for the last of the day."""
        return self.from_hour + BAND_HOURS


@dataclass(frozen=True, slots=True)
class Reach:
    """What the past says of reaching a person; None where it says too little."""

    channel: BestChannel | None = None
    hours: BestHours | None = None


@dataclass(frozen=True, slots=True)
class _Try:
    channel: str
    at: datetime
    is_reached: bool


Name = TypeVar("Name", str, tuple[bool, int])


def reach(touches: Iterable[Touch]) -> Reach:
    """Return how a person is best reached; the order of the touches does not matter.

    Four calls at 10:15 on working days of which three were answered, two at 17:00 of which none: ``10 to 12, 3 of 4``.
    """
    tries = _tries(sorted(touches, key=_when))
    channel = _best(tries, lambda each: each.channel, Fraction(0))
    hours = _best([each for each in tries if each.channel == CALL], _band_of, Fraction(1, 2))
    return Reach(
        channel=BestChannel(*channel) if channel else None,
        hours=BestHours(hours[0][1], hours[0][0], *hours[1:]) if hours else None,
    )


def tallies(touches: Iterable[Touch]) -> dict[str, Tally]:
    """Return how many tries by each channel reached the person, of those that were tried."""
    named: dict[str, list[_Try]] = defaultdict(list)
    for each in _tries(sorted(touches, key=_when)):
        named[each.channel].append(each)
    return {name: _tally(theirs) for name, theirs in named.items()}


def first_by_reach(wanted: Sequence[str], tallies: Mapping[str, Tally]) -> str | None:
    """Return which of these channels to try first: the one with the largest share reached, of those that ever reached.

    Equal shares keep the order of the list; None while no channel of it has LEAST_TRIES tries and one that reached.
    """
    nothing = Tally(0, 0)
    fit = [
        name
        for name in wanted
        for tally in [tallies.get(name, nothing)]
        if tally.tries >= LEAST_TRIES and tally.reached
    ]
    return max(fit, key=lambda name: _share(tallies[name]), default=None)


def _when(touch: Touch) -> tuple[datetime, bool, str, bool]:
    return touch.at, touch.is_inbound, touch.channel, touch.is_right_party


def _tries(touches: list[Touch]) -> list[_Try]:
    """What we tried, oldest first, with whether each reached."""
    tries: list[_Try] = []
    latest: dict[str, int] = {}
    for touch in touches:
        if not touch.is_inbound:
            latest[touch.channel] = len(tries)
            tries.append(_Try(touch.channel, touch.at, touch.is_right_party))
        elif touch.channel in latest and touch.channel not in IN_PERSON:
            at = latest[touch.channel]
            if touch.at - tries[at].at <= ANSWERS_WITHIN:
                tries[at] = _Try(touch.channel, tries[at].at, True)
    return tries


def _band_of(each: _Try) -> tuple[bool, int]:
    return each.at.weekday() >= _SATURDAY, each.at.hour // BAND_HOURS * BAND_HOURS


def _best(
    tries: list[_Try], name_of: Callable[[_Try], Name], least_share: Fraction
) -> tuple[Name, Tally, Tally] | None:
    """The name with the largest share reached, its tally and that of all the rest; None while no name has enough history."""
    named: dict[Name, list[_Try]] = defaultdict(list)
    for each in tries:
        named[name_of(each)].append(each)
    tallies = {name: _tally(theirs) for name, theirs in named.items() if len(theirs) >= LEAST_TRIES}
    fit = [name for name in sorted(tallies) if tallies[name].reached and _share(tallies[name]) >= least_share]
    if not fit:
        return None
    best = max(fit, key=lambda name: (_share(tallies[name]), _last_reached(named[name]), len(named[name])))
    return best, tallies[best], _tally([each for each in tries if name_of(each) != best])


def _tally(tries: list[_Try]) -> Tally:
    return Tally(sum(each.is_reached for each in tries), len(tries))


def _share(tally: Tally) -> Fraction:
    return Fraction(tally.reached, tally.tries)


def _last_reached(tries: list[_Try]) -> datetime:
    return max(each.at for each in tries if each.is_reached)
