"""Which documents a receipt covers: chosen ones first, then by the portfolio's order; the rest waits unapplied."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.cases.facts import accounts_without_case
from aldia.db.prepared import prepared
from aldia.domain.allocation import Allocation as Given
from aldia.domain.allocation import AllocationOrder, UnknownDocument, allocate
from aldia.domain.loans.indexed import UnitValue, shared
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.ledger.indexed import NoUnitValue, unit_value, units_owed
from aldia.outcomes import services as outcomes
from aldia.payments.choosing import left_over, passes, spread
from aldia.payments.customer_terms import early_discounts
from aldia.payments.models import Allocation, Receipt, ReceiptState
from aldia.payments.services.consequences import follow
from aldia.payments.services.running import post_what_runs

SOURCE = "payments"
"""The source of every posting of this room; references name the receipt by its id."""

LIVE = (ReceiptState.ACTIVE, ReceiptState.PROVISIONAL)


class NothingOpen(Exception):
    """Raised when a document was chosen that has nothing open in the receipt's currency."""


@transaction.atomic
def allocate_unapplied(
    *, actor: Actor, case_id: int, clock: Clock, document_ids: Sequence[int] | None = None
) -> int:
    """Apply the money that waits on a case, oldest receipt first; return how much was applied (minor units, summed over
    receipts of every currency only to say whether something happened). Raises NothingOpen, NotAllowed, and NoUnitValue of the ledger.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    ledger.lock_accounts(organisation_id=actor.organisation_id, account_ids=[case_id])
    applied = 0
    for receipt in _waiting(actor.organisation_id, case_id):
        before = receipt.unapplied_minor
        apply(actor=actor, receipt=receipt, clock=clock, document_ids=document_ids, needs_value=True)
        applied += before - receipt.unapplied_minor
    if applied:
        audit.record(
            actor=actor, verb="payments.unapplied.allocate", object_type="case", object_id=case_id, now=clock.now,
            data={"applied_minor": applied},
        )  # fmt: skip
        follow(actor=actor, case_ids=[case_id], clock=clock)
    return applied


@prepared
def _waiting(organisation_id: int, case_id: int) -> Any:
    rows = Receipt.objects.of(organisation_id).select_for_update().filter(account_id=case_id, state__in=LIVE)
    return rows.filter(unapplied_minor__gt=0).order_by("on", "id")


@transaction.atomic
def apply_credits(*, actor: Actor, case_id: int, currency: str, clock: Clock) -> int:
    """Cover debts with the case's open credit notes, without any receipt; return how much they covered (minor units)."""
    actor.check(Permission.REGISTER_RECEIPTS)
    ledger.lock_accounts(organisation_id=actor.organisation_id, account_ids=[case_id])
    portfolio_id, _creditor, _party = ledger_selectors.account_of(actor, case_id)
    items, issued = ledger_selectors.open_items(actor, case_id=case_id, currency=currency)
    usable = [item for item in items if issued[item.document] <= clock.as_of]
    given = allocate(0, usable, AllocationOrder(nets_credits=True)).items
    if not given:
        return 0
    turn = ledger_selectors.count_postings(
        actor, portfolio_id=portfolio_id, source=SOURCE, reference_start=f"credits:{case_id}:"
    )
    ledger.post(
        actor=actor,
        draft=ledger.PostingDraft(
            portfolio_id=portfolio_id,
            kind="allocation",
            on=clock.as_of,
            source=SOURCE,
            reference=f"credits:{case_id}:{turn + 1}",
            legs=_legs(case_id, currency, given),
        ),
        now=clock.now,
    )
    covered = sum(item.minor for item in given if item.minor > 0)
    audit.record(
        actor=actor, verb="payments.credits.apply", object_type="case", object_id=case_id, now=clock.now,
        data={"covered_minor": covered, "currency": currency},
    )  # fmt: skip
    follow(actor=actor, case_ids=[case_id], clock=clock)
    return covered


def apply(
    *,
    actor: Actor,
    receipt: Receipt,
    clock: Clock,
    document_ids: Sequence[int] | None = None,
    needs_value: bool = False,
) -> None:
    """Allocate the receipt's unapplied money and write it down, what runs on the debt posted first.

    What is owed in an indexed unit is paid at the unit's value of the receipt's day: documents in one that were chosen first, others
    with what is left. Where nobody said that value the money waits and the case rings, or with `needs_value` NoUnitValue of the ledger is
    raised. The account must be locked. Raises NothingOpen.
    """
    account_id = case_of(receipt)
    posted = post_what_runs(actor=actor, account_id=account_id, on=receipt.on, clock=clock)
    in_units = units_owed(actor.organisation_id, account_id, receipt.currency)
    for unit, chosen in passes(in_units, document_ids or ()):
        if receipt.unapplied_minor or not unit:
            try:
                _cover(actor, receipt, clock, chosen, unit)
            except NoUnitValue as missing:
                if needs_value:
                    raise
                _ring(actor, account_id, missing, clock)
    if posted < 0:  # money of an earlier day than the last: what ran since then runs on what is left
        ledger.post_late_interest(actor=actor, account_id=account_id, on=clock.as_of, clock=clock)
    if receipt.on < clock.as_of:  # it may leave less than what the law added since was derived from
        outcomes.post_legal_charges(actor=actor, account_id=account_id, on=clock.as_of, clock=clock)


def _ring(actor: Actor, account_id: int, missing: NoUnitValue, clock: Clock) -> None:
    """The case says which value its money waits for. A load opens its cases afterwards: that night tells what is missing."""
    if accounts_without_case(actor.organisation_id, [account_id]).is_empty():
        outcomes.raise_alarm(
            actor=actor, case_id=account_id, kind="rate_missing", subject=f"{missing.unit} {missing.on}", as_of=clock.as_of,
            now=clock.now, data={"currency": missing.unit},
        )  # fmt: skip


def _cover(actor: Actor, receipt: Receipt, clock: Clock, document_ids: Sequence[int], unit: str) -> None:
    """Cover what is open in the receipt's own currency, or in an indexed unit that its money pays: there, only the chosen documents
    when some are."""
    value = unit_value(actor.organisation_id, unit, receipt.on) if unit else None
    funds = value.to_units(receipt.unapplied_minor) if value else receipt.unapplied_minor
    currency = unit or receipt.currency
    items, issued = ledger_selectors.open_items(actor, case_id=case_of(receipt), currency=currency)
    chosen = [ledger_selectors.document_name(key) for key in document_ids]
    if unit and chosen:
        items = [item for item in items if item.document in chosen]
    try:
        result = spread(
            funds,
            items,
            issued,
            order=ledger_selectors.portfolio(actor, receipt.portfolio_id).order,
            chosen=chosen,
            horizon=max(receipt.on, clock.as_of),
            early=early_discounts(actor, case_id=case_of(receipt), currency=currency, on=receipt.on),
        )
    except UnknownDocument as error:
        raise NothingOpen(
            _("Uno de los documentos elegidos no tiene saldo en la moneda del cobro.")
        ) from error
    left = left_over(receipt.unapplied_minor, result, items, value)
    every = sorted(result.given, key=lambda item: max(receipt.on, issued[item.document]))
    paid = shared(receipt.unapplied_minor - left, [share.minor for share in every])
    _write(actor, receipt, list(zip(every, paid, strict=True)), issued, clock, value)
    _take_off(actor, receipt, currency, result.discounts, clock)
    receipt.unapplied_minor = left
    receipt.save(update_fields=["unapplied_minor"])


def case_of(receipt: Receipt) -> int:
    """Return the case of an identified receipt."""
    if receipt.account_id is None:
        raise ValueError(f"receipt {receipt.pk} has no case yet")
    return int(receipt.account_id)


def receipt_posting(
    receipt: Receipt, kind: str, reference: str, legs: list[ledger.LegDraft], *, on: date | None = None
) -> ledger.PostingDraft:
    """Return a posting of a receipt: on its own day unless another is told."""
    return ledger.PostingDraft(
        portfolio_id=receipt.portfolio_id,
        kind=kind,
        on=on or receipt.on,
        source=SOURCE,
        reference=reference,
        legs=legs,
    )


def early_reference(receipt_id: int, document_id: int) -> str:
    """Return what names the posting of a discount for paying early."""
    return f"receipt:{receipt_id}:early:{document_id}"


def _take_off(
    actor: Actor, receipt: Receipt, currency: str, discounts: Mapping[str, int], clock: Clock
) -> None:
    """Post what the client may take off for having paid early; it goes back with the receipt."""
    for name, minor in sorted(discounts.items()):
        ledger.post(
            actor=actor,
            draft=receipt_posting(
                receipt,
                "discount",
                early_reference(receipt.pk, int(name)),
                [
                    ledger.LegDraft(case_of(receipt), "discount", currency, minor),
                    ledger.LegDraft(case_of(receipt), "receivable", currency, -minor, int(name)),
                ],
            ),
            now=clock.now,
        )


def _write(
    actor: Actor,
    receipt: Receipt,
    given: Sequence[tuple[Given, int]],
    issued: dict[str, date],
    clock: Clock,
    value: UnitValue | None,
) -> None:
    """One posting per day: a document is covered on the receipt's day, or on its own issue day when that is later.

    `given` says what each item gets, and what that takes of the receipt's money: another figure where units were paid.
    """
    turn = Allocation.objects.of(actor.organisation_id).filter(receipt_id=receipt.pk).count()
    for on, part in groupby(given, key=lambda pair: max(receipt.on, issued[pair[0].document])):
        shares = list(part)
        legs = _legs(
            case_of(receipt), value.unit if value else receipt.currency, [share for share, _paid in shares]
        )
        if value:
            legs = _exchanged(legs, receipt.currency, sum(paid for _share, paid in shares))
        posting = ledger.post(
            actor=actor,
            draft=receipt_posting(receipt, "allocation", f"receipt:{receipt.pk}:{turn}", legs, on=on),
            now=clock.now,
        )
        Allocation.objects.bulk_create(
            Allocation(
                organisation_id=actor.organisation_id, receipt_id=receipt.pk, document_id=int(share.document),
                posting_id=posting.pk, amount_minor=paid, on=on, units_minor=share.minor if value else None,
                rate_id=value.key if value else None,
            )
            for share, paid in shares
        )  # fmt: skip
        turn += len(shares)


def _exchanged(legs: Sequence[ledger.LegDraft], money: str, paid_minor: int) -> list[ledger.LegDraft]:
    """The legs of a debt in units, borne by money: it leaves what waits, and the units come from where it goes."""
    in_units, *debts = legs
    account_id = in_units.account_id
    return [
        ledger.LegDraft(account_id, "unapplied", money, paid_minor),
        ledger.LegDraft(account_id, "exchange", money, -paid_minor),
        replace(in_units, book="exchange"),
        *debts,
    ]


def _legs(account_id: int, currency: str, given: Sequence[Given]) -> list[ledger.LegDraft]:
    """Documents are credited with what covers them (credit notes debited); unapplied money bears the sum."""
    applied = sum(share.minor for share in given)
    return [
        ledger.LegDraft(account_id, "unapplied", currency, applied),
        *(
            ledger.LegDraft(
                account_id, "receivable", currency, -share.minor, int(share.document), share.component
            )
            for share in given
        ),
    ]
