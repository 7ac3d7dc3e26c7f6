"""An experiment as it stands: who can be counted in each arm, what they did, and what may be said today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import isinf
from typing import Any, Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.experiments import (
    ARMS,
    CHALLENGER,
    CHAMPION,
    AmountArm,
    Arm,
    Look,
    Plan,
    arm_of,
    looks,
    verdict,
)
from aldia.domain.labels import Label
from aldia.ledger import facts as ledger
from aldia.outcomes import facts as outcomes
from aldia.parties import facts as parties
from aldia.strategy.brought import Amounts, late_people, with_brought
from aldia.strategy.models import Experiment

_WEEK: Final = 7
_GUARD: Final = Plan(base=0.05, effect=0.05)
VERDICTS: Final[Mapping[str, Label]] = {
    "go_on": Label(
        "Todavía no se puede decir: sigue.", "It cannot be said yet: go on.", "Ainda não se pode dizer: continue."
    ),
    "challenger": Label(
        "La retadora trae más clientes que pagan. Puedes detenerlo y quedarte con ella.",
        "The challenger brings more customers who pay. You may stop and keep it.",
        "A desafiante traz mais clientes que pagam. Pode parar e ficar com ela.",
    ),
    "champion": Label(
        "La de siempre trae más clientes que pagan. Detenlo y quédate con ella.",
        "The one in use brings more customers who pay. Stop and keep it.",
        "A de sempre traz mais clientes que pagam. Pare e fique com ela.",
    ),
    "no_difference": Label(
        "Se contó a todos los previstos y no hay una diferencia como la que buscabas.",
        "Everybody planned was counted and there is no difference like the one you looked for.",
        "Todos os previstos foram contados e não há uma diferença como a que você buscava.",
    ),
    "harm:disputes": Label(
        "Con la retadora hay más reclamos. Detenlo.", "With the challenger there are more complaints. Stop it.",
        "Com a desafiante há mais reclamações. Pare.",
    ),
    "harm:opt_outs": Label(
        "Con la retadora más clientes piden no recibir mensajes. Detenlo.",
        "With the challenger more customers ask for no messages. Stop it.",
        "Com a desafiante mais clientes pedem para não receber mensagens. Pare.",
    ),
}  # fmt: skip


AMOUNT_VERDICTS: Final[Mapping[str, Label]] = {
    "go_on": Label(
        "De cuánto traen todavía no se puede decir: sigue.", "How much they bring cannot be said yet: go on.",
        "De quanto trazem ainda não se pode dizer: continue.",
    ),
    "challenger": Label(
        "Con la retadora cada cliente trae más dinero.", "With the challenger each customer brings more money.",
        "Com a desafiante cada cliente traz mais dinheiro.",
    ),
    "champion": Label(
        "Con la de siempre cada cliente trae más dinero.", "With the one in use each customer brings more money.",
        "Com a de sempre cada cliente traz mais dinheiro.",
    ),
    "no_difference": Label(
        "Se contó a todos los previstos y traen parecido.", "Everybody planned was counted and they bring about the same.",
        "Todos os previstos foram contados e trazem parecido.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class AmountView:
    """How much each person brought in time, in minor units: the two arms, the last look at their difference, and what may be said."""

    currency: str
    size: int
    champion: AmountArm
    challenger: AmountArm
    look: Look
    verdict: str
    said: str


@dataclass(frozen=True)
class Week:
    """The two arms as they could be counted on a day, and the look at them."""

    on: date
    champion: Arm
    challenger: Arm
    look: Look


@dataclass(frozen=True)
class ExperimentView:
    """One experiment. `waiting`: people who entered and cannot be counted yet. `guards`: look at each rate that must not rise."""

    id: int
    key: str
    name: str
    strategy_key: str
    challenger_key: str
    portfolio_ids: tuple[int, ...]
    shares: Mapping[str, int]
    size: int
    horizon_days: int
    starts_on: date
    stopped_on: date | None
    weeks: tuple[Week, ...]
    control: Arm
    waiting: int
    guards: Mapping[str, Look]
    verdict: str
    said: str
    amounts: AmountView | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def experiments(actor: Actor) -> list[tuple[int, str, date, date | None]]:
    """Return (id, name, first day, day it stopped) of every experiment, newest first. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = Experiment.objects.of(actor.organisation_id).order_by("-id")
    return list(rows.values_list("pk", "name", "starts_on", "stopped_on"))


def experiment(actor: Actor, experiment_id: int, *, as_of: date, language: str) -> ExperimentView:
    """Return an experiment as it stands at the beginning of a day. Raises Experiment.DoesNotExist, NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    row = Experiment.objects.of(actor.organisation_id).get(pk=experiment_id)
    until = min(as_of, row.stopped_on or as_of)
    people = _people(row, until)
    counted = people.filter(pl.col("counts_on") <= until)
    plan = Plan(
        row.base_percent / 100, row.effect_points / 100, row.alpha_percent / 100, row.power_percent / 100
    )
    pairs = _pairs(counted, "has_paid")
    told = looks([(first, second) for _on, first, second in pairs], plan)
    guards = {name: _guard(counted, name) for name in ("disputes", "opt_outs")}
    word = verdict([pair[1:] for pair in pairs], plan, size=row.size, guards=guards.items())
    control = counted.filter(pl.col("arm") == "control")
    return ExperimentView(
        id=row.pk, key=row.key, name=row.name, strategy_key=row.strategy_key, challenger_key=row.challenger_key,
        portfolio_ids=tuple(row.portfolio_ids), shares=row.shares, size=row.size,
        horizon_days=row.horizon_days, starts_on=row.starts_on, stopped_on=row.stopped_on,
        weeks=tuple(Week(on, first, second, look) for (on, first, second), look in zip(pairs, told, strict=True)),
        control=Arm(control.height, int(control["has_paid"].sum())), waiting=people.height - counted.height, guards=guards,
        verdict=word, said=VERDICTS[word].of(language), amounts=_amounts(row, counted, language),
    )  # fmt: skip


def _people(row: Experiment, until: date) -> pl.DataFrame:
    """Who entered: the first weekly look at which the person was in arrears; the arm, the day it counts, and what it did by then."""
    entries = [
        late_people(row.organisation_id, row.portfolio_ids, row.starts_on + timedelta(days=_WEEK * week))
        for week in range(max((until - row.starts_on).days, 0) // _WEEK + 1)
    ]
    first = pl.concat(entries).group_by("party_id").agg(pl.col("on").min(), pl.col("case_id").unique())
    arms = [arm_of(row.key, party_id, row.shares) for party_id in first["party_id"].to_list()]
    people = first.with_columns(
        arm=pl.Series(arms, dtype=pl.String), counts_on=pl.col("on") + timedelta(days=row.horizon_days)
    )
    cash = ledger.payments_frame(row.organisation_id, from_on=row.starts_on, to_on=until)
    people = with_brought(people, cash, row.amounts["currency"]) if row.amounts else people
    paid = cash.filter(pl.col("amount_minor") > 0)
    disputes = outcomes.dispute_frame(row.organisation_id, from_on=row.starts_on, to_on=until)
    opted = parties.opt_out_frame(row.organisation_id, from_on=row.starts_on, to_on=until)
    cases = people.select("party_id", "case_id").explode("case_id")
    for name, rows in (
        ("has_paid", cases.join(paid.select("case_id", did_on="on"), on="case_id")),
        ("disputes", cases.join(disputes.select("case_id", did_on="on"), on="case_id")),
        ("opt_outs", opted.select("party_id", did_on="on")),
    ):
        people = _with_deed(people, rows.select("party_id", "did_on"), name)
    return people.sort("counts_on", "party_id")


def _with_deed(people: pl.DataFrame, rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Whether each person did it between the day of entry and the day that it counts."""
    within = rows.join(people.select("party_id", "on", "counts_on"), on="party_id").filter(
        (pl.col("did_on") >= pl.col("on")) & (pl.col("did_on") < pl.col("counts_on"))
    )
    done = within.select("party_id").unique().with_columns(pl.lit(value=True).alias(name))
    return people.join(done, on="party_id", how="left").with_columns(pl.col(name).fill_null(value=False))


def _pairs(counted: pl.DataFrame, name: str) -> list[tuple[date, Arm, Arm]]:
    """Champion and challenger as they could be counted on each day on which somebody more could be."""
    found = []
    for on in counted["counts_on"].unique().sort().to_list():
        so_far = counted.filter(pl.col("counts_on") <= on)
        arms = {arm: so_far.filter(pl.col("arm") == arm) for arm in ARMS}
        both = [Arm(arms[arm].height, int(arms[arm][name].sum())) for arm in (CHAMPION, CHALLENGER)]
        found.append((on, both[0], both[1]))
    return found


def _amounts(row: Experiment, counted: pl.DataFrame, language: str) -> AmountView | None:
    """None where no usual amount was known at the beginning, and while there is too little for a look."""
    if not row.amounts:
        return None
    amounts, pairs = Amounts(**row.amounts), list(_amount_pairs(counted))
    look = looks(pairs, amounts.plan)[-1] if pairs else None
    if look is None or isinf(look.high):
        return None
    word = verdict(pairs, amounts.plan, size=amounts.size)
    champion, challenger = pairs[-1]
    return AmountView(
        amounts.currency, amounts.size, champion, challenger, look, word,
        AMOUNT_VERDICTS[word].of(language),
    )  # fmt: skip


def _amount_pairs(counted: pl.DataFrame) -> Iterator[tuple[AmountArm, AmountArm]]:
    """Champion and challenger as they could be counted on each day; whole numbers of any size, for squares grow."""
    so_far = dict.fromkeys((CHAMPION, CHALLENGER), AmountArm(0, 0, 0))
    for (_on,), day in counted.group_by("counts_on", maintain_order=True):
        for arm, before in so_far.items():
            brought: list[int] = day.filter(pl.col("arm") == arm)["brought"].to_list()
            squares = sum(one * one for one in brought)
            so_far[arm] = AmountArm(
                before.people + len(brought), before.total + sum(brought), before.squares + squares
            )
        yield so_far[CHAMPION], so_far[CHALLENGER]


def _guard(counted: pl.DataFrame, name: str) -> Look:
    told = looks([(first, second) for _on, first, second in _pairs(counted, name)], _GUARD)
    return told[-1] if told else Look(0.0, 1.0, -1.0, 1.0)
