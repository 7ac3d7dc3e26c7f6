"""Groups of clients, written down by hand: who belongs to which, how much they may owe together, and the alarm when they owe more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.permissions import Permission
from aldia.ledger import selectors as ledger
from aldia.outcomes import services as outcomes
from aldia.parties import selectors as parties
from aldia.parties.names import fold
from aldia.payments.credit import exceeded_frame
from aldia.payments.models import ClientGroup, GroupMember

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock

ALARM = "credit_exceeded"


@transaction.atomic
def put_in_group(*, actor: Actor, case_id: int, name: str, credit_minor: int | None, clock: Clock) -> None:
    """Put a case's client in the group of that name, made when it is new, and keep how much the group may owe; no name takes it out.

    `credit_minor` None leaves the limit that the group had. A new group counts in the money of the case's portfolio; one that nobody is
    in any more is gone. Raises NotAllowed, and ValueError for a limit below 0.
    """
    actor.check(Permission.LIMIT_CREDIT)
    if credit_minor is not None and credit_minor < 0:
        raise ValueError(f"a limit of credit is 0 or more, found {credit_minor}")
    name = " ".join(name.split())[:120]
    account = ledger.account(actor.organisation_id, case_id)
    people = parties.group_of(actor.organisation_id, account.party_id)
    members = GroupMember.objects.of(actor.organisation_id)
    members.filter(party_id__in=people).exclude(group__name_folded=fold(name)[:120]).delete()
    if name:
        group, _is_new = ClientGroup.objects.of(actor.organisation_id).get_or_create(
            organisation_id=actor.organisation_id, name_folded=fold(name)[:120],
            defaults={"name": name, "currency": account.portfolio.currency},
        )  # fmt: skip
        if credit_minor is not None:
            group.credit_minor = credit_minor
            group.save(update_fields=["credit_minor"])
        if not members.filter(party_id__in=people).exists():
            GroupMember.objects.create(
                organisation_id=actor.organisation_id, group=group, party_id=account.party_id
            )
    ClientGroup.objects.of(actor.organisation_id).filter(members=None).delete()
    audit.record(
        actor=actor, verb="payments.group.save", object_type="case", object_id=case_id, now=clock.now,
        data={"group": name, "credit_minor": credit_minor},
    )  # fmt: skip


def watch_credit(*, actor: Actor, clock: Clock) -> int:
    """Ring where a client or a group owes more than it may, and hush where it no longer does; return how many rings are new.

    Of a group the client that owes most rings. Somebody who stays over rings once a month: a credit that is exceeded is no news every day.
    """
    over = exceeded_frame(actor.organisation_id, as_of=clock.as_of)
    subject = pl.format("{} {}", "who", pl.lit(f"{clock.as_of:%Y-%m}"))
    alarms = over.select(
        "case_id", "currency", kind=pl.lit(ALARM), subject=subject, owner_id="holder_id", minor="over_minor"
    )
    return outcomes.keep_alarms(actor=actor, kind=ALARM, standing=alarms, as_of=clock.as_of, now=clock.now)
