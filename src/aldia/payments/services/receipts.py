"""Receipts: money arrives once, finds its case, and covers what it can."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.formats import currency_name
from aldia.access.permissions import Permission
from aldia.domain.money import Money, currency_code, is_indexed, money_of
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.payments.models import Receipt, ReceiptState
from aldia.payments.services.allocating import LIVE, apply, receipt_posting
from aldia.payments.services.consequences import follow
from aldia.payments.services.deductions import (
    DeductionDraft,
    check_deductions,
    deduction_legs,
    keep_deductions,
)
from aldia.payments.services.lines import found_owner


class BadReceipt(Exception):
    """Raised when a receipt cannot be: no amount, a day that has not come, a case of another portfolio."""


class DifferentReceipt(Exception):
    """Raised when the reference belongs to a receipt with another amount, currency, day or case."""


class UnknownReceipt(Exception):
    """Raised when the receipt is not of this organisation."""


class AlreadyIdentified(Exception):
    """Raised when a receipt that has its case is given another one."""


@dataclass(frozen=True, slots=True)
class ReceiptDraft:
    """What a receipt says. `amount_minor` is all that the client settles: the money, and the `deductions` (withholdings, bank
    charges) in it. Without case the money waits to be identified; the chosen documents are covered first.
    """

    portfolio_id: int
    case_id: int | None
    amount_minor: int
    currency: str
    on: date
    means: str
    source: str
    reference: str
    document_ids: Sequence[int] | None = None
    note: str = ""
    payer: str = ""
    deductions: Sequence[DeductionDraft] = ()


@transaction.atomic
def register_receipt(*, actor: Actor, draft: ReceiptDraft, clock: Clock) -> Receipt:
    """Return the receipt, applied to the chosen documents first and then by the portfolio's order.

    The same (portfolio, source, reference) again returns the receipt that is there. In a portfolio whose authority is an external
    system the receipt is provisional. Raises BadReceipt, DifferentReceipt, BadDeduction, NothingOpen, NotAllowed, UnknownCurrency of
    `domain.money`.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    draft = replace(draft, currency=currency_code(draft.currency))
    _check(actor, draft, clock)
    case_id = draft.case_id
    ledger.lock_accounts(organisation_id=actor.organisation_id, account_ids=[case_id] if case_id else [])
    receipt, is_new = _insert(_row_of(actor, draft, clock))
    if not is_new:
        return receipt
    keep_deductions(actor, receipt, draft.deductions)
    post_receipt(actor=actor, receipt=receipt, clock=clock, deductions=draft.deductions)
    if case_id:
        apply(actor=actor, receipt=receipt, clock=clock, document_ids=draft.document_ids)
    audit.record(
        actor=actor, verb="payments.receipt.register", object_type="receipt", object_id=receipt.pk, now=clock.now,
        data={
            "amount_minor": receipt.amount_minor, "currency": receipt.currency, "case": case_id,
            "unapplied_minor": receipt.unapplied_minor,
        },
    )  # fmt: skip
    follow(actor=actor, case_ids=[case_id] if case_id else [], clock=clock)
    return receipt


def _row_of(actor: Actor, draft: ReceiptDraft, clock: Clock) -> Receipt:
    portfolio = ledger_selectors.portfolio(actor, draft.portfolio_id)
    return Receipt(
        organisation_id=actor.organisation_id, portfolio_id=draft.portfolio_id, account_id=draft.case_id,
        currency=draft.currency, amount_minor=draft.amount_minor, unapplied_minor=draft.amount_minor, on=draft.on,
        means=draft.means, source=draft.source, reference=draft.reference, payer=draft.payer[:200], text=draft.note[:300],
        recorded_by=actor.label, recorded_at=clock.now,
        state=ReceiptState.PROVISIONAL if portfolio.authority == "EXTERNAL" else ReceiptState.ACTIVE,
    )  # fmt: skip


@transaction.atomic
def identify_receipt(*, actor: Actor, receipt_id: int, case_id: int, clock: Clock) -> Receipt:
    """Return the receipt given to its case and applied there. Raises AlreadyIdentified, UnknownReceipt, BadReceipt."""
    actor.check(Permission.REGISTER_RECEIPTS)
    ledger.lock_accounts(organisation_id=actor.organisation_id, account_ids=[case_id])
    receipt = locked(actor, receipt_id)
    if receipt.account_id is not None or receipt.state not in LIVE:
        raise AlreadyIdentified(
            _("El cobro %(reference)s ya tiene cliente o fue reversado.") % {"reference": receipt.reference}
        )
    _check_case(actor, receipt.portfolio_id, case_id)
    amount, currency = receipt.amount_minor, receipt.currency
    ledger.post(
        actor=actor,
        draft=receipt_posting(
            receipt,
            "receipt",
            f"receipt:{receipt.pk}:identified",
            [
                ledger.LegDraft(ledger.UNIDENTIFIED, "cash", currency, -amount),
                ledger.LegDraft(ledger.UNIDENTIFIED, "unapplied", currency, amount),
                ledger.LegDraft(case_id, "cash", currency, amount),
                ledger.LegDraft(case_id, "unapplied", currency, -amount),
            ],
        ),
        now=clock.now,
    )
    receipt.account_id = case_id
    receipt.save(update_fields=["account"])
    apply(actor=actor, receipt=receipt, clock=clock)
    audit.record(
        actor=actor, verb="payments.receipt.identify", object_type="receipt", object_id=receipt.pk, now=clock.now,
        data={"case": case_id},
    )  # fmt: skip
    party_id = ledger_selectors.account_of(actor, case_id)[2]
    found_owner(actor=actor, receipt=receipt, party_id=party_id, now=clock.now)
    follow(actor=actor, case_ids=[case_id], clock=clock)
    return receipt


def post_receipt(
    *, actor: Actor, receipt: Receipt, clock: Clock, deductions: Sequence[DeductionDraft] = ()
) -> None:
    """Write in the journal that the money arrived: cash and what was deducted against unapplied, on the receipt's day."""
    account_id = receipt.account_id or ledger.UNIDENTIFIED
    cash = receipt.amount_minor - sum(each.amount_minor for each in deductions)
    ledger.post(
        actor=actor,
        draft=receipt_posting(
            receipt,
            "receipt",
            f"receipt:{receipt.pk}",
            [
                ledger.LegDraft(account_id, "cash", receipt.currency, cash),
                *deduction_legs(account_id, receipt.currency, deductions),
                ledger.LegDraft(account_id, "unapplied", receipt.currency, -receipt.amount_minor),
            ],
        ),
        now=clock.now,
    )


def locked(actor: Actor, receipt_id: int) -> Receipt:
    """Return the receipt with its row locked. Raises UnknownReceipt."""
    rows = Receipt.objects.of(actor.organisation_id).select_for_update()
    receipt: Receipt | None = rows.filter(pk=receipt_id).first()
    if receipt is None:
        raise UnknownReceipt(_("No hay un cobro %(id)s en esta organización.") % {"id": receipt_id})
    return receipt


def _insert(draft: Receipt) -> tuple[Receipt, bool]:
    """The new receipt, or the one that has its reference. The constraint decides between two at once."""
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        found = Receipt.objects.of(draft.organisation_id).get(
            portfolio_id=draft.portfolio_id, source=draft.source, reference=draft.reference
        )
        # A receipt that was identified since has a case that the first telling did not know.
        is_same_case = draft.account_id is None or found.account_id == draft.account_id
        told = (draft.amount_minor, draft.currency, draft.on)
        if told != (found.amount_minor, found.currency, found.on) or not is_same_case:
            raise DifferentReceipt(
                _("La referencia %(reference)s ya es de otro cobro: %(kept)s del %(on)s.")
                % {
                    "reference": draft.reference,
                    "kept": Money(found.amount_minor, found.currency),
                    "on": found.on,
                }
            ) from None
        return found, False
    return draft, True


def _check(actor: Actor, draft: ReceiptDraft, clock: Clock) -> None:
    if draft.amount_minor <= 0:
        raise BadReceipt(
            _("El importe de un cobro es mayor que cero; se recibió %(found)s.")
            % {"found": draft.amount_minor}
        )
    if draft.on > clock.as_of:
        raise BadReceipt(_("El cobro es del %(on)s, un día que todavía no llegó.") % {"on": draft.on})
    if not draft.reference.strip():
        raise BadReceipt(_("Falta la referencia del cobro: sin ella se podría registrar dos veces."))
    if draft.case_id:
        _check_case(actor, draft.portfolio_id, draft.case_id)
    if is_indexed(draft.currency):
        raise BadReceipt(
            _("Nadie paga en %(unit)s: registra el cobro en %(money)s y se convierte al valor de su día.")
            % {"unit": currency_name(draft.currency), "money": money_of(draft.currency)}
        )
    check_deductions(draft.deductions, draft.amount_minor, draft.case_id)


def _check_case(actor: Actor, portfolio_id: int, case_id: int) -> None:
    try:
        owner, _creditor, _party = ledger_selectors.account_of(actor, case_id)
    except LookupError as error:
        raise BadReceipt(str(error)) from error
    if owner != portfolio_id:
        raise BadReceipt(_("El caso %(case)s no es de la cartera del cobro.") % {"case": case_id})
