"""Debts in indexed units (UF, UVR, UDI, UVA) in money: what a unit was worth on a day, by that day's published value and no other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from aldia.access import formats
from aldia.db.prepared import prepared
from aldia.domain.loans.indexed import UnitValue
from aldia.domain.money import is_indexed, money_of, units_of
from aldia.ledger.models import Document, ExchangeRate


class NoUnitValue(LookupError):
    """Raised when nobody said what a unit was worth on a day; the text says which one, and where to say it."""

    def __init__(self, unit: str, on: date) -> None:
        self.unit, self.on = unit, on
        super().__init__(
            _("Falta el valor de %(unit)s del %(on)s: cárgalo en Ajustes → Cotizaciones.")
            % {"unit": formats.currency_name(unit), "on": f"{on:%d/%m/%Y}"}
        )


def unit_value(organisation_id: int, unit: str, on: date) -> UnitValue:
    """Return what one unit was worth that day in its money; of several sources, the last that spoke. Raises NoUnitValue."""
    rows = ExchangeRate.objects.of(organisation_id).filter(currency=unit, quote=money_of(unit), on=on)
    told = rows.order_by("-pk").first()
    if told is None:
        raise NoUnitValue(unit, on)
    return UnitValue(unit, told.quote, on, told.rate, told.pk)


def values_of_units(organisation_id: int, money: str, on: date) -> dict[str, UnitValue]:
    """Return what the units of this money were worth that day, by unit; one whose value nobody said is not there."""
    rows = ExchangeRate.objects.of(organisation_id).filter(currency__in=units_of(money), quote=money, on=on)
    return {row.currency: UnitValue(row.currency, money, on, row.rate, row.pk) for row in rows.order_by("pk")}


def values_by_key(organisation_id: int, keys: Iterable[int]) -> dict[int, ExchangeRate]:
    """Return the published rows by which money became units."""
    rows = ExchangeRate.objects.of(organisation_id).filter(pk__in=set(keys))
    return {row.pk: row for row in rows}


def units_owed(organisation_id: int, account_id: int, money: str) -> dict[str, set[int]]:
    """Return the open documents of an account whose unit is paid in this money, by unit."""
    units = units_of(money)
    found: dict[str, set[int]] = {}
    if units:
        for unit, document_id in _open_in(organisation_id, account_id, *(units * 2)[:2]):
            found.setdefault(unit, set()).add(document_id)
    return found


@prepared
def _open_in(organisation_id: int, account_id: int, unit: str, other: str) -> Any:
    rows = Document.objects.of(organisation_id).filter(account_id=account_id, currency__in=[unit, other])
    return rows.exclude(balance_minor=0).order_by("currency").values_list("currency", "pk")


def worth_text(organisation_id: int, minor: int, currency: str, on: date, locale: str) -> str:
    """Return what an amount of an indexed unit is in money that day, as people write it; nothing for money, a hint where no value is."""
    if not is_indexed(currency):
        return ""
    try:
        value = unit_value(organisation_id, currency, on)
    except NoUnitValue:
        return _("sin valor de hoy")
    return formats.money(value.to_currency(minor), value.currency, locale)


def amount_text(organisation_id: int, minor: int, currency: str, on: date, locale: str) -> str:
    """Return an amount as people write it, of an indexed unit with what it is in money that day: `UF 2,5000 ($ 97.501)`."""
    own, worth = (
        formats.money(minor, currency, locale),
        worth_text(organisation_id, minor, currency, on, locale),
    )
    return f"{own} ({worth})" if worth else own
