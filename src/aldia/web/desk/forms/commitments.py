"""The forms of commitments: the answer to a dispute, and who answers it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.web.desk.forms.payments import read_day

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

DEPARTMENTS: Final = (
    ("sales", gettext_lazy("Ventas")), ("logistics", gettext_lazy("Logística")), ("billing", gettext_lazy("Facturación")),
    ("quality", gettext_lazy("Calidad")), ("collections", gettext_lazy("Cobranzas")), ("legal", gettext_lazy("Legales")),
)  # fmt: skip
ANSWERS: Final = (("accept", gettext_lazy("Tiene razón")), ("keep", gettext_lazy("La deuda se mantiene")))


class AnswerForm(forms.Form):
    """What was decided, and the words that the client will read."""

    decision = forms.ChoiceField(label=gettext_lazy("¿Quién tiene razón?"), choices=ANSWERS)
    answer = forms.CharField(label=gettext_lazy("Respuesta al cliente"), max_length=2_000)


class HandOverForm(forms.Form):
    """Which department answers, who there, and by when."""

    department = forms.ChoiceField(label=gettext_lazy("Sector"), choices=DEPARTMENTS)
    owner = forms.ChoiceField(label=gettext_lazy("Responsable"), required=False)
    deadline_on = forms.CharField(label=gettext_lazy("¿Para cuándo?"), max_length=60)

    def __init__(
        self, *args: Any, request: StaffRequest, members: list[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._request = request
        self.fields["owner"].choices = [("", _("Quien lleva el caso")), *members]  # type: ignore[attr-defined]

    def clean_deadline_on(self) -> date:
        return read_day(self.cleaned_data["deadline_on"], self._request)
