"""The forms of the settings. They only read what was written; the rooms decide whether it may be kept."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.contact.providers import FOLDERS
from aldia.domain.compliance.matching import ACTOR_KINDS, DEBT_KINDS, DEBTOR_KINDS
from aldia.domain.customer_terms import UnreadableTerms, read_early_discount
from aldia.domain.outcomes import ContactLevel, NextKind
from aldia.web.desk.forms.days import DayField, Spoken
from aldia.web.desk.forms.intake import COUNTRIES

_UNKNOWN: Final = ("", gettext_lazy("No se sabe: se aplica lo más estricto"))
WORDS: Final = {
    "consumer": gettext_lazy("Consumo"), "commercial": gettext_lazy("Comercial"), "business": gettext_lazy("Empresas"),
    "financial": gettext_lazy("Financiera"), "credit_card": gettext_lazy("Tarjeta de crédito"),
    "consumer_credit": gettext_lazy("Crédito al consumo"), "public_utility": gettext_lazy("Servicio público"),
    "non_financial_credit": gettext_lazy("Crédito no financiero"), "creditor": gettext_lazy("El propio acreedor"),
    "lender": gettext_lazy("Un prestamista"), "financial_entity_in_house": gettext_lazy("Una entidad financiera, con su equipo"),
    "collection_agency": gettext_lazy("Una agencia de cobranza"), "debt_buyer": gettext_lazy("Quien compró la deuda"),
    "assignee": gettext_lazy("Un cesionario"), "law_firm": gettext_lazy("Un estudio jurídico"),
    "oldest_first": gettext_lazy("Primero lo más antiguo"), "by_component": gettext_lazy("Por concepto: gastos, intereses, capital"),
    "proportional": gettext_lazy("En proporción a cada saldo"), "sandbox": gettext_lazy("De prueba: al buzón"),
    "smtp": gettext_lazy("Servidor de correo"), "twilio": "Twilio", "kannel": "Kannel",
    "smpp": gettext_lazy("Operador, por SMPP"),
    "whatsapp": gettext_lazy("WhatsApp de Meta (Cloud API)"), "printing": gettext_lazy("Imprenta: con «aldia letters»"),
}  # fmt: skip
_ELSEWHERE: Final = {"BR": "pt_BR", "PT": "pt_PT", "US": "en_US"}
LOCALES: Final = tuple((_ELSEWHERE.get(code, f"es_{code}"), name) for code, name in COUNTRIES)
_ZONES: Final = tuple(
    (zone, zone.partition("/")[2].replace("_", " ").replace("/", ", "))
    for zone in sorted(available_timezones())
    if zone.startswith(("America/", "Europe/", "Atlantic/"))
)
NEXT_WORDS: Final = {
    "call": gettext_lazy("Llamar"), "review_promise": gettext_lazy("Revisar la promesa"), "review_plan": gettext_lazy("Revisar el plan"),
    "verify_payment": gettext_lazy("Verificar el pago"), "answer_dispute": gettext_lazy("Responder la disputa"),
    "send_message": gettext_lazy("Enviar mensaje"), "find_contact": gettext_lazy("Buscar otro dato"),
    "supervise": gettext_lazy("Que lo vea el supervisor"),
}  # fmt: skip


def word(key: str) -> Any:
    """Return the word of a kind that the law knows, said in the reader's language, or its own key in plain letters."""
    return WORDS.get(key, key.replace("_", " ").capitalize())


class Plain(forms.Form):
    """A form whose fields are drawn with the controls of the house."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs.setdefault("class", "ald-input")
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 5

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields with how each is drawn."""
        return [
            {"field": field, "is_check": isinstance(field.field.widget, forms.CheckboxInput)}
            for field in self.visible_fields()
        ]


class OrganisationForm(Plain):
    """How the organisation is called and writes."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=200)
    locale = forms.ChoiceField(
        label=gettext_lazy("Números y fechas como en"),
        choices=LOCALES,
        help_text=gettext_lazy("Por ejemplo, 1.234,50 o 1,234.50."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Idioma"),
        choices=[("es", "Español"), ("en", "English"), ("pt-br", "Português (Brasil)")],
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Zona horaria"),
        choices=_ZONES,
        help_text=gettext_lazy("La de la ciudad donde trabaja el equipo."),
    )
    has_second_publisher = forms.BooleanField(
        label=gettext_lazy("Una estrategia o un texto los propone una persona y los publica otra"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("locale", "timezone"):
            _keep_choice(self.fields[name], str(self.initial.get(name, "")))


def _keep_choice(field: Any, value: str) -> None:
    """What is in force can be kept although the list does not offer it."""
    if value and value not in dict(field.choices):
        field.choices = [(value, value), *field.choices]


class PortfolioForm(Plain):
    """The facts of a portfolio on which the law and the texts depend; how it spreads money is `forms.allocation`."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=200)
    country = forms.ChoiceField(
        label=gettext_lazy("País"),
        required=False,
        choices=[("", gettext_lazy("No se sabe: se aplica lo más estricto")), *COUNTRIES],
    )
    debt_kind = forms.ChoiceField(
        label=gettext_lazy("Clase de deuda"),
        required=False,
        choices=[_UNKNOWN, *((key, word(key)) for key in DEBT_KINDS)],
    )
    debtor_kind = forms.ChoiceField(
        label=gettext_lazy("Quién debe"),
        required=False,
        choices=[_UNKNOWN, *((key, word(key)) for key in DEBTOR_KINDS)],
    )
    actor_kind = forms.ChoiceField(
        label=gettext_lazy("Quién cobra"), choices=[(key, word(key)) for key in ACTOR_KINDS]
    )
    authority = forms.ChoiceField(
        label=gettext_lazy("Quién manda sobre los saldos"),
        choices=[("ALDIA", "aldia"), ("EXTERNAL", gettext_lazy("Sistema externo"))],
    )
    strategy_key = forms.ChoiceField(label=gettext_lazy("Estrategia"), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Idioma de los mensajes"),
        choices=OrganisationForm.base_fields["language"].choices,  # type: ignore[attr-defined]
    )
    treatment = forms.ChoiceField(
        label=gettext_lazy("Trato"), choices=[("tu", "tú"), ("usted", "usted"), ("vos", "vos")]
    )
    owner_id = forms.TypedChoiceField(
        label=gettext_lazy("Responsable"), required=False, coerce=int, empty_value=None
    )
    payment_days = forms.IntegerField(
        label=gettext_lazy("Días de pago"), required=False, min_value=0, max_value=365,
        help_text=gettext_lazy("De la emisión al vencimiento, para las facturas electrónicas que no dicen cuándo vencen."),
    )  # fmt: skip
    early_discount = forms.CharField(
        label=gettext_lazy("Descuento por pronto pago"), required=False, max_length=20,
        help_text=gettext_lazy("Como «2/10»: 2 % si paga entera la factura dentro de 10 días. El cliente puede tener el suyo."),
    )  # fmt: skip
    cover = forms.IntegerField(
        label=gettext_lazy("Seguro de crédito: cobertura, en %"), required=False, min_value=0, max_value=100,
        help_text=gettext_lazy("Lo que paga la aseguradora de cada cliente. Vacío: la cartera no está asegurada."),
    )  # fmt: skip
    cover_limit = forms.IntegerField(
        label=gettext_lazy("Seguro de crédito: límite por cliente"), required=False, min_value=0, max_value=10**12,
        help_text=gettext_lazy("En la moneda de la cartera, sin centavos."),
    )  # fmt: skip
    declare_days = forms.IntegerField(
        label=gettext_lazy("Seguro de crédito: días para declarar"), required=False, min_value=1, max_value=1_000,
        help_text=gettext_lazy("Desde el vencimiento más antiguo del cliente."),
    )  # fmt: skip
    age_percent = forms.IntegerField(
        label=gettext_lazy("Atención: peso de la antigüedad, en %"), min_value=0, max_value=100,
        help_text=gettext_lazy("Con 60, un saldo chico de 45 días pasa delante de uno grande de 2. Con 0 cuenta solo el importe."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, strategies: list[tuple[str, str]], people: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _keep_choice(self.fields["country"], str(self.initial.get("country", "")))
        self.fields["strategy_key"].choices = [("", _("La que corresponde por quién debe")), *strategies]  # type: ignore[attr-defined]
        self.fields["owner_id"].choices = [("", _("Nadie")), *people]  # type: ignore[attr-defined]

    def clean_early_discount(self) -> str:
        """The discount as it is kept: «2/10», or nothing."""
        try:
            early = read_early_discount(self.cleaned_data["early_discount"])
        except UnreadableTerms as problem:
            raise forms.ValidationError(_("Escríbelo como «2/10»: el porcentaje y los días.")) from problem
        return str(early) if early else ""

    def clean(self) -> dict[str, Any]:
        """A contract of insurance is whole or is not there."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("cover"):
            for name in ("cover_limit", "declare_days"):
                if not told.get(name) and name not in self.errors:
                    self.add_error(name, _("El contrato de seguro lo necesita."))
        return told


class CreditorForm(Plain):
    """Who is owed, as statements and notices print it."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=200)
    legal_name = forms.CharField(label=gettext_lazy("Razón social"), max_length=250, required=False)
    tax_id = forms.CharField(label=gettext_lazy("Identificación fiscal"), max_length=30, required=False)
    email = forms.EmailField(label=gettext_lazy("Correo para clientes"), required=False)
    phone = forms.CharField(label=gettext_lazy("Teléfono para clientes"), max_length=30, required=False)
    address = forms.CharField(label=gettext_lazy("Domicilio"), max_length=250, required=False)
    payment_instructions = forms.CharField(
        label=gettext_lazy("Cómo pagar"), required=False, max_length=2000, widget=forms.Textarea,
        help_text=gettext_lazy("Cuenta, alias o CBU: sale en los estados de cuenta y en la página del cliente."),
    )  # fmt: skip
    has_verification = forms.BooleanField(
        label=gettext_lazy("El cliente se identifica antes de ver nombres e importes"), required=False
    )


class HolidayForm(Spoken, Plain):
    """A day on which nobody is contacted."""

    on = DayField(label=gettext_lazy("Día"))
    name = forms.CharField(label=gettext_lazy("Motivo"), max_length=100)


class TemplateForm(Plain):
    """The text of a notice; only the variables of the list may be used."""

    subject = forms.CharField(label=gettext_lazy("Asunto"), max_length=200, required=False)
    body = forms.CharField(label=gettext_lazy("Texto"), max_length=20_000, widget=forms.Textarea)
    confirmed = forms.CharField(label=gettext_lazy("Cómo lo dice"), max_length=200, required=False)


class MailServerForm(Plain):
    """The server through which e-mail leaves."""

    host = forms.CharField(
        label=gettext_lazy("Servidor"), max_length=200, help_text=gettext_lazy("Por ejemplo smtp.tuempresa.com.")
    )  # fmt: skip
    port = forms.IntegerField(label=gettext_lazy("Puerto"))
    security = forms.ChoiceField(
        label=gettext_lazy("Cifrado"),
        choices=[
            ("starttls", gettext_lazy("STARTTLS (puerto 587)")),
            ("tls", gettext_lazy("TLS (puerto 465)")),
            ("none", gettext_lazy("Sin cifrado: solo en este equipo o en tu red")),
        ],
    )
    user = forms.CharField(
        label=gettext_lazy("Usuario"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Contraseña"), max_length=500, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Se guarda cifrada y no se vuelve a mostrar. Vacía deja la que está."),
    )  # fmt: skip


class SenderForm(Plain):
    """Who signs the e-mail of a creditor."""

    name = forms.CharField(label=gettext_lazy("Nombre del remitente"), max_length=100, required=False)
    address = forms.CharField(
        label=gettext_lazy("Dirección del remitente"), max_length=200, required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Tiene que ser una dirección que el servidor te deje usar."),
    )  # fmt: skip


class GoLiveForm(Plain):
    """How many messages a day may leave by themselves during the first days, and the name that confirms it."""

    cap = forms.IntegerField(
        label=gettext_lazy("Mensajes por día, como mucho"), min_value=1, max_value=100_000
    )
    days = forms.IntegerField(label=gettext_lazy("Durante cuántos días"), min_value=1, max_value=30)
    name = forms.CharField(
        label=gettext_lazy("Escribe el nombre de la organización"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class ChannelForm(Plain):
    """How a channel leaves."""

    provider = forms.ChoiceField(
        label=gettext_lazy("Proveedor"), choices=[(key, word(key)) for key in FOLDERS]
    )
    sender = forms.CharField(
        label=gettext_lazy("Remitente"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Correo: Cobranzas <cobranzas@tuempresa.com>"),
    )
    is_live = forms.BooleanField(label=gettext_lazy("En vivo: los mensajes salen de verdad"), required=False)
    is_paused = forms.BooleanField(label=gettext_lazy("En pausa: nada sale por este canal"), required=False)


class PaceForm(Plain):
    """How fast a channel goes, or whether it stands still."""

    per_minute = forms.IntegerField(
        label=gettext_lazy("Como mucho, mensajes por minuto"), min_value=1, max_value=60_000, required=False,
        help_text=gettext_lazy("Lo que tu proveedor aguanta. Vacío: tan rápido como salgan."),
    )  # fmt: skip
    is_paused = forms.BooleanField(label=gettext_lazy("En pausa: nada sale por este canal"), required=False)


class OutcomeForm(Plain):
    """What a result is called, its letter, and the next step that it always leaves."""

    es = forms.CharField(label=gettext_lazy("Nombre"), max_length=80)
    en = forms.CharField(label=gettext_lazy("En inglés"), max_length=80)
    pt = forms.CharField(label=gettext_lazy("En portugués"), max_length=80)
    contact = forms.ChoiceField(label=gettext_lazy("Con quién se habló"), choices=[
        (ContactLevel.RIGHT_PARTY.value, gettext_lazy("Titular")), (ContactLevel.THIRD_PARTY.value, gettext_lazy("Tercero")),
        (ContactLevel.NO_CONTACT.value, gettext_lazy("Sin contacto")),
    ])  # fmt: skip
    letter = forms.RegexField(r"^[A-Za-z]?$", label=gettext_lazy("Letra del teclado"), required=False)
    next_kind = forms.ChoiceField(
        label=gettext_lazy("Próximo paso"),
        choices=[(kind.value, NEXT_WORDS[kind.value]) for kind in NextKind],
    )
    business_days = forms.IntegerField(
        label=gettext_lazy("En cuántos días hábiles"), min_value=0, max_value=60
    )
    is_active = forms.BooleanField(label=gettext_lazy("Se ofrece"), required=False)


def _days(label: Any, help_text: Any, unit: Any, least: int, most: int) -> forms.IntegerField:
    """A number of days, with what it means beside it and its unit after it."""
    field = forms.IntegerField(label=label, help_text=help_text, min_value=least, max_value=most)
    field.unit = unit  # type: ignore[attr-defined]
    return field


_DAYS, _DAYS_BEFORE = gettext_lazy("días"), gettext_lazy("días antes")


class AlarmForm(Plain):
    """When alarms fire by themselves."""

    promise_days_ahead = _days(
        gettext_lazy("Promesa por vencer"), gettext_lazy("Para recordarla a tiempo; con 0 avisa el mismo día."), _DAYS_BEFORE, 0, 30
    )  # fmt: skip
    no_contact_days = _days(
        gettext_lazy("Sin contacto"),
        gettext_lazy("Nadie logró hablar con el cliente en este tiempo."),
        _DAYS,
        1,
        365,
    )
    new_debt_days = _days(
        gettext_lazy("Deuda nueva"), gettext_lazy("Durante cuánto cuenta como nueva."), _DAYS, 1, 60
    )
    prescription_days_ahead = _days(
        gettext_lazy("Cerca de prescribir"), gettext_lazy("Para decidir con tiempo qué hacer con ella."), _DAYS_BEFORE, 1, 730
    )  # fmt: skip
    task_overdue_days = _days(
        gettext_lazy("Tarea atrasada"), gettext_lazy("Pasado este tiempo desde su fecha."), _DAYS, 1, 60
    )
    cheque_business_days_ahead = _days(
        gettext_lazy("Cheque por depositar"), gettext_lazy("Antes de la fecha que dice el cheque."), gettext_lazy("días hábiles antes"), 0, 30
    )  # fmt: skip
    protest_business_days_ahead = _days(
        gettext_lazy("Pagaré o letra por protestar"), gettext_lazy("Antes del último día que da la ley."), gettext_lazy("días hábiles antes"), 0, 30
    )  # fmt: skip
    large_debt = forms.CharField(
        label=gettext_lazy("Deuda nueva importante"), required=False, max_length=30,
        help_text=gettext_lazy("Desde este importe avisa apenas entra. Vacío: no avisa."),
    )  # fmt: skip
