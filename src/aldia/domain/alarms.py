"""Alarms that fire by themselves: pure rules from a case's facts and an organisation's thresholds.

Each alarm has an identity (kind, subject, date it is about), so asking twice makes nothing new.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from aldia.domain.calendars import Calendar
from aldia.domain.labels import Label


class AlarmKind(StrEnum):
    """What an alarm warns of."""

    PROMISE_DUE = "promise_due"
    PROMISE_BROKEN = "promise_broken"
    PLAN_INSTALMENT_MISSED = "plan_instalment_missed"
    NO_CONTACT = "no_contact"
    LARGE_NEW_DEBT = "large_new_debt"
    DISPUTE_UNANSWERED = "dispute_unanswered"
    NEAR_PRESCRIPTION = "near_prescription"
    TASK_OVERDUE = "task_overdue"
    CHEQUE_DUE = "cheque_due"
    PROTEST_DUE = "protest_due"


LABELS: dict[AlarmKind, Label] = {
    AlarmKind.PROMISE_DUE: Label("Promesa por vencer", "Promise due", "Promessa a vencer"),
    AlarmKind.PROMISE_BROKEN: Label("Promesa rota", "Broken promise", "Promessa quebrada"),
    AlarmKind.PLAN_INSTALMENT_MISSED: Label("Cuota de plan sin pagar", "Plan instalment missed", "Parcela do plano em atraso"),
    AlarmKind.NO_CONTACT: Label("Sin contacto hace tiempo", "No contact for a while", "Sem contato há algum tempo"),
    AlarmKind.LARGE_NEW_DEBT: Label("Deuda nueva importante", "Large new debt", "Nova dívida de valor alto"),
    AlarmKind.DISPUTE_UNANSWERED: Label("Disputa sin respuesta", "Unanswered dispute", "Contestação sem resposta"),
    AlarmKind.NEAR_PRESCRIPTION: Label("Documento cerca de prescribir", "Document about to prescribe",
                                       "Documento perto de prescrever"),
    AlarmKind.TASK_OVERDUE: Label("Tarea atrasada", "Overdue task", "Tarefa atrasada"),
    AlarmKind.CHEQUE_DUE: Label("Cheque por depositar", "Cheque due", "Cheque a depositar"),
    AlarmKind.PROTEST_DUE: Label("Pagaré o letra por protestar", "Note or bill to protest", "Promissória ou letra a protestar"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dated:
    """Something with a key, a date that matters, and money where it has any (minor units, ISO currency)."""

    key: str
    on: date
    minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    """What the rules read of one case; every list holds open things only.

    ``disputes`` carry the date an answer is due, ``documents`` the date they prescribe, ``new_debts`` the date they
    were issued, ``notes`` the last day to protest them, ``broken_promises`` and ``missed_instalments`` the date that was not
    kept. ``overdue_since`` is None when
    nothing is overdue: then silence is no alarm.
    """

    case_key: str
    overdue_since: date | None = None
    last_contact_on: date | None = None
    open_promises: tuple[Dated, ...] = ()
    broken_promises: tuple[Dated, ...] = ()
    missed_instalments: tuple[Dated, ...] = ()
    disputes: tuple[Dated, ...] = ()
    tasks: tuple[Dated, ...] = ()
    cheques: tuple[Dated, ...] = ()
    notes: tuple[Dated, ...] = ()
    documents: tuple[Dated, ...] = ()
    new_debts: tuple[Dated, ...] = ()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """An organisation's settings. ``large_debt_minor`` is per currency; a currency without one never alarms."""

    promise_days_ahead: int = 0
    no_contact_days: int = 15
    large_debt_minor: dict[str, int] = field(default_factory=dict)
    new_debt_days: int = 3
    prescription_days_ahead: int = 90
    task_overdue_days: int = 1
    cheque_business_days_ahead: int = 1
    protest_business_days_ahead: int = 5
    calendar: Calendar = field(default_factory=Calendar)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A warning about one subject; ``about_on`` is the date it is about and part of its identity."""

    kind: AlarmKind
    case_key: str
    subject: str
    about_on: date
    days: int
    minor: int = 0
    currency: str = ""

    @property
    def identity(self) -> tuple[str, str, str, date]:
        """The same warning has the same identity on every day that it holds."""
        return (self.kind.value, self.case_key, self.subject, self.about_on)


def due_alarms(facts: AlarmFacts, thresholds: Thresholds, as_of: date) -> tuple[Alarm, ...]:
    """Every alarm that holds for the case on that day, in the order of AlarmKind, then by subject.

    ``days`` counts from the date the alarm is about: negative while it is still to come.
    """
    return tuple(alarm for rule in _RULES for alarm in rule(facts, thresholds, as_of))


def _alarms(kind: AlarmKind, facts: AlarmFacts, things: Iterable[Dated], as_of: date) -> Iterator[Alarm]:
    for thing in sorted(things, key=lambda one: (one.on, one.key)):
        days = (as_of - thing.on).days
        yield Alarm(kind, facts.case_key, thing.key, thing.on, days, thing.minor, thing.currency)


def _promise_due(facts: AlarmFacts, limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    horizon = as_of + timedelta(days=limits.promise_days_ahead)
    due = (promise for promise in facts.open_promises if as_of <= promise.on <= horizon)
    return _alarms(AlarmKind.PROMISE_DUE, facts, due, as_of)


def _promise_broken(facts: AlarmFacts, _limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    return _alarms(AlarmKind.PROMISE_BROKEN, facts, (p for p in facts.broken_promises if p.on < as_of), as_of)


def _instalment_missed(facts: AlarmFacts, _limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    missed = (part for part in facts.missed_instalments if part.on < as_of)
    return _alarms(AlarmKind.PLAN_INSTALMENT_MISSED, facts, missed, as_of)


def _no_contact(facts: AlarmFacts, limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    """Silence counts from the last contact or from falling overdue, whichever is later."""
    if facts.overdue_since is None:
        return iter(())
    since = max(facts.overdue_since, facts.last_contact_on or facts.overdue_since)
    silent = [Dated(facts.case_key, since)] if (as_of - since).days >= limits.no_contact_days else []
    return _alarms(AlarmKind.NO_CONTACT, facts, silent, as_of)


def _large_new_debt(facts: AlarmFacts, limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    def is_large(debt: Dated) -> bool:
        least = limits.large_debt_minor.get(debt.currency)
        return (
            least is not None and debt.minor >= least and 0 <= (as_of - debt.on).days <= limits.new_debt_days
        )

    return _alarms(AlarmKind.LARGE_NEW_DEBT, facts, filter(is_large, facts.new_debts), as_of)


def _dispute_unanswered(facts: AlarmFacts, _limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    return _alarms(AlarmKind.DISPUTE_UNANSWERED, facts, (d for d in facts.disputes if d.on < as_of), as_of)


def _near_prescription(facts: AlarmFacts, limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    """From so many days ahead, and for ever after: a debt that prescribed is still worth knowing."""
    horizon = as_of + timedelta(days=limits.prescription_days_ahead)
    return _alarms(AlarmKind.NEAR_PRESCRIPTION, facts, (d for d in facts.documents if d.on <= horizon), as_of)


def _task_overdue(facts: AlarmFacts, limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    late = (task for task in facts.tasks if (as_of - task.on).days >= limits.task_overdue_days)
    return _alarms(AlarmKind.TASK_OVERDUE, facts, late, as_of)


def _cheque_due(facts: AlarmFacts, limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    """Counted in business days, so that Monday's cheque alarms on Friday."""
    horizon = limits.calendar.add_business_days(as_of, limits.cheque_business_days_ahead)
    return _alarms(
        AlarmKind.CHEQUE_DUE, facts, (cheque for cheque in facts.cheques if cheque.on <= horizon), as_of
    )


def _protest_due(facts: AlarmFacts, limits: Thresholds, as_of: date) -> Iterator[Alarm]:
    """In business days before the last one to protest, and while it is news that nobody did."""
    horizon = limits.calendar.add_business_days(as_of, limits.protest_business_days_ahead)
    return _alarms(AlarmKind.PROTEST_DUE, facts, (note for note in facts.notes if note.on <= horizon), as_of)


_Rule = Callable[[AlarmFacts, Thresholds, date], Iterator[Alarm]]
_RULES: tuple[_Rule, ...] = (
    _promise_due,
    _promise_broken,
    _instalment_missed,
    _no_contact,
    _large_new_debt,
    _dispute_unanswered,
    _near_prescription,
    _task_overdue,
    _cheque_due,
    _protest_due,
)
