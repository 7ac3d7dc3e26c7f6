"""From where and with what the people of an organisation signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from axes.models import AccessLog

from aldia.access.actors import Actor
from aldia.access.models import Membership
from aldia.access.permissions import Permission


@dataclass(frozen=True)
class SignIn:
    """One time that somebody came in: the address, the browser as it names itself, and when they left, if they said so."""

    at: datetime
    address: str
    browser: str
    left_at: datetime | None


def sign_ins(actor: Actor, *, membership_id: int, limit: int = 10) -> list[SignIn]:
    """Return the last times that a member signed in, newest first. Raises NotAllowed, Membership.DoesNotExist."""
    actor.check(Permission.EDIT_PEOPLE)
    member = Membership.objects.of(actor.organisation_id).select_related("user").get(pk=membership_id)
    rows = AccessLog.objects.filter(username=member.user.get_username()).order_by("-attempt_time")
    return [
        SignIn(row.attempt_time, row.ip_address or "", row.user_agent, row.logout_time)
        for row in rows[:limit]
    ]
