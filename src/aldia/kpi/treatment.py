"""Treatment beside recovery: what clients say, what reviews find, how much they are contacted, and how often they complain.

Two axes for each agent, team or strategy: what came in, and how people were treated. With few opinions and reviews
(`quality.LEAST`) it says nothing of treatment rather than something false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.contact import facts as contact
from aldia.contact.pressure import pressure_frame, weekly_cap
from aldia.domain.quality import mean_of
from aldia.kpi.dashboard import DashboardQuery, own
from aldia.kpi.effects import with_credit
from aldia.ledger import selectors as ledger
from aldia.outcomes.quality.opinions import disputes_opened, opinion_frame
from aldia.outcomes.quality.reviews import review_frame
from aldia.strategy import selectors as strategy

if TYPE_CHECKING:
    from aldia.access.actors import Actor

WELL: Final = 4.0  # of 5: clients are content
GOOD: Final = 80.0  # of 100: the work is well done
UNHAPPY: Final = 2  # an opinion of this or less is a complaint


@dataclass(frozen=True)
class Treatment:
    """One agent, team or strategy. `place`: both, recovers, treats, neither, or empty while there is too little to say."""

    name: str
    recovered_minor: int
    opinions: int
    satisfaction: float | None
    reviews: int
    quality: float | None
    place: str = ""


@dataclass(frozen=True)
class Summary:
    """A period: average opinion (1 to 5) and review (percent), None while thin; complaints for each hundred clients contacted."""

    opinions: int
    satisfaction: float | None
    reviews: int
    quality: float | None
    complaints: int
    contacted: int

    @property
    def complaint_rate(self) -> float | None:
        """Complaints / cases contacted, percent with one decimal, half up; None where nobody was contacted."""
        return (
            (2000 * self.complaints + self.contacted) // (2 * self.contacted) / 10 if self.contacted else None
        )


@dataclass(frozen=True)
class Pressure:
    """Contacts of the last days by person: the average of those contacted, the most, the cap, and who is at it or beyond."""

    people: int
    average: float | None
    most: int
    cap: int | None
    at_cap: int
    case_ids: tuple[tuple[int, int], ...]  # (case, contacts), the most pressed first


def summary(actor: Actor, query: DashboardQuery) -> Summary:
    """Return how clients were treated in a period. Raises NotAllowed."""
    query = _scoped(actor, own(actor, query))
    said, reviewed = _said(query, actor.organisation_id), _reviewed(query, actor.organisation_id)
    scores = said["score"].to_list()
    end = query.last_on + timedelta(days=1)
    touches = contact.touch_frame(actor.organisation_id, since_on=query.period.start)
    reached = _of_scope(actor, touches).filter(
        pl.col("is_contact") & ~pl.col("is_inbound") & (pl.col("on") < end)
    )
    disputes = disputes_opened(
        actor, from_on=query.period.start, to_on=end, portfolio_ids=query.portfolio_ids
    )
    unhappy = sum(score <= UNHAPPY for score in scores)
    return Summary(
        len(scores), mean_of(scores), reviewed.height, mean_of(reviewed["score"].to_list()),
        disputes + unhappy, reached["case_id"].n_unique(),
    )  # fmt: skip


def two_axes(actor: Actor, query: DashboardQuery, by: str) -> list[Treatment]:
    """Return recovery and treatment by person, team or strategy, who brought most first. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    query = _scoped(actor, query)
    names, column, keys = _axis(actor, query.last_on, by)
    cash = _keyed(with_credit(actor.organisation_id, query), column, keys)
    said, reviewed = (_keyed(read(query, actor.organisation_id), column, keys) for read in (_said, _reviewed))
    brought = dict(cash.group_by("key").agg(pl.col("amount_minor").sum()).iter_rows())
    scores = {key: rows["score"].to_list() for (key,), rows in said.group_by("key")}
    marks = {key: rows["score"].to_list() for (key,), rows in reviewed.group_by("key")}
    shown = [key for key in names if key in brought or key in scores or key in marks]
    usual = sum(brought.values()) / len(shown) if shown else 0
    rows = []
    for key in shown:
        satisfaction, quality = mean_of(scores.get(key, [])), mean_of(marks.get(key, []))
        money = brought.get(key, 0)
        rows.append(
            Treatment(
                names[key], money, len(scores.get(key, [])), satisfaction, len(marks.get(key, [])), quality,
                _place(recovers=money >= usual, satisfaction=satisfaction, quality=quality),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.recovered_minor, row.name))


def pressure(actor: Actor, *, as_of: date, shown: int = 5) -> Pressure:
    """Return how much people were contacted in the last week, by our side. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    frame = _of_scope(actor, pressure_frame(actor.organisation_id, as_of=as_of))
    frame = frame.sort("contacts", "party_id", descending=[True, False])
    cap = weekly_cap(actor, as_of=as_of)
    counts = frame["contacts"].to_list()
    return Pressure(
        len(counts), mean_of(counts, least=1), max(counts, default=0), cap,
        sum(count >= cap for count in counts) if cap is not None else 0,
        tuple(frame.head(shown).select("case_id", "contacts").iter_rows()),
    )  # fmt: skip


def _place(*, recovers: bool, satisfaction: float | None, quality: float | None) -> str:
    """Which quarter: recovery against the average of the rows, treatment against the bars of what is known."""
    known = [value >= bar for value, bar in ((satisfaction, WELL), (quality, GOOD)) if value is not None]
    if not known:
        return ""
    treats = all(known)
    return "both" if recovers and treats else "recovers" if recovers else "treats" if treats else "neither"


def _axis(actor: Actor, on: date, by: str) -> tuple[Mapping[str, str], str, Mapping[int, str]]:
    """The names of the rows, the column that leads to them, and of each of its values, its row."""
    if by == "strategy":
        working = strategy.portfolios_by_strategy(actor, on)
        keys = {portfolio_id: key for key, ids in working.items() for portfolio_id in ids}
        return {row.key: row.name for row in strategy.strategies(actor)}, "portfolio_id", keys
    people = access.members(actor)
    if by == "team":
        names = {str(row.pk): row.name for row in access.teams(actor)}
        return names, "user_id", {row.user_id: str(row.team_id or "") for row in people}
    return (
        {str(row.user_id): row.user.name for row in people},
        "user_id",
        {row.user_id: str(row.user_id) for row in people},
    )


def _keyed(frame: pl.DataFrame, column: str, keys: Mapping[int, str]) -> pl.DataFrame:
    of = pl.DataFrame(
        {column: list(keys), "key": list(keys.values())}, schema={column: pl.Int64, "key": pl.String}
    )
    return frame.join(of, on=column)


def _said(query: DashboardQuery, organisation_id: int) -> pl.DataFrame:
    return _mine(opinion_frame(organisation_id, **_days(query)), query)


def _reviewed(query: DashboardQuery, organisation_id: int) -> pl.DataFrame:
    return _mine(review_frame(organisation_id, **_days(query)), query)


def _days(query: DashboardQuery) -> dict[str, date]:
    return {"from_on": query.period.start, "to_on": query.last_on + timedelta(days=1)}


def _scoped(actor: Actor, query: DashboardQuery) -> DashboardQuery:
    """The question about no more than the portfolios that the actor sees."""
    seen = frozenset(row.pk for row in ledger.portfolios(actor))
    wanted = seen if query.portfolio_ids is None else seen & query.portfolio_ids
    return replace(query, portfolio_ids=wanted)


def _of_scope(actor: Actor, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of cases that somebody from outside sees; all of them for who is of the house."""
    if not cases.is_narrowed(actor):
        return frame
    return frame.filter(pl.col("case_id").is_in(list(cases.scope(actor).values_list("pk", flat=True))))


def _mine(frame: pl.DataFrame, query: DashboardQuery) -> pl.DataFrame:
    rows = frame.filter(pl.col("portfolio_id").is_in(sorted(query.portfolio_ids or ())))
    return rows if query.user_id is None else rows.filter(pl.col("user_id") == query.user_id)
