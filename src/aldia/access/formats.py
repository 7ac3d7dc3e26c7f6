"""How money, dates, counts and documents are written, on a screen, in a message or on paper.

Figures follow the organisation's locale (`es_AR`, `es_MX`…); words such as «ayer» or «vie» follow the reader's language.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol
from django.utils.translation import get_language, gettext, ngettext

from aldia.domain.money import INDEXED_UNITS, to_major

NBSP = "\u00a0"
MINUS = "\u2212"
DOTS = "\u2022" * 5

# Where cents exist on paper but nobody writes them when they are zero.
_CENTS_ONLY_IF_ANY = frozenset({"COP"})
_WORLD_SYMBOLS = {
    "USD": "US$",
    "EUR": "€",
    "BRL": "R$",
    "GBP": "£",
    "CLF": "UF",
    "COU": "UVR",
    "MXV": "UDI",
    "UYI": "UI",
    "UYW": "UR",
}
_MILLION = {"es": "M", "pt": "mi", "en": "M"}
_ZONES = {
    "America/Argentina/Buenos_Aires": "ART", "America/Bogota": "COT", "America/Santiago": "CLT", "America/Lima": "PET",
    "America/Montevideo": "UYT", "America/Sao_Paulo": "BRT", "America/Asuncion": "PYT", "America/La_Paz": "BOT",
    "America/Guayaquil": "ECT", "America/Caracas": "VET",
}  # fmt: skip


@dataclass(frozen=True)
class Regional:
    """The locale, zone and times that a page writes with."""

    locale: str
    zone: str
    today: date
    now: datetime
    currency: str


def currency_name(code: str) -> str:
    """Return how people call a currency: CLF is the UF; the others go by their code."""
    return _WORLD_SYMBOLS[code] if code in INDEXED_UNITS and code in _WORLD_SYMBOLS else code


def plain_regional(now: datetime) -> Regional:
    """Return formats for a page that belongs to no organisation."""
    return Regional(_words_locale(), "UTC", now.date(), now, "USD")


@lru_cache(maxsize=64)
def known_locale(name: str) -> str:
    """Return a locale that Babel knows, in its spelling: `es-ar` gives `es_AR`, an unknown one gives `es`."""
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return "es"


def _words_locale() -> str:
    return known_locale(get_language() or "es")


def money(minor: int, currency: str, locale: str, *, cents: bool = True, sign: bool = False) -> str:
    """Return `$ 486.250,00`: symbol, no-break space, amount; U+2212 before the symbol when negative.

    `cents=False` rounds half up to whole units, for lists on a phone; `sign` also writes a plus.
    Raises aldia.domain.money.UnknownCurrency.
    """
    amount = abs(to_major(minor, currency))
    decimals = _decimals(amount, currency, cents)
    if decimals == 0:
        amount = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return f"{_sign(minor, sign)}{symbol(currency, locale)}{NBSP}{_figure(amount, decimals, locale)}"


def _figure(amount: Decimal, decimals: int, locale: str) -> str:
    # By hand, since a list of 50 rows has hundreds of them and Babel's own takes ten times as long.
    return f"{amount:,.{decimals}f}".translate(_separators(locale))


@lru_cache(maxsize=64)
def _separators(locale: str) -> dict[int, str]:
    name = known_locale(locale)
    return str.maketrans({",": get_group_symbol(name), ".": get_decimal_symbol(name)})


def _decimals(amount: Decimal, currency: str, cents: bool) -> int:
    exponent = amount.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    if not cents or (currency in _CENTS_ONLY_IF_ANY and amount == amount.to_integral_value()):
        return 0
    return decimals


def _sign(minor: int | Decimal, plus: bool) -> str:
    if minor < 0:
        return MINUS
    return "+" if plus and minor > 0 else ""


@lru_cache(maxsize=256)
def symbol(currency: str, locale: str) -> str:
    """Return the local symbol: `$` at home, `US$` for dollars abroad, else the ISO code."""
    found = get_currency_symbol(currency, known_locale(locale))
    return _WORLD_SYMBOLS.get(currency, currency) if found == currency else found


def money_short(minor: int, currency: str, locale: str, *, sign: bool = False) -> str:
    """Return `$ 96,8 M` from one million on, whole units below. For KPIs and filters, never for a debt."""
    amount = to_major(minor, currency)
    if abs(amount) < 1_000_000:
        return money(minor, currency, locale, cents=False, sign=sign)
    figure = _figure(_round(abs(amount) / 1_000_000, 1), 1, locale)
    return f"{_sign(minor, sign)}{symbol(currency, locale)}{NBSP}{figure}{NBSP}{_MILLION[_language()]}"


def _language() -> str:
    language = _words_locale()[:2]
    return language if language in _MILLION else "es"


def _round(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def number(value: int | float | Decimal, locale: str, *, digits: int = 0, sign: bool = False) -> str:
    """Return `1.284` or `47,2`, rounded half up to `digits` decimals, with U+2212 when negative."""
    exact = _round(Decimal(str(value)), digits)
    return _sign(exact, sign) + _figure(abs(exact), digits, locale)


def count(value: int, locale: str, *, cap: int = 10_000) -> str:
    """Return a count, or `10.000+` when it reached the cap at which counting stopped."""
    return number(cap, locale) + "+" if value >= cap else number(value, locale)


def percent(share: float | Decimal, locale: str, *, digits: int = 1, sign: bool = False) -> str:
    """Return `64,3 %` for 0.643; without the space where the language writes none."""
    space = NBSP if known_locale(locale).startswith("es") else ""
    return number(Decimal(str(share)) * 100, locale, digits=digits, sign=sign) + space + "%"


def day(value: date, today: date, *, commit: bool = False, weekday: bool = True) -> str:
    """Return `vie 27 nov`; with its year when that is another one or when the reader is committing to it."""
    has_year = commit or value.year != today.year
    pattern = ("EEE " if weekday else "") + "d MMM" + (" y" if has_year else "")
    return _written(value, pattern)


def day_long(value: date) -> str:
    """Return `viernes 27 nov 2026`, the reading shown inside a date field."""
    return _written(value, "EEEE d MMM y")


def month(value: date) -> str:
    """Return `octubre 2026`."""
    return _written(value, "LLLL y")


def day_words(value: date, today: date, *, weekday: bool = False) -> str:
    """Return `15 de agosto` or `martes 24 de noviembre`, for who reads one date and not a column of them."""
    is_english = _language() == "en"
    pattern = "MMMM d" if is_english else "d 'de' MMMM"
    if value.year != today.year:
        pattern += ", y" if is_english else " 'de' y"
    return format_date(value, f"EEEE {pattern}" if weekday else pattern, locale=_words_locale())


def _written(value: date, pattern: str) -> str:
    return _written_in(value, pattern, _words_locale())


@lru_cache(maxsize=1024)
def _written_in(value: date, pattern: str, locale: str) -> str:
    return format_date(value, pattern, locale=locale).replace(".", "").replace("sept", "sep")


def moment(value: datetime, regional: Regional) -> str:
    """Return `hoy 7:50`, `ayer 18:42` or `sáb 21 nov 9:00`, in the organisation's zone."""
    local = value.astimezone(ZoneInfo(regional.zone))
    return f"{_near_day(local.date(), regional.today)} {local.hour}:{local.minute:02}"


def _near_day(value: date, today: date) -> str:
    if value == today:
        return gettext("hoy")
    if value == today - timedelta(days=1):
        return gettext("ayer")
    if value == today + timedelta(days=1):
        return gettext("mañana")
    return day(value, today)


def near_day(value: datetime, regional: Regional) -> str:
    """Return the day of an instant as people call it, in the organisation's zone: `hoy`, `ayer` or `sáb 21 nov`."""
    return _near_day(value.astimezone(ZoneInfo(regional.zone)).date(), regional.today)


def ago(value: datetime, regional: Regional) -> str:
    """Return `ahora`, `22 min` or `3 h` within the day, `ayer`, then the date."""
    seconds = int((regional.now - value).total_seconds())
    on = value.astimezone(ZoneInfo(regional.zone)).date()
    if 0 <= seconds < 60:
        return gettext("ahora")
    if 0 < seconds < 3600:
        return gettext("%(minutes)s min") % {"minutes": seconds // 60}
    if seconds > 0 and on == regional.today:
        return gettext("%(hours)s h") % {"hours": seconds // 3600}
    return _near_day(on, regional.today) if on != regional.today else moment(value, regional)


def days(value: int) -> str:
    """Return `26 días` or `1 día`."""
    return ngettext("%(days)s día", "%(days)s días", value) % {"days": value}


def clock(regional: Regional) -> str:
    """Return `mar 24 nov · 10:12 ART`."""
    local = regional.now.astimezone(ZoneInfo(regional.zone))
    return f"{day(regional.today, regional.today)} · {local.hour}:{local.minute:02} {zone_name(local, regional.zone)}"


def zone_name(local: datetime, zone: str) -> str:
    """Return what people call the zone (`ART`, `CST`), or its offset from UTC."""
    name = _ZONES.get(zone) or local.tzname() or "UTC"
    return f"UTC{name}".replace("-", MINUS) if name[0] in "+-" else name


def masked(value: str, kind: str = "") -> str:
    """Return a document that identifies to who knows it and to nobody else: `30-71•••••8-2`, `•••••418`."""
    digits = "".join(character for character in value if character.isalnum())
    if kind.upper() in {"CUIT", "CUIL"} and len(digits) == 11:
        return f"{digits[:2]}-{digits[2:4]}{DOTS}{digits[9]}-{digits[10]}"
    return DOTS + digits[-3:] if len(digits) > 4 else DOTS


def initials(name: str) -> str:
    """Return the first letters of the first and last word: `Julieta Sosa` gives `JS`."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper() or "·"


def phone(value: str) -> str:
    """Return a phone as people read it, `+54 9 351 555-0100`; anything else as it is."""
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    except phonenumbers.NumberParseException:
        return value
