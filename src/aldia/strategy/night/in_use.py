"""Which published version works each portfolio on a day, and the people of a night in parts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.cases import facts as cases
from aldia.db.partitions import CASES_AT_ONCE, Partition
from aldia.db.prepared import prepared
from aldia.domain.experiments import CHALLENGER, CHAMPION, CONTROL
from aldia.engine.strategy import ARM, Strategy
from aldia.engine.strategy_reading import load_strategy
from aldia.ledger import facts as ledger
from aldia.strategy.models import Experiment, StrategyVersion
from aldia.strategy.models import Strategy as StrategyRow
from aldia.strategy.night.arms import running
from aldia.strategy.shipped import default_key

if TYPE_CHECKING:
    from aldia.access.models import Organisation

DEFAULT_SETTING: Final = "has_default_strategy"
"""The organisation's setting: false leaves a portfolio that names no strategy without one."""


@dataclass(frozen=True)
class Trial:
    """The portfolios where two strategies are compared, and the arms of the people that one of them works there.

    `since`: the first day, before which nothing was that strategy's to do; None for the champion, which was there before.
    """

    portfolio_ids: tuple[int, ...]
    arms: tuple[str, ...]
    since: date | None = None


@dataclass(frozen=True)
class InUse:
    """One published version, the portfolios that name it, and those where it is on trial: there it works some arms only."""

    strategy: Strategy
    portfolio_ids: tuple[int, ...]
    trial: Trial | None = None

    @property
    def everywhere(self) -> tuple[int, ...]:
        """The portfolios that name it and those where it is tried."""
        tried = self.trial.portfolio_ids if self.trial else ()
        return tuple(sorted({*self.portfolio_ids, *tried}))

    def works(self, portfolio_id: int, arm: str | None) -> bool:
        """Whether it is who works a person of that arm in a portfolio."""
        if self.trial and portfolio_id in self.trial.portfolio_ids:
            return arm in self.trial.arms
        return portfolio_id in self.portfolio_ids

    def worked(self, cases: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
        """Return the cases (party_id, creditor_id, portfolio_id) whose people it works; of those on trial, managed since its first day."""
        cases = cases.filter(pl.col("portfolio_id").is_in(list(self.everywhere)))
        if self.trial is None:
            return cases
        is_tried = pl.col("portfolio_id").is_in(list(self.trial.portfolio_ids))
        arms = people.select("party_id", "creditor_id", ARM)
        cases = cases.join(arms, on=["party_id", "creditor_id"], how="left", maintain_order="left")
        cases = cases.filter(~is_tried | pl.col(ARM).is_in(list(self.trial.arms))).drop(ARM)
        since = pl.max_horizontal("managed_since", pl.lit(self.trial.since, pl.Date))
        return cases.with_columns(managed_since=pl.when(is_tried).then(since).otherwise("managed_since"))


@dataclass(frozen=True)
class NightPlan:
    """What a night of an organisation is made of. `problems`: portfolios left out, in words."""

    organisation: Organisation
    as_of: date
    strategies: tuple[InUse, ...]
    problems: tuple[str, ...] = ()

    @property
    def organisation_id(self) -> int:
        """The organisation's key."""
        return int(self.organisation.pk)

    def partitions(self, cases_at_once: int = CASES_AT_ONCE) -> list[Partition]:
        """Return everybody in parts of about so many open cases."""
        return cases.partitions(self.organisation_id, at_once=cases_at_once)


def night_plan(organisation_id: int, *, as_of: date) -> NightPlan:
    """Return the plan of a night: versions in force that day and the portfolios that they work."""
    actor = system(organisation_id)
    organisation = access.organisation_of(actor)
    versions = versions_in_force(organisation_id, as_of)
    wanted: dict[str, list[int]] = {}
    problems: list[str] = []
    for row in ledger.portfolio_frame(organisation_id).iter_rows(named=True):
        key = key_of(row, organisation)
        if key in versions:
            wanted.setdefault(key, []).append(row["portfolio_id"])
        elif key:
            told = {"portfolio": row["name"], "key": key}
            problems.append(
                _("La cartera %(portfolio)s usa la estrategia «%(key)s», que no está publicada.") % told
            )
    used = {key: InUse(read_version(versions[key]), tuple(ids)) for key, ids in sorted(wanted.items())}
    _try(used, running(organisation_id, as_of), versions)
    return NightPlan(organisation, as_of, tuple(used[key] for key in sorted(used)), tuple(problems))


def _try(used: dict[str, InUse], experiment: Experiment | None, versions: dict[str, StrategyVersion]) -> None:
    """Put on trial the two strategies of an experiment, in those of its portfolios that still name the champion."""
    if experiment is None or experiment.challenger_key not in versions or experiment.strategy_key not in used:
        return
    champion = used[experiment.strategy_key]
    tried = tuple(pk for pk in champion.portfolio_ids if pk in experiment.portfolio_ids)
    key = experiment.challenger_key
    challenger = used.get(key) or InUse(read_version(versions[key]), ())
    used[experiment.strategy_key] = replace(champion, trial=Trial(tried, (CHAMPION, CONTROL)))
    used[key] = replace(challenger, trial=Trial(tried, (CHALLENGER,), experiment.starts_on))


def versions_in_force(organisation_id: int, on: date) -> dict[str, StrategyVersion]:
    """Return, by strategy key, the version with the highest number among those effective by that day."""
    keys = dict(_keys(organisation_id))
    return {keys[row.strategy_id]: row for row in _versions(organisation_id, on) if row.strategy_id in keys}


@prepared
def _keys(organisation_id: int) -> Any:
    return StrategyRow.objects.of(organisation_id).values_list("pk", "key")


@prepared
def _versions(organisation_id: int, on: date) -> Any:
    return StrategyVersion.objects.of(organisation_id).filter(effective_on__lte=on).order_by("number")


def read_version(version: StrategyVersion) -> Strategy:
    """Return a published version as the engine reads it. Raises StrategyInvalid if the language has changed since."""
    return _read(json.dumps(version.document), version.number)


@lru_cache(maxsize=256)
def _read(document: str, number: int) -> Strategy:
    """Kept by what it says: a published version never changes, and every screen of a case asks for them all."""
    return load_strategy({**json.loads(document), "version": number})


def key_of(row: Mapping[str, str], organisation: Organisation) -> str:
    """Return the strategy of a portfolio (a row of `ledger.facts.portfolio_frame`): the one that it names, else the default one of its
    kind of debt, unless the organisation wants none."""
    if row["strategy_key"] or not organisation.settings.get(DEFAULT_SETTING, True):
        return row["strategy_key"]
    return default_key(debt_kind=row["debt_kind"], debtor_kind=row["debtor_kind"])
