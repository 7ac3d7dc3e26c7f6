"""The worker's and the clock's tasks. Work waits as rows; these only look whether there is any."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from aldia.access import actors, audit
from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.chat import services as chat
from aldia.contact import services as contact
from aldia.intake import selectors as intake_reads
from aldia.intake import services as intake
from aldia.kpi import services as kpi
from aldia.ops import day, drop
from aldia.ops.backup import UnableToBackUp, keeping
from aldia.ops.clockwatch import ClockWatch
from aldia.payments import services as payments
from aldia.strategy import services as strategy

if TYPE_CHECKING:
    from aldia.access.models import Organisation

log = logging.getLogger(__name__)
watch = ClockWatch()
_BETWEEN_TURNS = timedelta(minutes=10)


@contextmanager
def _apart(organisation: Organisation) -> Iterator[None]:
    """What fails in one organisation is told, and does not cost the others theirs."""
    try:
        yield
    except Exception:
        log.exception("what the clock does for %s failed", organisation.key)


@shared_task(name="aldia.send", ignore_result=True)
def send() -> None:
    """Every few seconds: hand due orders to their providers, and give up the leases of dead workers."""
    now = timezone.now()
    if not watch.may_go_on(now):
        log.error("the clock of this machine went back to %s: nothing is sent before %s", now, watch.latest)
        return
    contact.expire_leases(now=now)
    contact.send_due(limit=200, clock=timezone.now)
    contact.send_staff_mail(limit=50, clock=timezone.now)
    contact.send_webhooks(limit=50, clock=timezone.now)


@shared_task(name="aldia.take", ignore_result=True)
def take() -> None:
    """Every few seconds: read what providers told and people wrote, which was kept as it came; the bot answers what it may."""
    contact.process_arrivals(limit=200, now=timezone.now())
    contact.fetch_files(limit=20, now=timezone.now())
    chat.answer_replies(limit=200, now=timezone.now())
    payments.read_notices(limit=200, real_now=timezone.now())


@shared_task(name="aldia.ask", ignore_result=True)
def ask() -> None:
    """Every minute: ask payment gateways about the payments that stay open."""
    payments.ask_open_intents(real_now=timezone.now(), limit=50)


@shared_task(name="aldia.fetch", ignore_result=True)
def fetch() -> None:
    """Every minute: fetch the mail of every box that an organisation reads."""
    contact.fetch_mail(now=timezone.now())


@shared_task(name="aldia.listen", ignore_result=True)
def listen() -> None:
    """Every quarter of a minute: fetch what every operator of SMS has for us, and see that every telephone exchange is heard."""
    contact.fetch_sms(now=timezone.now())
    contact.keep_listening(clock=timezone.now)
    contact.count_untold(now=timezone.now())


@shared_task(name="aldia.drop", ignore_result=True)
def take_files() -> None:
    """Every minute: take what other systems left in the file drop, and tell them the days that ended."""
    for organisation in access.organisations():
        now = timezone.now()
        with _apart(organisation):
            drop.take_all(organisation, now=now)
        with _apart(organisation):
            drop.tell_days(organisation, now=now)


@shared_task(name="aldia.link", ignore_result=True)
def link() -> None:
    """Every minute: turn the links with other books whose ten minutes have passed. In sandbox only a person does."""
    now = timezone.now()
    due = set(intake_reads.due_links(real_now=now, every=_BETWEEN_TURNS))
    for organisation in access.organisations():
        if organisation.pk in due and not organisation.is_sandbox:
            actor, clock = actors.system(organisation.pk), access.clock_of(organisation, now)
            with _apart(organisation):
                intake.sync(actor=actor, clock=clock, real_now=now)


@shared_task(name="aldia.live", ignore_result=True)
def live() -> None:
    """Every few minutes: live the day of every organisation whose morning has come."""
    for organisation in access.organisations():
        now = timezone.now()
        for on in day.missing_days(organisation, now=now):
            with _apart(organisation):  # the run's row keeps the failure
                _live_day(organisation, on, now)


@shared_task(name="aldia.asked", ignore_result=True)
def asked() -> None:
    """Every few seconds: live the day that somebody asked of a sandbox on the screen."""
    for organisation in access.organisations():
        on = access_services.take_asked_day(organisation=organisation)
        if on is not None:
            with _apart(organisation):
                _live_day(organisation, on, timezone.now())


def _live_day(organisation: Organisation, on: date, now: datetime) -> None:
    helped = partial(call_helpers, organisation.pk)
    day.live_day(organisation=organisation, as_of=on, now=now, on_run=helped)


def call_helpers(organisation_id: int, run_id: int) -> None:
    """Ring for as many other workers as `settings.ALDIA_NIGHT_HELPERS`: the parts of a night wait as rows."""
    for _number in range(settings.ALDIA_NIGHT_HELPERS):
        help_night.delay(organisation_id, run_id)


@shared_task(name="aldia.night", ignore_result=True)
def help_night(organisation_id: int, run_id: int) -> None:
    """Live the parts of a night that nobody has in hand; rung late or twice, there are none."""
    strategy.help_run(actor=actors.system(organisation_id), run_id=run_id)


@shared_task(name="aldia.news", ignore_result=True)
def news() -> None:
    """Every few seconds: decide again the cases where something happened."""
    for organisation in access.organisations():
        clock = access.clock_of(organisation, timezone.now())
        with _apart(organisation):
            strategy.decide_news(actor=actors.system(organisation.pk), as_of=clock.as_of, now=clock.now)


@shared_task(name="aldia.lab", ignore_result=True)
def lab() -> None:
    """Every few seconds: answer the simulations that somebody asked for."""
    for organisation in access.organisations():
        with _apart(organisation):
            strategy.answer_simulation(actor=actors.system(organisation.pk), now=timezone.now())


@shared_task(name="aldia.thank", ignore_result=True)
def thank() -> None:
    """Every minute: thank whoever paid since, and give back what was suspended."""
    for organisation in access.organisations():
        clock = access.clock_of(organisation, timezone.now())
        with _apart(organisation):
            strategy.thank(actor=actors.system(organisation.pk), as_of=clock.as_of, now=clock.now)
            contact.restore_services(organisation_id=organisation.pk, now=timezone.now())


@shared_task(name="aldia.digest", ignore_result=True)
def digest() -> None:
    """Every few minutes: tell whoever's hour has come what changed in the day, once the day was lived."""
    for organisation in access.organisations():
        now = timezone.now()
        clock = access.clock_of(organisation, now)
        if strategy.latest_run_on(organisation.pk) == clock.as_of:
            with _apart(organisation):
                actor = actors.system(organisation.pk)
                kpi.send_digest(actor=actor, as_of=clock.as_of, now=clock.now, real_now=now)


@shared_task(name="aldia.seal", ignore_result=True)
def seal() -> None:
    """Every quarter of an hour: seal what was done since."""
    for organisation in access.organisations():
        with _apart(organisation):
            audit.seal(actor=actors.system(organisation.pk), now=timezone.now())


@shared_task(name="aldia.backup", ignore_result=True)
def backup() -> None:
    """Every hour: make the backup of the day when it is due."""
    try:
        keeping.keep_up(now=timezone.now(), folder=keeping.folder_of_backups(), keep=settings.BACKUPS_KEPT)
    except UnableToBackUp:
        log.exception("the backup of the day failed")
