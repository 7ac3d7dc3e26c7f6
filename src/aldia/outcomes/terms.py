"""What an organisation and its portfolios decide about promises, disputes, alarms and undoing, with what holds when they do not.

`portfolio.settings["promises"]`: tolerance_percent, grace_days, days_ahead. `organisation.settings["disputes"]`: by reason
(or `default`) department, owner_id, business_days. `organisation.settings["alarms"]`: the fields of `domain.alarms.Thresholds`.
`organisation.settings["undo_minutes"]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from aldia.domain.alarms import Thresholds
from aldia.domain.calendars import Calendar, UnknownCountry, country_calendar
from aldia.domain.promises import PromiseTerms

UNDO_MINUTES: Final = 15
_DEPARTMENTS: Final = {
    "amount_wrong": "billing", "invoice_not_received": "billing", "goods_not_received": "logistics",
    "goods_faulty": "quality", "price_or_discount": "sales", "not_my_debt": "collections",
}  # fmt: skip
_NUMBERS: Final = (
    "promise_days_ahead", "no_contact_days", "new_debt_days", "prescription_days_ahead", "task_overdue_days",
    "cheque_business_days_ahead", "protest_business_days_ahead",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PromiseDefaults:
    """How much may be short (percent of the amount), how many days late still count, and how far ahead one may promise."""

    tolerance_percent: int = 0
    grace_days: int = 2
    days_ahead: int = 365

    def terms(self, amount_minor: int, due_on: date) -> PromiseTerms:
        """The terms of a promise; the tolerance is rounded down to the minor unit. Raises BadTerms of `domain.promises`."""
        return PromiseTerms(
            amount_minor, due_on, max(amount_minor, 0) * self.tolerance_percent // 100, self.grace_days
        )


def promise_defaults(portfolio_settings: Mapping[str, Any]) -> PromiseDefaults:
    """The portfolio's own numbers over the usual ones; the tolerance never reaches the whole amount."""
    own = portfolio_settings.get("promises", {})
    usual = PromiseDefaults()
    return PromiseDefaults(
        tolerance_percent=min(max(int(own.get("tolerance_percent", usual.tolerance_percent)), 0), 99),
        grace_days=max(int(own.get("grace_days", usual.grace_days)), 0),
        days_ahead=max(int(own.get("days_ahead", usual.days_ahead)), 1),
    )


@dataclass(frozen=True, slots=True)
class DisputeRoute:
    """Which department answers a reason, who there, and in how many business days."""

    department: str
    owner_id: int | None
    business_days: int


def dispute_route(organisation_settings: Mapping[str, Any], reason: str) -> DisputeRoute:
    """Where a dispute goes: the organisation's route for the reason, its default one, or the usual department in 5 days."""
    routes = organisation_settings.get("disputes", {})
    own = {**routes.get("default", {}), **routes.get(reason, {})}
    return DisputeRoute(
        department=own.get("department") or _DEPARTMENTS.get(reason, "collections"),
        owner_id=own.get("owner_id"),
        business_days=max(int(own.get("business_days", 5)), 1),
    )


def thresholds(organisation_settings: Mapping[str, Any], calendar: Calendar) -> Thresholds:
    """When alarms fire: `settings["alarms"]` over the defaults of `domain.alarms`."""
    own = organisation_settings.get("alarms", {})
    numbers = {name: int(own[name]) for name in _NUMBERS if name in own}
    large = {currency: int(minor) for currency, minor in own.get("large_debt_minor", {}).items()}
    return Thresholds(**numbers, large_debt_minor=large, calendar=calendar)


def undo_limit(organisation_settings: Mapping[str, Any]) -> timedelta:
    """How long after saving it the same person may undo an outcome."""
    return timedelta(minutes=int(organisation_settings.get("undo_minutes", UNDO_MINUTES)))


def working_calendar(country: str, own_holidays: frozenset[date], as_of: date) -> Calendar:
    """The working days of a country with the organisation's own holidays; plain weekdays where the country is not known."""
    try:
        return country_calendar(country, [as_of.year], extra=own_holidays)
    except UnknownCountry:
        return Calendar(holidays=own_holidays)
