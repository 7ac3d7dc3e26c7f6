"""«Ana está en este caso»: a case belongs for some minutes to who opened it, so that two never call the same client."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aldia.access.actors import Actor, Clock
from aldia.cases import selectors
from aldia.cases.models import Case
from aldia.cases.services.working import locked

MINUTES: Final = 15
_AT_ONCE: Final = 20


class AlreadyReserved(Exception):
    """Somebody else is in the case; `by` is the user's id, `until` the instant when it is free again."""

    def __init__(self, by: int, until: datetime) -> None:
        super().__init__(_("Otra persona está en este caso."))
        self.by, self.until = by, until


@transaction.atomic
def reserve(*, actor: Actor, case_id: int, now: datetime) -> Case:
    """Return the case, the actor's for some minutes; asking again prolongs it. Raises AlreadyReserved, UnknownCase.

    Not kept in the audit trail: it says nothing once it is over.
    """
    case = locked(actor=actor, case_id=case_id)
    until = case.reserved_until_at
    if case.reserved_by_id not in (None, actor.user_id) and until is not None and until > now:
        raise AlreadyReserved(case.reserved_by_id, until)
    case.reserved_by_id, case.reserved_until_at = actor.user_id, now + timedelta(minutes=MINUTES)
    case.save(update_fields=["reserved_by", "reserved_until_at"])
    return case


def release_reservation(*, actor: Actor, case_id: int) -> bool:
    """Leave a case; return whether the actor was in it."""
    rows = Case.objects.of(actor.organisation_id).filter(pk=case_id, reserved_by_id=actor.user_id)
    return bool(rows.update(reserved_by=None, reserved_until_at=None))


def take_next(
    *, actor: Actor, clock: Clock, after: int | None = None, waiting: Sequence[int] = ()
) -> int | None:
    """Return the next case of the actor's queue, reserved, or None when there is nothing left to work.

    `waiting`: the queue, of whoever has just read it. Two people asking at once get different cases: each claims a free one
    in a single conditional update.
    """
    free = Q(reserved_by=None) | Q(reserved_by_id=actor.user_id) | Q(reserved_until_at__lte=clock.now)
    until = clock.now + timedelta(minutes=MINUTES)
    candidates = waiting or selectors.next_cases(actor, clock, after=after)
    while candidates:
        for case_id in candidates[:_AT_ONCE]:
            rows = Case.objects.of(actor.organisation_id).filter(free, pk=case_id)
            if rows.update(reserved_by_id=actor.user_id, reserved_until_at=until):
                return case_id
        candidates = selectors.next_cases(actor, clock, after=after)
    return None
