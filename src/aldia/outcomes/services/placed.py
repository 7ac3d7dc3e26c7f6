"""What agencies did in the cases placed with them: logged as any outcome of the house, and the alarm of the one that tells nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.cases import selectors as case_reads
from aldia.cases import services as cases
from aldia.outcomes.models import Alarm, Outcome
from aldia.outcomes.services.alarms import raise_alarm_frame
from aldia.outcomes.services.effects import OutcomeRefused
from aldia.outcomes.services.saving import OutcomeDraft, log_outcome

if TYPE_CHECKING:
    from aldia.outcomes.models import Outcome as OutcomeRow

SILENT: Final = "agency_silent"
RINGING: Final = ("open", "seen")
OLDEST: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that an agency did: in which case, when, by which channel, with which outcome and its answers.

    `client_id` is its identity for ever: the same activity again is the one that is there.
    """

    case_id: int
    at: datetime
    channel: str
    type_key: str
    answers: Mapping[str, Any]
    client_id: str


@transaction.atomic
def log_activity(*, actor: Actor, activity: Activity, clock: Clock) -> tuple[OutcomeRow, bool]:
    """Return the outcome of an activity, with its effects, and whether it is new. It ends the alarm of the agency's silence.

    Raises OutcomeRefused, UnknownCase where the case is not placed with the actor's agency, NotAllowed.
    """
    actor.check(Permission.WORK_PLACED)
    agency_id = cases.placed_with(actor=actor, case_id=activity.case_id)
    known = Outcome.objects.of(actor.organisation_id).filter(client_id=activity.client_id).first()
    if known is not None:
        return known, False
    if not clock.now - OLDEST <= activity.at <= clock.now:
        raise OutcomeRefused(
            {"at": _("Una actividad se cuenta después de hecha, y a lo sumo 90 días después.")}
        )
    row = log_outcome(
        actor=_as_staff(actor),
        case_id=activity.case_id,
        draft=OutcomeDraft(
            type_key=activity.type_key,
            channel=activity.channel,
            answers=activity.answers,
            client_id=activity.client_id,
        ),
        clock=_clock_of(actor, activity.at, clock),
    )
    cases.record_activity(actor=actor, case_id=activity.case_id, at=activity.at)
    _end_silence(actor, agency_id, clock)
    return row, True


def _end_silence(actor: Actor, agency_id: int, clock: Clock) -> None:
    """An agency that tells something is silent no more. Its states named, the inbox's index finds the few silences that still ring,
    and only their keys are looked into: this runs with every activity."""
    ringing = Alarm.objects.of(actor.organisation_id).filter(state__in=RINGING, kind=SILENT)
    ringing.filter(key__contains=f":agency:{agency_id}:").update(state="resolved", resolved_at=clock.now)


@transaction.atomic
def raise_silences(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Raise, once for each silence, the alarm of every agency that has told nothing for longer than agreed: in its largest case, to
    who answers for it. Return how many are new."""
    mine = Alarm.objects.of(actor.organisation_id).filter(kind=SILENT)
    new = [
        (each.case_id, SILENT, subject, each.owner_id)
        for each in case_reads.silent_agencies(actor, as_of=as_of)
        if not mine.filter(key__endswith=f":{(subject := _subject(each))}").exists()
    ]
    schema = {"case_id": pl.Int64, "kind": pl.String, "subject": pl.String, "owner_id": pl.Int64}
    return (
        raise_alarm_frame(
            actor=actor, alarms=pl.DataFrame(new, schema=schema, orient="row"), as_of=as_of, now=now
        )
        if new
        else 0
    )


def _subject(silence: case_reads.Silence) -> str:
    return f"agency:{silence.team_id}:{silence.since_on.isoformat()}"


def _as_staff(actor: Actor) -> Actor:
    """The agency's own person, for whom the case was found to be placed, writing what staff writes."""
    return Actor(
        actor.organisation_id,
        actor.label,
        actor.role,
        actor.user_id,
        permissions=frozenset({Permission.WORK_CASES}),
    )


def _clock_of(actor: Actor, at: datetime, clock: Clock) -> Clock:
    """The business day and instant of what was done; today's, the clock itself."""
    zone = ZoneInfo(access.organisation_of(actor).timezone)
    on = at.astimezone(zone).date()
    return Clock(min(on, clock.as_of), at)
