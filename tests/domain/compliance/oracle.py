"""A second, slow and simple reading of every country's law, written by hand from the statutes' summaries.

It shares no code with the gate: hours are tables, limits are loops over the log, time moves minute by minute.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

WORKDAYS, SATURDAY, EVERY_DAY = range(5), (5,), range(7)
SPOKEN, WRITTEN = ("call", "visit"), ("sms", "whatsapp", "email")
REMOTE = ("call", *WRITTEN)


@dataclass(frozen=True)
class Entry:
    channel: str
    at: datetime
    contact: bool
    inbound: bool
    creditor: str
    debt: str


Hours = tuple[tuple[Sequence[str], Sequence[int], int, int], ...]
Refuses = Callable[[str, date, Sequence[tuple[date, Entry]]], bool]


def never(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    return False


def colombia(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    for on, entry in log:
        if entry.creditor != "c1" or entry.inbound or not entry.contact:
            continue
        if on == day:
            return True
        if on.isocalendar()[:2] == day.isocalendar()[:2] and entry.channel != channel:
            return True
    return channel == "visit"


def chile(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    ours = [(on, entry) for on, entry in log if entry.creditor == "c1" and not entry.inbound]
    week = [day - timedelta(days=back) for back in range(7)]
    if channel in SPOKEN:
        return any(on in week and entry.channel in SPOKEN and entry.contact for on, entry in ours)
    written = [on for on, entry in log if entry.creditor == "c1" and entry.channel not in SPOKEN]
    sent = [on for on, entry in ours if entry.channel not in SPOKEN]
    return sum(on in week for on in sent) >= 2 or any(on in written for on in week[:2])


def united_states(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    if channel != "call":
        return False
    week = [day - timedelta(days=back) for back in range(7)]
    calls = [
        (on, entry) for on, entry in log if on in week and entry.channel == "call" and entry.debt == "d1"
    ]
    return sum(not entry.inbound for _, entry in calls) >= 7 or any(entry.contact for _, entry in calls)


def _ours(log: Sequence[tuple[date, Entry]], channels: Sequence[str], days: Sequence[date]) -> list[Entry]:
    """What we did towards this creditor's money, by these channels on these days."""
    return [
        entry for on, entry in log
        if entry.creditor == "c1" and not entry.inbound and entry.channel in channels and on in days
    ]  # fmt: skip


def paraguay(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    if channel == "letter":
        return False
    if len(_ours(log, (*SPOKEN, *WRITTEN), [day - timedelta(days=back) for back in range(7)])) >= 3:
        return True
    if channel == "visit":
        return False
    has_answered = False
    for on, entry in sorted(log, key=lambda line: line[1].at):
        if on != day or entry.creditor != "c1" or entry.channel not in REMOTE:
            continue
        if has_answered and entry.contact and not entry.inbound:
            return True
        has_answered = has_answered or entry.inbound or entry.contact
    return False


def ecuador(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    return channel != "letter" and bool(_ours(log, (*SPOKEN, *WRITTEN), [day]))


def panama(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    days = [day - timedelta(days=back) for back in range({"call": 1, "visit": 7}.get(channel, 0))]
    return any(entry.contact for entry in _ours(log, (channel,), days))


def guatemala(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    return channel in REMOTE and len(_ours(log, REMOTE, [day])) >= 2


def dominican_republic(channel: str, day: date, log: Sequence[tuple[date, Entry]]) -> bool:
    about = [entry for entry in _ours(log, REMOTE, [day]) if entry.debt == "d1"]
    return channel in REMOTE and len(about) >= 5


@dataclass(frozen=True)
class Law:
    country: str
    region: str | None
    zone: str
    debt: str
    actor: str
    hours: Hours
    open_on_holidays: Sequence[str]
    refuses: Refuses = never


LETTERS = (("letter",), EVERY_DAY, 0, 24 * 60)
LENDER = ("consumer_credit", "creditor")
OWN_VISITS = (
    (("visit",), WORKDAYS, 8 * 60, 20 * 60),
    (("visit",), SATURDAY, 9 * 60, 14 * 60),
)  # our own prudence


def _hours(closes: int, saturday: tuple[int, int] | None, *, opens: int = 8, visits: Hours = ()) -> Hours:
    """Workdays from one hour to another, a Saturday of its own or none; without hours of their own, visits as the rest."""
    channels = REMOTE if visits else (*SPOKEN, *WRITTEN)
    week: Hours = ((channels, WORKDAYS, opens * 60, closes * 60),)
    if saturday is not None:
        week = (*week, (channels, SATURDAY, saturday[0] * 60, saturday[1] * 60))
    return (*week, *visits, LETTERS)


LAWS = (
    Law("MX", "MX-CMX", "America/Mexico_City", "financial", "collection_agency", (
        ((*SPOKEN, *WRITTEN), WORKDAYS, 7 * 60, 22 * 60), LETTERS,
    ), ("letter",)),
    Law("CO", None, "America/Bogota", "consumer_credit", "creditor", (
        ((*SPOKEN, *WRITTEN, "letter"), WORKDAYS, 7 * 60, 19 * 60),
        ((*SPOKEN, *WRITTEN, "letter"), SATURDAY, 8 * 60, 15 * 60),
    ), (), colombia),
    Law("CL", "CL-RM", "America/Santiago", "consumer_credit", "creditor", (
        ((*SPOKEN, *WRITTEN), range(6), 8 * 60, 20 * 60), LETTERS,
    ), ("letter",), chile),
    Law("PE", None, "America/Lima", "consumer_credit", "creditor", (
        ((*SPOKEN, *WRITTEN), WORKDAYS, 7 * 60, 20 * 60), LETTERS,
    ), ("letter",)),
    Law("AR", "AR-C", "America/Argentina/Buenos_Aires", "consumer", "creditor", (
        ((*SPOKEN, *WRITTEN), WORKDAYS, 8 * 60, 20 * 60), ((*SPOKEN, *WRITTEN), SATURDAY, 8 * 60, 12 * 60), LETTERS,
    ), ("letter",)),
    Law("BR", "BR-RJ", "America/Sao_Paulo", "consumer_credit", "creditor", (
        (("call",), WORKDAYS, 9 * 60, 19 * 60),
        (("visit", *WRITTEN), WORKDAYS, 8 * 60, 20 * 60),
        (("visit", *WRITTEN), SATURDAY, 8 * 60, 14 * 60),
        LETTERS,
    ), ("letter",)),
    Law("ES", "ES-MD", "Europe/Madrid", "commercial", "creditor", (
        ((*SPOKEN, "sms", "whatsapp"), WORKDAYS, 9 * 60, 21 * 60), (("email",), EVERY_DAY, 7 * 60, 22 * 60), LETTERS,
    ), ("email", "letter")),
    Law("US", "US-CA", "America/Los_Angeles", "consumer_credit", "collection_agency", (
        ((*SPOKEN, *WRITTEN), EVERY_DAY, 8 * 60, 21 * 60), LETTERS,
    ), (*SPOKEN, *WRITTEN, "letter"), united_states),
    Law("UY", None, "America/Montevideo", *LENDER, _hours(20, (9, 13)), ("letter",)),
    Law("PY", None, "America/Asuncion", *LENDER, _hours(18, (8, 12)), ("letter",), paraguay),
    Law("BO", None, "America/La_Paz", *LENDER, _hours(19, (9, 13)), ("letter",)),
    Law("EC", None, "America/Guayaquil", *LENDER, _hours(20, None, opens=7), ("letter",), ecuador),
    Law("PA", None, "America/Panama", *LENDER, _hours(18, (8, 15)), ("letter",), panama),
    Law("CR", None, "America/Costa_Rica", *LENDER, _hours(18, (8, 12)), ("letter",)),
    Law("GT", None, "America/Guatemala", *LENDER, _hours(18, None, visits=OWN_VISITS), ("letter",), guatemala),
    Law("SV", None, "America/El_Salvador", *LENDER, _hours(18, None, visits=OWN_VISITS), ("letter",)),
    Law("DO", None, "America/Santo_Domingo", *LENDER, _hours(20, (9, 13), opens=7, visits=OWN_VISITS), ("letter",),
        dominican_republic),
    Law("GB", None, "Europe/London", *LENDER, _hours(21, (9, 17)), ("letter",)),
    # A member state without a pack of its own: the Union's floor, which sets no hours, so our prudence.
    Law("FR", None, "Europe/Paris", *LENDER, (
        ((*SPOKEN, "sms", "whatsapp"), WORKDAYS, 8 * 60, 20 * 60),
        ((*SPOKEN, "sms", "whatsapp"), SATURDAY, 9 * 60, 14 * 60),
        (("email",), EVERY_DAY, 7 * 60, 22 * 60),
        LETTERS,
    ), ("email", "letter")),
)  # fmt: skip


def is_lawful(
    law: Law, channel: str, at: datetime, log: Sequence[Entry], holidays: Callable[[date], bool]
) -> bool:
    """Whether an act is lawful at that instant after everything in the log."""
    zone = ZoneInfo(law.zone)
    local = at.astimezone(zone)
    if holidays(local.date()) and channel not in law.open_on_holidays:
        return False
    minute = local.hour * 60 + local.minute
    if not any(
        channel in channels and local.weekday() in days and begin <= minute < end
        for channels, days, begin, end in law.hours
    ):
        return False
    return not law.refuses(
        channel, local.date(), [(entry.at.astimezone(zone).date(), entry) for entry in log]
    )


def first_lawful_minute(
    law: Law, channel: str, at: datetime, log: Sequence[Entry], holidays: Callable[[date], bool], days: int
) -> datetime | None:
    """The first lawful minute from an instant on, tried one by one; None within that many days."""
    instant = at.astimezone(UTC)
    refused: dict[date, bool] = {}
    zone = ZoneInfo(law.zone)
    for _ in range(days * 24 * 60):
        day = instant.astimezone(zone).date()
        if day not in refused:
            on_clock = [(entry.at.astimezone(zone).date(), entry) for entry in log]
            refused[day] = law.refuses(channel, day, on_clock)
        if not refused[day] and is_lawful(law, channel, instant, (), holidays):
            return instant
        instant += timedelta(minutes=1)
    return None
