"""Writes of the room: organisations, people, teams, absences, notifications, the sandbox clock."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from aldia.access import audit, selectors
from aldia.access.actors import Actor, system
from aldia.access.models import (
    Membership,
    Notification,
    Organisation,
    OrganisationHoliday,
    SavedView,
    Team,
    User,
)
from aldia.access.outsiders import OutsideTeam as OutsideTeam
from aldia.access.outsiders import UnableToAdd as UnableToAdd
from aldia.access.outsiders import check_owns_nothing, check_place
from aldia.access.outsiders import set_outside_team as set_outside_team
from aldia.access.permissions import OUTSIDE, Permission

LAST_HOUR = 23
LONGEST_TITLE = 200


class ClockGoesForward(Exception):
    """Raised when somebody asks the sandbox clock to go back."""


class NotInSandbox(Exception):
    """Raised when a live organisation is asked to live another day than today."""


@transaction.atomic
def create_organisation(
    *, key: str, name: str, country: str, currency: str, now: datetime, **details: Any
) -> Organisation:
    """Return a new organisation, in sandbox, with its first team. `details`: locale, language, timezone, settings."""
    organisation = Organisation.objects.create(
        key=key, name=name, country=country, currency=currency, created_at=now, **details
    )
    Team.objects.create(organisation=organisation, key="cobranzas", name=_("Cobranzas"))
    audit.record(
        actor=system(organisation.pk), verb="access.organisation.create", object_type="organisation",
        object_id=organisation.pk, now=now,
    )  # fmt: skip
    return organisation


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


@transaction.atomic
def add_holiday(*, actor: Actor, on: date, name: str, now: datetime) -> OrganisationHoliday:
    """Return the organisation's own closed day; naming the same day again renames it."""
    actor.check(Permission.EDIT_SETTINGS)
    holiday, _made = OrganisationHoliday.objects.update_or_create(
        organisation_id=actor.organisation_id, on=on, defaults={"name": name}
    )
    audit.record(actor=actor, verb="access.holiday.add", object_type="holiday", object_id=holiday.pk, now=now)
    return holiday


@transaction.atomic
def remove_holiday(*, actor: Actor, on: date, now: datetime) -> None:
    """Forget one of the organisation's own closed days; one that is not there is no error."""
    actor.check(Permission.EDIT_SETTINGS)
    OrganisationHoliday.objects.of(actor.organisation_id).filter(on=on).delete()
    audit.record(
        actor=actor, verb="access.holiday.remove", object_type="holiday", object_id=on.isoformat(), now=now
    )


@transaction.atomic
def change_settings(*, actor: Actor, now: datetime, **changes: Any) -> Organisation:
    """Set fields of the organisation (name, locale, timezone …) or keys of its `settings` (given as settings={…})."""
    actor.check(Permission.EDIT_SETTINGS)
    organisation = Organisation.objects.select_for_update().get(pk=actor.organisation_id)
    organisation.settings = {**organisation.settings, **changes.pop("settings", {})}
    for field, value in changes.items():
        setattr(organisation, field, value)
    organisation.save()
    audit.record(
        actor=actor, verb="access.organisation.change", object_type="organisation", object_id=organisation.pk, now=now,
        data={"fields": sorted(changes)},
    )  # fmt: skip
    return organisation


@transaction.atomic
def move_clock(*, actor: Actor, to: date, now: datetime) -> Organisation:
    """Move a sandbox organisation's clock to a day, forward only. Raises ClockGoesForward, NotInSandbox."""
    return _set_day(actor, "sandbox_on", to, "access.clock.move", now)


@transaction.atomic
def ask_for_day(*, actor: Actor, to: date, now: datetime) -> None:
    """Ask the worker to live a sandbox day; it looks every few seconds. Raises ClockGoesForward, NotInSandbox."""
    _set_day(actor, "asked_on", to, "access.clock.ask", now)


def _set_day(actor: Actor, field: str, to: date, verb: str, now: datetime) -> Organisation:
    """Write a day of the sandbox, which goes forward only."""
    actor.check(Permission.RUN_DAY)
    organisation = Organisation.objects.select_for_update().get(pk=actor.organisation_id)
    if not organisation.is_sandbox:
        raise NotInSandbox(_("%(name)s está en vivo: solo vive el día de hoy.") % {"name": organisation.name})
    if organisation.sandbox_on and to < organisation.sandbox_on:
        raise ClockGoesForward(
            _("El reloj de prueba está en %(now)s y no vuelve atrás a %(to)s.")
            % {"now": organisation.sandbox_on, "to": to}
        )
    setattr(organisation, field, to)
    organisation.save(update_fields=[field])
    audit.record(
        actor=actor, verb=verb, object_type="organisation", object_id=organisation.pk, now=now, data={"to": to.isoformat()}
    )  # fmt: skip
    return organisation


@transaction.atomic
def leave_sandbox(*, actor: Actor, first_days: dict[str, object], now: datetime) -> Organisation:
    """Put an organisation on the real clock, for good. `first_days`: the cap that the outbox keeps. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    organisation = Organisation.objects.select_for_update().get(pk=actor.organisation_id)
    organisation.is_sandbox, organisation.sandbox_on, organisation.asked_on = False, None, None
    organisation.settings = {**organisation.settings, "first_days": first_days}
    organisation.save(update_fields=["is_sandbox", "sandbox_on", "asked_on", "settings"])
    audit.record(
        actor=actor, verb="access.organisation.live", object_type="organisation", object_id=organisation.pk, now=now
    )  # fmt: skip
    return organisation


def take_asked_day(*, organisation: Organisation) -> date | None:
    """Return the day that was asked for, once: a second worker gets nothing."""
    asked = organisation.asked_on
    if asked is None:
        return None
    mine = Organisation.objects.filter(pk=organisation.pk, asked_on=asked).update(asked_on=None)
    return asked if mine else None


@transaction.atomic
def set_paused(*, actor: Actor, is_paused: bool, now: datetime) -> None:
    """Stop or resume every message of the organisation."""
    actor.check(Permission.BULK_ACT)
    Organisation.objects.filter(pk=actor.organisation_id).update(is_paused=is_paused)
    audit.record(
        actor=actor, verb="access.organisation.pause" if is_paused else "access.organisation.resume",
        object_type="organisation", object_id=actor.organisation_id, now=now,
    )  # fmt: skip


@dataclass(frozen=True)
class News:
    """One line for somebody's bell; `key` says when two are the same news.

    A lazy title or body is said in each reader's language, with the facts put in.
    """

    kind: str
    title: str | Promise
    key: str
    body: str | Promise = ""
    url: str = ""
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def said(self, language: str) -> dict[str, str]:
        """Return the columns of the line, in a language."""
        with override(language):
            title, body = (
                str(text) % self.facts if isinstance(text, Promise) else text
                for text in (self.title, self.body)
            )
        return {
            "kind": self.kind,
            "key": self.key,
            "url": self.url,
            "title": title[:LONGEST_TITLE],
            "body": body,
        }


def notify(*, actor: Actor, user_ids: Iterable[int], news: News, now: datetime) -> int:
    """Put one line under the bell of each user; the same key is told once. Return how many were new."""
    told = Notification.objects.of(actor.organisation_id).filter(key=news.key)
    before = told.count()
    readers = User.objects.filter(pk__in=set(user_ids)).values_list("pk", "language")
    Notification.objects.bulk_create(
        [
            Notification(
                organisation_id=actor.organisation_id, user_id=user_id, created_at=now, **news.said(language)
            )
            for user_id, language in readers
        ],
        ignore_conflicts=True,
    )
    return told.count() - before


def take_digests(*, actor: Actor, as_of: date, hour: int) -> list[Membership]:
    """Return the members to be told the digest of that day now, each once: the next call has none of them.

    Call it in the transaction that tells them.
    """
    rows = Membership.objects.of(actor.organisation_id).select_for_update(of=("self",))
    due = selectors.digests_due(actor, as_of=as_of, hour=hour, among=rows)
    Membership.objects.of(actor.organisation_id).filter(pk__in=[one.pk for one in due]).update(
        digest_on=as_of
    )
    return due


def set_digest(*, actor: Actor, is_on: bool, hour: int) -> None:
    """Keep whether and at what hour of the organisation's day the actor wants the digest. Raises ValueError."""
    if not 0 <= hour <= LAST_HOUR:
        raise ValueError(_("La hora va de 0 a 23."))
    rows = Membership.objects.of(actor.organisation_id).filter(user_id=actor.user_id)
    rows.update(has_digest=is_on, digest_hour=hour)


def switch_digests(*, actor: Actor, user_ids: Iterable[int], is_on: bool) -> int:
    """Turn the digest of the morning on or off for some members; return how many changed. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    rows = Membership.objects.of(actor.organisation_id).filter(
        user_id__in=list(user_ids), has_digest=not is_on
    )
    return int(rows.update(has_digest=is_on))


def read_notifications(*, actor: Actor, now: datetime) -> int:
    """Mark everything under the actor's bell as read; return how many."""
    rows = Notification.objects.of(actor.organisation_id).filter(user_id=actor.user_id, read_at=None)
    return int(rows.update(read_at=now))


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
