"""Who acts: a member of staff, the debtor behind a link, or the system. Every service takes one, first."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from aldia.access.permissions import NotAllowed, Permission, Role, permissions_of

NOBODY: Final = -1
"""The key of no agency."""


@dataclass(frozen=True)
class Actor:
    """Somebody acting inside one organisation.

    `label` is what audit rows keep: `user:12`, `system`, `debtor:991`. The last three narrow whoever is not of the house, and
    tokens made for part of it: only portfolios of these creditors, only these portfolios, only cases placed with that agency
    (a team). None does not narrow; an empty set leaves nothing.
    """

    organisation_id: int
    label: str
    role: str = ""
    user_id: int | None = None
    team_id: int | None = None
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    creditor_ids: frozenset[int] | None = None
    portfolio_ids: frozenset[int] | None = None
    agency_id: int | None = None

    @property
    def is_limited(self) -> bool:
        """Return whether the actor sees only a part of the organisation."""
        return (self.creditor_ids, self.portfolio_ids, self.agency_id) != (None, None, None)

    def may(self, permission: Permission) -> bool:
        """Return whether the role gives the permission."""
        return permission in self.permissions

    def check(self, permission: Permission) -> None:
        """Raise NotAllowed, naming the permission, when the role does not give it."""
        if permission not in self.permissions:
            raise NotAllowed(permission)


_EVERY: Final = frozenset(Permission)


def system(organisation_id: int) -> Actor:
    """Return the clockwork itself, acting for one organisation with every permission."""
    return Actor(organisation_id, "system", permissions=_EVERY)


def member(
    organisation_id: int,
    *,
    user_id: int,
    role: str,
    team_id: int | None = None,
    creditor_id: int | None = None,
) -> Actor:
    """Return a member with the permissions of the role. One from outside sees what is of its agency or creditor; without, nothing."""
    told = organisation_id, f"user:{user_id}", role, user_id, team_id, permissions_of(role)
    if role == Role.AGENCY:
        return Actor(*told, agency_id=team_id or NOBODY)
    if role == Role.CREDITOR:
        return Actor(*told, creditor_ids=frozenset({creditor_id} if creditor_id else ()))
    return Actor(*told)


def debtor(organisation_id: int, *, party_id: int) -> Actor:
    """Return the debtor behind a verified link; the portal's own permissions only."""
    return Actor(organisation_id, f"debtor:{party_id}", permissions=frozenset({Permission.ANSWER_AS_DEBTOR}))


@dataclass(frozen=True)
class Clock:
    """The two times of a request: the organisation's business date and the instant. Sandbox organisations have their own."""

    as_of: date
    now: datetime
