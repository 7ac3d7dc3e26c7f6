"""The form of the address to which the organisation's own systems are told."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from aldia.web.desk.forms.settings import Plain


class WebhookForm(Plain):
    """Where to tell, and whether. The service refuses an address inside this installation's network."""

    url = forms.CharField(
        label=gettext_lazy("Dirección"), max_length=500,
        help_text=gettext_lazy("La de tu sistema, con https://. Le llega lo que una estrategia pide: suspender, reponer, avisar."),
    )  # fmt: skip
    is_on = forms.BooleanField(label=gettext_lazy("Encendido"), required=False)
