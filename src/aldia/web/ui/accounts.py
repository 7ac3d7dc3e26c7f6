"""Sign-in rules: staff are added by an administrator, nobody signs up alone; and its refusals in our own words."""

import logging
import smtplib
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aldia.access import selectors as access
from aldia.contact import services as contact

log = logging.getLogger(__name__)


class StaffAccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "El correo o la contraseña no coinciden. Revísalos e inténtalo otra vez."
        ),
        "too_many_login_attempts": _(
            "Fueron muchos intentos seguidos. Espera unos minutos y vuelve a probar."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write by the server of one of the person's organisations, else by the installation's. Where there is none, or it is down, the
        page answers as it does to an unknown address: nobody learns from it who has an account.
        """
        houses = (
            [row.organisation_id for row in access.memberships_of(context["user"])]
            if "user" in context
            else []
        )
        message = self.render_mail(template_prefix, email, context)
        told = {"to": email, "subject": message.subject, "text": message.body}
        if contact.write_to_member(organisation_ids=houses, **told):
            return
        if not settings.EMAIL_HOST:
            log.warning(
                "no mail server: %s was written nothing; `./aldia user %s` gives a link", email, email
            )
            return
        try:
            message.send()
        except (OSError, smtplib.SMTPException) as error:
            log.warning("the mail server did not take what is for a member: %s", error)
