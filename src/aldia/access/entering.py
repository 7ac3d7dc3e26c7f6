"""How people come in the first time: whoever runs the server, by a link that names the organisation; the others, by one of their own.

Both links work once. No mail server is needed: they are handed over by whoever made them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, system
from aldia.access.models import Membership, Organisation, User
from aldia.access.outsiders import UnableToAdd
from aldia.access.permissions import Permission
from aldia.access.services.people import add_member

LIVES: Final = timedelta(days=7)
"""For how long the link of the first person serves; every start of aldia makes another."""
_SALT: Final = "aldia.first-person"


class DoorClosed(Exception):
    """Raised when a link of the first person is not one, is too old, or somebody already came in by one."""


def waiting() -> list[Organisation]:
    """Return the organisations that nobody can enter yet, the oldest first."""
    members = Membership.objects.across_organisations().values("organisation_id")
    return list(Organisation.objects.exclude(pk__in=members).order_by("pk"))


def first_link(organisation: Organisation) -> str:
    """Return the address at which the first person of an organisation makes its account, as administrator."""
    token = signing.dumps({"organisation": organisation.pk}, salt=_SALT)
    return settings.PUBLIC_URL + reverse("ui:first", args=[token])


def organisation_of(token: str) -> Organisation:
    """Return the organisation whose first person a link lets in. Raises DoorClosed."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=LIVES)
    except signing.BadSignature as error:
        raise DoorClosed(_("El enlace venció o está incompleto.")) from error
    found = next((row for row in waiting() if row.pk == told["organisation"]), None)
    if found is None:
        raise DoorClosed(_("Alguien ya entró con este enlace."))
    return found


@transaction.atomic
def enter_first(*, token: str, email: str, name: str, password: str, now: datetime) -> User:
    """Return the user of the first person, now administrator of the organisation of the link.

    Who has an account already, in another organisation, gives its own password. Raises DoorClosed, UnableToAdd.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation_of(token).pk)
    organisation_of(token)  # again, now that whoever came at the same time has waited
    known = User.objects.filter(email=email.lower()).first()
    if known is not None and not known.check_password(password):
        raise UnableToAdd(_("Ese correo ya tiene una cuenta aquí: escribe su contraseña."))
    membership = add_member(
        actor=system(organisation.pk),
        email=email,
        name=name,
        role="ADMINISTRATOR",
        password=password,
        now=now,
    )
    return membership.user


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
    key = default_token_generator.make_token(membership.user)
    where = {"uidb36": user_pk_to_url_str(membership.user), "key": key}
    return settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs=where)
