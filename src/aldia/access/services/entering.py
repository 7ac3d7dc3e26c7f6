"""Who comes in for the first time: the first person of an organisation, and members by a link that somebody hands them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit, entering
from aldia.access.actors import Actor, system
from aldia.access.models import Membership, Organisation, User
from aldia.access.outsiders import UnableToAdd
from aldia.access.permissions import Permission, Role
from aldia.access.services.people import add_member


@transaction.atomic
def enter_first(*, token: str, email: str, name: str, password: str, now: datetime) -> User:
    """Return the user of the first person, now administrator of the organisation that the link opens.

    Who has an account already, in another organisation, gives its own password. Raises DoorClosed of `access.entering`, UnableToAdd.
    """
    organisation_id = entering.awaiting(token).pk
    Organisation.objects.select_for_update().get(pk=organisation_id)
    entering.awaiting(token)  # again: whoever came at the same time may have been first
    known = User.objects.filter(email=email.lower()).first()
    if known is not None and not known.check_password(password):
        raise UnableToAdd(_("Ese correo ya tiene una cuenta aquí: escribe su contraseña."))
    return add_member(
        actor=system(organisation_id), email=email, name=name, password=password, role=Role.ADMINISTRATOR, now=now
    ).user  # fmt: skip


def link_for(*, actor: Actor, membership: Membership, now: datetime) -> str:
    """Return an address at which a member chooses its password, until it is used or some days go by. Raises NotAllowed, UnableToAdd.

    Whoever works for another organisation too gets none: it would open that one's door to this one's administrator.
    """
    actor.check(Permission.EDIT_PEOPLE)
    elsewhere = Membership.objects.across_organisations().filter(user_id=membership.user_id, is_active=True)
    if elsewhere.exclude(organisation_id=actor.organisation_id).exists():
        raise UnableToAdd(_("También trabaja en otra organización: la contraseña la cambia por su correo."))
    audit.record(
        actor=actor, verb="access.member.link", object_type="membership", object_id=membership.pk, now=now
    )
    return entering.password_link(membership.user)
