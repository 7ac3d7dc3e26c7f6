"""The forms of the reconciliation desk: a bank file, and what is decided of a line."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.matching import Policy
from aldia.web.desk.forms.payments import amount_text, read_amount, read_day

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


class PolicyForm(forms.Form):
    """From which confidence nobody is asked, how far an amount may be off, and what is withheld here, in per cent."""

    threshold = forms.IntegerField(label=gettext_lazy("Confianza para aplicar sin preguntar"))
    tolerance = forms.CharField(
        label=gettext_lazy("Diferencia que puede ser un gasto del banco"), max_length=30, required=False
    )
    rates = forms.CharField(
        label=gettext_lazy("Retenciones que se hacen aquí"), max_length=200, required=False
    )

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request = request

    def clean_tolerance(self) -> int:
        text, organisation = self.cleaned_data["tolerance"].strip(), self._request.organisation
        return read_amount(text, organisation.currency, organisation.locale) if text.strip("0,. ") else 0

    def clean_rates(self) -> tuple[int, ...]:
        told = self.cleaned_data["rates"].replace(";", " ").replace("%", " ").split()
        try:
            return tuple(int(Decimal(text.replace(",", ".")) * 100) for text in told)
        except (InvalidOperation, ValueError) as problem:
            raise forms.ValidationError(
                _("Escribe los porcentajes separados por espacios: 2,5 10.")
            ) from problem

    def as_policy(self) -> Policy:
        """Return what was written, read."""
        given = self.cleaned_data
        return Policy(given["threshold"], given["tolerance"], given["rates"])


def policy_values(policy: Policy, request: StaffRequest) -> dict[str, Any]:
    """Return a policy as its form writes it."""
    code, locale = request.organisation.currency, request.organisation.locale
    tolerance = amount_text(policy.tolerance_minor, code, locale) if policy.tolerance_minor else ""
    return {
        "threshold": policy.threshold, "tolerance": tolerance,
        "rates": " ".join(f"{rate / 100:g}".replace(".", ",") for rate in policy.withholding_rates),
    }  # fmt: skip
