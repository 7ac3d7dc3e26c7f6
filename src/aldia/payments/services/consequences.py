"""What money changes elsewhere, in the same transaction: the case's figures, its promises, and notices not sent yet."""

from collections.abc import Iterable

from aldia.access.actors import Actor, Clock
from aldia.cases import services as cases
from aldia.contact import services as contact
from aldia.ledger import facts as ledger
from aldia.outcomes import services as outcomes


def follow(*, actor: Actor, case_ids: Iterable[int], clock: Clock) -> None:
    """Bring these cases up to their money; where nothing overdue is left, queued notices are cancelled as paid."""
    ids = sorted(set(case_ids))
    if not ids:
        return
    cases.refresh(actor=actor, case_ids=ids, as_of=clock.as_of, now=clock.now)
    outcomes.settle_promises(actor=actor, as_of=clock.as_of, now=clock.now, case_ids=ids)
    documents = ledger.document_frame(actor.organisation_id, as_of=clock.as_of, case_ids=ids)
    overdue = documents.filter((documents["open_minor"] > 0) & (documents["due_on"] < clock.as_of))
    still_overdue = set(overdue["case_id"])
    for case_id in ids:
        if case_id not in still_overdue:
            contact.cancel_orders(actor=actor, case_id=case_id, reason="paid", now=clock.now)
