"""One or two strategies lived forward over today's portfolio with clients who answer as they did: money by date, cost, pressure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.engine.rolling import frozen_facts
from aldia.engine.simulate import Simulated, simulate
from aldia.engine.strategy import Strategy as StrategyValue
from aldia.strategy.lab.answers import Answers, answers
from aldia.strategy.lab.effort import Effort, effort_of
from aldia.strategy.lab.opening import Bench, bench, gathered, law_ahead, parts

DAYS: Final = 90
AT_MOST: Final = 1_000
"""Open cases that live each of the futures; of more, some parts of the people stand for all."""
SEED: Final = 7
_LOW, _HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Band:
    """The middle of the futures, and what one in ten of them stays below and above. Minor units."""

    low: int
    middle: int
    high: int


@dataclass(frozen=True)
class Side:
    """What one strategy brings: money received by the end of each day, in all, and what it asks of channels, people and clients.

    `pressure`: contacts of each client over the whole time, on average and of the most pressed tenth.
    """

    strategy: str
    version: int
    by_day: tuple[Band, ...]
    total: Band
    notices: Mapping[str, int]
    tasks: Mapping[str, int]
    hours: int
    cost_minor: Mapping[str, int | None]
    pressure: tuple[float, float]
    frozen: tuple[str, ...]


@dataclass(frozen=True)
class Simulation:
    """The answer, in one currency: that in which most is received. `difference`: second less first, future by future;
    `better`: in what share of the futures the second brings more. `by_contact`: times likelier a payment after each channel."""

    as_of: date
    days: int
    currency: str
    cases: int
    share: float
    sides: tuple[Side, ...]
    difference: Band | None
    better: float | None
    weeks: int
    payments: int
    doubts: tuple[str, ...]
    by_contact: Mapping[str, float]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, dates as ISO texts."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}


def simulation(
    actor: Actor,
    tried: Sequence[tuple[str, int | None]],
    *,
    as_of: date,
    days: int = DAYS,
    at_most: int = AT_MOST,
    seed: int = SEED,
) -> Simulation:
    """Return what one or two strategies (key and version, as `bench` takes them) bring in the days ahead.

    Raises TooThin, NotInLab, StrategyInvalid, NotAllowed.
    """
    actor.check(Permission.SEE_STRATEGIES)
    benches = [bench(actor.organisation_id, key, as_of=as_of, version=version) for key, version in tried]
    channels = sorted({channel for one in benches for channel in _channels(one.strategy)})
    model = answers(actor.organisation_id, as_of=as_of, channels=channels)
    used = next((one.plan.strategies[0].portfolio_ids for one in benches if one.is_used), None)
    lived = [_lived(_on(one, used), model, as_of, (days, at_most, seed)) for one in benches]
    shares = {share for _life, _cases, share in lived}
    currency = _currency(lived[0][0].paid)
    totals = [_totals(life, currency, len(model.draws), share) for life, _cases, share in lived]
    effort = effort_of(actor)
    sides = tuple(
        _side(one.strategy, life, (currency, as_of, days), effort, (len(model.draws), share))
        for one, (life, _cases, share) in zip(benches, lived, strict=True)
    )
    gains = (
        [after - before for before, after in zip(totals[0], totals[1], strict=True)]
        if len(totals) > 1
        else []
    )
    return Simulation(
        as_of=as_of, days=days, currency=currency, cases=round(lived[0][1] / min(shares)), share=round(min(shares), 4), sides=sides,
        difference=_band(gains) if gains else None, better=sum(gain > 0 for gain in gains) / len(gains) if gains else None,
        weeks=model.weeks, payments=model.payments, doubts=model.doubts, by_contact=model.by_contact, seed=seed,
    )  # fmt: skip


def _channels(value: StrategyValue) -> set[str]:
    named = {channel for step in value.steps for channel in getattr(step.action, "channels", ())}
    return named | {"call" for step in value.steps if step.target == "call"}


def _on(one: Bench, portfolio_ids: tuple[int, ...] | None) -> Bench:
    """The same strategy on the portfolios that the pair is compared on."""
    return one if portfolio_ids is None else one.on(portfolio_ids)


def _lived(
    one: Bench, model: Answers, as_of: date, asked: tuple[int, int, int]
) -> tuple[Simulated, int, float]:
    days, at_most, seed = asked
    partitions, share = parts(one, at_most=at_most)
    found, cases = [], 0
    for part in gathered(one, partitions):
        law = law_ahead(one.plan.organisation_id, part, as_of=as_of, days=days)
        found.append(simulate(part.frames, one.strategy, law, model.draws, as_of=as_of, days=days, seed=seed))
        cases += part.frames.cases.height
    whole = Simulated(
        *(pl.concat([getattr(life, name) for life in found]) for name in ("paid", "acts", "people"))
    )
    return whole, cases, share


def _currency(paid: pl.DataFrame) -> str:
    most = (
        paid.group_by("currency")
        .agg(pl.col("recovered_minor").sum())
        .sort("recovered_minor", descending=True)
    )
    return "" if most.is_empty() else str(most["currency"][0])


def _totals(life: Simulated, currency: str, futures: int, share: float) -> list[int]:
    """What is received in all, future by future."""
    paid = (
        life.paid.filter(pl.col("currency") == currency)
        .group_by("future")
        .agg(pl.col("recovered_minor").sum())
    )
    told = dict(paid.iter_rows())
    return [round(told.get(number, 0) / share) for number in range(futures)]


def _side(
    value: StrategyValue,
    life: Simulated,
    asked: tuple[str, date, int],
    effort: Effort,
    scale: tuple[int, float],
) -> Side:
    currency, as_of, days = asked
    futures, share = scale
    paid = life.paid.filter(pl.col("currency") == currency)
    by_cell = {
        (future, on): minor
        for future, on, minor in paid.group_by("future", "on")
        .agg(pl.col("recovered_minor").sum())
        .iter_rows()
    }
    so_far, by_day = [0] * futures, []
    for ahead in range(days):
        on = as_of + timedelta(days=ahead)
        so_far = [minor + by_cell.get((number, on), 0) for number, minor in enumerate(so_far)]
        by_day.append(_band([round(minor / share) for minor in so_far]))
    mean = futures * share
    notices, tasks = Counter[str](), Counter[str]()
    for action, channel, target, total in (
        life.acts.group_by("action", "channel", "target").agg(pl.col("total").sum()).iter_rows()
    ):
        if channel:
            notices[channel] += total
        elif action == "task":
            tasks[target] += total
    sent = {key: round(total / mean) for key, total in notices.most_common()}
    done = {key: round(total / mean) for key, total in tasks.most_common()}
    contacts = life.people["contacts"] if life.people.height else pl.Series([0])
    return Side(
        strategy=value.key, version=value.version, by_day=tuple(by_day), total=by_day[-1], notices=sent, tasks=done,
        hours=round(sum(effort.minutes_of(kind) * total for kind, total in done.items()) / 60), cost_minor=effort.cost_minor(sent),
        pressure=(_rounded(contacts.mean()), _rounded(contacts.quantile(_HIGH))), frozen=frozen_facts(value),
    )  # fmt: skip


def _rounded(value: Any) -> float:
    return round(float(value or 0), 1)


def _band(values: Sequence[int]) -> Band:
    told = pl.Series(values)
    low, middle, high = (told.quantile(part, "linear") for part in (_LOW, 0.5, _HIGH))
    return Band(round(low or 0), round(middle or 0), round(high or 0))
