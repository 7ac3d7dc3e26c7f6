"""The forms of a loan that runs: money at the counter, more money handed out, and its changes. They read; the rooms decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy

from aldia.payments import services as payments
from aldia.web.desk.forms.loans import HANDS, PURPOSES, amount_or_none, read_percent
from aldia.web.desk.forms.payments import read_amount, read_day
from aldia.web.desk.forms.settings import Plain
from aldia.web.desk.views import words

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from aldia.web.desk.doors import StaffRequest


@dataclass(frozen=True)
class Counter:
    """Money at the counter, read."""

    purpose: str
    tender: payments.Tender


class CounterForm(Plain):
    """Money handed over for a loan. `client_id` makes the same form sent twice one receipt."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("¿Para qué?"), choices=(*PURPOSES, ("recovery", gettext_lazy("Recupero")))
    )
    amount = forms.CharField(label=gettext_lazy("Importe"), max_length=30)
    means = forms.ChoiceField(label=gettext_lazy("¿Cómo paga?"), choices=words.MEANS)
    client_id = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: StaffRequest, currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request, self._currency = request, currency

    def clean_amount(self) -> int:
        return read_amount(self.cleaned_data["amount"], self._currency, self._request.organisation.locale)

    def as_counter(self) -> Counter:
        """Return what was written, read."""
        given = self.cleaned_data
        return Counter(
            given["purpose"],
            payments.Tender(given["amount"], given["means"], given["client_id"], source="mostrador"),
        )


class HandOutForm(Plain):
    """More money for a loan that runs."""

    amount = forms.CharField(label=gettext_lazy("Importe"), max_length=30)
    hands = forms.ChoiceField(
        label=gettext_lazy("¿Cómo se entrega?"),
        choices=HANDS,
        initial="transfer",
    )

    def __init__(self, *args: Any, request: StaffRequest, currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request, self._currency = request, currency

    def clean_amount(self) -> int:
        return read_amount(self.cleaned_data["amount"], self._currency, self._request.organisation.locale)


class RescheduleForm(Plain):
    """What changes of what is to come."""

    first_due_on = forms.CharField(label=gettext_lazy("Próxima cuota"), max_length=60, required=False)
    more_instalments = forms.IntegerField(
        label=gettext_lazy("Cuotas de más"), min_value=0, max_value=240, initial=0
    )
    grace = forms.IntegerField(
        label=gettext_lazy("Cuotas de solo interés"), min_value=0, max_value=60, initial=0
    )
    yearly_rate = forms.CharField(
        label=gettext_lazy("Tasa anual nueva"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("Vacía: la misma."),
    )
    takes_arrears = forms.BooleanField(label=gettext_lazy("Incluir lo vencido"), required=False)

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request = request

    def clean_first_due_on(self) -> date | None:
        text = self.cleaned_data["first_due_on"].strip()
        return read_day(text, self._request) if text else None

    def clean_yearly_rate(self) -> Decimal | None:
        text = self.cleaned_data["yearly_rate"].strip()
        return read_percent(text, self._request.organisation.locale) if text else None

    def as_change(self) -> payments.Rescheduling:
        """Return what was written, read."""
        given = self.cleaned_data
        return payments.Rescheduling(
            given["first_due_on"],
            given["more_instalments"],
            given["grace"],
            given["yearly_rate"],
            given["takes_arrears"],
        )


class RefinanceForm(Plain):
    """The loan that pays this one: how many instalments, how dear, and how much more is handed over."""

    count = forms.IntegerField(label=gettext_lazy("Cuotas"), min_value=1, max_value=600, initial=12)
    yearly_rate = forms.CharField(label=gettext_lazy("Tasa anual"), max_length=12)
    extra = forms.CharField(label=gettext_lazy("Dinero nuevo"), max_length=30, required=False)

    def __init__(self, *args: Any, request: StaffRequest, currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request, self._currency = request, currency

    def clean_yearly_rate(self) -> Decimal:
        return read_percent(self.cleaned_data["yearly_rate"], self._request.organisation.locale)

    def clean_extra(self) -> int:
        return amount_or_none(self.cleaned_data["extra"], self._currency, self._request.organisation.locale)


class AmountForm(Plain):
    """An amount of cash and what it is: to open, move or count a box. Nothing is an amount, too."""

    amount = forms.CharField(label=gettext_lazy("Importe"), max_length=30)
    reason = forms.CharField(max_length=20, required=False)
    explanation = forms.CharField(label=gettext_lazy("¿Por qué no coincide?"), max_length=300, required=False)

    def __init__(self, *args: Any, request: StaffRequest, currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request, self._currency = request, currency

    def clean_amount(self) -> int:
        return amount_or_none(self.cleaned_data["amount"], self._currency, self._request.organisation.locale)
