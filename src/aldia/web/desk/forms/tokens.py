"""The form of a token of the HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access.permissions import Permission
from aldia.access.tokens import SCOPES, Reach
from aldia.web.desk.forms.settings import Plain


class TokenForm(Plain):
    """Its name, and each thing that it may do as a switch of its own."""

    name = forms.CharField(
        label=gettext_lazy("Nombre"),
        max_length=80,
        help_text=gettext_lazy("Qué sistema lo usa; se ve en la auditoría."),
    )

    creditor = forms.TypedChoiceField(
        label=gettext_lazy("Solo las carteras de este acreedor"), required=False, coerce=int, empty_value=None
    )
    portfolio = forms.TypedChoiceField(
        label=gettext_lazy("Solo esta cartera"), required=False, coerce=int, empty_value=None
    )
    agency = forms.TypedChoiceField(
        label=gettext_lazy("Solo los casos entregados a esta agencia"),
        required=False,
        coerce=int,
        empty_value=None,
    )

    def __init__(self, *args: Any, parts: Mapping[str, Mapping[int, str]], **kwargs: Any) -> None:
        for scope, words in SCOPES.items():
            self.base_fields[scope.name.lower()] = forms.BooleanField(label=words, required=False)
        super().__init__(*args, **kwargs)
        for name, options in parts.items():
            told = [(str(key), word) for key, word in options.items()]
            self.fields[name].choices = [("", _("Sin límite")), *told]  # type: ignore[attr-defined]

    def reach(self) -> Reach:
        """Return what part of the organisation the token reaches."""
        told = self.cleaned_data
        creditor, portfolio = told["creditor"], told["portfolio"]
        return Reach((creditor,) if creditor else None, (portfolio,) if portfolio else None, told["agency"])

    def chosen(self) -> list[Permission]:
        """Return the permissions that were switched on."""
        return [scope for scope in SCOPES if self.cleaned_data.get(scope.name.lower())]
