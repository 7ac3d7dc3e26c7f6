"""The form of a fact of one's own: a column of the files, what it is called in rules and what it means."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aldia.engine.own_facts import LANGUAGES
from aldia.engine.vocabulary import TYPES, type_name
from aldia.engine.vocabulary_data import UNITS
from aldia.strategy import services
from aldia.web.desk.forms.settings import Plain

_GRAINS: Final = [
    ("case", _("Del cliente: vale lo que dice su documento más nuevo")),
    ("document", _("De cada documento")),
]
_DECIMALS: Final = [(",", "1.234,50"), (".", "1,234.50")]
_DATES: Final = [("dmy", _("31/12/2026: primero el día")), ("mdy", _("12/31/2026: primero el mes"))]


class OwnFactForm(Plain):
    """What the service asks of a declaration; whether it can be, the service says."""

    key = forms.CharField(
        label=_("Clave"), max_length=44, required=False,
        help_text=_("Así se escribe en las reglas, con own_ adelante. Vacía, sale del título de la columna."),
    )  # fmt: skip
    type = forms.ChoiceField(label=_("Clase de dato"))
    grain = forms.ChoiceField(label=_("De quién es"), choices=_GRAINS)
    unit = forms.ChoiceField(label=_("Unidad"), required=False)
    es = forms.CharField(label=_("Cómo se llama, en español"), max_length=120, required=False)
    en = forms.CharField(label=_("En inglés"), max_length=120, required=False)
    pt = forms.CharField(label=_("En portugués"), max_length=120, required=False)
    decimal = forms.ChoiceField(label=_("Cómo escribe los números"), choices=_DECIMALS)
    dates = forms.ChoiceField(label=_("Cómo escribe las fechas"), choices=_DATES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "es"
        kinds = [(kind, type_name(kind, language).capitalize()) for kind in TYPES]
        units = [("", _("Ninguna")), *((key, name.of(language)) for key, name in UNITS.items())]
        for name, choices in (("type", kinds), ("unit", units)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def draft(self, column: str) -> services.FactDraft:
        """Return what was written of a column."""
        told = self.cleaned_data
        return services.FactDraft(
            column=column, type=told["type"], key=told["key"], grain=told["grain"], unit=told["unit"],
            label={language: told[language] for language in LANGUAGES}, decimal=told["decimal"],
            is_month_first=told["dates"] == "mdy",
        )  # fmt: skip
