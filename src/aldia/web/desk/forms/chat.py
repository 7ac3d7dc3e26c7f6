"""The forms of the assistant: its rules, and a reply that is saved."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.chat.switching import ChatRules
from aldia.web.desk.forms.settings import Plain

WHERE: Final = (
    ("portal", gettext_lazy("Página del cliente")), ("whatsapp", gettext_lazy("WhatsApp")), ("sms", gettext_lazy("SMS")),
)  # fmt: skip


class ChatRulesForm(Plain):
    """Where and how the assistant answers."""

    is_on = forms.BooleanField(label=gettext_lazy("Contesta solo"), required=False)
    portal = forms.BooleanField(label=gettext_lazy("En la página del cliente"), required=False)
    whatsapp = forms.BooleanField(label=gettext_lazy("Por WhatsApp"), required=False)
    sms = forms.BooleanField(label=gettext_lazy("Por SMS"), required=False)
    from_hour = forms.IntegerField(
        label=gettext_lazy("El equipo atiende desde las"), min_value=0, max_value=23
    )
    to_hour = forms.IntegerField(label=gettext_lazy("Hasta las"), min_value=1, max_value=24)
    least_percent = forms.IntegerField(
        label=gettext_lazy("Lo menos que puede prometer"), min_value=0, max_value=100,
        help_text=gettext_lazy("En porcentaje de lo que debe."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("from_hour") is not None and told.get("to_hour") and told["from_hour"] >= told["to_hour"]:
            self.add_error("to_hour", _("Tiene que ser después de la hora en que empieza."))
        return told

    @property
    def rules(self) -> ChatRules:
        """What was written, as the room keeps it."""
        told = self.cleaned_data
        channels = tuple(key for key, _word in WHERE if told[key])
        return ChatRules(told["is_on"], channels, told["from_hour"], told["to_hour"], told["least_percent"])


class SavedReplyForm(Plain):
    """A text that the team writes often."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=80)
    text = forms.CharField(label=gettext_lazy("Texto"), max_length=2_000, widget=forms.Textarea)


def initial_of(rules: ChatRules) -> dict[str, Any]:
    """Return the rules as the form shows them."""
    return {
        "is_on": rules.is_on, **{key: key in rules.channels for key, _word in WHERE}, "from_hour": rules.from_hour,
        "to_hour": rules.to_hour, "least_percent": rules.least_percent,
    }  # fmt: skip
