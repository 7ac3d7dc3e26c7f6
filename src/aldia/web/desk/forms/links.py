"""The form of the link with another system's books."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from aldia.web.desk.forms.settings import Plain


class LinkForm(Plain):
    """Where the other system is and who we are there. The service refuses an address that aldia may not go to."""

    url = forms.CharField(
        label=gettext_lazy("Dirección de tu Tryton"),
        max_length=300,
        help_text=gettext_lazy("La que abre tu cliente, sin el nombre de la base."),
    )
    database = forms.CharField(label=gettext_lazy("Base"), max_length=120)
    user = forms.CharField(
        label=gettext_lazy("Usuario"), widget=forms.TextInput(attrs={"autocomplete": "username"}), max_length=120,
        help_text=gettext_lazy("Uno propio para aldia, con los grupos de contabilidad y una sola empresa."),
    )  # fmt: skip
    secret = forms.CharField(
        label=gettext_lazy("Clave"), max_length=200, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Vacía deja la que está."),
    )  # fmt: skip
    portfolio = forms.CharField(
        label=gettext_lazy("Cartera"),
        max_length=60,
        help_text=gettext_lazy("Una propia del enlace; si no existe, la primera vuelta la hace."),
    )
    method = forms.CharField(
        label=gettext_lazy("Método de pago"), max_length=120, required=False,
        help_text=gettext_lazy("Cómo se llama en Tryton por donde entra el dinero; vacío usa el primero."),
    )  # fmt: skip
    is_on = forms.BooleanField(label=gettext_lazy("Encendido: una vuelta cada diez minutos"), required=False)
