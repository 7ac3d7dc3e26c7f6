"""Insisting: somebody calls whoever is not known to have received an invoice before it falls due."""

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.outcomes.selectors.confirming import ASKED, unconfirmed
from aldia.outcomes.services.tasks import TaskDraft, create_tasks


@transaction.atomic
def insist(*, actor: Actor, clock: Clock) -> int:
    """Leave a call for today about every document that waits to be confirmed, once each; return how many. Raises NotAllowed."""
    actor.check(Permission.BULK_ACT)
    drafts = [
        TaskDraft(
            row.case_id, "call", clock.as_of, f"{ASKED}{row.document_id}", actor.label,
            title=_("Confirmar que recibió %(number)s, que vence pronto") % {"number": row.number},
        )
        for row in unconfirmed(actor, as_of=clock.as_of)
        if not row.is_asked
    ]  # fmt: skip
    made = create_tasks(organisation_id=actor.organisation_id, tasks=drafts, now=clock.now) if drafts else 0
    audit.record(
        actor=actor, verb="outcomes.insist", object_type="organisation", object_id=actor.organisation_id, now=clock.now,
        data={"tasks": made},
    )  # fmt: skip
    return made
