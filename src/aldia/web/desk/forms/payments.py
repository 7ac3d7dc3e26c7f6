"""The forms of payments: a receipt, a reversal, an answer. They read amounts and days as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from babel.numbers import NumberFormatError, parse_decimal
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.money import MoneyError, money_of, to_major, to_minor
from aldia.domain.spoken_dates import UnreadableDate, read_date
from aldia.ledger.indexed import NoUnitValue, unit_value, units_owed
from aldia.web.desk.forms.deductions import Row, read_deductions, rows_of
from aldia.web.desk.views import words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.cases.selectors import CaseCard
    from aldia.payments.services import DeductionDraft
    from aldia.web.desk.doors import StaffRequest

_PLAIN: Final = re.compile(r"\d{1,15}(\.(\d{1,2}|\d{4}))?")  # three digits after a point may be thousands
_BEFORE: Final = {"ayer": 1, "anteayer": 2, "antes de ayer": 2, "yesterday": 1, "ontem": 1, "anteontem": 2}
_WEEKDAYS: Final = frozenset(
    "lun mar mie mié jue vie sab sáb dom mon tue wed thu fri sat sun seg ter qua qui sex".split()
)
REASONS: Final = (
    ("bounced", gettext_lazy("Cheque rechazado")),
    ("mistaken", gettext_lazy("Se registró por error")),
    ("duplicated", gettext_lazy("Estaba dos veces")),
    ("chargeback", gettext_lazy("Lo desconoció ante su banco")),
    ("other", gettext_lazy("Otro motivo")),
)


def read_amount(text: str, currency: str, locale: str) -> int:
    """Return an amount in minor units: `1200`, `1200.50` or as the organisation writes it. Raises ValidationError."""
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    try:
        amount = (
            Decimal(plain) if _PLAIN.fullmatch(plain) else parse_decimal(plain, locale=locale, strict=True)
        )
        minor = to_minor(amount, currency, rounding=None)
    except (NumberFormatError, InvalidOperation, MoneyError, ValueError) as problem:
        raise forms.ValidationError(
            _("No entendemos el importe «%(found)s»: escríbelo como 1200 o 1200.50.") % {"found": text[:30]}
        ) from problem
    if minor <= 0:
        raise forms.ValidationError(_("El importe tiene que ser mayor que cero."))
    return minor


def amount_text(minor: int, currency: str, locale: str) -> str:
    """Return an amount as it is written in a field, without symbol."""
    amount = to_major(minor, currency)
    return formats.number(amount, locale, digits=max(-int(amount.as_tuple().exponent), 0))


def read_day(text: str, request: StaffRequest) -> date:
    """Return the day that a text says. Raises ValidationError."""
    try:
        return read_date(text, as_of=request.clock.as_of, language=words.language())
    except UnreadableDate as problem:
        raise forms.ValidationError(str(problem)) from problem


def read_past_day(text: str, request: StaffRequest) -> date:
    """Return the day that a text says of something that happened: «vie» is the last Friday, «20/11» the last 20 November.

    Raises ValidationError.
    """
    today, plain = request.clock.as_of, text.strip().lower()
    if plain in _BEFORE:
        return today - timedelta(days=_BEFORE[plain])
    on = read_day(text, request)
    if on <= today or re.search(r"\d{4}", plain):
        return on
    if plain.isdigit():
        return _month_before(on)
    if plain[:1].isdigit():
        return on.replace(year=on.year - 1) if (on.month, on.day) != (2, 29) else on
    return on - timedelta(days=7) if plain[:3] in _WEEKDAYS else on


def _month_before(on: date) -> date:
    last = on.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(on.day, last.day))


@dataclass(frozen=True)
class Paid:
    """A receipt as it was written: ready for the service."""

    amount_minor: int
    currency: str
    on: date
    means: str
    reference: str
    document_ids: list[int]
    note: str
    deductions: list[DeductionDraft]


class ReceiptForm(forms.Form):
    """Money that a client paid: how much, when, by what, and what for."""

    currency = forms.ChoiceField(label=gettext_lazy("Moneda"))
    amount = forms.CharField(label=gettext_lazy("Importe"), max_length=30)
    on = forms.CharField(label=gettext_lazy("¿Cuándo pagó?"), max_length=60)
    means = forms.ChoiceField(label=gettext_lazy("¿Cómo pagó?"), choices=words.MEANS)
    reference = forms.CharField(label=gettext_lazy("Referencia"), max_length=120)
    note = forms.CharField(label=gettext_lazy("Nota"), max_length=300, required=False)
    document_ids = forms.MultipleChoiceField(label=gettext_lazy("Documentos"), required=False)

    def __init__(
        self, *args: Any, request: StaffRequest, currencies: list[str], documents: list[Any], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._request = request
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]
        self.fields["document_ids"].choices = [(str(line.id), line.number) for line in documents]  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        on = read_past_day(self.cleaned_data["on"], self._request)
        if on > self._request.clock.as_of:
            raise forms.ValidationError(_("Ese día todavía no llegó: un cobro es de hoy o de antes."))
        return on

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("amount") and given.get("currency"):
            try:
                given["amount_minor"] = read_amount(
                    given["amount"], given["currency"], self._request.organisation.locale
                )
            except forms.ValidationError as problem:
                self.add_error("amount", problem)
            else:
                self._add_deductions(given)
        return given

    def _add_deductions(self, given: dict[str, Any]) -> None:
        """What the client kept settles the debt too: it joins the amount."""
        currency, locale = given["currency"], self._request.organisation.locale
        try:
            kept = read_deductions(
                self.data, self._request.clock.as_of, lambda text: read_amount(text, currency, locale),
                lambda text: read_past_day(text, self._request),
            )  # fmt: skip
        except forms.ValidationError as problem:
            self.add_error(None, problem)
            return
        given["deductions"] = kept
        given["amount_minor"] += sum(each.amount_minor for each in kept)

    @property
    def deduction_rows(self) -> list[Row]:
        """The rows of the grid as they were written."""
        return rows_of(self.data)

    def as_paid(self) -> Paid:
        """Return what was written, read."""
        given = self.cleaned_data
        return Paid(
            given["amount_minor"],
            given["currency"],
            given["on"],
            given["means"],
            given["reference"].strip(),
            [int(key) for key in given["document_ids"]],
            given["note"],
            given.get("deductions", []),
        )


class ReversalForm(forms.Form):
    """Why a receipt is taken back, and since when."""

    reason = forms.ChoiceField(label=gettext_lazy("Motivo"), choices=REASONS)
    on = forms.CharField(label=gettext_lazy("¿Desde cuándo?"), max_length=60)

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request = request

    def clean_on(self) -> date:
        return read_past_day(self.cleaned_data["on"], self._request)


def currencies_of(card: CaseCard, documents: list[Any]) -> list[str]:
    """Return the money that may be handed over: nobody pays in units."""
    return list(
        dict.fromkeys(money_of(code) for code in [card.currency, *(line.currency for line in documents)])
    )


def check_values(request: StaffRequest, case_id: int, paid: Paid) -> None:
    """Who types a receipt can say a unit's value first; money that came by itself waits. Raises NoUnitValue of the ledger."""
    for unit in units_owed(request.actor.organisation_id, case_id, paid.currency):
        unit_value(request.actor.organisation_id, unit, paid.on)


def first_values(request: StaffRequest, card: CaseCard) -> dict[str, Any]:
    """Return what is most likely: the overdue amount of the main currency, today, by transfer."""
    main = next((row for row in card.balances if row.currency == card.currency), None)
    minor, currency = (main.overdue_minor or main.total_minor) if main else 0, money_of(card.currency)
    if currency != card.currency:
        try:
            minor = unit_value(request.actor.organisation_id, card.currency, request.clock.as_of).to_currency(
                minor
            )
        except NoUnitValue:
            minor = 0
    amount = amount_text(minor, currency, request.organisation.locale) if minor > 0 else ""
    return {"currency": currency, "amount": amount, "on": _("hoy"), "means": "transfer"}
