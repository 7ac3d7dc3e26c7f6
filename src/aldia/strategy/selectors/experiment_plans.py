"""What an experiment asks for, told before it starts: how many people, how long, and what only one arm gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.experiments import CHAMPION, LEAST_IN_ARM, least_effect
from aldia.engine.strategy import Strategy
from aldia.ledger import facts as ledger
from aldia.strategy.brought import late_people
from aldia.strategy.experiment_drafts import ExperimentDraft
from aldia.strategy.night.in_use import night_plan, read_version, versions_in_force

_SEEN: Final = timedelta(days=28)
_PATIENCE: Final = 13  # weeks of people that one would wait for


@dataclass(frozen=True)
class Forecast:
    """What the plan of an experiment means in the portfolios of its strategy.

    `size`: people that each arm needs. `late`: people in arrears today, who enter in the first week. `weekly`: people newly late a
    week, of the last four, less those who came and paid meanwhile. `days`: until the smaller arm can be judged; None if it never
    fills. `visible`: the least effect, in whole points, that a quarter of people could show; None if none. `base`: percent of
    those late one horizon ago that have paid since; None where they are too few. `own_steps`: names of the steps of one arm.
    """

    size: int
    late: int
    weekly: int
    days: int | None
    visible: int | None
    base: int | None
    own_steps: tuple[str, ...]


def forecast(actor: Actor, draft: ExperimentDraft, *, as_of: date, language: str) -> Forecast:
    """Return what a planned experiment asks for. Raises ExperimentRefused, NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    size = draft.size()
    plan = night_plan(actor.organisation_id, as_of=as_of)
    used = next((one for one in plan.strategies if one.strategy.key == draft.strategy_key), None)
    if used is None:
        return Forecast(size, 0, 0, None, None, None, ())
    people = _People(actor.organisation_id, used.portfolio_ids)
    late, before = people.late(as_of), people.late(as_of - _SEEN)
    weekly = len(late - before) * 7 // _SEEN.days
    smaller = min(draft.shares[CHAMPION], draft.challenger) / 100
    weeks = _weeks_to(ceil(size / smaller), len(late), weekly)
    return Forecast(
        size=size,
        late=len(late),
        weekly=weekly,
        days=None if weeks is None else weeks * 7 + draft.horizon,
        visible=least_effect(draft.base / 100, int((len(late) + weekly * _PATIENCE) * smaller)),
        base=people.paid_percent(as_of, draft.horizon),
        own_steps=_own_steps(actor, draft, used.strategy, as_of=as_of, language=language),
    )


def _own_steps(
    actor: Actor, draft: ExperimentDraft, used: Strategy, *, as_of: date, language: str
) -> tuple[str, ...]:
    """The names of the steps that only one arm gets: those of the challenger, or those of the one in use that ask for the arm."""
    if draft.challenger_key:
        version = versions_in_force(actor.organisation_id, as_of).get(draft.challenger_key)
        steps = read_version(version).steps if version else ()
    else:
        steps = tuple(step for step in used.steps if used.is_of_arm(step))
    return tuple(step.name.of(language) for step in steps)


def _weeks_to(needed: int, late: int, weekly: int) -> int | None:
    """Whole weeks until so many people have entered; None if nobody new comes."""
    if late >= needed:
        return 0
    return ceil((needed - late) / weekly) if weekly else None


@dataclass(frozen=True)
class _People:
    organisation_id: int
    portfolios: tuple[int, ...]

    def late(self, on: date) -> set[int]:
        """Who owes something overdue on a day."""
        return set(late_people(self.organisation_id, self.portfolios, on)["party_id"].to_list())

    def paid_percent(self, as_of: date, horizon: int) -> int | None:
        """The percent of those late one horizon ago that paid anything since; None where they are too few to say."""
        begin = as_of - timedelta(days=horizon)
        owed = late_people(self.organisation_id, self.portfolios, begin)
        people = owed["party_id"].n_unique()
        if people < LEAST_IN_ARM:
            return None
        cash = ledger.payments_frame(self.organisation_id, from_on=begin, to_on=as_of)
        paid = owed.join(cash.filter(pl.col("amount_minor") > 0), on="case_id", how="semi")
        return round(100 * paid["party_id"].n_unique() / people)
