"""The links by which people come in the first time. Each works once, and is handed over by whoever made it: no mail server is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from aldia.access.models import Membership, Organisation, User

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


def awaiting(token: str) -> Organisation:
    """Return the organisation that the first link of this token opens. Raises DoorClosed."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=LIVES)
    except signing.BadSignature as error:
        raise DoorClosed(_("El enlace venció o está incompleto.")) from error
    found = next((row for row in waiting() if row.pk == told["organisation"]), None)
    if found is None:
        raise DoorClosed(_("Alguien ya entró con este enlace."))
    return found


def password_link(user: User) -> str:
    """Return the address at which a person chooses its password, until it is used or some days go by."""
    where = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs=where)
