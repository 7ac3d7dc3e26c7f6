"""What strategies propose and a person approves: a late fee, a write-off. Nothing is charged or given up before."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit, formats
from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import services as cases
from aldia.domain.money import Rounding, to_major, to_minor
from aldia.ledger import selectors as ledger
from aldia.ledger import services as books
from aldia.ledger.indexed import NoUnitValue
from aldia.outcomes.charging import CeilingUnknown, fee_ceiling
from aldia.outcomes.legal_charges import switched_on
from aldia.outcomes.models import Task, TaskState
from aldia.outcomes.selectors.proposals import FEE, PROPOSED, WRITE_OFF
from aldia.outcomes.services.tasks import UnknownTask

if TYPE_CHECKING:
    from datetime import date

    from aldia.access.actors import Actor, Clock
    from aldia.ledger.selectors import DocumentLine


class ProposalRefused(Exception):
    """Raised when nothing can be charged or given up any more, when the law does not allow as much, or when another system says the
    balance."""


@transaction.atomic
def approve_proposal(*, actor: Actor, task_id: int, clock: Clock) -> Task:
    """Return the task, done: the fee is charged on what is overdue now, or all that is open now is written off.

    Raises UnknownTask, ProposalRefused, NotAllowed.
    """
    task = _open_proposal(actor, task_id)
    lines = ledger.documents(actor, case_id=task.case_id, as_of=clock.as_of, is_open=True)
    if task.kind != WRITE_OFF:
        _charge(actor, task, [line for line in lines if line.dpd > 0], clock)
    else:
        _write_off(actor, task, lines, clock)
    cases.refresh(actor=actor, case_ids=[task.case_id], as_of=clock.as_of, now=clock.now)
    return _close(actor, task, TaskState.DONE, clock)


@transaction.atomic
def reject_proposal(*, actor: Actor, task_id: int, clock: Clock) -> Task:
    """Return the task, cancelled: nothing changes for the client. Raises UnknownTask, NotAllowed."""
    return _close(actor, _open_proposal(actor, task_id), TaskState.CANCELLED, clock)


def _fee_minor(overdue_minor: int, percent: int, currency: str) -> int:
    """Return so many per cent of an amount, in minor units, halves up."""
    exact = to_major(overdue_minor, currency) * Decimal(percent) / 100
    return to_minor(exact, currency, rounding=Rounding.HALF_UP)


def _open_proposal(actor: Actor, task_id: int) -> Task:
    actor.check(Permission.REVERSE_RECEIPTS)
    rows = Task.objects.of(actor.organisation_id).select_for_update(of=("self",))
    task: Task | None = rows.filter(PROPOSED, pk=task_id, state=TaskState.OPEN).first()
    if task is None:
        raise UnknownTask(_("Esa propuesta no existe o ya está decidida."))
    return task


def _charge(actor: Actor, task: Task, overdue: list[DocumentLine], clock: Clock) -> None:
    """A debit note due today, one a currency: each one is a document like any other."""
    portfolio_id, _creditor_id, _party_id = ledger.account_of(actor, task.case_id)
    portfolio = ledger.portfolio(actor, portfolio_id)
    if portfolio.authority == "EXTERNAL":
        raise ProposalRefused(
            _("El saldo de esta cartera lo dice otro sistema: carga allí el cargo por mora.")
        )
    if switched_on(portfolio):
        raise ProposalRefused(
            _("Esta cartera ya suma lo que da la ley por cada atraso: no se suma otro cargo.")
        )
    fees = {
        currency: _fee(actor, task, [line for line in overdue if line.currency == currency], clock.as_of)
        for currency in sorted({line.currency for line in overdue})
    }
    rows = [
        {
            "account_id": task.case_id, "source": "aldia", "reference": f"fee:{task.pk}:{currency}", "number": f"MORA-{task.pk}",
            "kind": "debit_note", "issued_on": clock.as_of, "due_on": clock.as_of, "currency": currency, "original_minor": minor,
        }
        for currency, minor in fees.items()
        if minor > 0
    ]  # fmt: skip
    if not rows:
        raise ProposalRefused(_("Ya no hay nada vencido sobre lo que cobrar mora."))
    books.add_documents(
        organisation_id=actor.organisation_id, portfolio_id=portfolio_id, documents=pl.DataFrame(rows),
        declared_on=clock.as_of, posting_source=f"task:{task.pk}", now=clock.now,
    )  # fmt: skip


def _fee(actor: Actor, task: Task, overdue: list[DocumentLine], on: date) -> int:
    """Return the fee on the overdue documents of one currency, in its minor units. Raises ProposalRefused above what the law allows."""
    currency = overdue[0].currency
    asked = _fee_minor(sum(line.open_minor for line in overdue), int(task.kind.removeprefix(FEE)), currency)
    try:
        ceiling = fee_ceiling(actor.organisation_id, task.case_id, overdue, currency=currency, on=on)
    except NoUnitValue as missing:
        raise ProposalRefused(str(missing)) from missing
    except CeilingUnknown as unknown:
        told = {"rule": unknown.rule_id, "unit": unknown.unit}
        raise ProposalRefused(
            _("La norma %(rule)s pone el tope en %(unit)s: calcúlalo y carga el cargo como nota de débito.")
            % told
        ) from unknown
    if ceiling is not None and asked > ceiling.amount_minor:
        locale = access.organisation_of(actor).locale
        most, wanted = (formats.money(minor, currency, locale) for minor in (ceiling.amount_minor, asked))
        told = {"most": most, "rule": ceiling.rule_id, "wanted": wanted}
        raise ProposalRefused(
            _(
                "La ley permite %(most)s de cargo por mora como mucho (%(rule)s) y se piden %(wanted)s: recházalo."
            )
            % told
        )
    return asked


def _write_off(actor: Actor, task: Task, lines: list[DocumentLine], clock: Clock) -> None:
    if not lines:
        raise ProposalRefused(_("Ya no queda saldo que castigar."))
    for line in lines:
        books.write_off(
            actor=actor, document_id=line.id, on=clock.as_of, reason=f"task:{task.pk}", now=clock.now
        )


def _close(actor: Actor, task: Task, state: TaskState, clock: Clock) -> Task:
    task.state, task.finished_at = state, clock.now
    task.save(update_fields=["state", "finished_at"])
    audit.record(
        actor=actor, verb="outcomes.proposal.decide", object_type="task", object_id=task.pk, now=clock.now,
        data={"case": task.case_id, "kind": task.kind, "state": state.value},
    )  # fmt: skip
    return task
