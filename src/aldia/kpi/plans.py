"""A collection plan against what was done: for each strategy that it names, the targets of its portfolios with what was reached,
and its acts taken, withheld and missed in the month. Targets are those of `targets`: a plan has no second ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aldia.access.permissions import Permission
from aldia.domain.periods import Period, first_of_month, next_month
from aldia.kpi.models import Target
from aldia.kpi.targets import Progress, progress
from aldia.ledger import selectors as ledger
from aldia.strategy import selectors as strategy

if TYPE_CHECKING:
    from datetime import date

    from aldia.access.actors import Actor
    from aldia.strategy.models import PolicyDocument
    from aldia.strategy.plan_parts import Named


@dataclass(frozen=True)
class PlanLine:
    """One strategy of a plan in a month. `portfolios` are those that it works and the plan covers; `acts` by state."""

    strategy: Named
    portfolios: tuple[str, ...]
    aims: tuple[Progress, ...]
    acts: Counter[str]

    @property
    def done_share(self) -> int | None:
        """Percent of its acts that were done in time: taken / (taken + missed); None while there was none. What the law or a
        pause withheld was rightly not done and does not count."""
        due = self.acts["taken"] + self.acts["missed"]
        return 100 * self.acts["taken"] // due if due else None


def plan_lines(actor: Actor, plan: PolicyDocument, month_on: date, *, as_of: date) -> list[PlanLine]:
    """Return each strategy of a version of a plan, in its order, with what it reached up to `as_of`. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    month = Period(first_of_month(month_on), next_month(month_on).start)
    acts = strategy.acts_by_strategy(actor, month)
    aims = [row for row in progress(actor, month.start, as_of=as_of) if row.target.of == Target.Of.PORTFOLIO]
    covered = [row for row in ledger.portfolios(actor) if plan.portfolio_id in (None, row.pk)]
    working = strategy.portfolios_by_strategy(actor, as_of)
    lines = []
    for one in strategy.plan_parts(actor, plan, on=as_of)["strategies"]:
        worked = {row.pk: row.name for row in covered if row.pk in working.get(one.key, ())}
        lines.append(
            PlanLine(
                one, tuple(worked.values()), tuple(row for row in aims if row.target.of_id in worked),
                acts.get(one.key, Counter()),
            )
        )  # fmt: skip
    return lines
