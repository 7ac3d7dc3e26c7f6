"""Forms of SMS, WhatsApp and the box of replies. They only read what was written; the room decides whether it may be kept."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from aldia.contact.gateways import BY_CHANNEL, FIELDS
from aldia.web.desk.forms.settings import Plain, word

_SECRET: Final = gettext_lazy("Se guarda cifrado y no se vuelve a mostrar. Vacío deja el que está.")


def secret(label: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label, max_length=500, required=False, strip=False, widget=widget, help_text=_SECRET
    )


def text(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=300, required=False, help_text=help_text)


class SmsForm(Plain):
    """The gateway through which SMS leave: it asks only for what the chosen provider needs."""

    provider = forms.ChoiceField(
        choices=[(key, word(key)) for key in BY_CHANNEL["sms"]], widget=forms.HiddenInput
    )
    sender = text(
        gettext_lazy("Número que escribe"),
        gettext_lazy("Con prefijo, como +5491155550100, o el código corto."),
    )
    base_url = text(
        gettext_lazy("Dirección del servidor"),
        gettext_lazy("Como https://sms.tuempresa.com:13013. En Twilio, vacía."),
    )
    user = text(gettext_lazy("Usuario o cuenta"))
    user.widget.attrs["autocomplete"] = "username"
    password = secret(gettext_lazy("Contraseña o clave de la cuenta"))
    word = secret(gettext_lazy("Palabra acordada"))
    host = text(gettext_lazy("Servidor del operador"), gettext_lazy("Como smsc.operador.com."))
    port = forms.IntegerField(
        label=gettext_lazy("Puerto"), min_value=1, max_value=65_535, required=False, initial=2775
    )
    system_type = text(gettext_lazy("Tipo de sistema"), gettext_lazy("Vacío si el operador no lo pide."))
    security = forms.ChoiceField(
        label=gettext_lazy("Cifrado"), required=False,
        choices=[("none", gettext_lazy("Sin cifrado: por una red privada")), ("tls", gettext_lazy("TLS"))],
    )  # fmt: skip
    receipt_ids = forms.ChoiceField(
        label=gettext_lazy("Números de los recibos"), required=False,
        choices=[
            ("same", gettext_lazy("Iguales a los de la respuesta")), ("decimal", gettext_lazy("En decimal")),
            ("hexadecimal", gettext_lazy("En hexadecimal")),
        ],
        help_text=gettext_lazy("Si los mensajes salen y sus recibos no aparecen, prueba otro."),
    )  # fmt: skip
    price_minor = forms.IntegerField(
        label=gettext_lazy("Precio de cada parte, en centavos"), min_value=0, required=False, initial=0
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self["provider"].value())
        for name in (
            set(self.fields) - FIELDS.get(chosen, frozenset()) - {"provider", "sender", "price_minor"}
        ):
            del self.fields[name]


class WhatsAppForm(Plain):
    """The number of WhatsApp's Cloud API."""

    phone_number_id = text(gettext_lazy("Identificador del número"))
    waba_id = text(gettext_lazy("Identificador de la cuenta de WhatsApp"))
    password = secret(gettext_lazy("Clave de acceso"))
    app_secret = secret(gettext_lazy("Secreto de la aplicación"))
    verify_token = text(
        gettext_lazy("Palabra de verificación"),
        gettext_lazy("La misma que escribes en Meta al dar de alta la dirección."),
    )
    base_url = text(gettext_lazy("Dirección del servicio"), gettext_lazy("Vacía: la de Meta."))


class TryForm(Plain):
    """The telephone of whoever tries a channel."""

    to = forms.CharField(
        label=gettext_lazy("Tu teléfono"),
        max_length=30,
        help_text=gettext_lazy("Con prefijo, como +54 9 11 5555 0100."),
    )


class InboxForm(Plain):
    """The box where replies and bounces come in."""

    address = forms.CharField(
        label=gettext_lazy("Dirección del buzón"), max_length=200,
        help_text=gettext_lazy("Por ejemplo cobros@tuempresa.com. Cada mensaje le agrega su propia marca: cobros+marca@…"),
    )  # fmt: skip
    host = text(
        gettext_lazy("Servidor IMAP"),
        gettext_lazy("Vacío si tu servidor de correo entrega los mensajes con «aldia inbound -»."),
    )
    port = forms.IntegerField(label=gettext_lazy("Puerto"), initial=993, min_value=1, max_value=65_535)
    security = forms.ChoiceField(
        label=gettext_lazy("Cifrado"),
        choices=[
            ("tls", gettext_lazy("TLS (puerto 993)")), ("starttls", gettext_lazy("STARTTLS (puerto 143)")),
            ("none", gettext_lazy("Sin cifrado: solo en este equipo o en tu red")),
        ],
    )  # fmt: skip
    user = text(gettext_lazy("Usuario"))
    password = secret(gettext_lazy("Contraseña"))
