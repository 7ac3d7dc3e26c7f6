"""The whole day, written once, in the order of the river. Each step may be repeated for its date without harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import actors, audit
from aldia.access import services as access_services
from aldia.cases import facts as case_facts
from aldia.cases import services as cases
from aldia.contact import services as contact
from aldia.db.pace import synced_later
from aldia.db.planner import refresh_statistics
from aldia.kpi import services as kpi
from aldia.outcomes import services as outcomes
from aldia.payments import services as payments
from aldia.strategy import services as strategy

if TYPE_CHECKING:
    from aldia.access.models import Organisation

DAWN = time(5, 0)  # the instant a simulated day begins, in the organisation's own zone


class UnableToLive(Exception):
    """Raised when a day cannot be lived: another day than today in a live organisation, or a day before the clock."""


@dataclass
class Day:
    """One day of one organisation while it is being lived: who, when, and the counts so far."""

    actor: actors.Actor
    organisation: Organisation
    as_of: date
    now: datetime  # the business instant: dawn of the day in sandbox
    real_now: datetime
    is_simulated: bool
    is_dry_run: bool = False
    on_run: Callable[[int], None] = lambda run_id: None
    report: dict[str, Any] = field(default_factory=dict)

    def count(self, **figures: int) -> None:
        for name, value in figures.items():
            self.report[name] = self.report.get(name, 0) + value


def prepare(day: Day) -> None:
    """A new organisation gets what ships with aldia: texts, outcomes, strategies. Afterwards there is nothing to do."""
    strategy.ensure_catalogue(organisation_id=day.organisation.pk, now=day.now)
    outcomes.ensure_outcome_tree(organisation_id=day.organisation.pk)


def open_cases(day: Day) -> None:
    """Every account has a case; every case shows the balances of the day; nobody is asked to claim what is settled."""
    cases.open_missing(actor=day.actor, as_of=day.as_of, now=day.now)
    changed = cases.refresh(actor=day.actor, case_ids=None, as_of=day.as_of, now=day.now)
    outcomes.drop_claims(actor=day.actor, case_ids=changed.settled, now=day.now)


def settle_promises(day: Day) -> None:
    """Promises become kept or broken by what the journal says."""
    outcomes.settle_promises(actor=day.actor, as_of=day.as_of, now=day.now)


def share_out(day: Day) -> None:
    """Every overdue case has somebody; the work of absent people goes to their stand-ins."""
    cases.assign_by_rule(actor=day.actor, as_of=day.as_of, now=day.now)


def raise_alarms(day: Day) -> None:
    """What nobody should have to look for comes up by itself."""
    day.count(alarms=outcomes.raise_alarms(actor=day.actor, as_of=day.as_of, now=day.now))
    _tell_missing_rates(day)
    day.count(alarms=outcomes.raise_silences(actor=day.actor, as_of=day.as_of, now=day.now))


def _tell_missing_rates(day: Day) -> None:
    """A currency whose rate is not known leaves amounts empty in the rules: one alarm a month, on its largest case."""
    lost = case_facts.missing_rates_frame(day.organisation.pk, as_of=day.as_of)
    subject = pl.format("{}>{} {}", "currency", "own", pl.lit(f"{day.as_of:%Y-%m}"))
    alarms = lost.select("case_id", kind=pl.lit("rate_missing"), subject=subject, owner_id="holder_id")
    with transaction.atomic():
        raised = outcomes.raise_alarm_frame(actor=day.actor, alarms=alarms, as_of=day.as_of, now=day.now)
    day.count(alarms=raised)


def remind_unidentified(day: Day) -> None:
    """Whoever looks for the client of money that nobody recognises is told when its day comes."""
    payments.remind_unidentified(actor=day.actor, clock=actors.Clock(day.as_of, day.now))


def remind_certificates(day: Day) -> None:
    """What clients withheld and did not prove in time rings."""
    payments.remind_certificates(actor=day.actor, clock=actors.Clock(day.as_of, day.now))


def watch_credit(day: Day) -> None:
    """A client or a group that owes more than it may rings."""
    day.count(alarms=payments.watch_credit(actor=day.actor, clock=actors.Clock(day.as_of, day.now)))


def decide(day: Day) -> None:
    """The strategies leave orders, tasks and stage changes."""
    ran = strategy.run(
        actor=day.actor, as_of=day.as_of, now=day.now, is_dry_run=day.is_dry_run, on_begin=day.on_run
    )
    _report_run(day, ran)


def thank(day: Day) -> None:
    """Whoever paid or kept a promise is thanked."""
    strategy.thank(actor=day.actor, as_of=day.as_of, now=day.now)


def restore(day: Day) -> None:
    """Whoever owes nothing overdue any more gets back what was suspended."""
    contact.restore_services(organisation_id=day.organisation.pk, now=day.real_now)


def send(day: Day) -> None:
    """A simulated day sends its messages now, each at its first lawful instant; a live one leaves them to the worker."""
    if day.is_simulated:
        contact.send_simulated_day(
            organisation_id=day.organisation.pk, as_of=day.as_of, real_now=day.real_now
        )


def keep_segments(day: Day) -> None:
    """Who is in each segment tonight is noted, so that it can be asked of any past day."""
    strategy.keep_segments(actor=day.actor, as_of=day.as_of)


def keep_worth(day: Day) -> None:
    """What a minute of work on each case is expected to bring: the lists of the morning are ordered by it."""
    with synced_later():  # reckoned again where a power failure takes it back
        strategy.keep_worth(actor=day.actor, as_of=day.as_of)


def measure(day: Day) -> None:
    """The figures of the day are kept."""
    kpi.snapshot(actor=day.actor, as_of=day.as_of, now=day.now)


def forget_recordings(day: Day) -> None:
    """Recordings of calls whose days have passed are deleted."""
    contact.delete_expired(organisation_id=day.organisation.pk, as_of=day.as_of, now=day.now)


def seal(day: Day) -> None:
    """What was done is sealed in the audit chain, and the chain looked at since the last time."""
    audit.seal(actor=day.actor, now=day.now)
    audit.keep_check(actor=day.actor, now=day.now)


FORESEEN: tuple[Callable[[Day], None], ...] = (
    prepare,
    open_cases,
    settle_promises,
    share_out,
    raise_alarms,
    remind_unidentified,
    remind_certificates,
    watch_credit,
    decide,
)
"""What a dry run lives too, and then takes back: the same figures, promises and alarms as the day itself."""

AFTER: tuple[Callable[[Day], None], ...] = (
    thank,
    restore,
    send,
    keep_segments,
    keep_worth,
    measure,
    forget_recordings,
    seal,
)


def live_day(
    *,
    organisation: Organisation,
    as_of: date,
    now: datetime,
    is_dry_run: bool = False,
    on_step: Callable[[str], None] = lambda name: None,
    on_run: Callable[[int], None] = lambda run_id: None,
) -> dict[str, Any]:
    """Live `as_of` and return its report: as_of, cases, decided, withheld, missed, notices by channel, tasks, stages,
    alarms, withheld_by rule.

    In sandbox the organisation's clock moves to that day, forward only; a live organisation accepts only its today. A dry
    run lives the same steps up to the decisions, in one transaction that is taken back: nothing is written, nothing leaves.
    Raises UnableToLive.
    """
    day = _begin(organisation, as_of, now, is_dry_run)
    day.on_run = on_run  # told the run of the strategies when it begins, so that others may help
    if not is_dry_run:
        with synced_later():  # what the night left is on the disk at its end, before anything leaves
            _live(day, FORESEEN, on_step)
        _live(day, AFTER, on_step)
        refresh_statistics()
        return _complete(day)
    day.is_dry_run = True
    with transaction.atomic():
        _live(day, FORESEEN, on_step)
        transaction.set_rollback(True)
    return _complete(day)


def _live(day: Day, steps: tuple[Callable[[Day], None], ...], on_step: Callable[[str], None]) -> None:
    for step in steps:
        on_step(step.__name__)
        step(day)


def _begin(organisation: Organisation, as_of: date, now: datetime, is_dry_run: bool) -> Day:
    actor = actors.system(organisation.pk)
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    if not organisation.is_sandbox and as_of != today and not is_dry_run:
        raise UnableToLive(
            _(
                "%(name)s está en vivo y hoy es %(today)s: no se puede vivir %(as_of)s. Usa --dry-run para probar."
            )
            % {"name": organisation.name, "today": today, "as_of": as_of}
        )
    is_simulated = organisation.is_sandbox
    if is_simulated and not is_dry_run:
        try:
            access_services.move_clock(actor=actor, to=as_of, now=now)
        except access_services.ClockGoesForward as error:
            raise UnableToLive(str(error)) from error
        organisation.refresh_from_db()
    instant = dawn_of(organisation, as_of) if is_simulated else now
    return Day(actor, organisation, as_of, instant, now, is_simulated)


def dawn_of(organisation: Organisation, on: date) -> datetime:
    """Return the instant, in UTC, at which a simulated day begins for the organisation."""
    return datetime.combine(on, DAWN, ZoneInfo(organisation.timezone)).astimezone(UTC)


def _report_run(day: Day, ran: strategy.RunReport) -> None:
    day.report.update(
        cases=ran.cases,
        decided=ran.decided,
        withheld=ran.withheld,
        missed=ran.missed,
        notices=dict(ran.notices),
        tasks=ran.tasks,
        stages=ran.stages,
        withheld_by=dict(ran.withheld_by),
    )
    day.count(alarms=ran.alarms)


def _complete(day: Day) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "as_of": day.as_of.isoformat(), "cases": 0, "decided": 0, "withheld": 0, "missed": 0, "notices": {}, "tasks": 0,
        "stages": 0, "alarms": 0, "withheld_by": {},
    }  # fmt: skip
    return {**empty, **day.report}


def missing_days(organisation: Organisation, *, now: datetime) -> list[date]:
    """Return the day that a live or real-time organisation has yet to live, or nothing. Sandboxes with a clock wait."""
    if organisation.is_sandbox and organisation.sandbox_on:
        return []
    local = now.astimezone(ZoneInfo(organisation.timezone))
    if local.time() < DAWN:
        return []
    latest = strategy.latest_run_on(organisation.pk)
    return [local.date()] if latest is None or latest < local.date() else []
