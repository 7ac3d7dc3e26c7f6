"""The forms of people: who, with which role and team, absence and hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access.permissions import Role
from aldia.web.desk.forms.days import DayField, Spoken


class _WithTeams(forms.Form):
    """A form that knows the teams of the organisation; the answer is an id or None."""

    role = forms.ChoiceField(label=gettext_lazy("Rol"), choices=Role.choices)
    team = forms.TypedChoiceField(label=gettext_lazy("Equipo"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, teams: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [("", ""), *((str(key), name) for key, name in teams.items())]  # type: ignore[attr-defined]


class NewMemberForm(_WithTeams):
    """A person who joins; the password is chosen by that person with «Olvidé mi contraseña»."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("Correo"), max_length=254)
    creditor = forms.TypedChoiceField(
        label=gettext_lazy("Acreedor"), required=False, coerce=int, empty_value=None
    )
    field_order = ("name", "email", "role", "team", "creditor")

    def __init__(self, *args: Any, creditors: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["creditor"].choices = [("", ""), *((str(key), name) for key, name in creditors.items())]  # type: ignore[attr-defined]


class MemberForm(_WithTeams):
    """The role, team and state of a member."""

    is_active = forms.BooleanField(label=gettext_lazy("Puede entrar"), required=False)


class _WithOthers(forms.Form):
    """A form that names another member, by membership id."""

    other_field = ""

    def __init__(self, *args: Any, others: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [(str(key), name) for key, name in others.items()]
        self.fields[self.other_field].choices = [("", ""), *options]  # type: ignore[attr-defined]


class AbsenceForm(Spoken, _WithOthers):
    """From one day to the first day back; both empty ends the absence."""

    other_field = "stand_in"
    from_on = DayField(label=gettext_lazy("Desde"), required=False)
    until_on = DayField(label=gettext_lazy("Vuelve el"), required=False)
    stand_in = forms.TypedChoiceField(
        label=gettext_lazy("Reemplaza"), required=False, coerce=int, empty_value=None
    )

    def clean(self) -> dict[str, Any]:
        """Refuse half an absence and one that ends before it starts."""
        told = super().clean() or self.cleaned_data
        first, back = told.get("from_on"), told.get("until_on")
        if self.errors:
            return told
        if bool(first) != bool(back):
            self.add_error(
                "until_on" if first else "from_on", _("Falta el otro día: escribe los dos, o ninguno.")
            )
        elif first and back and back <= first:
            self.add_error("until_on", _("El día de vuelta tiene que ser posterior al primero."))
        return told


class HandOverForm(_WithOthers):
    """Who receives the cases."""

    other_field = "to"
    to = forms.TypedChoiceField(label=gettext_lazy("A quién"), coerce=int, empty_value=None)
