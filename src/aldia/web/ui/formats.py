"""How a page writes: the formats of its organisation, taken from the request."""

from django.http import HttpRequest
from django.utils import timezone

from aldia.access.formats import (
    DOTS,
    MINUS,
    NBSP,
    Regional,
    ago,
    clock,
    count,
    day,
    day_long,
    day_words,
    days,
    initials,
    known_locale,
    masked,
    moment,
    money,
    money_short,
    month,
    near_day,
    number,
    percent,
    phone,
    plain_regional,
    symbol,
    zone_name,
)

__all__ = [
    "DOTS",
    "MINUS",
    "NBSP",
    "Regional",
    "ago",
    "clock",
    "count",
    "day",
    "day_long",
    "day_words",
    "days",
    "initials",
    "known_locale",
    "masked",
    "moment",
    "money",
    "money_short",
    "month",
    "near_day",
    "number",
    "percent",
    "phone",
    "plain_regional",
    "regional_of",
    "symbol",
    "zone_name",
]


def regional_of(request: HttpRequest) -> Regional:
    """Return how this request's organisation writes; without one, the reader's language and UTC."""
    organisation, clock = getattr(request, "organisation", None), getattr(request, "clock", None)
    if organisation is None or clock is None:
        return plain_regional(timezone.now())
    return Regional(organisation.locale, organisation.timezone, clock.as_of, clock.now, organisation.currency)
