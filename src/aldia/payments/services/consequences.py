"""What money changes elsewhere, in the same transaction: the case's figures, its promises, and notices not sent yet."""

from collections.abc import Iterable

import polars as pl

from aldia.access.actors import Actor, Clock
from aldia.cases import services as cases
from aldia.contact import facts as contact_facts
from aldia.contact import services as contact
from aldia.ledger import facts as ledger
from aldia.outcomes import services as outcomes

_FEW = 2_000  # cases asked for by name instead of reading the whole organisation


def follow(*, actor: Actor, case_ids: Iterable[int], clock: Clock) -> None:
    """Bring these cases up to their money; where nothing overdue is left, queued notices and claims are cancelled."""
    ids = sorted(set(case_ids))
    if not ids:
        return
    changed = cases.refresh(actor=actor, case_ids=ids, as_of=clock.as_of, now=clock.now)
    outcomes.drop_claims(actor=actor, case_ids=changed.settled, now=clock.now)
    outcomes.settle_promises(actor=actor, as_of=clock.as_of, now=clock.now, case_ids=ids)
    few = ids if len(ids) <= _FEW else None
    cases.note_news(actor=actor, case_ids=ids)
    waiting = contact_facts.queued_cases(actor.organisation_id, case_ids=few).intersection(ids)
    for case_id in sorted(waiting - _overdue(actor, waiting, clock)):
        contact.cancel_orders(actor=actor, case_id=case_id, reason="paid", now=clock.now)


def _overdue(actor: Actor, case_ids: set[int], clock: Clock) -> set[int]:
    """The cases among these that have anything past due."""
    chosen = case_ids if len(case_ids) <= _FEW else None
    documents = ledger.document_frame(actor.organisation_id, as_of=clock.as_of, case_ids=chosen)
    overdue = documents.filter((pl.col("open_minor") > 0) & (pl.col("due_on") < clock.as_of))
    return set(overdue["case_id"])
