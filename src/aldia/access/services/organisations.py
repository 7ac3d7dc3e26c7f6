"""An organisation: its first day, its settings, its own closed days, and the stop of everything that goes out."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, system
from aldia.access.models import (
    Organisation,
    OrganisationHoliday,
    Team,
)
from aldia.access.permissions import Permission


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
def set_paused(*, actor: Actor, is_paused: bool, now: datetime) -> None:
    """Stop or resume every message of the organisation."""
    actor.check(Permission.BULK_ACT)
    Organisation.objects.filter(pk=actor.organisation_id).update(is_paused=is_paused)
    audit.record(
        actor=actor, verb="access.organisation.pause" if is_paused else "access.organisation.resume",
        object_type="organisation", object_id=actor.organisation_id, now=now,
    )  # fmt: skip
