"""Payments that a bank took back: a returned line of a statement, or a refusal that the bank reports (pain.002, CNAB)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.domain.matching import marks_of, squeezed
from aldia.payments.models import BankAccount, BankLine, BankMatch, LineState, Receipt
from aldia.payments.reconciliation import possible_payments
from aldia.payments.services.allocating import LIVE
from aldia.payments.services.lines import keep_match
from aldia.payments.services.reversing import take_back


class NotThatPayment(Exception):
    """Raised when a returned line is given a receipt that it cannot have taken back."""


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """One payment that the bank refused; amount in minor units, None where the file does not say it."""

    reference: str
    amount_minor: int | None
    currency: str
    reason: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Returns:
    """What a report of refusals did: payments reversed, those reversed before, and references of no payment of ours."""

    reversed: int
    same: int
    unknown: list[str]


def take_back_returned(*, actor: Actor, account: BankAccount, clock: Clock) -> int:
    """Reverse the payment behind each returned line that waits, where exactly one can be meant; return how many."""
    rows = BankLine.objects.of(actor.organisation_id).filter(
        bank_account=account,
        state=LineState.WAITING,
        is_returned=True,
        amount_minor__lt=0,
        booked_on__lte=clock.as_of,
    )
    done = 0
    for line in rows.order_by("booked_on", "pk"):
        meant = [receipt for receipt in possible_payments(actor, line) if _says(line, receipt)]
        if len(meant) == 1:
            take_back_line(actor=actor, line_id=line.pk, receipt_id=meant[0].pk, clock=clock)
            done += 1
    return done


@transaction.atomic
def take_back_line(*, actor: Actor, line_id: int, receipt_id: int, clock: Clock) -> BankLine:
    """Return the line, decided: the receipt that it took back is reversed, with the bank's reason. Raises NotThatPayment,
    AlreadyReversed, BadReversal, NotAllowed."""
    actor.check(Permission.REGISTER_RECEIPTS)
    line: BankLine = (
        BankLine.objects.of(actor.organisation_id).select_for_update(of=("self",)).get(pk=line_id)
    )
    meant = {receipt.pk: receipt for receipt in possible_payments(actor, line)}
    if line.state != LineState.WAITING or line.amount_minor >= 0 or receipt_id not in meant:
        raise NotThatPayment(_("Esa devolución ya se decidió, o el cobro elegido no es de ese importe."))
    reason = line.reason or _("Devuelto por el banco")
    take_back(actor=actor, receipt_id=receipt_id, reason=reason, on=line.booked_on, clock=clock)
    keep_match(
        actor=actor,
        line=line,
        receipt=meant[receipt_id],
        minor=line.amount_minor,
        confidence=100,
        reasons=[],
        now=clock.now,
    )
    line.state, line.decided_by, line.decided_at = LineState.RETURNED, actor.label, clock.now
    line.save(update_fields=["state", "decided_by", "decided_at"])
    return line


@transaction.atomic
def take_back_reported(*, actor: Actor, returns: Iterable[ReturnDraft], clock: Clock) -> Returns:
    """Reverse the payments that a bank reports as refused; the same report again changes nothing. Raises NotAllowed."""
    actor.check(Permission.REGISTER_RECEIPTS)
    reversed_count, same, unknown = 0, 0, []
    for draft in returns:
        found = _by_reference(actor, draft)
        live = [receipt for receipt in found if receipt.state in LIVE]
        if len(live) == 1:
            on = min(max(draft.on or clock.as_of, live[0].on), clock.as_of)
            reason = draft.reason or _("Devuelto por el banco")
            take_back(actor=actor, receipt_id=live[0].pk, reason=reason, on=on, clock=clock)
            reversed_count += 1
        elif found and not live:
            same += 1
        else:
            unknown.append(draft.reference or "?")
    return Returns(reversed_count, same, unknown)


def _by_reference(actor: Actor, draft: ReturnDraft) -> list[Receipt]:
    """The receipts with the payment's reference, by their own or by that of their bank line."""
    if not draft.reference:
        return []
    lines = BankMatch.objects.of(actor.organisation_id).filter(
        line__reference=draft.reference, amount_minor__gt=0
    )
    rows = Receipt.objects.of(actor.organisation_id).filter(reference=draft.reference)
    rows = rows | Receipt.objects.of(actor.organisation_id).filter(pk__in=lines.values("receipt_id"))
    if draft.amount_minor is not None:
        rows = rows.filter(amount_minor=draft.amount_minor)
    if draft.currency:
        rows = rows.filter(currency=draft.currency)
    return list(rows.distinct()[:50])


def _says(line: BankLine, receipt: Receipt) -> bool:
    """True when the returned line carries the payment's reference."""
    mark = squeezed(receipt.said)
    return bool(mark) and (
        mark == squeezed(line.reference) or mark in marks_of(f"{line.reference} {line.text}")
    )
