"""Alarms: raised by the rules for every case at once, or by one event; once per key for ever; gone when their cause goes."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases.facts import partitions
from aldia.db.frames import Rows, known_among, update_from_frame, write_frame
from aldia.db.locks import named_lock
from aldia.db.pace import paced
from aldia.db.partitions import Partition
from aldia.domain import alarms as rules
from aldia.engine.alarms import ALARMS, due_alarms
from aldia.outcomes.facts.alarm_facts import alarm_inputs
from aldia.outcomes.facts.open_alarms import open_alarm_frame
from aldia.outcomes.models import Alarm
from aldia.outcomes.terms import thresholds, working_calendar

RULE: Final = "rule"
EVENT: Final = "event"
_STATES: Final = ("seen", "resolved")
_HOLDERS: Final[dict[str, Any]] = {"case_id": pl.Int64, "holder_id": pl.Int64}
_OWNERS: Final[dict[str, Any]] = {"case_id": pl.Int64, "subject": pl.String, "owner_id": pl.Int64}
_EVENT_KEY: Final = pl.format(f"{EVENT}:{{}}:{{}}:{{}}", "kind", "case_id", "subject").str.slice(0, 200)
LONGEST_SILENCE: Final = timedelta(days=90)


class UnknownAlarm(LookupError):
    """There is no such alarm in this organisation."""


class AlarmRefused(ValueError):
    """An alarm cannot be postponed to that day, or given to that person."""


def raise_alarms(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Raise every alarm that the rules find that day and nobody raised before; return how many were new.

    Those of the rules whose cause is gone are resolved. In short transactions, since it is never late to repeat: the same
    day again raises what is missing. The thresholds are `organisation.settings["alarms"]`.
    """
    house = access.organisation_of(actor)
    calendar = working_calendar(house.country, access.holidays(house.pk), as_of)
    limits, timezone, raised, gone = thresholds(house.settings, calendar), ZoneInfo(house.timezone).key, 0, 0
    for partition in partitions(house.pk, has_closed=True):
        told = alarm_inputs(house.pk, as_of=as_of, limits=limits, timezone=timezone, partition=partition)
        due = _keyed(due_alarms(told.heads, told.things, limits, as_of=as_of), told.heads, told.things)
        new = due.join(_known(due, house.pk), on="key", how="anti", maintain_order="left")
        raised += sum(_raise(part, house.pk, now) for part in paced(new))
        gone += _resolve(due, house.pk, partition, now)
    if raised or gone:
        with transaction.atomic():
            audit.record(actor=actor, verb="outcomes.alarms.raise", object_type="organisation", object_id=house.pk, now=now,
                         data={"as_of": as_of.isoformat(), "raised": raised, "resolved": gone})  # fmt: skip
    return raised


def _raise(due: pl.DataFrame, organisation_id: int, now: datetime) -> int:
    """Write those that nobody raised meanwhile, inside a transaction; return how many."""
    with named_lock("outcomes.alarms", organisation_id):
        new = due.join(_known(due, organisation_id), on="key", how="anti", maintain_order="left")
        return write_frame(Alarm, _rows(new, organisation_id, now))


def raise_alarm(
    *,
    actor: Actor,
    case_id: int,
    kind: str,
    subject: str,
    as_of: date,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> Alarm:
    """Return the alarm of something that happened (a bounced cheque, a step of a strategy): once per kind, case and subject."""
    return _once(
        actor,
        f"{EVENT}:{kind}:{case_id}:{subject}",
        case_id,
        kind,
        as_of,
        now,
        {"subject": subject, **(data or {})},
    )


def raise_alarm_frame(*, actor: Actor, alarms: pl.DataFrame, as_of: date, now: datetime) -> int:
    """Raise the alarms (case_id, kind, subject, owner_id; minor and currency where they tell money), whose keys are as
    `raise_alarm` makes them; return how many are new. Call it inside the transaction that decides them, which keeps the audit."""
    return write_frame(Alarm, _told_once(alarms, actor, as_of, now).drop("party_id", strict=False))


def keep_alarms(*, actor: Actor, kind: str, standing: pl.DataFrame, as_of: date, now: datetime) -> int:
    """Raise what stands of a kind of event today and resolve what no longer does; return how many are new.

    `standing` has what `raise_alarm_frame` asks. What a person resolved stays so. In short transactions: it is never late to repeat.
    """
    with transaction.atomic():
        raised = raise_alarm_frame(actor=actor, alarms=standing, as_of=as_of, now=now)
    keys = standing.select(key=_EVENT_KEY)
    open_now = open_alarm_frame(actor.organisation_id, kind=kind)
    gone = open_now.filter(pl.col("key").str.starts_with(f"{EVENT}:")).join(keys, on="key", how="anti")
    resolved = _resolve_all(gone, now)
    if raised or resolved:
        with transaction.atomic():
            audit.record(actor=actor, verb="outcomes.alarms.raise", object_type="organisation",
                         object_id=actor.organisation_id, now=now,
                         data={"as_of": as_of.isoformat(), "kind": kind, "raised": raised, "resolved": resolved})  # fmt: skip
    return raised


def alarm_rows(*, actor: Actor, alarms: pl.DataFrame, as_of: date, now: datetime) -> Rows:
    """Return what `raise_alarm_frame` would write, ready for it; `alarms` have their party_id too."""
    rows = _told_once(alarms, actor, as_of, now)
    return Rows(Alarm, rows.drop("party_id"), rows["party_id"])


def _told_once(alarms: pl.DataFrame, actor: Actor, as_of: date, now: datetime) -> pl.DataFrame:
    rows = alarms.with_columns(key=_EVENT_KEY).unique("key", maintain_order=True)
    new = rows.join(_known(rows, actor.organisation_id), on="key", how="anti", maintain_order="left")
    told = [name for name in ("subject", "minor", "currency") if name in new.columns]
    return new.drop(told).with_columns(
        on=pl.lit(as_of), data=new.select(pl.struct(told).struct.json_encode()).to_series(),
        organisation_id=pl.lit(actor.organisation_id, pl.Int64), state=pl.lit("open"), raised_at=pl.lit(now),
    )  # fmt: skip


@transaction.atomic
def raise_by_rule(
    *, actor: Actor, alarms: list[rules.Alarm], holder_of_case: dict[int, int], now: datetime
) -> int:
    """Raise now what the rules would raise by night, and return how many were new: for this room's own services."""
    told = [
        (int(one.case_key), one.kind.value, one.subject, one.about_on, one.minor, one.currency)
        for one in alarms
    ]
    due = pl.DataFrame(told, schema=dict(ALARMS), orient="row")
    heads = pl.DataFrame(list(holder_of_case.items()), schema=_HOLDERS, orient="row")
    return _raise(_keyed(due, heads, pl.DataFrame(schema=_OWNERS)), actor.organisation_id, now)


def resolve_alarm_of(*, actor: Actor, case_id: int, kind: str, subject: str, now: datetime) -> None:
    """Resolve the alarm that `raise_alarm` raised of something, since its cause is gone; where there is none, nothing."""
    rows = Alarm.objects.of(actor.organisation_id).filter(key=f"{EVENT}:{kind}:{case_id}:{subject}"[:200])
    rows.exclude(state="resolved").update(state="resolved", resolved_at=now)


@transaction.atomic
def mark_alarm(*, actor: Actor, alarm_id: int, state: str, now: datetime) -> Alarm:
    """Return the alarm, `seen` or `resolved` by a person. Raises UnknownAlarm, ValueError for another state, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    if state not in _STATES:
        raise ValueError(f"an alarm is marked {' or '.join(_STATES)}, found {state!r}")
    alarm: Alarm | None = (
        Alarm.objects.of(actor.organisation_id).select_for_update(of=("self",)).filter(pk=alarm_id).first()
    )
    if alarm is None:
        raise UnknownAlarm(_("Esa alarma no existe."))
    if alarm.state == "resolved":
        return alarm
    alarm.state = state
    alarm.resolved_at = now if state == "resolved" else None
    alarm.save(update_fields=["state", "resolved_at"])
    audit.record(actor=actor, verb=f"outcomes.alarm.{state}", object_type="alarm", object_id=alarm.pk, now=now,
                 data={"case": alarm.case_id})  # fmt: skip
    return alarm


@transaction.atomic
def postpone_alarm(
    *, actor: Actor, alarm_id: int, until_on: date, note: str, as_of: date, now: datetime
) -> Alarm:
    """Return the alarm, silent until a day. Raises UnknownAlarm, AlarmRefused for a day that is not ahead, NotAllowed."""
    if not as_of < until_on <= as_of + LONGEST_SILENCE:
        raise AlarmRefused(
            _("Elige un día de mañana en adelante, a lo sumo %(days)s días.") % {"days": LONGEST_SILENCE.days}
        )
    alarm = _open_alarm(actor, alarm_id)
    alarm.state, alarm.postponed_until_on, alarm.note = "open", until_on, note.strip()[:200]
    alarm.save(update_fields=["state", "postponed_until_on", "note"])
    audit.record(actor=actor, verb="outcomes.alarm.postpone", object_type="alarm", object_id=alarm.pk, now=now,
                 data={"case": alarm.case_id, "until": until_on.isoformat()})  # fmt: skip
    return alarm


@transaction.atomic
def delegate_alarm(*, actor: Actor, alarm_id: int, user_id: int, note: str, now: datetime) -> Alarm:
    """Return the alarm, given to another member, who is told. Raises UnknownAlarm, AlarmRefused, NotAllowed."""
    alarm = _open_alarm(actor, alarm_id)
    if not access.is_member(actor, user_id):
        raise AlarmRefused(_("Esa persona no trabaja aquí."))
    alarm.owner_id, alarm.note, alarm.postponed_until_on = user_id, note.strip()[:200], None
    alarm.save(update_fields=["owner", "note", "postponed_until_on"])
    if user_id != actor.user_id:
        news = access_services.News(
            "alarm", gettext_lazy("Te pasaron una alarma: %(name)s"), f"alarm:{alarm.pk}:{now.isoformat()}", alarm.note,
            f"/alarmas/?alarma={alarm.pk}", {"name": alarm.case.debtor_name},
        )  # fmt: skip
        access_services.notify(actor=actor, user_ids=[user_id], news=news, now=now)
    audit.record(actor=actor, verb="outcomes.alarm.delegate", object_type="alarm", object_id=alarm.pk, now=now,
                 data={"case": alarm.case_id, "to": user_id})  # fmt: skip
    return alarm


def _open_alarm(actor: Actor, alarm_id: int) -> Alarm:
    """The alarm, locked, that nobody resolved."""
    actor.check(Permission.WORK_CASES)
    rows = Alarm.objects.of(actor.organisation_id).select_for_update(of=("self",)).select_related("case")
    alarm: Alarm | None = rows.filter(pk=alarm_id).exclude(state="resolved").first()
    if alarm is None:
        raise UnknownAlarm(_("Esa alarma no existe o ya está resuelta."))
    return alarm


@transaction.atomic
def reopen_alarm(*, actor: Actor, alarm_id: int, now: datetime) -> Alarm:
    """Return the alarm, open as before somebody marked it. Raises UnknownAlarm, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    rows = Alarm.objects.of(actor.organisation_id).select_for_update(of=("self",))
    alarm: Alarm | None = rows.filter(pk=alarm_id).first()
    if alarm is None:
        raise UnknownAlarm(_("Esa alarma no existe."))
    alarm.state, alarm.resolved_at, alarm.postponed_until_on = "open", None, None
    alarm.save(update_fields=["state", "resolved_at", "postponed_until_on"])
    audit.record(actor=actor, verb="outcomes.alarm.reopen", object_type="alarm", object_id=alarm.pk, now=now,
                 data={"case": alarm.case_id})  # fmt: skip
    return alarm


def _once(
    actor: Actor, key: str, case_id: int, kind: str, on: date, now: datetime, data: dict[str, Any]
) -> Alarm:
    alarm: Alarm
    alarm, is_new = Alarm.objects.of(actor.organisation_id).get_or_create(
        organisation_id=actor.organisation_id, key=key[:200],
        defaults={"case_id": case_id, "kind": kind, "on": on, "data": data, "raised_at": now},
    )  # fmt: skip
    if is_new:
        alarm.owner_id = alarm.case.holder_id
        alarm.save(update_fields=["owner"])
        audit.record(actor=actor, verb="outcomes.alarm.raise", object_type="alarm", object_id=alarm.pk, now=now,
                     data={"case": case_id, "kind": kind})  # fmt: skip
    return alarm


def _keyed(due: pl.DataFrame, heads: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """The alarms with their key, and who answers for each: whoever answers for its subject, else for its case."""
    owners = things.filter(pl.col("owner_id").is_not_null()).select("case_id", "subject", "owner_id").unique()
    key = pl.format(
        f"{RULE}:{{}}:{{}}:{{}}:{{}}", "kind", "case_id", "subject", pl.col("on").dt.to_string("%Y-%m-%d")
    )
    return (
        due.join(owners, on=["case_id", "subject"], how="left", maintain_order="left")
        .join(heads.select("case_id", "holder_id"), on="case_id", how="left", maintain_order="left")
        .with_columns(key=key, owner_id=pl.coalesce("owner_id", "holder_id"))
        .unique("key", keep="first", maintain_order=True)
    )


def _rows(new: pl.DataFrame, organisation_id: int, now: datetime) -> pl.DataFrame:
    return new.select(
        "key", "case_id", "kind", "on", "owner_id", data=pl.struct("subject", "minor", "currency").struct.json_encode(),
        organisation_id=pl.lit(organisation_id, pl.Int64), state=pl.lit("open"), raised_at=pl.lit(now),
    )  # fmt: skip


def _known(due: pl.DataFrame, organisation_id: int) -> pl.DataFrame:
    return known_among(Alarm, "key", due["key"], organisation_id=organisation_id)


def _resolve(due: pl.DataFrame, organisation_id: int, partition: Partition, now: datetime) -> int:
    """The rules' alarms of a partition that hold no more are resolved; the ones that events raised wait for a person."""
    standing = open_alarm_frame(organisation_id, partition=partition).filter(
        pl.col("key").str.starts_with(f"{RULE}:")
    )
    return _resolve_all(standing.join(due.select("key"), on="key", how="anti"), now)


def _resolve_all(gone: pl.DataFrame, now: datetime) -> int:
    rows = gone.select("id", state=pl.lit("resolved"), resolved_at=pl.lit(now))
    return sum(
        update_from_frame(Alarm, part, key="id", columns=["state", "resolved_at"]) for part in paced(rows)
    )
