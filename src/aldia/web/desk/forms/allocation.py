"""The form of how a portfolio spreads what comes in, and of what it adds to a late document by law."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.allocation import CHARGES_FIRST, AllocationOrder, OrderKind
from aldia.web.desk.forms.days import DayField, Spoken
from aldia.web.desk.forms.negotiation import COMPONENT_WORDS
from aldia.web.desk.forms.settings import Plain, word

KINDS: Final = tuple(kind for kind in OrderKind if kind is not OrderKind.EXPLICIT)


class AllocationForm(Spoken, Plain):
    """The order by kind and by an own list of concepts, whether credit notes pay too, and since when the law's charges are added."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Orden entre documentos"),
        choices=[(kind.value, word(kind.value)) for kind in KINDS],
    )
    nets_credits = forms.BooleanField(
        label=gettext_lazy("Usar antes las notas de crédito abiertas"), required=False,
        help_text=gettext_lazy("Con cada cobro, los saldos a favor del cliente cubren deuda antes que el dinero."),
    )  # fmt: skip
    legal_since = DayField(
        label=gettext_lazy("Recargos de ley desde"), required=False,
        help_text=gettext_lazy(
            "Lo que la ley suma por sí sola a lo que vence desde ese día: 40 euros entre empresas, la tarifa de cobranza de Chile. "
            "Vacío: no se suman."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for at, component in enumerate(CHARGES_FIRST, start=1):
            self.fields[_place(component)] = forms.IntegerField(
                label=COMPONENT_WORDS[component], min_value=1, max_value=len(CHARGES_FIRST), initial=at,
                widget=forms.NumberInput(attrs={"class": "ald-input", "inputmode": "numeric"}),
            )  # fmt: skip

    @property
    def places(self) -> list[Any]:
        """The places of the concepts, in the order in which they stand now."""
        fields = [self[_place(component)] for component in CHARGES_FIRST]
        return sorted(fields, key=lambda field: _number(field.value()))

    def clean(self) -> dict[str, Any]:
        """Two concepts cannot have the same place: nobody could say which goes first."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        places = [told.get(_place(component)) for component in CHARGES_FIRST]
        if None not in places and len(set(places)) < len(places):
            self.add_error(None, _("Dos conceptos tienen el mismo lugar: da a cada uno el suyo."))
        return told

    def order(self) -> AllocationOrder:
        """The order as it was written; the form must be valid."""
        told = self.cleaned_data
        components = tuple(sorted(CHARGES_FIRST, key=lambda component: told[_place(component)]))
        return AllocationOrder(OrderKind(told["kind"]), components, nets_credits=told["nets_credits"])


def shown(order: AllocationOrder) -> dict[str, Any]:
    """Return what the form begins with for an order; concepts that an older list does not name come last."""
    ranked = sorted(CHARGES_FIRST, key=order.rank_of)
    return {"kind": order.kind.value, "nets_credits": order.nets_credits} | {
        _place(component): at for at, component in enumerate(ranked, start=1)
    }


def kept(order: AllocationOrder) -> dict[str, Any]:
    """Return what a portfolio keeps of an order: the usual list is not written, so that it follows the house's."""
    told: dict[str, Any] = {"kind": order.kind.value, "nets_credits": order.nets_credits}
    return told if order.components == CHARGES_FIRST else told | {"components": list(order.components)}


def _place(component: str) -> str:
    return f"place_{component}"


def _number(value: object) -> int:
    return int(str(value)) if str(value).isdecimal() else len(CHARGES_FIRST) + 1
