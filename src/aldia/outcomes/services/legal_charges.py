"""What the law adds to late documents, written in the books: when money comes or the house claims it, once; and given up for good."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from aldia.access import audit
from aldia.access.permissions import Permission
from aldia.cases.facts import accounts_without_case
from aldia.ledger import selectors as ledger
from aldia.ledger import services as books
from aldia.ledger.charges import SOURCE
from aldia.outcomes.legal_charges import COMPONENT, LegalCharge, legal_charges
from aldia.outcomes.services.alarms import raise_alarm

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


@transaction.atomic
def post_legal_charges(*, actor: Actor, account_id: int, on: date, clock: Clock) -> int:
    """Post what the law gives by `on` and the books lack; return how much (minor units). The account must be locked.

    The same day again posts nothing. Money of an earlier day may leave less than was posted: what is unpaid of it is taken back, below 0.
    Where a unit has no value the charge waits, and the case rings.
    """
    portfolio_id, _creditor, _party = ledger.account_of(actor, account_id)
    posted = 0
    for each in legal_charges(actor, account_id, on=on):
        if each.missing:
            _ring(actor, account_id, each, clock)
        if each.to_post_minor:
            _post(actor, account_id, portfolio_id, each, on, clock)
            posted += each.to_post_minor
    return posted


@transaction.atomic
def claim_legal_charges(*, actor: Actor, case_id: int, clock: Clock) -> int:
    """Ask the client for what the law gives by today: it is owed from now on. Return how much was posted. Raises NotAllowed."""
    actor.check(Permission.WORK_CASES)
    books.lock_accounts(organisation_id=actor.organisation_id, account_ids=[case_id])
    posted = post_legal_charges(actor=actor, account_id=case_id, on=clock.as_of, clock=clock)
    if posted:
        audit.record(
            actor=actor, verb="outcomes.legal_charges.claim", object_type="case", object_id=case_id, now=clock.now,
            data={"posted_minor": posted},
        )  # fmt: skip
    return posted


@transaction.atomic
def waive_legal_charges(*, actor: Actor, case_id: int, document_id: int, clock: Clock) -> int:
    """Give up what the law added to a document: its postings are reversed and it never comes back. Return how many. Raises NotAllowed."""
    actor.check(Permission.REVERSE_RECEIPTS)
    books.lock_accounts(organisation_id=actor.organisation_id, account_ids=[case_id])
    told = legal_charges(actor, case_id, on=clock.as_of)
    posting_ids = [key for each in told if each.document_id == document_id for key in each.posting_ids]
    for posting_id in posting_ids:
        books.reverse(actor=actor, posting_id=posting_id, on=clock.as_of, now=clock.now)
    if posting_ids:
        audit.record(
            actor=actor, verb="outcomes.legal_charges.waive", object_type="document", object_id=document_id, now=clock.now,
            data={"postings": posting_ids},
        )  # fmt: skip
    return len(posting_ids)


def _post(
    actor: Actor, account_id: int, portfolio_id: int, each: LegalCharge, on: date, clock: Clock
) -> None:
    minor, currency = each.to_post_minor, each.currency
    books.post(
        actor=actor,
        draft=books.PostingDraft(
            portfolio_id=portfolio_id,
            kind="charge",
            on=on,
            source=SOURCE,
            reference=f"{each.document_id}:{each.charge}:{each.turns + 1}",
            legs=[
                books.LegDraft(account_id, "receivable", currency, minor, each.document_id, COMPONENT),
                books.LegDraft(account_id, "income", currency, -minor, None, COMPONENT),
            ],
        ),
        now=clock.now,
    )


def _ring(actor: Actor, account_id: int, each: LegalCharge, clock: Clock) -> None:
    if not accounts_without_case(actor.organisation_id, [account_id]).is_empty():
        return  # a load opens its cases afterwards
    raise_alarm(
        actor=actor, case_id=account_id, kind="rate_missing", subject=f"{each.unit} {each.since}", as_of=clock.as_of, now=clock.now,
        data={"currency": each.unit},
    )  # fmt: skip
