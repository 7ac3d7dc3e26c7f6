"""The form of a way to be paid online. It only reads what was written; the room decides whether it may be kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from aldia.payments.methods import PROVIDERS
from aldia.web.desk.forms.gateways import secret, text
from aldia.web.desk.forms.settings import Plain


class MethodForm(Plain):
    """A gateway, or the account for transfers: it asks only for what the chosen one needs."""

    creditor = forms.ChoiceField(
        label=gettext_lazy("Acreedor"), required=False,
        help_text=gettext_lazy("El propio de un acreedor va antes que el de todos."),
    )  # fmt: skip
    holder = text(gettext_lazy("Titular de la cuenta"))
    tax_id = text(gettext_lazy("Identificación fiscal del titular"))
    bank = text(gettext_lazy("Banco"))
    account = text(gettext_lazy("Número de cuenta"), gettext_lazy("CBU, CLABE, CCI o el que use tu banco."))
    alias = text(gettext_lazy("Alias"))
    pix_key = text(
        gettext_lazy("Clave Pix"), gettext_lazy("Solo en Brasil: con ella se muestra el código para copiar.")
    )
    pix_city = text(gettext_lazy("Ciudad del titular"), gettext_lazy("La pide el Pix."))
    commerce = text(gettext_lazy("Código de comercio"))
    access_token = secret(gettext_lazy("Clave de acceso"))
    secret = secret(gettext_lazy("Palabra con la que firma sus avisos"))
    base_url = text(gettext_lazy("Dirección de la pasarela"), gettext_lazy("Vacía: la oficial."))
    currencies = text(gettext_lazy("Monedas"), gettext_lazy("Códigos separados por espacios, como ARS USD."))
    least = text(
        gettext_lazy("Importe mínimo"),
        gettext_lazy("En la primera moneda. Quien debe menos paga todo. Vacío: cualquiera."),
    )
    is_test = forms.BooleanField(
        label=gettext_lazy("Modo de prueba"), required=False, initial=True,
        help_text=gettext_lazy("Se ofrece solo mientras la organización está en prueba; sin él, solo en vivo."),
    )  # fmt: skip

    def __init__(self, *args: Any, provider: str, creditors: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {*PROVIDERS[provider].fields, "creditor", "currencies", "least"}
        if provider in {"mercadopago", "webpay"}:
            kept.add("is_test")
        for name in set(self.fields) - kept:
            del self.fields[name]
        self.fields["creditor"].choices = [("", gettext_lazy("Todos")), *creditors]  # type: ignore[attr-defined]
