"""Which published version works each portfolio on a day, and the people of a night in parts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.cases import facts as cases
from aldia.db.partitions import CASES_AT_ONCE, Partition
from aldia.db.prepared import prepared
from aldia.engine.strategy import Strategy
from aldia.engine.strategy_reading import load_strategy
from aldia.ledger import facts as ledger
from aldia.strategy.models import Strategy as StrategyRow
from aldia.strategy.models import StrategyVersion
from aldia.strategy.shipped import default_key

if TYPE_CHECKING:
    from aldia.access.models import Organisation

DEFAULT_SETTING: Final = "has_default_strategy"
"""The organisation's setting: false leaves a portfolio that names no strategy without one."""


@dataclass(frozen=True)
class InUse:
    """One published version and the portfolios that it works."""

    strategy: Strategy
    portfolio_ids: tuple[int, ...]


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
        key = _key_of(row, allows_default=bool(organisation.settings.get(DEFAULT_SETTING, True)))
        if key in versions:
            wanted.setdefault(key, []).append(row["portfolio_id"])
        elif key:
            told = {"portfolio": row["name"], "key": key}
            problems.append(
                _("La cartera %(portfolio)s usa la estrategia «%(key)s», que no está publicada.") % told
            )
    used = tuple(InUse(read_version(versions[key]), tuple(ids)) for key, ids in sorted(wanted.items()))
    return NightPlan(organisation, as_of, used, tuple(problems))


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


def _key_of(row: Mapping[str, str], *, allows_default: bool) -> str:
    if row["strategy_key"]:
        return row["strategy_key"]
    return default_key(debt_kind=row["debt_kind"], debtor_kind=row["debtor_kind"]) if allows_default else ""
