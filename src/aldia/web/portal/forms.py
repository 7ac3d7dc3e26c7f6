"""The questions of the portal. Forms read what people write; they save nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.money import TooFine, to_minor
from aldia.domain.spoken_amounts import plain_figure
from aldia.domain.spoken_dates import UnreadableDate, read_date

MOST_BYTES = 8 * 1024 * 1024
KINDS = {b"%PDF": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
FARTHEST = timedelta(days=60)
REASON_WORDS = {
    "amount_wrong": gettext_lazy("El importe no es correcto"),
    "goods_not_received": gettext_lazy("No recibí el producto o servicio"),
    "goods_faulty": gettext_lazy("El producto o servicio tuvo problemas"),
    "invoice_not_received": gettext_lazy("No recibí la factura"),
    "price_or_discount": gettext_lazy("El precio o el descuento no es el acordado"),
    "not_my_debt": gettext_lazy("No reconozco esta deuda"),
    "other": gettext_lazy("Otra cosa"),
}
"""The reasons of a dispute as the person would say them; the desk has its own words for the same keys."""


class SpokenDateField(forms.CharField):
    """A date in words or figures: «vie», «mañana», «27/11»."""

    def __init__(self, *, as_of: date, language: str, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.as_of, self.language = as_of, language

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_date(text, as_of=self.as_of, language=self.language)
        except UnreadableDate as error:
            raise forms.ValidationError(str(error)) from error


class AmountField(forms.CharField):
    """An amount as people write it, in major units; cleaned to minor units of the currency."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(max_length=30, **options)
        self.currency = currency

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            minor = to_minor(Decimal(plain_figure(text)), self.currency, rounding=None)
        except (InvalidOperation, TooFine) as error:
            raise forms.ValidationError(_("Escribe un importe como 1500 o 1500,50.")) from error
        if minor <= 0:
            raise forms.ValidationError(_("El importe tiene que ser mayor que cero."))
        return minor


class ProofField(forms.FileField):
    """A photo or PDF, known by its first bytes and not by its name."""

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        file: UploadedFile | None = super().clean(data, initial)
        if not file:
            return None
        if file.size and file.size > MOST_BYTES:
            raise forms.ValidationError(_("El archivo pesa más de 8 MB. Prueba con una foto más liviana."))
        head = file.read(8)
        file.seek(0)
        kind = next((kind for magic, kind in KINDS.items() if head.startswith(magic)), None)
        if kind is None:
            raise forms.ValidationError(_("Adjunta un PDF o una foto (JPG o PNG)."))
        file.content_type = kind
        return file


class PromiseForm(forms.Form):
    """How much, and when."""

    amount = forms.ChoiceField(choices=[("all", ""), ("part", "")], widget=forms.RadioSelect)
    part = forms.CharField(required=False)
    due_on = forms.CharField()

    def __init__(
        self, *args: Any, currency: str, most_minor: int, as_of: date, language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.most_minor, self.as_of = most_minor, as_of
        self.fields["part"] = AmountField(currency=currency, required=False)
        self.fields["due_on"] = SpokenDateField(
            as_of=as_of, language=language, error_messages={"required": _("Dinos qué día puedes pagar.")}
        )

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if not self.as_of <= due_on <= self.as_of + FARTHEST:
            raise forms.ValidationError(_("Elige un día entre hoy y dentro de 60 días."))
        return due_on

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        if answers.get("amount") == "part" and "part" not in self.errors and not answers.get("part"):
            self.add_error("part", _("Escribe cuánto vas a pagar."))
        answers["minor"] = answers.get("part") if answers.get("amount") == "part" else self.most_minor
        return answers


class PayForm(forms.Form):
    """How much is paid now (all, one document, another amount), and through what."""

    what = forms.CharField(required=False, initial="all")
    part = forms.CharField(required=False)
    way = forms.ChoiceField(
        choices=[], error_messages={"required": gettext_lazy("Elige con qué quieres pagar.")}
    )

    def __init__(
        self, *args: Any, currency: str, most_minor: int, documents: list[tuple[str, int]], ways: list[tuple[str, Any]], **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.most_minor, self.documents = most_minor, dict(documents)
        self.fields["part"] = AmountField(currency=currency, required=False)
        self.fields["way"].choices = ways  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        what = answers.get("what") or "all"
        answers["document_ids"] = (int(what),) if what in self.documents else ()
        if what == "part":
            answers["minor"] = answers.get("part") or 0
            if "part" not in self.errors and not answers["minor"]:
                self.add_error("part", _("Escribe cuánto vas a pagar."))
        else:
            answers["minor"] = self.documents.get(what, self.most_minor)
        return answers


class PaidForm(forms.Form):
    """What was paid, when and how; with the proof if there is one."""

    MEANS = (
        ("transfer", gettext_lazy("Transferencia")),
        ("deposit", gettext_lazy("Depósito")),
        ("card", gettext_lazy("Tarjeta")),
        ("cash", gettext_lazy("Efectivo")),
        ("cheque", gettext_lazy("Cheque")),
    )
    amount = forms.CharField()
    paid_on = forms.CharField()
    means = forms.ChoiceField(
        choices=MEANS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Elige cómo pagaste.")},
    )
    proof = ProofField(required=False)

    def __init__(self, *args: Any, currency: str, as_of: date, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.as_of = as_of
        self.fields["amount"] = AmountField(
            currency=currency, error_messages={"required": _("Escribe cuánto pagaste.")}
        )
        self.fields["paid_on"] = SpokenDateField(
            as_of=as_of, language=language, error_messages={"required": _("Dinos qué día pagaste.")}
        )

    def clean_paid_on(self) -> date:
        paid_on: date = self.cleaned_data["paid_on"]
        if paid_on > self.as_of:
            raise forms.ValidationError(
                _("Ese día todavía no llegó. Si vas a pagar después, elige una fecha de pago.")
            )
        return paid_on


class DisputeForm(forms.Form):
    """What is wrong, with which documents, in the person's own words."""

    reason = forms.ChoiceField(
        choices=[],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Elige qué no está bien.")},
    )
    documents = forms.MultipleChoiceField(choices=[], required=False, widget=forms.CheckboxSelectMultiple)
    description = forms.CharField(max_length=2000, required=False, widget=forms.Textarea)
    proof = ProofField(required=False)

    def __init__(
        self, *args: Any, reasons: list[tuple[str, str]], documents: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
        self.fields["documents"].choices = documents  # type: ignore[attr-defined]
