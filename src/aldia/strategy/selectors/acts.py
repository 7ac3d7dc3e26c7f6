"""What each strategy did with what it had to do, over some days: the acts taken, withheld and missed, and the rows behind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.strategy.models import Decision
from aldia.strategy.night import night_plan

if TYPE_CHECKING:
    from datetime import date

    from aldia.access.actors import Actor
    from aldia.domain.periods import Period

STATES = ("taken", "withheld", "missed")
SHOWN = 200


@dataclass(frozen=True)
class ActRow:
    """One act of a strategy: whose, on which day, which step."""

    case_id: int
    debtor: str
    on: date
    step: str
    version: int
    reason: str


def acts_by_strategy(actor: Actor, period: Period) -> dict[str, Counter[str]]:
    """Return, by strategy, how many acts each state has in a period; what is withheld counts on the day it began. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = Decision.objects.of(actor.organisation_id).filter(on__gte=period.start, on__lt=period.end)
    found: dict[str, Counter[str]] = {}
    for key, state, total in rows.order_by().values_list("strategy_key", "state").annotate(Count("pk")):
        found.setdefault(key, Counter())[state] = total
    return found


def portfolios_by_strategy(actor: Actor, on: date) -> dict[str, tuple[int, ...]]:
    """Return the portfolios that each strategy works on a day, by its key. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    plan = night_plan(actor.organisation_id, as_of=on)
    return {one.strategy.key: one.everywhere for one in plan.strategies}


def acts_of(actor: Actor, key: str, state: str, period: Period) -> list[ActRow]:
    """Return the newest acts of a strategy in a state that the actor may see, at most SHOWN. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = (
        Decision.objects.of(actor.organisation_id)
        .filter(on__gte=period.start, on__lt=period.end, strategy_key=key, state=state)
        .order_by("-on", "-pk")[:SHOWN]
    )
    found = list(rows)
    names = dict(
        cases.scope(actor).filter(pk__in={row.case_id for row in found}).values_list("pk", "debtor_name")
    )
    return [
        ActRow(row.case_id, names[row.case_id], row.on, row.step, row.version, row.reason)
        for row in found
        if row.case_id in names
    ]
