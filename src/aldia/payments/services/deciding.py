"""What people decide of a bank line: whose it is, that nobody knows yet, that it is no collection; and taking that back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.ledger import selectors as ledger_selectors
from aldia.payments.models import BankLine, BankMatch, LineState, Receipt
from aldia.payments.received import untied
from aldia.payments.reconciliation import open_minor
from aldia.payments.services.allocating import LIVE
from aldia.payments.services.lines import (
    SOURCE,
    is_of_line,
    keep_match,
    learn,
    receipt_reference,
    reopen,
    settle_line,
)
from aldia.payments.services.receipts import ReceiptDraft, register_receipt
from aldia.payments.services.reversing import reverse_receipt

DAYS_TO_IDENTIFY = 7
"""How long money may be without client before its owner is reminded, unless somebody says another day."""
IGNORED = ("own", "interest", "charge", "other", "out")
"""Why a line is no collection: a transfer of one's own, the bank's interest or charge, something else, money out."""


class BadDecision(Exception):
    """Raised when a decision does not fit its line: decided before, shares of more than there is, no client, a bad reason."""


class UnknownLine(LookupError):
    """Raised when the line is not of this organisation."""


@dataclass(frozen=True, slots=True)
class Share:
    """What of a line is one client's, in minor units, and the documents that it covers first."""

    case_id: int
    amount_minor: int
    document_ids: tuple[int, ...] = ()


@transaction.atomic
def accept_line(
    *,
    actor: Actor,
    line_id: int,
    shares: Sequence[Share],
    clock: Clock,
    confidence: int = 0,
    reasons: Sequence[dict[str, Any]] = (),
) -> BankLine:
    """Return the line, applied to these clients: one receipt each, remembered for the payer's next time. What the shares
    leave of it goes on waiting.

    Raises BadDecision, UnknownLine, NotAllowed and what `register_receipt` raises.
    """
    line = _waiting(actor, line_id)
    _check_shares(line, shares)
    turn = line.matches.count()
    for number, share in enumerate(shares, start=turn):
        portfolio_id, _creditor, party_id = ledger_selectors.account_of(actor, share.case_id)
        receipt = _receipt(actor, line, share, portfolio_id, number, clock)
        keep_match(
            actor=actor, line=line, receipt=receipt, minor=share.amount_minor, confidence=confidence,
            reasons=list(reasons), now=clock.now,
        )  # fmt: skip
        learn(actor=actor, line=line, party_id=party_id)
    _decided(actor, line, "accept", clock, cases=[share.case_id for share in shares])
    return line


@transaction.atomic
def accept_known(
    *,
    actor: Actor,
    line_id: int,
    receipt_ids: Collection[int],
    clock: Clock,
    confidence: int = 0,
    reasons: Sequence[dict[str, Any]] = (),
) -> BankLine:
    """Return the line, applied: it is the money of receipts that were here before it, and nothing is posted.

    Raises BadDecision where they are another line's, taken back or not the line's amount; UnknownLine, NotAllowed.
    """
    line = _waiting(actor, line_id)
    rows = untied(actor.organisation_id).filter(
        pk__in=receipt_ids, currency=line.currency, account__creditor_id=line.bank_account.creditor_id
    )
    found = list(rows.select_for_update(of=("self",)).select_related("account").order_by("pk"))
    if len(found) != len(receipt_ids) or sum(each.amount_minor for each in found) != open_minor(line):
        raise BadDecision(_("Ese cobro ya es de otro movimiento, se reversó o no es de ese importe."))
    for receipt in found:
        keep_match(
            actor=actor, line=line, receipt=receipt, minor=receipt.amount_minor, confidence=confidence,
            reasons=list(reasons), now=clock.now,
        )  # fmt: skip
        if receipt.account is not None:
            learn(actor=actor, line=line, party_id=receipt.account.party_id)
    _decided(actor, line, "known", clock, receipts=[receipt.pk for receipt in found])
    return line


@transaction.atomic
def leave_unidentified(
    *, actor: Actor, line_id: int, clock: Clock, owner_id: int | None = None, review_on: date | None = None
) -> BankLine:
    """Return the line, in the books as money of nobody: somebody looks for its client until a day.

    Without owner it is the actor's; without day, DAYS_TO_IDENTIFY from today. Raises BadDecision, UnknownLine, NotAllowed.
    """
    line = _waiting(actor, line_id)
    if review_on is not None and review_on < clock.as_of:
        raise BadDecision(_("El día para revisarlo ya pasó: elige hoy o más adelante."))
    owner = owner_id or actor.user_id
    if owner is not None and not any(member.user_id == owner for member in access.members(actor)):
        raise BadDecision(_("Quien lo va a buscar no es de esta organización."))
    minor = open_minor(line)
    portfolio_id = line.bank_account.portfolio_id
    receipt = _receipt(actor, line, Share(0, minor), portfolio_id, line.matches.count(), clock)
    keep_match(actor=actor, line=line, receipt=receipt, minor=minor, confidence=0, reasons=[], now=clock.now)
    line.owner_id = owner
    line.review_on = review_on or clock.as_of + timedelta(days=DAYS_TO_IDENTIFY)
    line.save(update_fields=["owner", "review_on"])
    _decided(actor, line, "unidentified", clock)
    return line


@transaction.atomic
def ignore_line(*, actor: Actor, line_id: int, reason: str, clock: Clock) -> BankLine:
    """Return the line, set aside with its reason (one of IGNORED). Raises BadDecision, UnknownLine, NotAllowed."""
    if reason not in IGNORED:
        raise BadDecision(_("Elige por qué se aparta: sin motivo no se puede."))
    line = _waiting(actor, line_id)
    if open_minor(line) != line.amount_minor:
        raise BadDecision(_("Una parte ya se aplicó: deshazla antes de apartar el movimiento."))
    line.state, line.reason, line.is_automatic = LineState.IGNORED, reason, False
    line.decided_by, line.decided_at = actor.label, clock.now
    line.save(update_fields=["state", "reason", "is_automatic", "decided_by", "decided_at"])
    _record(actor, line, "ignore", clock, reason=reason)
    return line


@transaction.atomic
def undo_line(*, actor: Actor, line_id: int, clock: Clock) -> BankLine:
    """Return the line, waiting again: its receipts are reversed today, each with its alarm; nothing is edited. Those that were
    here before it stay as they are.

    A payment that was taken back stays so: register it again. Raises BadDecision, UnknownLine, NotAllowed.
    """
    line = _locked(actor, line_id)
    if line.state in {LineState.WAITING, LineState.RETURNED}:
        raise BadDecision(_("Ese movimiento no tiene nada que deshacer."))
    if line.state == LineState.IGNORED:
        line.state, line.is_automatic = LineState.WAITING, False
        line.save(update_fields=["state", "is_automatic"])
    live = BankMatch.objects.of(actor.organisation_id).filter(line=line, undone_at__isnull=True)
    for receipt in (
        Receipt.objects.of(actor.organisation_id).filter(pk__in=live.values("receipt_id")).order_by("pk")
    ):
        if not is_of_line(receipt, line):
            reopen(actor=actor, receipt_id=receipt.pk, now=clock.now)
            continue
        if receipt.state not in LIVE:
            raise BadDecision(
                _("El cobro de ese movimiento ya fue devuelto o confirmado por el otro sistema.")
            )
        reverse_receipt(
            actor=actor,
            receipt_id=receipt.pk,
            reason=_("Conciliación deshecha"),
            on=max(clock.as_of, receipt.on),
            clock=clock,
        )
    line.refresh_from_db()
    _record(actor, line, "undo", clock)
    return line


@transaction.atomic
def remind_unidentified(*, actor: Actor, clock: Clock) -> int:
    """Tell the owner of each unidentified line whose day has come, once a day set; return how many were told."""
    rows = BankLine.objects.of(actor.organisation_id).filter(
        state=LineState.UNIDENTIFIED, review_on__lte=clock.as_of, owner__isnull=False
    )
    told = 0
    for line in rows.order_by("pk"):
        news = access_services.News(
            kind="unidentified_money", key=f"bank-line:{line.pk}:{line.review_on}", url=f"/pagos/conciliacion/?ver=unidentified&movimiento={line.pk}",
            title=gettext_lazy("Hay dinero sin cliente desde el %(on)s"), facts={"on": line.booked_on.strftime("%d/%m/%Y")},
            body=line.payer or line.text[:100],
        )  # fmt: skip
        told += access_services.notify(actor=actor, user_ids=[line.owner_id], news=news, now=clock.now)
    return told


def _waiting(actor: Actor, line_id: int) -> BankLine:
    """The line, locked. Raises UnknownLine, BadDecision when it was decided or is not money in."""
    line = _locked(actor, line_id)
    if line.state != LineState.WAITING:
        raise BadDecision(_("Ese movimiento ya se decidió: %(state)s.") % {"state": line.get_state_display()})
    return line


def _locked(actor: Actor, line_id: int) -> BankLine:
    actor.check(Permission.REGISTER_RECEIPTS)
    rows = (
        BankLine.objects.of(actor.organisation_id)
        .select_for_update(of=("self",))
        .select_related("bank_account")
    )
    line: BankLine | None = rows.filter(pk=line_id).first()
    if line is None:
        raise UnknownLine(_("No hay un movimiento %(id)s en esta organización.") % {"id": line_id})
    return line


def _check_shares(line: BankLine, shares: Sequence[Share]) -> None:
    if not shares:
        raise BadDecision(_("Falta decir de quién es el dinero."))
    if any(share.amount_minor <= 0 for share in shares):
        raise BadDecision(_("Cada parte tiene que ser mayor que cero."))
    if sum(share.amount_minor for share in shares) > open_minor(line):
        raise BadDecision(_("Las partes suman más que lo que queda del movimiento."))


def _receipt(
    actor: Actor, line: BankLine, share: Share, portfolio_id: int, turn: int, clock: Clock
) -> Receipt:
    return register_receipt(
        actor=actor,
        draft=ReceiptDraft(
            portfolio_id=portfolio_id,
            case_id=share.case_id or None,
            amount_minor=share.amount_minor,
            currency=line.currency,
            on=line.booked_on,
            means="transfer",
            source=SOURCE,
            reference=receipt_reference(line.pk, line.reference, line.booked_on, turn),
            document_ids=share.document_ids or None,
            note=line.text,
            payer=line.payer,
        ),
        clock=clock,
    )


def _decided(actor: Actor, line: BankLine, verb: str, clock: Clock, **data: Any) -> None:
    settle_line(actor=actor, line=line, now=clock.now)
    _record(actor, line, verb, clock, amount_minor=line.amount_minor, currency=line.currency, **data)


def _record(actor: Actor, line: BankLine, verb: str, clock: Clock, **data: Any) -> None:
    audit.record(
        actor=actor,
        verb=f"payments.line.{verb}",
        object_type="bank_line",
        object_id=line.pk,
        now=clock.now,
        data=data,
    )
