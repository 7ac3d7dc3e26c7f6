"""Switching a habit on or off: each is a few settings of the rooms that keep it, changed together."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import services as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.cases.rules import SETTING as ATTENTION
from aldia.cases.rules import attention_rule
from aldia.cases.services.assigning import SETTING as ASSIGNMENT
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.strategy import habits
from aldia.strategy.models import Strategy
from aldia.strategy.night.in_use import DEFAULT_SETTING, night_plan
from aldia.strategy.services.publishing import adopt
from aldia.strategy.shipped import suited_key


class UnknownHabit(LookupError):
    """There is no such habit."""


@transaction.atomic
def switch_habit(*, actor: Actor, habit: str, is_on: bool, clock: Clock) -> None:
    """Leave a habit on or off, as its preview said; what already is so stays. Raises UnknownHabit, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    switches = {
        habits.REVIEW: _review, habits.ATTENTIVE: _attention, habits.STAFF: _staff, habits.PLAN: _plan,
    }  # fmt: skip
    if habit not in switches:
        raise UnknownHabit(_("Ese hábito no existe."))
    switches[habit](actor, is_on, clock)
    audit.record(
        actor=actor, verb="strategy.habit.switch", object_type="organisation", object_id=actor.organisation_id, now=clock.now,
        data={"habit": habit, "is_on": is_on},
    )  # fmt: skip


def _review(actor: Actor, is_on: bool, clock: Clock) -> None:
    access.switch_digests(
        actor=actor, user_ids=[row.user_id for row in habits.working_members(actor)], is_on=is_on
    )


def _attention(actor: Actor, is_on: bool, clock: Clock) -> None:
    for row in ledger.portfolios(actor):
        rule = attention_rule(row)
        if (rule.age_percent > 0) != is_on:
            _keep(actor, row.pk, ATTENTION, asdict(habits.with_age(rule, is_on=is_on)), clock)


def _staff(actor: Actor, is_on: bool, clock: Clock) -> None:
    for row in ledger.portfolios(actor):
        _keep(actor, row.pk, ASSIGNMENT, {**row.settings.get(ASSIGNMENT, {}), "is_on": is_on}, clock)


def _plan(actor: Actor, is_on: bool, clock: Clock) -> None:
    """On: what has no strategy gets the one that suits its kind. Off: no portfolio has one, and nobody is written to."""
    worked = {
        pk
        for one in night_plan(actor.organisation_id, as_of=clock.as_of).strategies
        for pk in one.portfolio_ids
    }
    access.change_settings(actor=actor, now=clock.now, settings={DEFAULT_SETTING: is_on})
    if not is_on:
        for row in ledger.portfolios(actor):
            ledger_services.change_portfolio(actor=actor, portfolio_id=row.pk, now=clock.now, strategy_key="")
        return
    known = set(Strategy.objects.of(actor.organisation_id).values_list("key", flat=True))
    for row in ledger.portfolios(actor):
        if row.pk not in worked:
            key = suited_key(debt_kind=row.debt_kind, debtor_kind=row.debtor_kind)
            if key not in known:
                known.add(adopt(actor=actor, key=key, clock=clock).key)
            ledger_services.change_portfolio(
                actor=actor, portfolio_id=row.pk, now=clock.now, strategy_key=key
            )


def _keep(actor: Actor, portfolio_id: int, setting: str, told: dict[str, object], clock: Clock) -> None:
    ledger_services.change_portfolio(
        actor=actor, portfolio_id=portfolio_id, now=clock.now, settings={setting: told}
    )
