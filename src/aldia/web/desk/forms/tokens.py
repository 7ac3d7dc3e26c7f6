"""The form of a token of the HTTP API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from aldia.access.permissions import Permission
from aldia.access.tokens import SCOPES
from aldia.web.desk.forms.settings import Plain


class TokenForm(Plain):
    """Its name, and each thing that it may do as a switch of its own."""

    name = forms.CharField(
        label=gettext_lazy("Nombre"),
        max_length=80,
        help_text=gettext_lazy("Qué sistema lo usa; se ve en la auditoría."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for scope, words in SCOPES.items():
            self.base_fields[scope.name.lower()] = forms.BooleanField(label=words, required=False)
        super().__init__(*args, **kwargs)

    def chosen(self) -> list[Permission]:
        """Return the permissions that were switched on."""
        return [scope for scope in SCOPES if self.cleaned_data.get(scope.name.lower())]
