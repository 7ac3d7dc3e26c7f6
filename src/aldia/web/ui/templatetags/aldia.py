"""Tags that write figures, dates, ageing and icons; cheap enough for every cell of a table."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.http import QueryDict
from django.template import Context
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from aldia.web.ui import charts, formats, icons
from aldia.web.ui.formats import Regional

register = template.Library()
register.filter("initials", formats.initials)
register.filter("phone", formats.phone)

_BAR_HEIGHTS = (4, 6, 8, 10, 13)
_TAG_ICONS = {"ok": "check", "warn": "clock", "bad": "close", "info": "info"}


def _regional(context: Context) -> Regional:
    shell = context.get("shell")
    return shell.regional if shell else formats.plain_regional(timezone.now())


@register.simple_tag
def once() -> str:
    """Give a form the key by which it is done once, however often it is sent."""
    return format_html('<input type="hidden" name="una_vez" value="{}">', uuid4().hex)


@register.simple_tag(takes_context=True)
def money(
    context: Context,
    minor: int | str | None,
    currency: str,
    cents: bool = True,
    sign: bool = False,
    strong: bool = False,
    phone: bool = False,
) -> str:
    """Write an amount with a machine-readable value; a dash when there is none. `phone` hides the cents in phone lists."""
    if minor is None or minor == "":
        return "–"
    text = formats.money(int(minor), currency, _regional(context).locale, cents=cents, sign=sign)
    extra = " ald-money--strong" if strong else ""
    head, tail = (text[:-3], text[-3:]) if phone and text[-3:-2] in {",", "."} else (text, "")
    fraction = format_html('<span class="ald-cents">{}</span>', tail) if tail else ""
    return format_html('<data class="ald-money{}" value="{}">{}{}</data>', extra, minor, head, fraction)


@register.simple_tag(takes_context=True)
def money_short(context: Context, minor: int | str, currency: str, sign: bool = False) -> str:
    """Write `$ 96,8 M`; the whole value appears on hover and reads aloud."""
    locale = _regional(context).locale
    short = formats.money_short(int(minor), currency, locale, sign=sign)
    full = formats.money(int(minor), currency, locale, sign=sign)
    if short == full:
        return format_html('<data class="ald-money" value="{}">{}</data>', minor, short)
    return format_html('<data class="ald-money" value="{}" title="{}">{}</data>', minor, full, short)


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | datetime | None, commit: bool = False, weekday: bool = True) -> str:
    """Write `vie 27 nov`."""
    if value is None or value == "":
        return "–"
    on = value.date() if isinstance(value, datetime) else value
    text = formats.day(on, _regional(context).today, commit=commit, weekday=weekday)
    return format_html('<time class="ald-date" datetime="{}">{}</time>', on.isoformat(), text)


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None) -> str:
    """Write `hoy 7:50` or `sáb 21 nov 9:00`."""
    if not value:
        return "–"
    text = formats.moment(value, _regional(context))
    return format_html('<time class="ald-date" datetime="{}">{}</time>', value.isoformat(), text)


@register.simple_tag(takes_context=True)
def ago(context: Context, value: datetime | None) -> str:
    """Write `22 min`, `ayer` or a date, with the exact moment on hover."""
    if not value:
        return "–"
    regional = _regional(context)
    exact, text = formats.moment(value, regional), formats.ago(value, regional)
    return format_html(
        '<time class="ald-date" datetime="{}" title="{}">{}</time>', value.isoformat(), exact, text
    )


@register.simple_tag(takes_context=True)
def percent(context: Context, share: float | Decimal | None, digits: int = 1, sign: bool = False) -> str:
    """Write `64,3 %` for 0.643."""
    return (
        "–" if share is None else formats.percent(share, _regional(context).locale, digits=digits, sign=sign)
    )


@register.simple_tag(takes_context=True)
def number(context: Context, value: float | Decimal | None, digits: int = 0, sign: bool = False) -> str:
    """Write `1.284`."""
    return (
        "–" if value is None else formats.number(value, _regional(context).locale, digits=digits, sign=sign)
    )


@register.simple_tag(takes_context=True)
def count(context: Context, value: int, cap: int = 10_000) -> str:
    """Write a capped count: `10.000+`."""
    return formats.count(value, _regional(context).locale, cap=cap)


@register.simple_tag(takes_context=True)
def currency_symbol(context: Context, currency: str) -> str:
    """Write `$` or `US$`, for the left of an amount field."""
    return formats.symbol(currency, _regional(context).locale)


@register.filter
def masked(value: str, kind: str = "") -> str:
    """Write a document so that only who knows it recognises it."""
    return formats.masked(str(value or ""), kind)


@register.simple_tag
def icon(name: str, size: int | str = 16) -> SafeString:
    """Draw the icon of a concept."""
    return icons.icon(name, int(size))


@register.simple_tag
def ageing(days: int | str | None = None, step: int | str = 0, label: str = "") -> SafeString:
    """Draw five rising bars, `step` of them filled, and the days or the bucket's name; step 0 is «Al día»."""
    filled = min(max(int(step or 0), 0), 5)
    if not filled:
        return format_html(
            '<span class="ald-ageing ald-ageing--current">{}{}</span>',
            icons.icon("check", 14),
            label or gettext("Al día"),
        )
    text = label or (formats.days(int(days)) if days not in (None, "") else "")
    return _step(filled, conditional_escape(text))


@lru_cache(maxsize=1_000)
def _step(filled: int, text: SafeString) -> SafeString:
    return format_html('<span class="ald-ageing ald-a{}">{}{}</span>', filled, _bars(filled), text)


@cache
def _bars(filled: int) -> SafeString:
    bars = (
        (at * 5, 13 - height, height, "is-on" if at < filled else "is-off")
        for at, height in enumerate(_BAR_HEIGHTS)
    )
    rects = format_html_join("", '<rect x="{}" y="{}" width="3" height="{}" rx="1" class="{}"/>', bars)
    return format_html('<svg viewBox="0 0 23 13" aria-hidden="true">{}</svg>', rects)


@register.simple_tag
def stage(name: str, step: int | str | None = None, filled: bool | str = False) -> SafeString:
    """Draw a stage: a square in the ramp's colour and its name; without a step, paused."""
    ramp = "" if step in (None, "") else f" ald-a{step}"
    solid = " ald-stage--filled" if filled and filled != "False" else ""
    return format_html('<span class="ald-stage{}{}">{}</span>', ramp, solid, name)


@register.simple_tag
def tag(text: str, tone: str = "neutral", icon: str = "") -> SafeString:
    """Draw a state tag: tint, icon and word."""
    name = icon or _TAG_ICONS.get(tone, "")
    drawn = icons.icon(name, 14) if name else ""
    return format_html('<span class="ald-tag ald-tag--{}">{}{}</span>', tone, drawn, text)


@register.simple_tag
def sparkline(values: Sequence[float]) -> SafeString:
    """Draw a line of values, without axis: the tile says the figure."""
    if len(values) < 2:
        return mark_safe("")
    low, high = min(values), max(values)
    reach = (high - low) or 1
    points = " ".join(
        f"{at * 100 / (len(values) - 1):.1f},{24 - (value - low) * 22 / reach:.1f}"
        for at, value in enumerate(values)
    )
    return format_html(
        '<svg class="ald-spark" viewBox="0 0 100 26" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}"/></svg>',
        points,
    )


@register.filter
def drawn_chart(chart: charts.Chart) -> dict[str, Any]:
    """Return a chart as the page takes it to draw it."""
    return charts.drawn(chart)


@register.simple_tag
def meter(value: float, mark: float | None = None) -> SafeString:
    """Draw a bar filled to `value` per cent, with an optional tick at `mark` per cent."""
    tick = format_html('<b class="ald-x-{}"></b>', _share(mark)) if mark is not None else ""
    return format_html(
        '<span class="ald-meter" aria-hidden="true"><i class="ald-w-{}"></i>{}</span>', _share(value), tick
    )


@register.filter
def percentage(share: float | Decimal | None) -> int:
    """Return 64 for 0.643: what follows `ald-w-` and `ald-grow-`. Something that exists never draws as nothing."""
    whole = _share(Decimal(str(share or 0)) * 100)
    return max(whole, 1) if share else 0


@register.filter
def times(total: int | str) -> range:
    """Return something to loop over that many times."""
    return range(int(total))


def _share(value: float | Decimal | str | None) -> int:
    return min(max(round(Decimal(str(value or 0))), 0), 100)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """Return the current address with some parameters changed; None removes one, a list repeats it."""
    request = context.get("request")
    params = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        params.pop(name, None)
        for item in value if isinstance(value, list | tuple) else [value]:
            if item is not None and item != "":
                params.appendlist(name, str(item))
    path = request.path if request else ""
    return f"{path}?{params.urlencode()}" if params else path


@register.simple_tag(takes_context=True)
def turn(context: Context, cursor: str | None, **changes: Any) -> str:
    """Return the address of another page of the list, or nothing where there is none."""
    return query(context, pagina=cursor, **changes) if cursor else ""


@register.filter
def bcp47(locale: str) -> str:
    """Return a locale as HTML and JavaScript spell it: `es_AR` gives `es-AR`."""
    return str(locale).replace("_", "-")
