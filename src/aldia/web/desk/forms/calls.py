"""Forms of the telephone exchange. They only read what was written; the room decides whether it may be kept."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from aldia.web.desk.forms.gateways import secret, text
from aldia.web.desk.forms.settings import Plain


class ExchangeForm(Plain):
    """An Asterisk exchange and what is said of recording."""

    base_url = text(
        gettext_lazy("Dirección de la central"),
        gettext_lazy("La de su interfaz REST (ARI), como https://central.tuempresa.com:8089."),
    )
    user = text(gettext_lazy("Usuario de ARI"))
    user.widget.attrs["autocomplete"] = "username"
    password = secret(gettext_lazy("Contraseña"))
    client_pattern = text(
        gettext_lazy("Por dónde salen las llamadas"),
        gettext_lazy("Como PJSIP/{number}@troncal. Usa {digits} si tu troncal no quiere el signo +."),
    )
    agent_pattern = text(gettext_lazy("Cómo suena un interno"), gettext_lazy("Vacío: PJSIP/{extension}."))
    sender = text(
        gettext_lazy("Número que ve el cliente"),
        gettext_lazy("Con prefijo, como +541155550100. Uno oculto está prohibido en varios países."),
    )
    is_recorded = forms.BooleanField(label=gettext_lazy("Grabar las llamadas"), required=False)
    notice_sound = text(
        gettext_lazy("Sonido que avisa que se graba"),
        gettext_lazy(
            "El nombre de un sonido de tu central, como sound:custom/se-graba. Suena antes de empezar a grabar."
        ),
    )
    kept_days = forms.IntegerField(
        label=gettext_lazy("Días que se guarda una grabación"), min_value=1, max_value=3650, required=False,
        help_text=gettext_lazy("Después se borra sola. Vacío: 90."),
    )  # fmt: skip
