"""A cheque, promissory note or bill through its life: deposited, cleared, bounced with its charge, endorsed, protested, replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access.permissions import Permission
from aldia.domain.instruments import Effect, InstrumentKind, InstrumentState, Move, MoveRefused, checked_move
from aldia.ledger.instruments import stands_alone
from aldia.ledger.services import instruments as paper
from aldia.outcomes import services as outcomes
from aldia.payments.services.consequences import follow
from aldia.payments.services.receipts import ReceiptDraft, register_receipt
from aldia.payments.services.reversing import take_back

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.ledger.models import Instrument

InstrumentDraft = paper.InstrumentDraft
BadInstrument = paper.BadInstrument


class BadMove(Exception):
    """Raised when an instrument may not make a move now; says why."""


@transaction.atomic
def register_instrument(
    *, actor: Actor, case_id: int, draft: InstrumentDraft, clock: Clock, replaces_id: int | None = None
) -> Instrument:
    """Return the new instrument, owed instead of what it covers. With `replaces_id` it takes the place of another one and
    stands for its debts and its bank charge. Raises BadInstrument, BadMove, UnknownDocument of the ledger, NotAllowed.
    """
    if replaces_id is not None:
        old = _moved(actor, replaces_id, "replace", clock.as_of, "")[0]
        if old.document.account_id != case_id:
            raise BadMove(_("El valor que se reemplaza es de otro cliente."))
        if old.state != InstrumentState.BOUNCED:
            paper.uncover(actor=actor, document_id=replaces_id, on=clock.as_of, now=clock.now)
        draft = replace(draft, covers=(*draft.covers, *old.covered, replaces_id))
        paper.set_instrument(
            actor=actor, document_id=replaces_id, state=InstrumentState.REPLACED, on=clock.as_of, now=clock.now,
            details={"replaced_by": draft.number},
        )  # fmt: skip
    row = paper.open_instrument(actor=actor, account_id=case_id, draft=draft, now=clock.now)
    follow(actor=actor, case_ids=[case_id], clock=clock)
    return row


@transaction.atomic
def move_instrument(  # noqa: PLR0913 - what may be told of a move, and nothing more
    *,
    actor: Actor,
    document_id: int,
    move: str,
    on: date,
    clock: Clock,
    code: str = "",
    charge_minor: int = 0,
    to: str = "",
) -> Instrument:
    """Return the instrument after the move, with its effect in the journal: cleared, collected or endorsed it is a receipt;
    bounced or given back, what it covered is owed again, with the bank's charge, and an alarm is left.

    Raises BadMove, UnknownDocument of the ledger, NotAllowed.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    row, made = _moved(actor, document_id, move, on, code)
    if on > clock.as_of:
        raise BadMove(_("Ese día todavía no llegó."))
    if made.effect is Effect.REPLACE:
        raise BadMove(_("Registra el valor que lo reemplaza."))
    receipt_id = row.receipt_id
    if made.effect is Effect.MONEY:
        receipt_id = _money(actor, row, made, on, clock)
    elif made.effect is Effect.COVER:
        row = paper.cover_again(actor=actor, document_id=document_id, on=on, now=clock.now)
    elif made.effect is Effect.REOPEN:
        _reopen(actor, row, made, on, code, charge_minor, clock)
        receipt_id = None
    told = {name: value for name, value in (("code", code), ("holder", to.strip()[:120])) if value}
    row = paper.set_instrument(
        actor=actor,
        document_id=document_id,
        state=made.after,
        on=on,
        now=clock.now,
        details=told,
        receipt_id=receipt_id,
    )
    follow(actor=actor, case_ids=[row.document.account_id], clock=clock)
    return row


@transaction.atomic
def move_instruments(
    *, actor: Actor, document_ids: Sequence[int], move: str, on: date, clock: Clock
) -> tuple[int, list[str]]:
    """Make one move with each of several instruments; return how many made it, and why each other one did not.

    Raises UnknownDocument of the ledger, NotAllowed.
    """
    refused = []
    for document_id in document_ids:
        try:
            with transaction.atomic():
                move_instrument(actor=actor, document_id=document_id, move=move, on=on, clock=clock)
        except (BadMove, BadInstrument) as refusal:
            refused.append(str(refusal))
    return len(document_ids) - len(refused), refused


def _moved(actor: Actor, document_id: int, move: str, on: date, code: str) -> tuple[Instrument, Move]:
    """The instrument and the row of the table. Raises BadMove."""
    row = paper.locked_instrument(actor, document_id)
    document = row.document
    try:
        made = checked_move(
            move,
            InstrumentKind(document.kind),
            InstrumentState(row.state),
            due_on=document.due_on,
            on=on,
            code=code,
            is_debt=stands_alone(row),
        )
    except MoveRefused as refusal:
        texts = {
            "state": _("El valor %(number)s ya no admite ese paso."),
            "before_due": _("El valor %(number)s vence el %(due)s: antes no."),
            "code": _("Di por qué lo devolvió el banco."),
            "is_debt": _("El valor %(number)s es la deuda misma: cóbralo o reemplázalo."),
        }
        told = {"number": document.number, "due": document.due_on.isoformat()}
        raise BadMove(texts[refusal.reason] % told) from refusal
    return row, made


def _money(actor: Actor, row: Instrument, made: Move, on: date, clock: Clock) -> int:
    """It was worth money: a receipt covers the document. Raises BadMove where other money already did."""
    document = row.document
    if document.balance_minor <= 0:
        raise BadMove(_("El valor %(number)s ya no debe nada.") % {"number": document.number})
    receipt = register_receipt(
        actor=actor,
        draft=ReceiptDraft(
            portfolio_id=document.portfolio_id,
            case_id=document.account_id,
            amount_minor=min(document.balance_minor, document.original_minor),
            currency=document.currency,
            on=on,
            means="cheque" if document.kind == InstrumentKind.CHEQUE else "transfer",
            source="instruments",
            reference=f"{made.key}:{document.pk}{paper.turn_of(row)}",
            document_ids=[document.pk],
        ),
        clock=clock,
    )
    return int(receipt.pk)


def _reopen(
    actor: Actor, row: Instrument, made: Move, on: date, code: str, charge_minor: int, clock: Clock
) -> None:
    """It is worth nothing: its money goes back, what it covered is owed again, and the bank's charge with it."""
    document = row.document
    if row.receipt_id is not None:
        take_back(actor=actor, receipt_id=row.receipt_id, reason=code or made.key, on=on, clock=clock)
    paper.uncover(actor=actor, document_id=document.pk, on=on, now=clock.now)
    if charge_minor > 0:
        paper.charge_bank_cost(
            actor=actor, document_id=document.pk, amount_minor=charge_minor, on=on, now=clock.now
        )
    if made.key == "bounce":
        outcomes.raise_alarm(
            actor=actor, case_id=document.account_id, kind="cheque_bounced", subject=f"document:{document.pk}{paper.turn_of(row)}",
            as_of=clock.as_of, now=clock.now,
            data={"number": document.number, "amount_minor": document.original_minor, "currency": document.currency, "reason": code},
        )  # fmt: skip
