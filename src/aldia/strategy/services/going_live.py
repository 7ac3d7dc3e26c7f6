"""Leaving the sandbox: the first live night foreseen, and the step itself, which nobody takes by mistake."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.cases import services as case_services
from aldia.contact import services as contact
from aldia.engine.strategy import MESSAGES
from aldia.strategy.night import decide_partition, night_plan
from aldia.strategy.reasons import channel_name
from aldia.strategy.selectors.readiness import readiness
from aldia.strategy.selectors.reports import step_names

USUAL_CAP = 200
USUAL_DAYS = 3
_EXAMPLES = 10


class AlreadyLive(Exception):
    """Raised when an organisation that is live is asked to go live."""


class NameDiffers(ValueError):
    """Raised when the name typed to confirm is not the organisation's."""


class NotReadyYet(Exception):
    """Raised when something that is needed is missing; `missing` lists it in words."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(_("Todavía no: %(missing)s.") % {"missing": "; ".join(missing)})


@dataclass(frozen=True)
class Example:
    """One message of the first night."""

    case_id: int
    debtor: str
    channel: str
    step: str


@dataclass(frozen=True)
class FirstNight:
    """What would leave on the first live day: messages by channel, to how many people, and some of them."""

    as_of: date
    notices: Counter[str]
    people: int
    examples: tuple[Example, ...]

    @property
    def total(self) -> int:
        """How many messages, whatever the channel."""
        return sum(self.notices.values())


@dataclass(frozen=True)
class WentLive:
    """What going live did: how many queued messages of the sandbox were taken back, and the first live day."""

    voided: int
    first_on: date
    cap: int
    until_on: date


def first_night(*, actor: Actor, now: datetime, language: str) -> FirstNight:
    """Return what would leave if the organisation were live now. Everything is taken back: nothing stays. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    with transaction.atomic():
        if access.organisation_of(actor).is_sandbox:
            _leave(actor, now, {})
        told = _foreseen(actor, _today(actor, now), language)
        transaction.set_rollback(True)
    return told


@transaction.atomic
def go_live(*, actor: Actor, typed_name: str, cap: int, days: int, now: datetime) -> WentLive:
    """Leave the sandbox for good: void what it queued, take the real clock, send at most `cap` automatic messages a day
    during the first `days`. Raises AlreadyLive, NotReadyYet, NameDiffers, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    house = access.organisation_of(actor)
    if not house.is_sandbox:
        raise AlreadyLive(_("%(name)s ya está en vivo.") % {"name": house.name})
    today = _today(actor, now)
    missing = [
        f"{check.title}: {', '.join(check.missing)}" for check in readiness(actor, as_of=today) if check.stops
    ]
    if missing:
        raise NotReadyYet(missing)
    if typed_name.strip().casefold() != house.name.strip().casefold():
        raise NameDiffers(_("Escribe el nombre tal cual: %(name)s.") % {"name": house.name})
    until_on = today + timedelta(days=days)
    voided = _leave(actor, now, {"cap": cap, "until_on": until_on.isoformat()})
    audit.record(
        actor=actor, verb="strategy.go_live", object_type="organisation", object_id=house.pk, now=now,
        data={"voided": voided, "cap": cap, "until_on": until_on.isoformat()},
    )  # fmt: skip
    return WentLive(voided, today, cap, until_on)


def _today(actor: Actor, now: datetime) -> date:
    return now.astimezone(ZoneInfo(access.organisation_of(actor).timezone)).date()


def _leave(actor: Actor, now: datetime, first_days: dict[str, object]) -> int:
    """Nothing of the sandbox is queued, the clock is the real one, and so are the balances where the sandbox had strayed."""
    today, sandbox_on = _today(actor, now), access.organisation_of(actor).sandbox_on
    voided = contact.void_sandbox(actor=actor, now=now)
    access_services.leave_sandbox(actor=actor, first_days=first_days, now=now)
    if sandbox_on not in (None, today):
        case_services.open_missing(actor=actor, as_of=today, now=now)
        case_services.refresh(actor=actor, case_ids=None, as_of=today, now=now)
    return voided


def _foreseen(actor: Actor, as_of: date, language: str) -> FirstNight:
    plan = night_plan(actor.organisation_id, as_of=as_of)
    parts = [decide_partition(plan, partition).decisions for partition in plan.partitions()]
    rows = pl.concat(parts).filter(pl.col("action").is_in(MESSAGES) & (pl.col("state") == "take"))
    messages = rows.sort("priority", descending=True, maintain_order=True).unique(
        ["strategy", "group"], keep="first", maintain_order=True
    )
    by_channel = messages.group_by("channel").len().iter_rows()
    names = {
        (one.strategy.key, key): name
        for one in plan.strategies
        for key, name in step_names(one.strategy, language).items()
    }
    shown = messages.head(_EXAMPLES).select("case_id", "channel", "strategy", "step").rows()
    debtors = dict(
        cases.scope(actor).filter(pk__in=[row[0] for row in shown]).values_list("pk", "debtor_name")
    )
    return FirstNight(
        as_of=as_of,
        notices=Counter(dict(by_channel)),
        people=messages["party_id"].n_unique(),
        examples=tuple(
            Example(case_id, debtors.get(case_id, ""), channel_name(channel, language), names.get((strategy, step), step))
            for case_id, channel, strategy, step in shown
        ),
    )  # fmt: skip
