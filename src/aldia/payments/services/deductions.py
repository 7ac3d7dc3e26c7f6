"""What clients keep of a payment: withholdings with their certificates, and the bank's charge. All of it settles the debt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.domain.withholdings import BY_KEY
from aldia.ledger import services as ledger
from aldia.outcomes import services as outcomes
from aldia.payments.models import Deduction, ReceiptState

if TYPE_CHECKING:
    from aldia.payments.models import Receipt


BOOK_OF: Final = {key: kind.book.value for key, kind in BY_KEY.items()}
_DAYS: Final = {key: kind.certificate_days if kind.has_certificate else None for key, kind in BY_KEY.items()}


class BadDeduction(ValueError):
    """Raised when a deduction cannot be: an unknown kind, no amount, more than the receipt, or of nobody's receipt."""


class UnknownDeduction(LookupError):
    """Raised when there is no such withholding, or it has its certificate."""


@dataclass(frozen=True, slots=True)
class DeductionDraft:
    """A deduction as it is told; without certificate it stays pending where its kind has one."""

    kind: str
    amount_minor: int
    certificate: str = ""
    certified_on: date | None = None
    file_id: int | None = None


def check_deductions(deductions: Sequence[DeductionDraft], amount_minor: int, case_id: int | None) -> None:
    """Raise BadDeduction for what a receipt cannot have."""
    for each in deductions:
        if each.kind not in BY_KEY:
            raise BadDeduction(_("No conocemos la retención «%(kind)s».") % {"kind": each.kind[:60]})
        if each.amount_minor <= 0:
            raise BadDeduction(_("El importe de una retención es mayor que cero."))
    if sum(each.amount_minor for each in deductions) > amount_minor:
        raise BadDeduction(_("Las retenciones no pueden ser más que lo que se paga."))
    if deductions and case_id is None:
        raise BadDeduction(_("Primero identifica de quién es el cobro: una retención es de un cliente."))


def keep_deductions(actor: Actor, receipt: Receipt, deductions: Sequence[DeductionDraft]) -> None:
    """Keep what was deducted, each with the day by which its certificate should have come."""
    Deduction.objects.bulk_create(
        Deduction(
            organisation_id=actor.organisation_id, receipt=receipt, kind=each.kind, amount_minor=each.amount_minor,
            certificate=each.certificate.strip()[:60], certified_on=each.certified_on, file_id=each.file_id,
            due_on=_due_on(each.kind, receipt.on), recorded_by=actor.label,
        )
        for each in deductions
    )  # fmt: skip


def deduction_frame(actor: Actor, receipts: pl.DataFrame) -> pl.DataFrame:
    """Return what was withheld of many receipts (receipt_id, on, withheld_minor, withheld_kind, certificate), to be written."""
    kept = receipts.filter(pl.col("withheld_minor") > 0)
    days = pl.col("kind").replace_strict(_DAYS, return_dtype=pl.Int64)
    due_on = pl.when(days.is_not_null()).then(pl.col("on") + pl.duration(days=days))
    return kept.select(
        "receipt_id", "certificate", "on", amount_minor="withheld_minor", kind="withheld_kind",
        organisation_id=pl.lit(actor.organisation_id, pl.Int64), recorded_by=pl.lit(actor.label),
    ).with_columns(
        due_on=due_on, certified_on=pl.when(pl.col("certificate") != "").then("on"),
    ).drop("on")  # fmt: skip


def _due_on(kind: str, on: date) -> date | None:
    known = BY_KEY[kind]
    return on + timedelta(days=known.certificate_days) if known.has_certificate else None


def deduction_legs(
    account_id: int, currency: str, deductions: Sequence[DeductionDraft]
) -> list[ledger.LegDraft]:
    """Return the debits of what was deducted; the kind is the component of its leg."""
    return [
        ledger.LegDraft(
            account_id, BY_KEY[each.kind].book.value, currency, each.amount_minor, component=each.kind
        )
        for each in deductions
    ]


@transaction.atomic
def record_certificate(
    *,
    actor: Actor,
    deduction_id: int,
    certificate: str,
    on: date,
    clock: Clock,
    file_id: int | None = None,
) -> Deduction:
    """Return the withholding with its certificate. Raises BadDeduction, UnknownDeduction, NotAllowed."""
    actor.check(Permission.REGISTER_RECEIPTS)
    if not certificate.strip():
        raise BadDeduction(_("Escribe el número del certificado."))
    if on > clock.as_of:
        raise BadDeduction(_("El certificado es de hoy o de antes."))
    rows = Deduction.objects.of(actor.organisation_id).select_for_update()
    row: Deduction | None = rows.filter(pk=deduction_id, certificate="", due_on__isnull=False).first()
    if row is None:
        raise UnknownDeduction(_("Esa retención no existe o ya tiene su certificado."))
    row.certificate, row.certified_on = certificate.strip()[:60], on
    row.file_id = file_id or row.file_id
    row.save(update_fields=["certificate", "certified_on", "file"])
    audit.record(
        actor=actor, verb="payments.certificate.record", object_type="deduction", object_id=row.pk, now=clock.now,
        data={"receipt": row.receipt_id, "kind": row.kind},
    )  # fmt: skip
    outcomes.resolve_alarm_of(
        actor=actor,
        case_id=row.receipt.account_id or 0,
        kind="certificate_missing",
        subject=f"deduction:{row.pk}",
        now=clock.now,
    )
    return row


def remind_certificates(*, actor: Actor, clock: Clock) -> int:
    """Raise the alarm of each certificate whose day has passed; return how many were looked at. Again: nothing new."""
    rows = Deduction.objects.of(actor.organisation_id).filter(
        certificate="", due_on__lt=clock.as_of, receipt__account__isnull=False
    )
    late = list(rows.exclude(receipt__state=ReceiptState.REVERSED).select_related("receipt").order_by("pk"))
    for row in late:
        outcomes.raise_alarm(
            actor=actor, case_id=int(row.receipt.account_id or 0), kind="certificate_missing", subject=f"deduction:{row.pk}",
            as_of=clock.as_of, now=clock.now,
            data={"amount_minor": row.amount_minor, "currency": row.receipt.currency, "kind": row.kind},
        )  # fmt: skip
    return len(late)
