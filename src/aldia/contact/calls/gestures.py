"""What a person does with a call that is there: hang up, or in sandbox play the client who answers or does not."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact.calls import following
from aldia.contact.calls.models import PhoneCall
from aldia.contact.calls.selectors import UnknownCall
from aldia.domain.calls import Heard, Leg, Sign

PLAYED: Final = {
    "answers": (Sign.PICKED_UP, 0), "no_answer": (Sign.GONE, 19), "busy": (Sign.GONE, 17), "hangs_up": (Sign.GONE, 16),
}  # fmt: skip
"""What the client of the sandbox may do, and how the exchange would tell it."""


def hang_up(*, actor: Actor, call_id: int, now: datetime) -> PhoneCall:
    """Return the call, asked to end. Raises NotAllowed, UnknownCall, ProviderError."""
    return following.hang_up(_mine(actor, call_id), now=now)


def play_client(*, actor: Actor, call_id: int, what: str, now: datetime) -> PhoneCall:
    """Return a call of the sandbox after its client did something (`PLAYED`). Raises NotAllowed, UnknownCall."""
    call = _mine(actor, call_id)
    if not call.is_sandbox or what not in PLAYED:
        raise UnknownCall(_("Esa llamada no es de prueba."))
    sign, cause = PLAYED[what]
    return following.take_heard(call, Heard(sign, Leg.CLIENT, now, cause), now=now)


def _mine(actor: Actor, call_id: int) -> PhoneCall:
    actor.check(Permission.WORK_CASES)
    rows = PhoneCall.objects.of(actor.organisation_id).filter(user_id=actor.user_id)
    call: PhoneCall | None = rows.select_related("order").filter(pk=call_id).first()
    if call is None:
        raise UnknownCall(_("Esa llamada no es tuya."))
    return call
