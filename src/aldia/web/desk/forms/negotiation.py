"""The form of a negotiation policy: bands, levels and numbers, as a grid that is read whole; and an example to try it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from babel.numbers import NumberFormatError, parse_decimal
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.balances import COMPONENTS
from aldia.domain.negotiation import ANY, BadPolicy, Band, Level, NegotiationPolicy, When
from aldia.domain.promises import Every
from aldia.web.desk.forms.payments import amount_text, read_amount
from aldia.web.ui import formats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aldia.outcomes.selectors import PolicyView

BANDS: Final = 5
ROLES: Final = ("COLLECTOR", "SUPERVISOR", "MANAGER")
COMPONENT_WORDS: Final = {
    ANY: gettext_lazy("Todo lo demás"), "principal": gettext_lazy("Capital"), "compensatory_interest": gettext_lazy("Interés compensatorio"),
    "late_interest": gettext_lazy("Interés moratorio"), "penalty_interest": gettext_lazy("Interés punitorio"),
    "fees": gettext_lazy("Gastos"), "insurance": gettext_lazy("Seguro"), "tax": gettext_lazy("Impuestos"),
    "bank_charge": gettext_lazy("Gasto bancario"), "collection_cost": gettext_lazy("Gasto de cobranza"),
    "legal_cost": gettext_lazy("Gasto judicial"),
}  # fmt: skip
WHEN: Final = (
    (When.FULFILLED.value, gettext_lazy("Al cumplirse el acuerdo")),
    (When.START.value, gettext_lazy("Al empezar, y se devuelve si cae")),
)
NUMBERS: Final = ("valid_days", "first_within_days", "grace_days", "falls_after")
FIRST: Final = NegotiationPolicy(
    bands=(Band(31, ANY, 5, 0), Band(61, ANY, 10, 5), Band(91, ANY, 20, 10)),
    levels=(Level("COLLECTOR", 50, 6, 20), Level("SUPERVISOR", 100, 12, 10), Level("MANAGER", 100, 24, 0)),
)
"""What a new policy begins with: a proposal to change, not an opinion."""


@dataclass
class PolicyForm:
    """The grid as it is drawn: texts by field name, what is wrong with them, and the rules once they can be read."""

    told: dict[str, Any]
    problems: list[tuple[str, str]] = field(default_factory=list)
    rules: NegotiationPolicy | None = None

    @property
    def bands(self) -> list[dict[str, str]]:
        """The rows of the discounts."""
        names = ("from", "component", "at_once", "in_parts")
        return [
            {"at": str(at), **{name: self.told.get(f"band-{at}-{name}", "") for name in names}}
            for at in range(BANDS)
        ]

    @property
    def levels(self) -> list[dict[str, str]]:
        """The rows of who may grant how much."""
        names = ("share", "instalments", "down")
        return [
            {"role": role, **{name: self.told.get(f"level-{role}-{name}", "") for name in names}}
            for role in ROLES
        ]


def components() -> list[tuple[str, str]]:
    """Return the components that a discount may name, with their words."""
    return [(key, str(COMPONENT_WORDS[key])) for key in (ANY, *COMPONENTS) if key in COMPONENT_WORDS]


def form_of(policy: PolicyView | None, currency: str, locale: str) -> PolicyForm:
    """Return the grid of a kept policy, or of a new one."""
    rules = policy.rules if policy else FIRST
    told: dict[str, Any] = {
        "name": policy.name if policy else "", "portfolio": str(policy.portfolio_id or "") if policy else "",
        "segment": policy.segment_key if policy else "", "is_active": policy.is_active if policy else True,
        "every": [each.value for each in rules.every], "discount_when": rules.discount_when.value,
        "yearly_rate": formats.number(rules.yearly_rate, locale, digits=max(-int(rules.yearly_rate.as_tuple().exponent), 0)),
        "minimum": amount_text(rules.minimum_minor[currency], currency, locale) if currency in rules.minimum_minor else "",
    }  # fmt: skip
    for at, band in enumerate(rules.bands[:BANDS]):
        told |= {f"band-{at}-from": str(band.from_days), f"band-{at}-component": band.component}
        told |= {f"band-{at}-at_once": str(band.at_once), f"band-{at}-in_parts": str(band.in_parts)}
    for level in rules.levels:
        told |= {
            f"level-{level.role}-share": str(level.discount_share),
            f"level-{level.role}-instalments": str(level.instalments),
        }
        told |= {f"level-{level.role}-down": str(level.down_payment)}
    return PolicyForm(told | {name: str(getattr(rules, name)) for name in NUMBERS}, [], rules)


def read_form(given: Any, kept: PolicyView | None, currency: str, locale: str) -> PolicyForm:
    """Return the grid as it was written, with its rules when they can be read. Minimums of other currencies stay."""
    told = {key: given.get(key, "") for key in given if key != "every"} | {"every": given.getlist("every")}
    form = PolicyForm(told | {"is_active": "is_active" in given})
    minimums = dict(kept.rules.minimum_minor) if kept else {}
    minimums.pop(currency, None)
    if text := str(told.get("minimum", "")).strip():
        try:
            minimums[currency] = read_amount(text, currency, locale)
        except ValidationError as problem:
            form.problems.append(("minimum", problem.messages[0]))
    bands, levels = _bands(form), _levels(form)
    numbers = {name: _whole(form, name) for name in NUMBERS}
    rate = _rate(form, locale)
    if form.problems:
        return form
    try:
        form.rules = NegotiationPolicy(
            bands, levels, tuple(each for each in Every if each.value in told["every"]), rate, minimums, **numbers,
            discount_when=When.START if told.get("discount_when") == When.START else When.FULFILLED,
        )  # fmt: skip
    except BadPolicy as problem:
        form.problems.append((problem.field, _contradiction(problem.field)))
    return form


def _contradiction(where: str) -> str:
    told: Mapping[str, str] = {
        "bands": _("Los porcentajes van de 0 a 100."),
        "levels": _(
            "Cada nivel puede al menos lo mismo que el anterior, de 1 a 120 cuotas, y no pide más anticipo."
        ),
        "every": _("Elige al menos una frecuencia."),
        "numbers": _(
            "La tasa y los días no son negativos; la oferta vale un día o más, y se cae desde una cuota."
        ),
    }
    return told[where]


def _bands(form: PolicyForm) -> tuple[Band, ...]:
    found = []
    for row in form.bands:
        if not row["from"].strip():
            continue
        name = f"band-{row['at']}"
        at_once, in_parts = _whole(form, f"{name}-at_once"), _whole(form, f"{name}-in_parts")
        component = row["component"] if row["component"] in COMPONENT_WORDS else ANY
        found.append(Band(_whole(form, f"{name}-from"), component, at_once, in_parts))
    return tuple(sorted(found, key=lambda band: (band.component != ANY, band.component, band.from_days)))


def _levels(form: PolicyForm) -> tuple[Level, ...]:
    return tuple(
        Level(role, *(_whole(form, f"level-{role}-{name}") for name in ("share", "instalments", "down")))
        for role in ROLES
        if str(form.told.get(f"level-{role}-instalments", "")).strip()
    )


def _whole(form: PolicyForm, name: str) -> int:
    text = str(form.told.get(name, "")).strip() or "0"
    if text.isdecimal() and len(text) <= 4:
        return int(text)
    form.problems.append((name, _("«%(found)s» no es un número entero.") % {"found": text[:20]}))
    return 0


def _rate(form: PolicyForm, locale: str) -> Decimal:
    text = str(form.told.get("yearly_rate", "")).strip() or "0"
    try:
        rate = parse_decimal(text, locale=locale, strict=True)
    except (NumberFormatError, InvalidOperation):
        rate = Decimal(-1)
    if not 0 <= rate <= 1_000:
        form.problems.append(("yearly_rate", _("Escribe la tasa anual como 45 o 45,5.")))
        return Decimal(0)
    return rate
