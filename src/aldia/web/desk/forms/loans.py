"""The forms of loans: terms as a lender types them, who borrows, money at the counter, and changes. They read; the rooms decide."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from babel.numbers import NumberFormatError, parse_decimal
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.loans.agreement import Agreement, LateAgreement, RateKind, over_ceiling, plan
from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.day_counts import DayCount
from aldia.domain.loans.extras import Base, Extra, Instalment
from aldia.domain.loans.published import CEILINGS, TABLES
from aldia.domain.loans.schedules import BadSchedule, Method
from aldia.domain.money import MoneyError, exponent_of
from aldia.intake.checking import identity
from aldia.payments import services as payments
from aldia.web.desk.forms.payments import amount_text, read_amount, read_day
from aldia.web.desk.forms.settings import Plain
from aldia.web.ui import formats as numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aldia.ledger.models import Portfolio
    from aldia.web.desk.doors import StaffRequest

EVERY: Final = {
    "month": (gettext_lazy("Mes"), Every(1, Unit.MONTHS)), "half": (gettext_lazy("Quincena"), Every(1, Unit.HALF_MONTHS)),
    "week": (gettext_lazy("Semana"), Every(1, Unit.WEEKS)), "two_weeks": (gettext_lazy("Dos semanas"), Every(2, Unit.WEEKS)),
    "day": (gettext_lazy("Día"), Every(1, Unit.DAYS)), "quarter": (gettext_lazy("Trimestre"), Every(3, Unit.MONTHS)),
}  # fmt: skip
METHODS: Final = (
    (Method.FRENCH.value, gettext_lazy("Francés: cuota fija")), (Method.GERMAN.value, gettext_lazy("Alemán: capital fijo")),
    (Method.SIMPLE.value, gettext_lazy("Directo: interés sobre lo prestado")),
    (Method.AMERICAN.value, gettext_lazy("Americano: capital al final")),
)  # fmt: skip
RATE_KINDS: Final = (
    (RateKind.NOMINAL.value, gettext_lazy("Nominal (TNA)")),
    (RateKind.EFFECTIVE.value, gettext_lazy("Efectiva (TEA)")),
)
DAY_COUNTS: Final = (
    ("", gettext_lazy("Períodos iguales")), (DayCount.THIRTY_360.value, "30/360"), (DayCount.ACT_360.value, "ACT/360"),
    (DayCount.ACT_365.value, "ACT/365"), (DayCount.ACT_ACT.value, "ACT/ACT"),
)  # fmt: skip
STEPS: Final = (
    ("0", gettext_lazy("Al centavo")),
    ("1", gettext_lazy("A la unidad")),
    ("10", gettext_lazy("A 10")),
    ("100", gettext_lazy("A 100")),
)
PURPOSES: Final = (
    ("instalment", gettext_lazy("Pagar cuotas")), ("lower", gettext_lazy("Adelantar y bajar la cuota")),
    ("shorter", gettext_lazy("Adelantar y acortar el plazo")), ("payoff", gettext_lazy("Cancelar el préstamo")),
)  # fmt: skip


HANDS: Final = (("transfer", gettext_lazy("Transferencia")), ("cash", gettext_lazy("Efectivo de mi caja")))


def read_percent(text: str, locale: str) -> Decimal:
    """Return a percentage as a fraction of one: `24`, `24.5` or as the organisation writes it. Raises ValidationError."""
    plain = text.strip().removesuffix("%").strip() or "0"
    try:
        share = (
            Decimal(plain)
            if plain.replace(".", "", 1).isdigit()
            else parse_decimal(plain, locale=locale, strict=True)
        )
    except (NumberFormatError, InvalidOperation) as problem:
        raise forms.ValidationError(
            _("No entendemos «%(found)s»: escribe el porcentaje como 24 o 24.5.") % {"found": text[:20]}
        ) from problem
    if not 0 <= share <= 100_000:
        raise forms.ValidationError(_("Un porcentaje no es negativo."))
    return Decimal(share) / 100


def _ceilings(request: StaffRequest) -> list[tuple[str, str]]:
    """The tables above which the law lets nobody lend, each with what it allows today."""
    found = [("", str(_("Ninguno publicado para este país")))]
    for key in sorted(set(CEILINGS.values())):
        table = TABLES[key].standing()
        allowed = numbers.percent(table.rate_on(request.clock.as_of), request.organisation.locale, digits=2)
        found.append((key, f"{allowed} · {table.name}"))
    return found


def _percent(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=12, required=False, help_text=help_text)


class TermsForm(Plain):
    """What a product and a quote share: how many, how often, how dear."""

    count = forms.IntegerField(label=gettext_lazy("Cuotas"), min_value=1, max_value=600, initial=12)
    every = forms.ChoiceField(
        label=gettext_lazy("Cada"), choices=[(key, word) for key, (word, _step) in EVERY.items()]
    )
    method = forms.ChoiceField(label=gettext_lazy("Sistema"), choices=METHODS)
    yearly_rate = _percent(gettext_lazy("Tasa anual"))
    rate_kind = forms.ChoiceField(label=gettext_lazy("Tipo de tasa"), choices=RATE_KINDS)
    day_count = forms.ChoiceField(label=gettext_lazy("Cuenta de días"), choices=DAY_COUNTS, required=False)
    interest_only = forms.IntegerField(
        label=gettext_lazy("Cuotas de solo interés al inicio"),
        min_value=0,
        max_value=120,
        initial=0,
        required=False,
    )
    balloon = forms.CharField(
        label=gettext_lazy("Capital que queda para el final"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Se paga con la última cuota."),
    )
    tax_rate = _percent(gettext_lazy("Impuesto sobre el interés"))
    insurance_rate = _percent(gettext_lazy("Seguro por cuota"), gettext_lazy("Sobre lo que queda debiendo."))
    fee = forms.CharField(label=gettext_lazy("Gasto por cuota"), max_length=30, required=False)
    opening_fee = forms.CharField(
        label=gettext_lazy("Gasto de otorgamiento"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Va en la primera cuota."),
    )
    late_rate = _percent(gettext_lazy("Interés moratorio anual"))
    penalty_rate = _percent(gettext_lazy("Interés punitorio anual"))
    grace_days = forms.IntegerField(
        label=gettext_lazy("Días de gracia"), min_value=0, max_value=90, initial=0, required=False
    )
    ceiling = forms.ChoiceField(label=gettext_lazy("Máximo legal"), required=False)
    step = forms.ChoiceField(label=gettext_lazy("Redondeo de la cuota"), choices=STEPS, required=False)
    MORE: Final = (
        "day_count", "interest_only", "balloon", "step", "tax_rate", "insurance_rate", "fee", "opening_fee", "late_rate",
        "penalty_rate", "grace_days", "ceiling",
    )  # fmt: skip

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request = request
        self.fields["ceiling"].choices = _ceilings(request)  # type: ignore[attr-defined]

    @property
    def more(self) -> list[Any]:
        """The fields that most loans leave as the product says."""
        return [self[name] for name in self.MORE]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("yearly_rate", "tax_rate", "insurance_rate", "late_rate", "penalty_rate"):
            self._read(given, name, lambda text: read_percent(text, self._request.organisation.locale))
        return given

    def _read(self, given: dict[str, Any], name: str, how: Any) -> None:
        try:
            given[name] = how(given.get(name) or "")
        except forms.ValidationError as problem:
            self.add_error(name, problem)


class ProductForm(TermsForm):
    """What a portfolio lends by default."""

    def typed(self) -> dict[str, Any]:
        """Return the values as they were typed, for the next quote to begin with."""
        return {name: self.data.get(name, "") for name in TermsForm.base_fields}


class NewPortfolioForm(Plain):
    """A portfolio that lends, made here and not by a file."""

    name = forms.CharField(label=gettext_lazy("Nombre de la cartera"), max_length=60)
    currency = forms.CharField(label=gettext_lazy("Moneda"), max_length=3)


class QuoteForm(TermsForm):
    """A loan as it is asked for."""

    portfolio = forms.ChoiceField(label=gettext_lazy("Cartera"))
    amount = forms.CharField(label=gettext_lazy("Importe"), max_length=30)
    granted_on = forms.CharField(label=gettext_lazy("¿Cuándo se entrega?"), max_length=60)
    first_due_on = forms.CharField(label=gettext_lazy("Primera cuota"), max_length=60, required=False)

    def __init__(self, *args: Any, portfolios: Sequence[Portfolio], **more: Any) -> None:
        super().__init__(*args, **more)
        self._portfolios = {str(row.pk): row for row in portfolios}
        self.fields["portfolio"].choices = [(key, row.name) for key, row in self._portfolios.items()]  # type: ignore[attr-defined]
        self.agreement: Agreement | None = None
        self.instalments: tuple[Instalment, ...] = ()

    @property
    def chosen(self) -> Portfolio:
        """The portfolio chosen, or the first one."""
        return self._portfolios.get(str(self["portfolio"].value()), next(iter(self._portfolios.values())))

    def clean_granted_on(self) -> date:
        on = read_day(self.cleaned_data["granted_on"], self._request)
        if on > self._request.clock.as_of:
            raise forms.ValidationError(_("Se otorga hoy o antes: ese día todavía no llegó."))
        return on

    def clean_first_due_on(self) -> date | None:
        text = self.cleaned_data["first_due_on"].strip()
        return read_day(text, self._request) if text else None

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        currency = self.chosen.currency
        self._read(
            given, "amount", lambda text: read_amount(text, currency, self._request.organisation.locale)
        )
        for name in ("fee", "opening_fee", "balloon"):
            given[name] = given.get(name) or "0"
            self._read(
                given, name, lambda text: amount_or_none(text, currency, self._request.organisation.locale)
            )
        if not self.errors:
            try:
                agreement = _agreement(given, currency)
                self._check_ceiling(agreement)
                self.instalments = plan(agreement)
                self.agreement = agreement if not self.errors else None
            except (BadSchedule, MoneyError):
                self.add_error(
                    None, _("Con esas condiciones no sale un plan: revisa cuotas, gracia y primera fecha.")
                )
        return given

    def _check_ceiling(self, agreement: Agreement) -> None:
        for over in over_ceiling(agreement, agreement.granted_on):
            self.add_error(over.name, _over_text(self._request, over.allowed, over.table))


def _over_text(request: StaffRequest, allowed: Decimal, table: str) -> str:
    return _("La ley permite hasta %(allowed)s (%(table)s).") % {
        "allowed": numbers.percent(allowed, request.organisation.locale, digits=2), "table": table,
    }  # fmt: skip


def amount_or_none(text: str, currency: str, locale: str) -> int:
    """Return the amount that was written; nothing is 0. Raises ValidationError."""
    return 0 if text.strip() in {"", "0"} else read_amount(text, currency, locale)


def _agreement(given: Mapping[str, Any], currency: str) -> Agreement:
    extras = [
        Extra("insurance", Base.BALANCE, given["insurance_rate"]),
        Extra("fees", Base.EACH, amount_minor=given["fee"]),
        Extra("fees", Base.ONCE, amount_minor=given["opening_fee"]),
        Extra("tax", Base.INTEREST, given["tax_rate"]),
    ]
    step = int(given["step"] or 0) * 10 ** exponent_of(currency)
    return Agreement(
        principal_minor=given["amount"], granted_on=given["granted_on"], count=given["count"], every=EVERY[given["every"]][1],
        first_due_on=given["first_due_on"], method=Method(given["method"]), yearly_rate=given["yearly_rate"],
        rate_kind=RateKind(given["rate_kind"]), day_count=DayCount(given["day_count"]) if given["day_count"] else None,
        interest_only=given["interest_only"] or 0, balloon_minor=given["balloon"], step=step or 1,
        extras=tuple(extra for extra in extras if extra.rate or extra.amount_minor),
        late=LateAgreement(given["late_rate"], given["penalty_rate"], given["grace_days"] or 0, ceiling=given["ceiling"]),
    )  # fmt: skip


class BorrowerForm(Plain):
    """Who borrows: somebody known (`party`), or new."""

    party = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Nombre completo"), max_length=200, required=False)
    tax_id = forms.CharField(label=gettext_lazy("Documento"), max_length=30, required=False)
    phone = forms.CharField(label=gettext_lazy("Teléfono"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("Correo"), required=False)
    hands = forms.ChoiceField(
        label=gettext_lazy("¿Cómo se entrega?"),
        choices=HANDS,
        initial="transfer",
    )

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self._country = request.organisation.country

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("party") and not (given.get("name") and given.get("tax_id")):
            self.add_error("name", _("Elige a un cliente, o escribe nombre y documento de uno nuevo."))
        return given

    def draft(self) -> payments.BorrowerDraft:
        """Return the new client as the service takes it: the document checked by its country's rule, the phone made international."""
        given = self.cleaned_data
        compact, kind, _is_right = identity.tax_id(given["tax_id"], self._country)
        read = identity.phone(given["phone"], self._country) if given["phone"] else None
        return payments.BorrowerDraft(
            given["name"].strip(), compact, kind or "", read[0] if read else "", given["email"], self._country
        )


def first_terms(request: StaffRequest, portfolio: Portfolio) -> dict[str, Any]:
    """Return what a quote begins with: the portfolio's product, today."""
    product = {
        name: value
        for name, value in portfolio.settings.get("lending", {}).items()
        if value not in ("", None)
    }
    usual = CEILINGS.get(portfolio.country or portfolio.creditor.country, "")
    return {"portfolio": str(portfolio.pk), "granted_on": _("hoy"), "ceiling": usual, **product}


def as_typed(minor: int, request: StaffRequest, currency: str) -> str:
    """Return an amount as its field shows it; nothing is left to be written."""
    return "" if minor <= 0 else amount_text(minor, currency, request.organisation.locale)
