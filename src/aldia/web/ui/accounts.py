"""Sign-in rules: staff are added by an administrator, nobody signs up alone; and its refusals in our own words."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


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
