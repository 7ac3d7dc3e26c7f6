"""What runs by itself on a late debt, written where money arrives: interest of delay of loans, and what the law adds to a document."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from aldia.ledger import services as ledger
from aldia.outcomes import services as outcomes
from aldia.payments.services.consequences import follow

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


def post_what_runs(*, actor: Actor, account_id: int, on: date, clock: Clock) -> int:
    """Post what ran by `on` and the books lack; return how much of it is interest of delay. The account must be locked.

    The same day again posts nothing; for an earlier day, what is unpaid of the days after it is taken back: below 0.
    """
    late = ledger.post_late_interest(actor=actor, account_id=account_id, on=on, clock=clock)
    outcomes.post_legal_charges(actor=actor, account_id=account_id, on=on, clock=clock)
    return late


@transaction.atomic
def claim_legal_charges(*, actor: Actor, case_id: int, clock: Clock) -> int:
    """Claim what the law gives by today, and bring the case up to it; return how much is new. Raises NotAllowed."""
    posted = outcomes.claim_legal_charges(actor=actor, case_id=case_id, clock=clock)
    if posted:
        follow(actor=actor, case_ids=[case_id], clock=clock)
    return posted


@transaction.atomic
def waive_legal_charges(*, actor: Actor, case_id: int, document_id: int, clock: Clock) -> int:
    """Give up what the law added to a document, and bring the case up to it; return how many postings. Raises NotAllowed."""
    reversed_now = outcomes.waive_legal_charges(
        actor=actor, case_id=case_id, document_id=document_id, clock=clock
    )
    if reversed_now:
        follow(actor=actor, case_ids=[case_id], clock=clock)
    return reversed_now
