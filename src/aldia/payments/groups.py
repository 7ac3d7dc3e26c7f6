"""Groups of clients as people read them: which one a client belongs to, and what they owe together against their limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aldia.db.prepared import prepared
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties
from aldia.payments.customer_terms import Exposure
from aldia.payments.models import ClientGroup, GroupMember

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from aldia.access.actors import Actor


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group, how many clients it has, and how they stand together; `exposure.credit_minor` 0 is no limit."""

    id: int
    name: str
    members: int
    exposure: Exposure

    @property
    def over_minor(self) -> int:
        """How much more they owe than they may; nothing without a limit."""
        return self.exposure.over_minor if self.exposure.credit_minor else 0


def group_of_case(actor: Actor, case_id: int) -> GroupView | None:
    """Return the group of a case's client, by any of its identities; None where it is alone."""
    party_id = ledger.account(actor.organisation_id, case_id).party_id
    people = parties.group_of(actor.organisation_id, party_id)
    found = next(iter(_memberships(actor.organisation_id, list(people))), None)
    return group_view(actor, found.group) if found else None


@prepared
def _memberships(organisation_id: int, people: list[int]) -> QuerySet[GroupMember]:
    rows: QuerySet[GroupMember] = GroupMember.objects.of(organisation_id).filter(party_id__in=people)
    return rows.select_related("group").order_by("pk")


def group_view(actor: Actor, group: ClientGroup) -> GroupView:
    """Return a group with what its clients owe in its currency; a person merged from several counts once."""
    rows = GroupMember.objects.of(actor.organisation_id).filter(group_id=group.pk)
    members = list(rows.values_list("party_id", flat=True))
    owed = ledger.owed_by(actor, parties.everybody(actor.organisation_id, members), group.currency)
    return GroupView(group.pk, group.name, len(members), Exposure(group.credit_minor, owed, group.currency))
