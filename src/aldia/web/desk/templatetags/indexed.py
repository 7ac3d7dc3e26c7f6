"""What an amount of an indexed unit is today in money, on any screen of the desk."""

from __future__ import annotations

from django import template
from django.template import Context

from aldia.access import formats
from aldia.access.formats import currency_name
from aldia.domain.money import is_indexed
from aldia.ledger.indexed import NoUnitValue, unit_value, worth_text

register = template.Library()


@register.simple_tag(takes_context=True)
def worth(context: Context, minor: int, currency: str) -> str:
    """Write `$ 97.501` for an amount in UF; nothing for an amount of money."""
    request = context["request"]
    return worth_text(
        request.actor.organisation_id, minor, currency, request.clock.as_of, request.organisation.locale
    )


@register.simple_tag(takes_context=True)
def one_unit(context: Context, currency: str) -> str:
    """Write what one unit is worth today, with all its decimals; nothing for money."""
    request = context["request"]
    if not is_indexed(currency):
        return ""
    try:
        value = unit_value(request.actor.organisation_id, currency, request.clock.as_of)
    except NoUnitValue:
        return worth(context, 0, currency)
    digits = max(0, -int(value.value.normalize().as_tuple().exponent))
    return f"{formats.number(value.value, request.organisation.locale, digits=digits)} {value.currency}"


register.filter("currency_name", currency_name)
