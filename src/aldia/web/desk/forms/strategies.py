"""The forms of strategies: the draft as JSON text, and a policy or collection plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.web.desk.forms.days import DayField, Spoken

LONGEST = 200_000


class DraftForm(forms.Form):
    """The text of a draft. It only reads it; whether it may be published is for the service to say."""

    document = forms.CharField(label=gettext_lazy("Texto de la estrategia"), max_length=LONGEST)
    note = forms.CharField(label=gettext_lazy("Qué cambia y por qué"), max_length=300, required=False)

    def clean_document(self) -> dict[str, Any]:
        """Return the document. Raises ValidationError naming the line that cannot be read."""
        try:
            document = json.loads(self.cleaned_data["document"])
        except json.JSONDecodeError as problem:
            raise forms.ValidationError(
                _(
                    "Línea %(line)s, columna %(column)s: no se puede leer como JSON (%(what)s). Revisa comas, comillas y llaves."
                )
                % {"line": problem.lineno, "column": problem.colno, "what": problem.msg}
            ) from problem
        except RecursionError as problem:
            raise forms.ValidationError(_("El texto tiene demasiados niveles.")) from problem
        if not isinstance(document, dict):
            raise forms.ValidationError(_("El texto empieza con { y termina con }."))
        return document


class PolicyForm(Spoken):
    """A policy or plan: its key only matters the first time."""

    key = forms.SlugField(label=gettext_lazy("Clave"), max_length=60, required=False)
    title = forms.CharField(label=gettext_lazy("Título"), max_length=150)
    body = forms.CharField(label=gettext_lazy("Texto"), max_length=50_000)
    effective_on = DayField(label=gettext_lazy("Vale desde"))
    portfolio_id = forms.CharField(label=gettext_lazy("Cartera"), required=False)

    def __init__(
        self,
        *args: Any,
        portfolios: list[tuple[str, str]],
        parts: Mapping[str, list[tuple[str, str]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._portfolios = {key for key, _name in portfolios}
        self.part_keys = tuple(parts)
        for part, choices in parts.items():
            self.fields[part] = forms.MultipleChoiceField(choices=choices, required=False)

    def clean_portfolio_id(self) -> int | None:
        """Return the portfolio's id, or None for all of them."""
        chosen = self.cleaned_data["portfolio_id"]
        if chosen not in self._portfolios:
            raise forms.ValidationError(_("Esa cartera no existe."))
        return int(chosen) if chosen else None

    def clean(self) -> dict[str, Any]:
        """Take the key from the title when nobody wrote one."""
        told = super().clean() or self.cleaned_data
        if not told.get("key"):
            told["key"] = forms.SlugField().clean(_slug(told.get("title", ""))) if told.get("title") else ""
        return told


def _slug(title: str) -> str:
    return slugify(title)[:60] or "documento"
