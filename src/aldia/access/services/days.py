"""Which day an organisation lives: a sandbox goes forward when asked, a live one is on the real clock."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.models import (
    Organisation,
)
from aldia.access.permissions import Permission


class ClockGoesForward(Exception):
    """Raised when somebody asks the sandbox clock to go back."""


class NotInSandbox(Exception):
    """Raised when a live organisation is asked to live another day than today."""


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
