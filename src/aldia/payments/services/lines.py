"""What becomes of a bank line when its receipts change, and what decisions teach about payers. Called inside the transaction
that changes the receipt."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import F

from aldia.access.actors import Actor
from aldia.domain.matching import squeezed
from aldia.payments.models import BankLine, BankMatch, KnownPayer, LineState, Receipt
from aldia.payments.reconciliation import open_minor

SOURCE = "bank"
"""The source of receipts that a statement brought."""


def receipt_reference(line_id: int, reference: str, on: date, turn: int) -> str:
    """Return the reference of a line's receipt: the bank's own, which `Receipt.said` shows, and what makes it unique for ever."""
    return f"{reference[:80]}#{on.isoformat()}/{line_id}/{turn}"


def is_of_line(receipt: Receipt, line: BankLine) -> bool:
    """Whether the line brought the receipt: otherwise the receipt was here before, and outlives the line's decision."""
    return receipt.source == SOURCE and f"#{line.booked_on.isoformat()}/{line.pk}/" in receipt.reference


def keep_match(
    *,
    actor: Actor,
    line: BankLine,
    receipt: Receipt,
    minor: int,
    confidence: int,
    reasons: list[dict[str, Any]],
    now: datetime,
) -> BankMatch:
    """Return the row that says that part of a line is this receipt; one that was undone says it again."""
    match: BankMatch
    match, _is_new = BankMatch.objects.of(actor.organisation_id).update_or_create(
        line=line, receipt=receipt,
        defaults={
            "organisation_id": actor.organisation_id, "amount_minor": minor, "confidence": confidence, "reasons": reasons,
            "is_automatic": False, "decided_by": actor.label, "decided_at": now, "undone_at": None,
        },
    )  # fmt: skip
    return match


def settle_line(*, actor: Actor, line: BankLine, now: datetime) -> None:
    """Give the line the state that its live matches say: waiting while anything of it is open."""
    live = BankMatch.objects.of(actor.organisation_id).filter(line=line, undone_at__isnull=True)
    if open_minor(line):
        line.state = LineState.WAITING
    elif live.filter(receipt__account__isnull=True).exists():
        line.state = LineState.UNIDENTIFIED
    else:
        line.state, line.owner_id, line.review_on = LineState.APPLIED, None, None
    line.decided_by, line.decided_at, line.is_automatic = actor.label, now, False
    line.save(update_fields=["state", "owner", "review_on", "decided_by", "decided_at", "is_automatic"])


def reopen(*, actor: Actor, receipt_id: int, now: datetime) -> None:
    """The receipt is its lines' no more, or was reversed by a person: they wait to be decided again, and the payer is forgotten
    once."""
    matches = BankMatch.objects.of(actor.organisation_id).filter(
        receipt_id=receipt_id, undone_at__isnull=True, amount_minor__gt=0
    )
    for match in matches.select_related("line", "receipt__account"):
        match.undone_at = now
        match.save(update_fields=["undone_at"])
        if match.receipt.account is not None and not match.is_automatic:
            forget(actor=actor, line=match.line, party_id=match.receipt.account.party_id)
        settle_line(actor=actor, line=match.line, now=now)


def found_owner(*, actor: Actor, receipt: Receipt, party_id: int, now: datetime) -> None:
    """The receipt has its client at last: its line is applied, and the payer is known from now on."""
    matches = BankMatch.objects.of(actor.organisation_id).filter(receipt=receipt, undone_at__isnull=True)
    for match in matches.select_related("line"):
        settle_line(actor=actor, line=match.line, now=now)
        learn(actor=actor, line=match.line, party_id=party_id)


def learn(*, actor: Actor, line: BankLine, party_id: int) -> None:
    """Remember that this payer's money was this party's, once more."""
    for kind, value in _payer(line):
        known, is_new = KnownPayer.objects.of(actor.organisation_id).get_or_create(
            organisation_id=actor.organisation_id, kind=kind, value=value, party_id=party_id
        )
        if not is_new:
            KnownPayer.objects.of(actor.organisation_id).filter(pk=known.pk).update(times=F("times") + 1)


def forget(*, actor: Actor, line: BankLine, party_id: int) -> None:
    """Take one such memory back; the last one goes away."""
    for kind, value in _payer(line):
        rows = KnownPayer.objects.of(actor.organisation_id).filter(kind=kind, value=value, party_id=party_id)
        rows.filter(times=1).delete()
        rows.update(times=F("times") - 1)


def _payer(line: BankLine) -> Iterable[tuple[str, str]]:
    told = (("account", squeezed(line.payer_account)), ("name", squeezed(line.payer)))
    return [(kind, value[:200]) for kind, value in told if value]
