"""Payments online: the intent is written first, the gateway hears of it afterwards, and what truly came becomes one receipt."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.permissions import Permission
from aldia.db.vault import VaultClosed, seal
from aldia.ledger import selectors as ledger
from aldia.outcomes import services as outcomes
from aldia.payments import methods
from aldia.payments.gateways.protocol import Asked, GatewayDown, GatewayRefusal, Told
from aldia.payments.models import Allocation, IntentState, PayIntent, PayMethod, Receipt, ReceiptState
from aldia.payments.running import owed_today
from aldia.payments.services.receipts import ReceiptDraft, register_receipt
from aldia.payments.services.reversing import take_back

_S = IntentState
RANK: Final[dict[str, int]] = {
    _S.CREATED: 0, _S.STARTED: 1, _S.EXPIRED: 2, _S.REFUSED: 3, _S.PAID: 4, _S.REFUNDED: 5, _S.CHARGED_BACK: 6,
}  # fmt: skip
OPEN: Final = (_S.CREATED, _S.STARTED, _S.REFUSED)
LIFE: Final = timedelta(hours=24)  # an intent that nobody ended by then is nobody's
REST: Final = "~"  # between a payment's id and what stayed of it: no gateway writes it in an id
PAUSE: Final = timedelta(minutes=2)  # between two questions about one intent


class PaymentRefused(Exception):
    """Raised when a payment cannot begin: nothing owed, an amount out of bounds, a gateway that says no or nothing."""


@dataclass(frozen=True)
class PayDraft:
    """What somebody wants to pay, and how. `page_of` is the page to come back to, with `{key}` for the intent."""

    method: PayMethod
    amount_minor: int
    currency: str
    page_of: str
    document_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Departure:
    """Where the payer goes now: by GET, or with a form of `fields` where there are any."""

    intent: PayIntent
    url: str
    fields: dict[str, str] = field(default_factory=dict)


def begin_payment(*, actor: Actor, case_id: int, draft: PayDraft, clock: Clock) -> Departure:
    """Return where to pay; the intent is written before the gateway hears of it. Raises PaymentRefused, NotAllowed."""
    actor.check(Permission.ANSWER_AS_DEBTOR)
    method = draft.method
    intent = _intent(actor, case_id, draft, clock)
    address = methods.address_of(method)
    asked = Asked(
        key=intent.key, amount_minor=draft.amount_minor, currency=draft.currency,
        title=ledger.account(actor.organisation_id, case_id).portfolio.creditor.name, notice_url=address,
        return_url=draft.page_of.format(key=intent.key) if method.provider == methods.PRACTICE else f"{address}{intent.key}/",
    )  # fmt: skip
    try:
        begun = methods.gateway_of(method).start(asked)
    except GatewayRefusal as refusal:
        _note(intent, _S.REFUSED, str(refusal))
        raise PaymentRefused(_("Este medio no tomó el pago. Prueba con otro.")) from refusal
    except (GatewayDown, VaultClosed) as error:  # whether it began is not known: it is asked until it expires
        _note(intent, _S.CREATED, str(error))
        raise PaymentRefused(_("Este medio no responde ahora. Prueba con otro o más tarde.")) from error
    PayIntent.objects.of(actor.organisation_id).filter(pk=intent.pk).update(provider_id=begun.id)
    _note(intent, _S.STARTED, "")
    return Departure(intent, begun.url, dict(begun.fields))


@transaction.atomic
def _intent(actor: Actor, case_id: int, draft: PayDraft, clock: Clock) -> PayIntent:
    """The row of an intent, with its key for ever."""
    owed = owed_today(actor, case_id, as_of=clock.as_of)
    total = ledger.total_open(
        [each for each in owed if not draft.document_ids or each.id in draft.document_ids]
    )
    most = total[draft.currency].minor if draft.currency in total else 0
    if not min(draft.method.least_minor, most) <= draft.amount_minor <= most or draft.amount_minor <= 0:
        raise PaymentRefused(
            _("Ese importe no se puede pagar aquí: elige uno entre el mínimo y lo que debes.")
        )
    key = secrets.token_hex(12)
    intent = PayIntent.objects.create(
        organisation_id=actor.organisation_id, method=draft.method, case_id=case_id, key=key, currency=draft.currency,
        amount_minor=draft.amount_minor, document_ids=list(draft.document_ids), back=seal(draft.page_of.format(key=key)), created_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="payments.online.begin", object_type="pay_intent", object_id=intent.pk, now=clock.now,
        data={"amount_minor": draft.amount_minor, "currency": draft.currency, "case": case_id, "provider": draft.method.provider},
    )  # fmt: skip
    return intent


def ask_about(*, intent: PayIntent, real_now: datetime) -> PayIntent:
    """Ask the gateway what became of an intent and follow it; one past its life expires. A silent gateway changes nothing."""
    rows = PayIntent.objects.of(intent.organisation_id).filter(pk=intent.pk)
    rows.update(asked_at=real_now)
    try:
        told = methods.gateway_of(intent.method).look_up(intent.key, intent.provider_id)
    except (GatewayDown, VaultClosed) as error:
        _note(intent, _S.CREATED, str(error))
        told = ()
    return settle(intent=intent, told=told, real_now=real_now)


def ask_open_intents(*, real_now: datetime, limit: int, organisation_id: int | None = None) -> int:
    """Ask about the intents that stay open, and return how many ended. A refused one may be paid yet, while it lives."""
    rows = PayIntent.objects.across_organisations().select_related("method", "organisation")
    if organisation_id:
        rows = rows.filter(organisation_id=organisation_id)
    rows = rows.filter(state__in=OPEN).exclude(asked_at__gt=real_now - PAUSE).order_by("asked_at", "pk")
    return sum(ask_about(intent=each, real_now=real_now).state not in OPEN for each in list(rows[:limit]))


@transaction.atomic
def settle(*, intent: PayIntent, told: Sequence[Told], real_now: datetime) -> PayIntent:
    """Return the intent after what a gateway told: one receipt for each payment that came, once for ever; one that went back
    is reversed. The order and the repetitions change nothing."""
    rows = PayIntent.objects.of(intent.organisation_id).select_for_update().select_related("method")
    intent = rows.get(pk=intent.pk)
    clock = access.clock_of(intent.organisation, real_now)
    actor = system(intent.organisation_id)
    for each in sorted(told, key=lambda one: (one.kind == "returned", one.id)):
        if each.kind in {"received", "returned"}:
            _receive(actor, intent, each, clock)
        if each.kind == "received" and each.returned_minor > 0:
            _give_back_part(actor, intent, each, clock)
        if each.kind == "returned":
            _give_back(actor, intent, each, clock)
        if each.kind == "refused":
            _climb(intent, _S.REFUSED)
    if intent.state in (_S.CREATED, _S.STARTED) and intent.created_at < clock.now - LIFE:
        _climb(intent, _S.EXPIRED)
    intent.save(update_fields=["state", "receipt", "problem"])
    return intent


def _receive(actor: Actor, intent: PayIntent, told: Told, clock: Clock) -> None:
    """The receipt of what truly came. What differs from the intent rings on the case, whose holder answers for it."""
    source = f"online:{intent.method.provider}"
    portfolio_id = ledger.account_of(actor, intent.case_id)[0]
    known = Receipt.objects.of(intent.organisation_id).filter(
        portfolio_id=portfolio_id, source=source, reference=told.id
    )
    _climb(intent, _S.PAID)
    if receipt := known.first():
        intent.receipt = intent.receipt or receipt
        return
    receipt = register_receipt(
        actor=actor,
        draft=ReceiptDraft(
            portfolio_id=portfolio_id,
            case_id=intent.case_id,
            amount_minor=told.amount_minor,
            currency=told.currency,
            on=clock.as_of,
            means="link",
            source=source,
            reference=told.id,
            document_ids=_open_among(actor, intent, intent.document_ids, clock) or None,
        ),
        clock=clock,
    )
    is_other = (told.amount_minor, told.currency) != (intent.amount_minor, intent.currency)
    if is_other or intent.receipt_id or receipt.unapplied_minor:
        outcomes.raise_alarm(
            actor=actor, case_id=intent.case_id, kind="online_surplus", subject=f"receipt:{receipt.pk}", as_of=clock.as_of,
            now=clock.now, data={"asked_minor": intent.amount_minor, "amount_minor": told.amount_minor, "currency": told.currency},
        )  # fmt: skip
    intent.receipt = intent.receipt or receipt


def _give_back(actor: Actor, intent: PayIntent, told: Told, clock: Clock) -> None:
    """The money went back: its receipt is reversed, once, and the case rings as with any reversal."""
    receipt = _live(intent, told)
    if receipt:
        reason = "charged back" if told.is_charge_back else "refunded"
        take_back(
            actor=actor, receipt_id=receipt.pk, reason=reason, on=max(receipt.on, clock.as_of), clock=clock
        )
    if intent.receipt is None or intent.receipt.reference.partition(REST)[0] == told.id:
        _climb(intent, _S.CHARGED_BACK if told.is_charge_back else _S.REFUNDED)


def _give_back_part(actor: Actor, intent: PayIntent, told: Told, clock: Clock) -> None:
    """A part went back: the receipt is reversed, and what stays is a receipt of the same day over the same documents.

    The gateway tells all that went back so far, never each piece: what stays only shrinks, so older news and news told again
    find nothing to do. What a person reversed by hand stays as the person left it.
    """
    receipt, left = _live(intent, told), told.amount_minor - told.returned_minor
    if receipt is None or receipt.amount_minor <= left:
        return
    on, went = max(receipt.on, clock.as_of), receipt.amount_minor - max(left, 0)
    covered = list(
        Allocation.objects.of(intent.organisation_id)
        .filter(receipt_id=receipt.pk)
        .order_by("pk")
        .values_list("document_id", flat=True)
    )
    take_back(actor=actor, receipt_id=receipt.pk, reason="refunded", on=on, clock=clock, went_minor=went)
    if left <= 0:
        _climb(intent, _S.REFUNDED)
        return
    rest = register_receipt(
        actor=actor,
        draft=ReceiptDraft(
            portfolio_id=receipt.portfolio_id,
            case_id=intent.case_id,
            amount_minor=left,
            currency=receipt.currency,
            on=on,
            means=receipt.means,
            source=receipt.source,
            reference=f"{told.id}{REST}{left}",
            document_ids=_open_among(actor, intent, covered, clock) or None,
        ),
        clock=clock,
    )
    if intent.receipt_id == receipt.pk:
        intent.receipt = rest


def _live(intent: PayIntent, told: Told) -> Receipt | None:
    """The receipt that stands for a payment now: its own, or that of what stayed of it."""
    names = Q(reference=told.id) | Q(reference__startswith=f"{told.id}{REST}")
    rows = Receipt.objects.of(intent.organisation_id).filter(names, source=f"online:{intent.method.provider}")
    return rows.filter(account_id=intent.case_id).exclude(state=ReceiptState.REVERSED).order_by("-pk").first()


def _open_among(actor: Actor, intent: PayIntent, document_ids: Sequence[int], clock: Clock) -> list[int]:
    lines = ledger.documents(actor, case_id=intent.case_id, as_of=clock.as_of, is_open=True)
    return [line.id for line in lines if line.id in document_ids]


def _climb(intent: PayIntent, state: IntentState) -> None:
    if RANK[state] > RANK[intent.state]:
        intent.state = state


@transaction.atomic
def _note(intent: PayIntent, state: IntentState, problem: str) -> None:
    row = PayIntent.objects.of(intent.organisation_id).select_for_update().get(pk=intent.pk)
    _climb(row, state)
    row.problem = problem[:300]
    row.save(update_fields=["state", "problem"])
