"""`aldia user`: a person who works in an organisation, new or known, and the link by which it chooses its password."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.permissions import OUTSIDE, ROLE_PERMISSIONS
from aldia.ops.console import AldiaCommand

ROLES = tuple(role for role in ROLE_PERMISSIONS if role not in OUTSIDE)


class Command(AldiaCommand):
    help = _(
        "Agrega a una persona, o encuentra a la que ya está, y da el enlace con que elige su contraseña."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email", metavar="CORREO", help=_("el correo con que entra"))
        parser.add_argument("--name", metavar="NOMBRE", help=_("su nombre, si es nueva"))
        parser.add_argument(
            "--role", choices=ROLES, default="ADMINISTRATOR", help=_("su rol, si es nueva (ADMINISTRATOR)")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation, email = self.organisation(options), options["email"].strip().lower()
        actor, now = self.actor(organisation), timezone.now()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(_("«%(email)s» no es un correo.") % {"email": email}) from error
        known = next((row for row in access.members(actor) if row.user.email == email), None)
        try:
            row = known or access_services.add_member(
                actor=actor,
                email=email,
                name=options["name"] or email.partition("@")[0],
                role=options["role"],
                now=now,
            )
        except access_services.UnableToAdd as refusal:
            raise CommandError(str(refusal)) from refusal
        try:
            link = access_services.link_for(actor=actor, membership=row, now=now)
            lines = [
                _("Con ./aldia run abierto, elige su contraseña en este enlace, que sirve una vez:"),
                f"  {link}",
            ]
        except access_services.UnableToAdd as refusal:  # it is a member all the same, and has a password
            link, lines = None, [str(refusal)]
        result = {
            "email": email, "organisation": organisation.key, "role": row.role, "is_new": known is None, "link": link,
        }  # fmt: skip
        self.answer(result, options, lines)
