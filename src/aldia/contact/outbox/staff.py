"""The worker's pass over the mail to the staff: the same server and the same promise, at most once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.contact import mail_server
from aldia.contact.models import OrderState, StaffMail
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Outgoing, ProviderError
from aldia.db.vault import VaultClosed
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from aldia.access.models import Organisation

RETRY_AFTER: Final = timedelta(minutes=15)
STALE_AFTER: Final = timedelta(hours=6)  # yesterday's news is no news
_LEASE: Final = timedelta(minutes=5)


def send_staff_mail(*, clock: Callable[[], datetime], limit: int) -> int:
    """Carry the mails that wait and return how many ended. In sandbox, or with e-mail off, they stay in the mailbox."""
    _give_up_the_dead(clock())
    due = StaffMail.objects.across_organisations().filter(state=OrderState.QUEUED, not_before_at__lte=clock())
    houses = {house.pk: house for house in access.organisations()}
    ended = 0
    for mail in due.order_by("id")[:limit]:
        house = houses[mail.organisation_id]
        if house.is_paused:
            continue
        now = clock()
        mine = StaffMail.objects.of(house).filter(pk=mail.pk, state=OrderState.QUEUED)
        if mine.update(state=OrderState.SENDING, not_before_at=now + _LEASE):
            ended += _carry(mail, house, now)
    return ended


def _carry(mail: StaffMail, house: Organisation, now: datetime) -> bool:
    """Hand one mail over and keep how it ended; False when the server asks to try later."""
    setting = mail_server.setting_of(house.pk, "email")
    row = StaffMail.objects.of(house).filter(pk=mail.pk)
    if house.is_sandbox or setting is None or not setting.is_live or mail_server.server_of(setting) is None:
        row.update(state=OrderState.SENT, sent_at=now, is_sandbox=True)
        return True
    creditor = ledger.creditors(system(house.pk)).first()
    sender = mail_server.sender_of(setting, creditor) if creditor else setting.sender
    carrier = None
    try:
        carrier = provider("smtp", mail_server.open_config(setting))
        accepted = carrier.send(
            Outgoing(f"staff{mail.pk}-{mail.organisation_id}", "email", mail.recipient, sender, mail.subject, mail.text, mail.html)
        )  # fmt: skip
    except ProviderError as error:
        return _refused(mail, error, now)
    except VaultClosed as error:
        row.update(state=OrderState.FAILED, detail=str(error)[:300], is_sandbox=False)
        return True
    finally:
        if carrier is not None:
            carrier.close()
    row.update(
        state=OrderState.SENT,
        sent_at=now,
        sender=sender[:200],
        detail=accepted.answer[:300],
        is_sandbox=False,
    )
    return True


def _refused(mail: StaffMail, error: ProviderError, now: datetime) -> bool:
    row = StaffMail.objects.of(mail.organisation_id).filter(pk=mail.pk)
    told = {"detail": str(error)[:300], "is_sandbox": False}
    if not error.is_certain:
        row.update(state=OrderState.UNKNOWN, sent_at=now, **told)
    elif error.is_permanent or now - mail.created_at > STALE_AFTER:
        row.update(state=OrderState.FAILED, **told)
    else:
        row.update(state=OrderState.QUEUED, not_before_at=now + RETRY_AFTER, **told)
        return False
    return True


def _give_up_the_dead(now: datetime) -> None:
    """A mail whose worker died may have left: it is never sent again."""
    dead = Q(state=OrderState.SENDING, not_before_at__lt=now)
    StaffMail.objects.across_organisations().filter(dead).update(state=OrderState.UNKNOWN)
