"""«Ya pagué»: what a debtor says, kept with its file, the case on hold until somebody matches it or says no."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.cases import services as cases
from aldia.domain.money import currency_code, is_indexed
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger.indexed import NoUnitValue, unit_value
from aldia.payments.models import Receipt, ReportedPayment
from aldia.payments.services.receipts import ReceiptDraft, UnknownReceipt, register_receipt

DAYS_TO_VERIFY = 3
"""How long a reported payment holds the notices, unless the portfolio says otherwise (settings: verify_days)."""


class BadReport(Exception):
    """Raised when a reported payment has no amount, a day that has not come, or an unknown case or file."""


class UnknownReport(Exception):
    """Raised when the reported payment is not of this organisation."""


class AlreadyAnswered(Exception):
    """Raised when somebody answered the reported payment before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """What a debtor says was paid: how much, when, by what `means`, and the file that shows it."""

    amount_minor: int
    currency: str
    paid_on: date
    means: str
    file_id: int | None = None
    note: str = ""


@transaction.atomic
def report_payment(*, actor: Actor, case_id: int, draft: ReportDraft, clock: Clock) -> ReportedPayment:
    """Return what was reported; the case's notices wait until `verify_on`. The same report again is the same row.

    What was told in an indexed unit was paid in money, at the value of its day. Raises BadReport, NotAllowed, and UnknownCurrency of `domain.money`.
    """
    if not (actor.may(Permission.ANSWER_AS_DEBTOR) or actor.may(Permission.WORK_CASES)):
        raise NotAllowed(Permission.ANSWER_AS_DEBTOR)
    portfolio_id = _check(actor, case_id, draft, clock)
    amount_minor, currency = _in_money(actor, draft)
    facts = {
        "case_id": case_id,
        "amount_minor": amount_minor,
        "currency": currency,
        "paid_on": draft.paid_on,
    }
    days = ledger_selectors.portfolio(actor, portfolio_id).settings.get("verify_days", DAYS_TO_VERIFY)
    reported, is_new = ReportedPayment.objects.get_or_create(
        organisation_id=actor.organisation_id, state="open", **facts,
        defaults={
            "means": draft.means[:20], "note": draft.note[:300], "file_id": draft.file_id, "reported_by": actor.label,
            "reported_at": clock.now, "verify_on": clock.as_of + timedelta(days=int(days)),
        },
    )  # fmt: skip
    if is_new:
        hold = cases.HoldDraft(
            kind="reported_payment", starts_on=clock.as_of, ends_on=reported.verify_on,
            reason=_("Pago informado, por verificar"), source=f"reported:{reported.pk}",
        )  # fmt: skip
        cases.place_hold(actor=actor, case_id=case_id, hold=hold, now=clock.now)
        audit.record(
            actor=actor, verb="payments.reported.create", object_type="reported_payment", object_id=reported.pk,
            now=clock.now, data={"case": case_id, "amount_minor": amount_minor, "currency": currency},
        )  # fmt: skip
    return reported


@transaction.atomic
def answer_reported(
    *,
    actor: Actor,
    id: int,  # noqa: A002
    is_received: bool,
    clock: Clock,
    receipt_id: int | None = None,
) -> ReportedPayment:
    """Return the report, matched with a receipt or rejected; its hold ends.

    Received without `receipt_id`: the receipt is registered from what was reported. Raises UnknownReport,
    AlreadyAnswered, UnknownReceipt, NotAllowed and what `register_receipt` raises.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    rows = ReportedPayment.objects.of(actor.organisation_id).select_for_update()
    reported: ReportedPayment | None = rows.filter(pk=id).first()
    if reported is None:
        raise UnknownReport(_("No hay un pago informado %(id)s en esta organización.") % {"id": id})
    if reported.state != "open":
        raise AlreadyAnswered(
            _("Ese pago informado ya tiene respuesta: %(state)s.") % {"state": reported.get_state_display()}
        )
    cases.release_holds_of(actor=actor, source=f"reported:{id}", now=clock.now)
    reported.state = "matched" if is_received else "rejected"
    if is_received:
        reported.receipt = _receipt_of(actor, reported, receipt_id, clock)
    reported.save(update_fields=["state", "receipt"])
    audit.record(
        actor=actor, verb="payments.reported.answer", object_type="reported_payment", object_id=id, now=clock.now,
        data={"is_received": is_received, "receipt": reported.receipt_id},
    )  # fmt: skip
    return reported


def _in_money(actor: Actor, draft: ReportDraft) -> tuple[int, str]:
    """The amount and the currency that were paid."""
    currency = currency_code(draft.currency)
    if not is_indexed(currency):
        return draft.amount_minor, currency
    try:
        value = unit_value(actor.organisation_id, currency, draft.paid_on)
    except NoUnitValue as missing:
        raise BadReport(str(missing)) from missing
    return value.to_currency(draft.amount_minor), value.currency


def _check(actor: Actor, case_id: int, draft: ReportDraft, clock: Clock) -> int:
    """Return the portfolio of the case."""
    if draft.amount_minor <= 0:
        raise BadReport(_("El importe tiene que ser mayor que cero."))
    if draft.paid_on > clock.as_of:
        raise BadReport(_("El pago es del %(on)s, un día que todavía no llegó.") % {"on": draft.paid_on})
    if draft.file_id is not None and not ledger_selectors.has_file(actor, draft.file_id):
        raise BadReport(_("El archivo del comprobante no está."))
    try:
        return ledger_selectors.account_of(actor, case_id)[0]
    except LookupError as error:
        raise BadReport(str(error)) from error


def _receipt_of(actor: Actor, reported: ReportedPayment, receipt_id: int | None, clock: Clock) -> Receipt:
    if receipt_id is not None:
        found: Receipt | None = Receipt.objects.of(actor.organisation_id).filter(pk=receipt_id).first()
        if found is None:
            raise UnknownReceipt(_("No hay un cobro %(id)s en esta organización.") % {"id": receipt_id})
        return found
    portfolio_id, _creditor, _party = ledger_selectors.account_of(actor, reported.case_id)
    return register_receipt(
        actor=actor,
        draft=ReceiptDraft(
            portfolio_id=portfolio_id,
            case_id=reported.case_id,
            amount_minor=reported.amount_minor,
            currency=reported.currency,
            on=reported.paid_on,
            means=reported.means,
            source="reported",
            reference=str(reported.pk),
            note=reported.note,
        ),
        clock=clock,
    )
