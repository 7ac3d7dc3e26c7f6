"""Who works in an organisation: members, teams, absences, and how each likes to see aldia."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.models import (
    Membership,
    SavedView,
    Team,
    User,
)
from aldia.access.outsiders import UnableToAdd, check_owns_nothing, check_place
from aldia.access.permissions import OUTSIDE, Permission


@transaction.atomic
def add_member(  # noqa: PLR0913 - one form, one call
    *,
    actor: Actor,
    email: str,
    name: str,
    role: str,
    now: datetime,
    password: str | None = None,
    team_id: int | None = None,
    creditor_id: int | None = None,
) -> Membership:
    """Return the membership of a person, creating the user when the e-mail is new. Raises UnableToAdd, NotAllowed."""
    actor.check(Permission.EDIT_PEOPLE)
    check_place(actor, role, team_id, creditor_id)
    user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(
        email, password, name=name
    )
    if Membership.objects.of(actor.organisation_id).filter(user=user).exists():
        raise UnableToAdd(_("%(email)s ya es parte de la organización.") % {"email": email})
    membership = Membership.objects.create(
        organisation_id=actor.organisation_id, user=user, role=role, team_id=team_id, creditor_id=creditor_id
    )
    audit.record(
        actor=actor,
        verb="access.member.add",
        object_type="membership",
        object_id=membership.pk,
        now=now,
        data={"role": role},
    )
    return membership


@transaction.atomic
def set_common_password(*, actor: Actor, membership_ids: Iterable[int], password: str, now: datetime) -> int:
    """Give several people one password, hashed once: for a demonstration, whose password is written on the wall."""
    actor.check(Permission.EDIT_PEOPLE)
    rows = Membership.objects.of(actor.organisation_id).filter(pk__in=list(membership_ids))
    changed = User.objects.filter(pk__in=rows.values("user_id")).update(password=make_password(password))
    audit.record(
        actor=actor,
        verb="access.password.common",
        object_type="organisation",
        object_id=actor.organisation_id,
        now=now,
        data={"people": changed},
    )
    return changed


@transaction.atomic
def add_team(*, actor: Actor, key: str, name: str, now: datetime) -> Team:
    """Return the team of that key, made when it is new."""
    actor.check(Permission.EDIT_PEOPLE)
    team, made = Team.objects.of(actor.organisation_id).get_or_create(
        organisation_id=actor.organisation_id, key=key, defaults={"name": name}
    )
    if made:
        audit.record(
            actor=actor,
            verb="access.team.add",
            object_type="team",
            object_id=team.pk,
            now=now,
            data={"key": key},
        )
    found: Team = team
    return found


@transaction.atomic
def set_absence(
    *,
    actor: Actor,
    membership_id: int,
    from_on: date | None,
    until_on: date | None,
    stand_in_id: int | None,
    now: datetime,
) -> Membership:
    """Record that a member is away over [from_on, until_on) and who stands in; both None ends the absence."""
    actor.check(Permission.ASSIGN_CASES)
    membership = Membership.objects.of(actor.organisation_id).get(pk=membership_id)
    membership.absent_from_on, membership.absent_until_on, membership.stand_in_id = (
        from_on,
        until_on,
        stand_in_id,
    )
    membership.save()
    audit.record(
        actor=actor, verb="access.member.absence", object_type="membership", object_id=membership.pk, now=now
    )
    return membership


@transaction.atomic
def set_member(
    *, actor: Actor, membership_id: int, role: str, team_id: int | None, is_active: bool, now: datetime
) -> Membership:
    """Change the role, team or state of a member. Raises UnableToAdd where the role is not of that place, NotAllowed."""
    actor.check(Permission.EDIT_PEOPLE)
    membership = Membership.objects.of(actor.organisation_id).get(pk=membership_id)
    check_place(actor, role, team_id, membership.creditor_id)
    if not is_active or role in OUTSIDE:
        check_owns_nothing(actor, membership.user_id)
    membership.role, membership.team_id, membership.is_active = role, team_id, is_active
    membership.save()
    audit.record(
        actor=actor,
        verb="access.member.change",
        object_type="membership",
        object_id=membership.pk,
        now=now,
        data={"role": role},
    )
    return membership


def save_view(*, actor: Actor, screen: str, name: str, query: str) -> SavedView:
    """Return a list's query kept under a name for the actor."""
    view: SavedView = SavedView.objects.create(
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        screen=screen,
        name=name,
        query=query[:1000],
    )
    return view


def delete_view(*, actor: Actor, view_id: int) -> None:
    """Forget one of the actor's own saved views."""
    SavedView.objects.of(actor.organisation_id).filter(pk=view_id, user_id=actor.user_id).delete()


def set_preferences(
    *, user: User, language: str | None = None, theme: str | None = None, has_shortcuts: bool | None = None
) -> User:
    """Keep how a person likes to see aldia."""
    user.language = language or user.language
    user.theme = theme or user.theme
    user.has_shortcuts = user.has_shortcuts if has_shortcuts is None else has_shortcuts
    user.save(update_fields=["language", "theme", "has_shortcuts"])
    return user
