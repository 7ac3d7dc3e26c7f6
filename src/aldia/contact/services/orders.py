"""Orders: placed by a strategy or by a person, cancelled when their cause goes, resolved when nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Left
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.contact import texts, touches
from aldia.contact.models import CallState, Message, Order, OrderState, WebhookCall
from aldia.db.frames import Rows, known_among
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from django.db.models import QuerySet

THANKS: Final = "thanks"  # the origin of an order that thanks for money that came in
LIFE_OF_MANUAL = timedelta(days=3)  # a claim that a person sent waits this long for a lawful hour


class DocumentsNotFound(LookupError):
    """Raised when a claim names documents that are not open in the case; `ids` lists them."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids
        super().__init__(_("Estos documentos no están abiertos en el caso: %(ids)s.") % {"ids": ids})


@dataclass(frozen=True)
class OrderDraft:
    """A notice to leave. `identity` makes it unique for ever within the organisation."""

    creditor_id: int
    portfolio_id: int
    case_id: int
    party_id: int
    identity: str
    channel: str
    template_key: str
    origin: str
    as_of: date
    not_before_at: datetime
    expires_at: datetime | None = None
    contact_point_id: int | None = None
    document_ids: tuple[int, ...] = ()
    has_statement: bool = True
    has_documents: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    purpose: str = "collection"
    priority: int = 50


def place_orders(*, organisation_id: int, orders: Sequence[OrderDraft], now: datetime) -> int:
    """Leave the orders in the outbox and return how many are new; an identity that is there already stays as it is."""
    rows = [
        Order(
            organisation_id=organisation_id,
            created_at=now,
            **{**draft.__dict__, "document_ids": list(draft.document_ids)},
        )
        for draft in orders
    ]
    known = set(
        Order.objects.of(organisation_id)
        .filter(identity__in=[draft.identity for draft in orders])
        .values_list("identity", flat=True)
    )
    fresh = [row for row in rows if row.identity not in known]
    Order.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def order_rows(*, organisation_id: int, orders: pl.DataFrame, now: datetime) -> Rows:
    """Return a frame of orders, columns as the fields of OrderDraft, ready to be written; those that are there are left out."""
    known = known_among(Order, "identity", orders["identity"], organisation_id=organisation_id)
    fresh = orders.join(known, on="identity", how="anti", maintain_order="left")
    as_json = pl.col("document_ids").list.eval(pl.element().cast(pl.String)).list.join(",")
    return Rows(Order, fresh.with_columns(
        pl.concat_str(pl.lit("["), as_json, pl.lit("]")).alias("document_ids"),
        organisation_id=pl.lit(organisation_id),
        state=pl.lit(OrderState.QUEUED.value),
        reason=pl.lit(""),
        reason_args=pl.lit("{}"),
        token=pl.lit(0),
        provider=pl.lit(""),
        provider_reference=pl.lit(""),
        created_at=pl.lit(now).dt.convert_time_zone("UTC"),
    ), fresh["party_id"])  # fmt: skip


@dataclass(frozen=True)
class ClaimDraft:
    """A claim that a person sends by hand: on which channel, with which text, about which documents, with what attached."""

    channel: str
    template_key: str
    client_id: str  # made by the browser: the same click is the same claim
    document_ids: tuple[int, ...] = ()
    has_documents: bool = True
    has_statement: bool = True
    contact_point_id: int | None = None
    text: str = ""


@transaction.atomic
def send_now(*, actor: Actor, case_id: int, claim: ClaimDraft, clock: Clock) -> Order:
    """Return the order of a claim; the same `client_id` again is the same order.

    It leaves at once, or at the first lawful instant of the next days. Raises NotAllowed, DocumentsNotFound, LookupError.
    """
    actor.check(Permission.WORK_CASES)
    _check_open(actor, case_id, claim.document_ids, clock)
    draft = _draft_of(actor, case_id, claim, clock)
    made = place_orders(organisation_id=actor.organisation_id, orders=[draft], now=clock.now)
    order: Order = Order.objects.of(actor.organisation_id).get(identity=draft.identity)
    if made:
        audit.record(
            actor=actor, verb="contact.order.place", object_type="case", object_id=case_id, now=clock.now,
            data={"order": order.pk, "channel": claim.channel, "documents": list(claim.document_ids)},
        )  # fmt: skip
    return order


def _check_open(actor: Actor, case_id: int, document_ids: Sequence[int], clock: Clock) -> None:
    lines = ledger.documents(actor, case_id=case_id, as_of=clock.as_of, is_open=True)
    foreign = sorted(set(document_ids) - {line.id for line in lines})
    if foreign:
        raise DocumentsNotFound(foreign)


def _draft_of(actor: Actor, case_id: int, claim: ClaimDraft, clock: Clock) -> OrderDraft:
    portfolio_id, creditor_id, party_id = ledger.account_of(actor, case_id)
    return OrderDraft(
        creditor_id=creditor_id,
        portfolio_id=portfolio_id,
        case_id=case_id,
        party_id=party_id,
        identity=f"manual:{claim.client_id}",
        channel=claim.channel,
        template_key=claim.template_key,
        origin=actor.label,
        as_of=clock.as_of,
        not_before_at=clock.now,
        expires_at=clock.now + LIFE_OF_MANUAL,
        contact_point_id=claim.contact_point_id,
        document_ids=claim.document_ids,
        has_statement=claim.has_statement,
        has_documents=claim.has_documents,
        extra={"text": claim.text} if claim.text else {},
        purpose=texts.purposes().get(claim.template_key, "collection"),
        priority=90,
    )


def cancel_orders(
    *, actor: Actor, case_id: int, reason: str, now: datetime, order_ids: Sequence[int] | None = None
) -> int:
    """Take the queued collection orders of a case back; return how many. What is already leaving cannot be taken back."""
    rows: QuerySet[Order] = Order.objects.of(actor.organisation_id).filter(
        case_id=case_id, state=OrderState.QUEUED, purpose="collection"
    )
    if order_ids is not None:
        rows = rows.filter(pk__in=order_ids)
    return int(rows.update(state=OrderState.CANCELLED, reason=reason, finished_at=now))


def withdraw_orders(
    *, actor: Actor, case_ids: Collection[int | None], origin: str, reason: str, now: datetime
) -> int:
    """Take the queued orders of one origin back from these cases, since what they say is no longer so; return how many.

    Their identities are free again: whoever placed them may say it anew, as it is now.
    """
    rows = Order.objects.of(actor.organisation_id).filter(state=OrderState.QUEUED, origin=origin)
    chosen = [pk for pk, case_id in rows.values_list("pk", "case_id") if case_id in case_ids]
    return int(
        rows.filter(pk__in=chosen).update(
            state=OrderState.CANCELLED, reason=reason, finished_at=now, identity=_given_up("withdrawn")
        )
    )


def _given_up(why: str) -> Concat:
    """The identity of an order that nobody got, so that the same notice may be placed once more."""
    return Concat(Value(f"{why}:"), Cast("pk", CharField()), Value(":"), Left("identity", 150))


@transaction.atomic
def resolve_unknown(
    *, actor: Actor, order_id: int, was_sent: bool, now: datetime, because: str = ""
) -> Order:
    """Say what became of an order that nobody knew about, and how that is known. Raises Order.DoesNotExist when it is not unknown."""
    actor.check(Permission.BULK_ACT)
    order: Order = (
        Order.objects.of(actor.organisation_id).select_for_update().get(pk=order_id, state=OrderState.UNKNOWN)
    )
    order.state, order.reason = (
        (OrderState.SENT, "") if was_sent else (OrderState.FAILED, "resolved_not_sent")
    )
    order.finished_at = now
    order.save(update_fields=["state", "reason", "finished_at"])
    if was_sent:
        touches.record_for_order(order, now=order.sending_at or now)
        Message.objects.of(actor.organisation_id).filter(order=order).update(sent_at=order.sending_at or now)
    audit.record(
        actor=actor, verb="contact.order.resolve", object_type="order", object_id=order.pk, now=now,
        data={"was_sent": was_sent, "because": because[:200]},
    )  # fmt: skip
    return order


@transaction.atomic
def void_sandbox(*, actor: Actor, now: datetime) -> int:
    """Take back everything queued in the sandbox, before an organisation goes live; return how many. Raises NotAllowed.

    What the sandbox wrote gives up its identity too: nobody got it, so the same step may be taken for real.
    """
    actor.check(Permission.EDIT_SETTINGS)
    rows = Order.objects.of(actor.organisation_id)
    queued = rows.filter(state=OrderState.QUEUED)
    voided = int(queued.update(state=OrderState.CANCELLED, reason="went_live", finished_at=now))
    rows.update(identity=_given_up("sandbox"))
    WebhookCall.objects.of(actor.organisation_id).update(
        state=CallState.SIMULATED, identity=_given_up("sandbox")
    )
    audit.record(
        actor=actor, verb="contact.sandbox.void", object_type="organisation", object_id=actor.organisation_id, now=now,
        data={"orders": voided},
    )  # fmt: skip
    return voided
