"""Reversals: a bounced cheque takes its money back, and the debt is again exactly what it was."""

from collections.abc import Collection, Iterable
from datetime import date

import polars as pl
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.contact import services as contact
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.outcomes import services as outcomes
from aldia.payments.models import Allocation, BankMatch, Receipt, ReceiptState
from aldia.payments.services.allocating import SOURCE, early_reference
from aldia.payments.services.consequences import follow
from aldia.payments.services.lines import reopen
from aldia.payments.services.receipts import locked


class AlreadyReversed(Exception):
    """Raised when the receipt was reversed before."""


class BadReversal(Exception):
    """Raised when a reversal would be dated before its receipt or in the future, or has no reason."""


@transaction.atomic
def reverse_receipt(*, actor: Actor, receipt_id: int, reason: str, on: date, clock: Clock) -> Receipt:
    """Return the receipt, reversed: what it covered is owed again from `on`, and an alarm is left on the case.

    Raises AlreadyReversed, BadReversal, UnknownReceipt, NotAllowed.
    """
    actor.check(Permission.REVERSE_RECEIPTS)
    receipt = take_back(actor=actor, receipt_id=receipt_id, reason=reason, on=on, clock=clock)
    reopen(actor=actor, receipt_id=receipt_id, now=clock.now)
    return receipt


@transaction.atomic
def take_back(
    *, actor: Actor, receipt_id: int, reason: str, on: date, clock: Clock, went_minor: int | None = None
) -> Receipt:
    """Reverse as `reverse_receipt` does, but because a bank said so: no permission is asked, and its bank lines stay decided.

    `went_minor`: how much truly went, for the alarm, where the caller registers the rest again.
    """
    account_id = (
        Receipt.objects.of(actor.organisation_id)
        .filter(pk=receipt_id)
        .values_list("account_id", flat=True)
        .first()
    )
    ledger.lock_accounts(
        organisation_id=actor.organisation_id, account_ids=[account_id] if account_id else []
    )
    receipt = locked(actor, receipt_id)
    _check(receipt, reason, on, clock)
    _undo_allocations(actor, receipt, on, clock)
    for posting_id in _postings_of(actor, receipt):
        ledger.reverse(actor=actor, posting_id=posting_id, on=on, now=clock.now)
    receipt.state, receipt.unapplied_minor = ReceiptState.REVERSED, 0
    receipt.reversed_on, receipt.reversal_reason = on, reason[:60]
    receipt.save(update_fields=["state", "unapplied_minor", "reversed_on", "reversal_reason"])
    audit.record(
        actor=actor, verb="payments.receipt.reverse", object_type="receipt", object_id=receipt.pk, now=clock.now,
        data={"reason": reason[:60], "amount_minor": receipt.amount_minor, "currency": receipt.currency},
    )  # fmt: skip
    if receipt.account_id:
        _unthank(actor, [receipt.account_id], clock)
        follow(actor=actor, case_ids=[receipt.account_id], clock=clock)
        outcomes.raise_alarm(
            actor=actor, case_id=receipt.account_id, kind="receipt_reversed", subject=f"receipt:{receipt.pk}",
            as_of=clock.as_of, now=clock.now,
            data={"amount_minor": went_minor or receipt.amount_minor, "currency": receipt.currency, "reason": receipt.reversal_reason},
        )  # fmt: skip
    return receipt


@transaction.atomic
def reverse_load(*, actor: Actor, load_id: int, clock: Clock) -> int:
    """Reverse every receipt of a load, on each one's own day, and free their references for the next load.

    Return how many. No alarms and no case refresh: the load's undo does that once for all.
    """
    actor.check(Permission.LOAD_FILES)
    rows = (
        Receipt.objects.of(actor.organisation_id).filter(load_id=load_id).exclude(state=ReceiptState.REVERSED)
    )
    keys = list(rows.select_for_update().values_list("pk", "portfolio_id", "account_id"))
    if not keys:
        return 0
    ids = [pk for pk, *_rest in keys]
    _unthank(actor, {account for *_rest, account in keys}, clock)
    allocations = _live_allocations(actor, ids)
    postings = set(allocations["posting_id"])
    for portfolio_id in sorted({portfolio for _pk, portfolio, _account in keys}):
        own = {pk for pk, owner, _account in keys if owner == portfolio_id}
        postings |= _arrivals(actor, portfolio_id, own, allocations)
    reversals = ledger.reverse_frame(
        actor=actor, posting_ids=pl.Series(sorted(postings), dtype=pl.Int64), on=None, now=clock.now
    )
    _write_opposites(actor, allocations, dict(reversals.iter_rows()))
    _reopen_lines(actor, rows, clock)
    rows.update(
        state=ReceiptState.REVERSED, unapplied_minor=0, reversed_on=clock.as_of, reversal_reason="load undone",
        reference=Concat(Substr(F("reference"), 1, 100), Value(f"~{load_id}")),
    )  # fmt: skip
    audit.record(
        actor=actor, verb="payments.load.reverse", object_type="load", object_id=load_id, now=clock.now,
        data={"receipts": len(ids)},
    )  # fmt: skip
    return len(ids)


def _arrivals(actor: Actor, portfolio_id: int, receipt_ids: set[int], allocations: pl.DataFrame) -> set[int]:
    """The postings by which these receipts arrived, found their client, and took something off for paying early."""
    names = [f"receipt:{pk}{end}" for pk in receipt_ids for end in ("", ":identified")]
    pairs = allocations.select("receipt_id", "document_id").unique().iter_rows()
    off = [early_reference(pk, document_id) for pk, document_id in pairs if pk in receipt_ids]
    return {
        posting_id
        for kind, references in (("receipt", names), ("discount", off))
        for posting_id in ledger_selectors.posting_ids(
            actor, portfolio_id=portfolio_id, kind=kind, source=SOURCE, references=references
        )
    }


def _reopen_lines(actor: Actor, receipts: QuerySet[Receipt], clock: Clock) -> None:
    """The bank's lines that these receipts answered wait again for a decision."""
    tied = BankMatch.objects.of(actor.organisation_id).filter(
        receipt__in=receipts, undone_at__isnull=True, amount_minor__gt=0
    )
    for receipt_id in list(tied.values_list("receipt_id", flat=True).distinct()):
        reopen(actor=actor, receipt_id=receipt_id, now=clock.now)


def _unthank(actor: Actor, case_ids: Collection[int | None], clock: Clock) -> None:
    """Thanks that have not left for money that went back do not leave; what else was paid is thanked again for what it is."""
    contact.withdraw_orders(
        actor=actor, case_ids=case_ids, origin=contact.THANKS, reason="reversed", now=clock.now
    )


def _check(receipt: Receipt, reason: str, on: date, clock: Clock) -> None:
    if receipt.state == ReceiptState.REVERSED:
        raise AlreadyReversed(
            _("El cobro %(reference)s ya estaba reversado.") % {"reference": receipt.reference}
        )
    if not receipt.on <= on <= clock.as_of:
        raise BadReversal(
            _("El reverso va entre el día del cobro (%(first)s) y hoy (%(last)s); se recibió %(found)s.")
            % {"first": receipt.on, "last": clock.as_of, "found": on}
        )
    if not reason.strip():
        raise BadReversal(_("Falta el motivo del reverso."))


def _undo_allocations(actor: Actor, receipt: Receipt, on: date, clock: Clock) -> None:
    """Reverse each posting that applied money; never dated before it."""
    live = _live_allocations(actor, [receipt.pk])
    reversals = {}
    for posting_id, posted_on in live.select("posting_id", "on").unique().sort("posting_id").iter_rows():
        posting = ledger.reverse(actor=actor, posting_id=posting_id, on=max(on, posted_on), now=clock.now)
        reversals[posting_id] = posting.pk
    names = [early_reference(receipt.pk, key) for key in live["document_id"].unique().sort()]
    taken_off = ledger_selectors.posting_ids(
        actor, portfolio_id=receipt.portfolio_id, kind="discount", source=SOURCE, references=names
    )
    for posting_id in taken_off:
        ledger.reverse(actor=actor, posting_id=posting_id, on=on, now=clock.now)
    _write_opposites(actor, live.with_columns(on=pl.max_horizontal("on", pl.lit(on))), reversals)


def _live_allocations(actor: Actor, receipt_ids: Iterable[int]) -> pl.DataFrame:
    """Return the allocations of receipts that were not reversed: receipt_id, document_id, posting_id, amount_minor, units_minor,
    rate_id, on."""
    rows = Allocation.objects.of(actor.organisation_id).filter(receipt_id__in=list(receipt_ids))
    columns = ["receipt_id", "document_id", "posting_id", "amount_minor", "units_minor", "rate_id", "on"]
    schema = {**dict.fromkeys(columns[:-1], pl.Int64), "on": pl.Date}
    return pl.DataFrame(list(rows.values_list(*columns)), schema=schema, orient="row")


def _write_opposites(actor: Actor, live: pl.DataFrame, reversals: dict[int, int]) -> None:
    Allocation.objects.bulk_create(
        Allocation(
            organisation_id=actor.organisation_id, receipt_id=row["receipt_id"], document_id=row["document_id"],
            posting_id=reversals[row["posting_id"]], amount_minor=-row["amount_minor"],
            units_minor=None if row["units_minor"] is None else -row["units_minor"], rate_id=row["rate_id"], on=row["on"],
        )
        for row in live.iter_rows(named=True)
    )  # fmt: skip


def _postings_of(actor: Actor, receipt: Receipt) -> list[int]:
    """The postings by which the receipt's money arrived, the last first."""
    names = [f"receipt:{receipt.pk}", f"receipt:{receipt.pk}:identified"]
    found = ledger_selectors.posting_ids(
        actor, portfolio_id=receipt.portfolio_id, kind="receipt", source=SOURCE, references=names
    )
    return found[::-1]
