"""The facts that a file may bring, per kind of file, with what their cells look like."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What the rows of a file are."""

    DOCUMENTS = "documents"
    RECEIPTS = "receipts"
    CONTACTS = "contacts"


class Looks(StrEnum):
    """What the cells of a field look like; decides whether a column's content supports its name."""

    ID = "id"
    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    EMAIL = "email"
    PHONE = "phone"
    TRUTH = "truth"
    SIDE = "side"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical field: its stable name, what people call it, what its cells look like."""

    name: str
    label: str | Promise
    looks: Looks


_WHO = (
    Field("customer_id", _("Código de cliente"), Looks.ID),
    Field("customer_name", _("Nombre del cliente"), Looks.TEXT),
    Field("tax_id", _("Identificación fiscal"), Looks.ID),
)
_REACH = (
    Field("email", _("Correo electrónico"), Looks.EMAIL),
    Field("phone", _("Teléfono"), Looks.PHONE),
    Field("language", _("Idioma"), Looks.SHORT),
)
_CONSENT = (
    Field("consent_email", _("Acepta correos"), Looks.TRUTH),
    Field("consent_whatsapp", _("Acepta WhatsApp"), Looks.TRUTH),
    Field("consent_sms", _("Acepta SMS"), Looks.TRUTH),
    Field("consent_call", _("Acepta llamadas"), Looks.TRUTH),
    Field("consent", _("Acepta que le escriban"), Looks.TRUTH),
    Field("no_contact", _("No contactar"), Looks.TRUTH),
)
CONSENTS = tuple(field.name for field in _CONSENT)
"""What a customer agreed to, or does not want: believed only by a title that says so and nothing else."""

_PLACE = (
    Field("address", _("Domicilio"), Looks.TEXT),
    Field("region", _("Provincia o región"), Looks.TEXT),
    Field("country", _("País"), Looks.SHORT),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.DOCUMENTS: (
        *_WHO,
        Field("document_number", _("Número de documento"), Looks.ID),
        Field("document_series", _("Serie del documento"), Looks.ID),
        Field("document_part", _("Cuota o parte del documento"), Looks.ID),
        Field("reference", _("Identificador en el sistema de origen"), Looks.ID),
        Field("document_kind", _("Tipo de documento"), Looks.SHORT),
        Field("issued_on", _("Fecha de emisión"), Looks.DATE),
        Field("due_on", _("Fecha de vencimiento"), Looks.DATE),
        Field("amount", _("Importe"), Looks.AMOUNT),
        Field("open_amount", _("Saldo pendiente"), Looks.AMOUNT),
        Field("debit", _("Cargo"), Looks.AMOUNT),
        Field("credit", _("Abono"), Looks.AMOUNT),
        Field("direction", _("Debe o haber"), Looks.SIDE),
        Field("currency", _("Moneda"), Looks.CURRENCY),
        Field("settled_on", _("Fecha de cancelación"), Looks.DATE),
        Field("settled_amount", _("Importe cobrado"), Looks.AMOUNT),
        Field("disputed", _("En disputa"), Looks.TRUTH),
        Field("terms", _("Condición de pago"), Looks.TEXT),
        Field("purchase_order", _("Orden de compra"), Looks.ID),
        *_REACH,
        *_CONSENT,
        *_PLACE,
        Field("product", _("Producto"), Looks.TEXT),
        Field("portfolio_code", _("Cartera o sociedad"), Looks.TEXT),
        Field("notes", _("Notas"), Looks.TEXT),
    ),
    Kind.RECEIPTS: (
        Field("reference", _("Referencia"), Looks.ID),
        Field("on", _("Fecha"), Looks.DATE),
        Field("value_on", _("Fecha valor"), Looks.DATE),
        Field("amount", _("Importe"), Looks.AMOUNT),
        Field("credit", _("Abono"), Looks.AMOUNT),
        Field("debit", _("Cargo"), Looks.AMOUNT),
        Field("direction", _("Debe o haber"), Looks.SIDE),
        Field("balance", _("Saldo"), Looks.AMOUNT),
        Field("currency", _("Moneda"), Looks.CURRENCY),
        Field("customer_id", _("Código de cliente"), Looks.ID),
        Field("document_number", _("Número de documento"), Looks.ID),
        Field("means", _("Medio de pago"), Looks.TEXT),
        Field("payer_name", _("Quién pagó"), Looks.TEXT),
        Field("tax_id", _("Identificación fiscal"), Looks.ID),
        Field("account", _("Cuenta"), Looks.ID),
        Field("withheld", _("Importe retenido"), Looks.AMOUNT),
        Field("withholding", _("Tipo de retención"), Looks.TEXT),
        Field("certificate", _("Certificado de retención"), Looks.ID),
        Field("text", _("Concepto"), Looks.TEXT),
    ),
    Kind.CONTACTS: (*_WHO, *_REACH, *_CONSENT, *_PLACE, Field("notes", _("Notas"), Looks.TEXT)),
}

REQUIRED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.DOCUMENTS: (
        ("customer_id", "tax_id", "customer_name"),
        ("document_number",),
        ("due_on",),
        ("amount", "open_amount", "debit"),
    ),
    Kind.RECEIPTS: (("on", "value_on"), ("amount", "credit")),
    Kind.CONTACTS: (("customer_id", "tax_id"), ("email", "phone", "customer_name", "language", *CONSENTS)),
}
"""For each kind, groups of which at least one field must be found."""


def field_named(kind: Kind, name: str) -> Field | None:
    """The field of that name, or None."""
    return next((field for field in FIELDS[kind] if field.name == name), None)
