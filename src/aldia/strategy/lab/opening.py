"""A strategy taken to the laboratory: a version or the draft, on the portfolios that it works, in parts of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from aldia.db.partitions import CASES_AT_ONCE
from aldia.domain.calendars import Calendar
from aldia.engine.contact_rules import DayPolicy
from aldia.engine.forecast import Law
from aldia.engine.frames import Frames
from aldia.engine.rolling import READ_AHEAD
from aldia.engine.strategy import Strategy as StrategyValue
from aldia.strategy import checking
from aldia.strategy.models import Strategy, StrategyVersion
from aldia.strategy.night import history
from aldia.strategy.night.deciding import frames_of, needed_of
from aldia.strategy.night.gathering import Gathered, gather
from aldia.strategy.night.in_use import InUse, NightPlan, night_plan, read_version
from aldia.strategy.night.law_of_day import law_of_day

DRAFT: Final = 0
"""Where a version's number is asked for: the draft, which has none."""
AT_MOST: Final = 20_000
"""Open cases that a question looks at; of more, some parts of the people stand for all."""


class NotInLab(LookupError):
    """There is no such strategy, version or draft; says what there is."""


@dataclass(frozen=True)
class Bench:
    """A strategy and the night that it would live. `is_used`: some portfolio names it; else it is tried on all of them."""

    plan: NightPlan
    strategy: StrategyValue
    is_used: bool

    def on(self, portfolio_ids: tuple[int, ...]) -> Bench:
        """Return the same strategy on these portfolios."""
        return replace(self, plan=replace(self.plan, strategies=(InUse(self.strategy, portfolio_ids),)))


@dataclass(frozen=True)
class Part:
    """One part of the people: what was gathered, and the frames for `decide`."""

    gathered: Gathered
    frames: Frames


def bench(organisation_id: int, key: str, *, as_of: date, version: int | None = None) -> Bench:
    """Return the version of that number: the latest when None, the draft when DRAFT or when nothing was published.

    Raises NotInLab, and StrategyInvalid for a draft with problems.
    """
    row = Strategy.objects.of(organisation_id).filter(key=key).first()
    if row is None:
        known = ", ".join(Strategy.objects.of(organisation_id).order_by("key").values_list("key", flat=True))
        raise NotInLab(
            _("No hay una estrategia «%(key)s». Hay: %(known)s.") % {"key": key, "known": known or "–"}
        )
    value = _value(organisation_id, row, version)
    plan = night_plan(organisation_id, as_of=as_of)
    mine = next((one.everywhere for one in plan.strategies if one.strategy.key == key), ())
    everything = tuple(sorted({pk for one in plan.strategies for pk in one.portfolio_ids}))
    used = InUse(value, mine or everything)
    return Bench(replace(plan, strategies=(used,), problems=()), value, bool(mine))


def _value(organisation_id: int, row: Strategy, version: int | None) -> StrategyValue:
    if version != DRAFT:
        published = StrategyVersion.objects.of(organisation_id).filter(strategy_id=row.pk).order_by("-number")
        found = (published if version is None else published.filter(number=version)).first()
        if found is not None:
            return read_version(found)
        if version is not None:
            told = {"key": row.key, "number": version}
            raise NotInLab(_("«%(key)s» no tiene una versión %(number)s.") % told)
    return checking.checked(organisation_id, row.draft, key=row.key)


def parts(tried: Bench, *, at_most: int = AT_MOST) -> tuple[list[tuple[int, int]], float]:
    """Return the parts of the people to look at, spread evenly, and which share of all parts they are."""
    at_once = min(CASES_AT_ONCE, max(1, at_most // 4))
    every = tried.plan.partitions(at_once)
    wanted = max(1, at_most // at_once)
    if len(every) <= wanted:
        return every, 1.0
    chosen = [every[place * len(every) // wanted] for place in range(wanted)]
    return chosen, len(chosen) / len(every)


def gathered(tried: Bench, partitions: list[tuple[int, int]]) -> Iterator[Part]:
    """Yield each part as it is on the day of the plan, with what the strategy did before."""
    plan, one = tried.plan, tried.plan.strategies[0]
    needed = {name: columns | READ_AHEAD.get(name, set()) for name, columns in needed_of(plan).items()}
    for partition in partitions:
        whole = gather(
            plan.organisation_id, as_of=plan.as_of, partition=partition, portfolios=one.portfolio_ids,
            needed=set().union(*needed.values()),
        )  # fmt: skip
        withheld = history.withheld_frame(plan.organisation_id, partition=partition)
        taken = history.taken_frame(plan.organisation_id, withheld, partition=partition)
        yield Part(whole, frames_of(one, whole, whole.contacts, taken, needed))


def law_ahead(organisation_id: int, part: Part, *, as_of: date, days: int) -> Law:
    """Return the law of each day to come for the cases of a part."""
    cases = part.gathered.cases.select("calendar", "policy").unique()
    columns = [part.frames.documents["due_on"]] if "due_on" in part.frames.documents.columns else []
    columns += [series for series in part.gathered.cases.get_columns() if series.name in _DATES]
    years = {year for column in columns for year in column.drop_nulls().dt.year().unique().to_list()}

    years |= {as_of.year + ahead for ahead in range(2 + days // 365)}

    def of_day(on: date) -> tuple[Mapping[str, Calendar], Mapping[str, DayPolicy]]:
        law = law_of_day(organisation_id, cases, as_of=on, years=years)
        return law.calendars, law.plans

    return of_day


_DATES: Final = ("arrears_since", "stage_since", "promise_due_on", "oldest_due_on", "next_due_on")
