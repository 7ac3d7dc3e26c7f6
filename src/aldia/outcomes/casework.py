"""What this room tells the case below it: its next step, its pauses, and the mirror of what was promised or disputed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.cases import services as cases
from aldia.domain.calendars import Calendar
from aldia.outcomes.models import Dispute, DisputeState, Promise, PromiseState
from aldia.outcomes.terms import working_calendar

_MIRRORED: Final = {
    PromiseState.OPEN: "open", PromiseState.KEPT: "kept", PromiseState.PARTIAL: "broken", PromiseState.BROKEN: "broken",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """One case while something is decided on it: the locked case, its working days, the settings and zone of its house."""

    case: Any
    calendar: Calendar
    settings: dict[str, Any]
    zone: ZoneInfo
    language: str
    locale: str


def work_on(actor: Actor, case_id: int, clock: Clock) -> Work:
    """Return the case, locked, with what is needed to work on it.

    Raises UnknownCase of `cases`, and NotAllowed for who is neither staff that works cases nor the debtor of this one.
    """
    case = cases.locked(actor=actor, case_id=case_id)
    check_may_work(actor, case.party_id)
    house = access.organisation_of(actor)
    country = case.portfolio.country or house.country
    calendar = working_calendar(country, access.holidays(actor.organisation_id), clock.as_of)
    return Work(case, calendar, house.settings, ZoneInfo(house.timezone), house.language, house.locale)


def check_may_work(actor: Actor, party_id: int) -> None:
    """Let pass staff that works cases, the system, and the debtor of this very case. Raises NotAllowed."""
    if actor.may(Permission.WORK_CASES):
        return
    actor.check(Permission.ANSWER_AS_DEBTOR)
    if actor.label != f"debtor:{party_id}":
        raise NotAllowed(Permission.ANSWER_AS_DEBTOR)


def pause(actor: Actor, case_id: int, hold: cases.HoldDraft, now: datetime) -> None:
    """Pause the strategy for a case or one document."""
    cases.place_hold(actor=actor, case_id=case_id, hold=hold, now=now)


def resume(actor: Actor, source: str, now: datetime) -> None:
    """End the pauses that a promise, plan, dispute or outcome placed."""
    cases.release_holds_of(actor=actor, source=source, now=now)


def plan_next(
    actor: Actor, case_id: int, text: str, on: date, now: datetime, at: datetime | None = None
) -> None:
    """Leave the case's next step."""
    cases.set_next_step(actor=actor, case_id=case_id, text=text, on=on, at=at, now=now)


def mirror(actor: Actor, case_id: int, as_of: date) -> None:
    """Copy to the case the state of its latest promise and whether a dispute is open."""
    state, due_on = _latest_promise(actor.organisation_id, case_id)
    has_dispute = (
        Dispute.objects.of(actor.organisation_id).filter(case_id=case_id, state=DisputeState.OPEN).exists()
    )
    cases.set_commitments(
        actor=actor,
        case_id=case_id,
        as_of=as_of,
        promise_state=state,
        promise_due_on=due_on,
        has_dispute=has_dispute,
    )


def _latest_promise(organisation_id: int, case_id: int) -> tuple[str, date | None]:
    """The next one due while any is open, else the last decided; cancelled ones never counted."""
    rows = Promise.objects.of(organisation_id).filter(case_id=case_id).exclude(state=PromiseState.CANCELLED)
    latest = rows.filter(state=PromiseState.OPEN).order_by("due_on", "pk").first()
    latest = latest or rows.order_by("-decided_on", "-pk").first()
    return (_MIRRORED[PromiseState(latest.state)], latest.due_on) if latest else ("none", None)
