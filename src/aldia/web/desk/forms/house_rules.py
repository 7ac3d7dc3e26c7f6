"""What is written to add a rule of the house, turned into the form of the packs' rules."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.contact.selectors import CHANNELS
from aldia.domain.compliance.packs import DAYS

WINDOW, CAP, SWITCH = "contact_window", "frequency_cap", "switch_on"
_NEEDS: Final = {
    WINDOW: ("channels", "days", "opens", "closes"),
    CAP: ("channels", "maximum", "length"),
    SWITCH: ("rule",),
}
_PAIRS: Final = {"channels": [(name, name) for name in CHANNELS], "days": [(name, name) for name in DAYS]}


class HouseRuleForm(forms.Form):
    """A window, a cap or a norm to switch on; the rooms decide whether it is stricter."""

    kind = forms.ChoiceField(choices=[(name, name) for name in _NEEDS])
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Canales"), choices=_PAIRS["channels"], required=False
    )
    days = forms.MultipleChoiceField(label=gettext_lazy("Días"), choices=_PAIRS["days"], required=False)
    opens = forms.TimeField(label=gettext_lazy("Desde"), required=False)
    closes = forms.TimeField(label=gettext_lazy("Hasta"), required=False)
    maximum = forms.IntegerField(
        label=gettext_lazy("Como mucho"), min_value=0, max_value=1000, required=False
    )
    unit = forms.ChoiceField(choices=[("attempts", ""), ("contacts", "")], required=False)
    length = forms.IntegerField(label=gettext_lazy("En días"), min_value=1, max_value=365, required=False)
    rule = forms.CharField(max_length=40, required=False)
    reason = forms.CharField(label=gettext_lazy("Por qué"), max_length=300)

    def clean(self) -> dict[str, Any]:
        """Ask for what the kind needs."""
        told = super().clean() or {}
        for name in _NEEDS.get(told.get("kind", ""), ()):
            if name not in self.errors and told.get(name) in (None, "", []):
                self.add_error(
                    name, _("Falta completar «%(field)s».") % {"field": self.fields[name].label or name}
                )
        opens, closes = told.get("opens"), told.get("closes")
        if told.get("kind") == WINDOW and opens and closes and opens >= closes:
            self.add_error("closes", _("La hora de cierre va después de la de apertura."))
        return told

    def params(self) -> dict[str, Any]:
        """Return the parameters as a rule of the packs has them."""
        told = self.cleaned_data
        if told["kind"] == SWITCH:
            return {"rule": told["rule"]}
        if told["kind"] == CAP:
            return {
                "max": told["maximum"], "unit": told["unit"] or "attempts", "scope": "debtor", "channels": told["channels"],
                "period": {"type": "rolling_days", "length": told["length"]},
            }  # fmt: skip
        hours = {name: told[key].strftime("%H:%M") for name, key in (("from", "opens"), ("to", "closes"))}
        return {
            "channels": told["channels"], "clock": "debtor_local", "public_holidays": "open",
            "windows": [{"days": told["days"], **hours}],
        }  # fmt: skip
