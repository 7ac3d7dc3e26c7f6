"""Mail to those who work here: written once per key, never counted as a contact. The worker carries it (`outbox.staff`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from aldia.access.actors import Actor
from aldia.contact.models import StaffMail


@dataclass(frozen=True)
class StaffMailDraft:
    """One mail to one person of the staff; `key` says when two are the same."""

    user_id: int
    key: str
    recipient: str
    subject: str
    text: str
    html: str = ""


def write_to_staff(
    *, actor: Actor, mails: Sequence[StaffMailDraft], now: datetime, real_now: datetime
) -> int:
    """Leave the mails to be carried; the same key to the same person is written once. Return how many are new.

    `now` dates them on the organisation's own clock; they are carried from `real_now` on.
    """
    rows = StaffMail.objects.of(actor.organisation_id)
    asked = {(mail.user_id, mail.key): mail for mail in mails}
    known = set(rows.filter(key__in={key for _user, key in asked}).values_list("user_id", "key"))
    fresh = [mail for identity, mail in asked.items() if identity not in known]
    StaffMail.objects.bulk_create(
        [
            StaffMail(
                organisation_id=actor.organisation_id, created_at=now, not_before_at=real_now, **asdict(mail)
            )
            for mail in fresh
        ],
        ignore_conflicts=True,
    )
    return len(fresh)
