"""Targets of a month: for the organisation, a portfolio, a team or a person; how far each is, and how far it should be today.

A target is never changed: a new version replaces it, with who said so. What was reached comes from the roll-ups up to
yesterday and from the rows themselves today, so that a call or a payment counts at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.db import transaction
from django.db.models import Max, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.domain.measures import Unit
from aldia.domain.periods import days_in_month, first_of_month, next_month
from aldia.kpi.models import ActivityDay, PortfolioDay, PromiseDay, Target
from aldia.ledger import facts as ledger
from aldia.ledger import selectors as ledger_read
from aldia.outcomes import facts as outcomes

Of = Target.Of


class BadTarget(ValueError):
    """A target that cannot be: an unknown measure, a negative value, somebody that is not there. Says which."""


@dataclass(frozen=True)
class Aim:
    """Something that can be a target: its unit, and whether a team or a person may have it."""

    key: str
    label: str | Promise
    unit: Unit
    is_personal: bool = True


AIMS: Final = {
    aim.key: aim
    for aim in (
        Aim("recovered", _("Cobrado"), Unit.MONEY, is_personal=False),
        Aim("kept_minor", _("Cobrado por promesas"), Unit.MONEY),
        Aim("promises_made", _("Promesas hechas"), Unit.COUNT),
        Aim("right_party", _("Contactos con titular"), Unit.COUNT),
        Aim("attempts", _("Gestiones"), Unit.COUNT),
    )
}
_TABLES: Final[dict[str, tuple[Any, str]]] = {
    "recovered": (PortfolioDay, "received_minor"), "kept_minor": (PromiseDay, "kept_minor"), "promises_made": (PromiseDay, "made"),
    "right_party": (ActivityDay, "right_party"), "attempts": (ActivityDay, "attempts"),
}  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """A target with what was reached so far and what an even pace through the month would have reached today."""

    target: Target
    aim: Aim
    name: str
    reached: int
    expected: int

    @property
    def share(self) -> int:
        """Percent of the target reached, at most 100."""
        return min(100 * self.reached // self.target.value, 100) if self.reached > 0 else 0

    @property
    def pace(self) -> int:
        """Percent of the target that an even pace would have reached."""
        return min(100 * self.expected // self.target.value, 100)

    @property
    def is_on_pace(self) -> bool:
        return self.reached >= self.expected


@dataclass(frozen=True)
class Goal:
    """What a target is about: whose (a kind of subject and its id), which measure, of which month, in which currency."""

    of: str
    of_id: int
    measure: str
    month_on: date
    currency: str = ""


@transaction.atomic
def set_target(*, actor: Actor, goal: Goal, value: int, clock: Clock) -> Target:
    """Keep a new version of a target (money in minor units, zero takes it away). Raises BadTarget, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    aim = AIMS.get(goal.measure)
    if aim is None or (goal.of in (Of.TEAM, Of.PERSON) and not aim.is_personal):
        raise BadTarget(_t("Ese objetivo no existe para quien elegiste."))
    if value < 0:
        raise BadTarget(_t("Un objetivo es un número de cero en adelante."))
    if (goal.of, goal.of_id) not in subjects(actor):
        raise BadTarget(_t("No encontramos a quién ponerle el objetivo."))
    currency = goal.currency if aim.unit is Unit.MONEY else ""
    same = asdict(replace(goal, month_on=first_of_month(goal.month_on), currency=currency))
    rows = Target.objects.of(actor.organisation_id).filter(**same)
    version = (rows.aggregate(last=Max("version"))["last"] or 0) + 1
    kept: Target = Target.objects.create(
        organisation_id=actor.organisation_id, value=value, version=version, set_by_id=actor.user_id, set_at=clock.now, **same
    )  # fmt: skip
    audit.record(
        actor=actor, verb="kpi.target.set", object_type="target", object_id=kept.pk, now=clock.now,
        data={**same, "month_on": kept.month_on.isoformat(), "value": value, "version": version},
    )  # fmt: skip
    return kept


def subjects(actor: Actor) -> dict[tuple[str, int], str]:
    """Return who may have a target, with their names: the organisation, its portfolios, teams and people who collect."""
    people = [row for row in access.members(actor) if row.role in ("COLLECTOR", "SUPERVISOR")]
    return {
        (Of.ORGANISATION.value, 0): _t("Toda la organización"),
        **{(Of.PORTFOLIO.value, row.pk): row.name for row in ledger_read.portfolios(actor)},
        **{(Of.TEAM.value, row.pk): row.name for row in access.teams(actor)},
        **{(Of.PERSON.value, row.user_id): row.user.name for row in people},
    }


def targets(actor: Actor, month_on: date) -> list[Target]:
    """Return the targets in force for a month; who does not see the team sees only his own."""
    actor.check(Permission.SEE_INDICATORS)
    rows = Target.objects.of(actor.organisation_id).filter(month_on=first_of_month(month_on))
    if not actor.may(Permission.SEE_TEAM):
        rows = rows.filter(of=Of.PERSON, of_id=actor.user_id or 0)
    latest = {(row.of, row.of_id, row.measure, row.currency): row for row in rows.order_by("version")}
    return [row for row in latest.values() if row.value and row.measure in AIMS]


def progress(actor: Actor, month_on: date, *, as_of: date) -> list[Progress]:
    """Return the targets of a month with what was reached up to `as_of`, in the order of their subjects and measures."""
    chosen = targets(actor, month_on)
    if not chosen:
        return []
    names, places = subjects(actor), list(AIMS)
    reached = _Reached(actor, first_of_month(month_on), as_of)
    rows = [
        Progress(row, AIMS[row.measure], names[row.of, row.of_id], reached.of(row), _expected(row, as_of))
        for row in chosen
        if (row.of, row.of_id) in names
    ]
    order = list(names)
    return sorted(
        rows, key=lambda row: (order.index((row.target.of, row.target.of_id)), places.index(row.aim.key))
    )


def _expected(target: Target, as_of: date) -> int:
    """target x days of the month gone, the day itself among them / days of the month."""
    days = days_in_month(target.month_on)
    return target.value * max(0, min((as_of - target.month_on).days + 1, days)) // days


class _Reached:
    """What was done in a month up to a day: read once per measure, summed per target."""

    def __init__(self, actor: Actor, month_on: date, as_of: date) -> None:
        self._actor, self._from_on = actor, month_on
        self._until = min(as_of + timedelta(days=1), next_month(month_on).start)
        self._today = as_of if month_on <= as_of < self._until else None
        self._rows: dict[str, list[tuple[int, int, str, int]]] = {}
        self._teams: dict[int, set[int]] = {}
        for row in access.members(actor):
            self._teams.setdefault(row.team_id or 0, set()).add(row.user_id)

    def of(self, target: Target) -> int:
        people: Collection[int] = ()
        if target.of == Of.TEAM:
            people = self._teams.get(target.of_id, set())
        elif target.of == Of.PERSON:
            people = {target.of_id}
        return sum(
            value
            for portfolio_id, user_id, currency, value in self._read(target.measure)
            if (not target.currency or currency == target.currency)
            and (target.of != Of.PORTFOLIO or portfolio_id == target.of_id)
            and (target.of not in (Of.TEAM, Of.PERSON) or user_id in people)
        )

    def _read(self, measure: str) -> list[tuple[int, int, str, int]]:
        """(portfolio, person or 0, currency or nothing, value) of a measure."""
        if measure not in self._rows:
            self._rows[measure] = [*self._kept(measure), *self._live(measure)]
        return self._rows[measure]

    def _kept(self, measure: str) -> Iterable[tuple[int, int, str, int]]:
        model, column = _TABLES[measure]
        fields = {field.name for field in model._meta.get_fields()}
        rows = model.objects.of(self._actor.organisation_id).filter(
            on__gte=self._from_on, on__lt=self._today or self._until
        )
        by = rows.order_by().values("portfolio_id", *(fields & {"user_id", "currency"}))
        for row in by.annotate(value=Sum(column)):
            yield row["portfolio_id"], row.get("user_id") or 0, row.get("currency", ""), row["value"]

    def _live(self, measure: str) -> Iterable[tuple[int, int, str, int]]:
        if self._today is None:
            return
        organisation_id = self._actor.organisation_id
        day: dict[str, Any] = {"from_on": self._today, "to_on": self._today + timedelta(days=1)}
        if measure == "recovered":
            frame = ledger.payments_frame(organisation_id, **day).select(
                "portfolio_id", "currency", value="amount_minor"
            )
        elif measure in ("kept_minor", "promises_made"):
            frame = _promised(outcomes.promise_frame(organisation_id, **day), self._today, measure)
        else:
            frame = outcomes.activity_frame(organisation_id, **day).select(
                "portfolio_id", "user_id", value=measure
            )
        for row in frame.iter_rows(named=True):
            yield row["portfolio_id"], row.get("user_id") or 0, row.get("currency", ""), row["value"]


def _promised(promises: pl.DataFrame, on: date, measure: str) -> pl.DataFrame:
    """What counts today: one for each promise made today, or what was paid of those decided today."""
    if measure == "promises_made":
        value = (pl.col("made_on") == on).cast(pl.Int64)
    else:
        is_decided = (pl.col("decided_on") == on) & pl.col("state").is_in(outcomes.DECIDED)
        value = pl.when(is_decided).then("kept_minor").otherwise(0)
    return promises.select("portfolio_id", "user_id", "currency", value=value)
