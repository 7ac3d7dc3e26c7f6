"""The forms of the reconciliation desk: a bank file, and what is decided of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.web.desk.forms.payments import read_amount, read_day

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


class StatementForm(forms.Form):
    """A bank file, and what it may not say: whose account, and where money that nobody recognises waits."""

    file = forms.FileField(
        label=gettext_lazy("Archivo"),
        error_messages={"required": gettext_lazy("Elige el archivo que te dio el banco.")},
    )
    account = forms.CharField(label=gettext_lazy("Cuenta del banco"), max_length=64, required=False)
    portfolio = forms.ChoiceField(label=gettext_lazy("Cartera"), required=False)
    currency = forms.CharField(label=gettext_lazy("Moneda"), max_length=3, required=False)

    def __init__(self, *args: Any, portfolios: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["portfolio"].choices = [("", _("La de la cuenta")), *portfolios]  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


class DecisionForm(forms.Form):
    """What of a line is a client's, and which documents it covers first."""

    caso = forms.IntegerField(min_value=1)
    amount = forms.CharField(label=gettext_lazy("Importe"), max_length=30)
    documents = forms.MultipleChoiceField(required=False)

    def __init__(
        self, *args: Any, request: StaffRequest, currency: str, documents: list[int], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._request, self._currency = request, currency
        self.fields["documents"].choices = [(str(key), str(key)) for key in documents]  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        return read_amount(self.cleaned_data["amount"], self._currency, self._request.organisation.locale)


class UnidentifiedForm(forms.Form):
    """Who looks for the client of money that nobody recognises, and until when."""

    owner = forms.IntegerField(required=False)
    review_on = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request = request

    def clean_review_on(self) -> Any:
        text = self.cleaned_data["review_on"]
        return read_day(text, self._request) if text else None
