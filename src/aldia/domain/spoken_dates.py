"""Dates as people say them: ``mañana``, ``vie``, ``fin de mes``, ``27/11``, ``en 3 días``, ``15``.

Reads Spanish, English and Portuguese. A promise looks forward, so a date without a year, or a bare day of the
month, is the next one on or after ``as_of``; a weekday is the next one after it.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from aldia.domain.labels import base_language
from aldia.domain.periods import add_months, last_of_month


class UnreadableDate(ValueError):
    """The text is no date we understand; the message shows what would be."""


_EXAMPLES = {
    "es": "hoy, mañana, viernes, fin de mes, 15, 27/11, 27/11/2026, en 3 días",
    "en": "today, tomorrow, friday, end of month, 15, 27 Nov, 2026-11-27, in 3 days",
    "pt": "hoje, amanhã, sexta, fim do mês, 15, 27/11, 27/11/2026, em 3 dias",
}
_MESSAGES = {
    "es": "No entendemos la fecha «{text}»: {why}. Escribe por ejemplo: {examples}",
    "en": "We cannot read the date “{text}”: {why}. Write for example: {examples}",
    "pt": "Não entendemos a data “{text}”: {why}. Escreva por exemplo: {examples}",
}
_WHY = {
    "es": {"unknown": "no la reconocemos", "impossible": "ese día no existe", "ambiguous": "el día y el mes se confunden",
           "far": "queda demasiado lejos"},
    "en": {"unknown": "we do not recognise it", "impossible": "that day does not exist",
           "ambiguous": "day and month can be confused", "far": "it is too far away"},
    "pt": {"unknown": "não a reconhecemos", "impossible": "esse dia não existe", "ambiguous": "dia e mês se confundem",
           "far": "fica longe demais"},
}  # fmt: skip
_WORDS = {
    "es": {"hoy": 0, "manana": 1, "pasado manana": 2, "ayer": -1, "anteayer": -2},
    "en": {"today": 0, "tomorrow": 1, "day after tomorrow": 2, "yesterday": -1},
    "pt": {"hoje": 0, "amanha": 1, "depois de amanha": 2, "ontem": -1, "anteontem": -2},
}
_WEEKDAYS = {
    "es": ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
    "en": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "pt": ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo"),
}
_MONTHS = {
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    "en": (
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ),
    "pt": (
        "janeiro",
        "fevereiro",
        "marco",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ),
}
_MONTH_ENDS = {
    "es": {"fin de mes", "fin del mes", "a fin de mes", "fines de mes", "a fines de mes", "fin"},
    "en": {"end of month", "end of the month", "month end", "eom"},
    "pt": {"fim do mes", "fim de mes", "final do mes"},
}
_MONTH_HALVES = {"es": {"quincena", "la quincena"}, "en": set[str](), "pt": {"quinzena", "a quinzena"}}
_FILLERS = {
    "es": r"^(?:(?:el|la|para|proximo|este|esta|dia) )+",
    "en": r"^(?:(?:on|the|next|this|by) )+",
    "pt": r"^(?:(?:na|no|a|o|proxima|proximo|esta|este|para|dia|ate) )+",
}
_UNITS = {
    "es": {"dia": 1, "dias": 1, "semana": 7, "semanas": 7, "mes": 30, "meses": 30},
    "en": {"day": 1, "days": 1, "week": 7, "weeks": 7, "month": 30, "months": 30},
    "pt": {"dia": 1, "dias": 1, "semana": 7, "semanas": 7, "mes": 30, "meses": 30},
}
_ONE = {"un": 1, "una": 1, "a": 1, "one": 1, "um": 1, "uma": 1}
_IN = re.compile(r"(?:en|in|em|dentro de|daqui a|\+)? ?(\d{1,4}|un|una|a|one|um|uma) ([a-z]+)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{4}|\d{2}))?")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?(?: (?:de|of))? ([a-z]{3,})\.?(?: (?:de|del|of)?,? ?(\d{4}))?"
)
_MONTH_DAY = re.compile(r"([a-z]{3,})\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?")


class _Refusal(Exception):
    """Why a text that looked like a date is none; turned into UnreadableDate."""


def read_date(text: str, *, as_of: date, language: str) -> date:
    """The date a person means, seen from ``as_of``.

    On Sunday 22 Nov 2026 in Spanish: ``mañana`` -> 23 Nov, ``vie`` -> 27 Nov, ``fin de mes`` -> 30 Nov,
    ``15`` -> 15 Dec, ``27/11`` -> 27 Nov 2026, ``en 3 días`` -> 25 Nov. English accepts ``11/27`` only where day and
    month cannot be confused, unless the tag says ``en-US`` or ``en-GB``. Raises UnreadableDate
    with a helpful text in that language.
    """
    spoken = base_language(language)
    spoken = spoken if spoken in _WORDS else "es"
    plain = _plain(text)
    trimmed = re.sub(_FILLERS[spoken], "", plain)
    try:
        for reader in _READERS:
            for candidate in (plain, trimmed):
                if (found := reader(candidate, as_of, spoken, language)) is not None:
                    return found
        why = "unknown"
    except _Refusal as refusal:
        why = str(refusal)
    except (ValueError, OverflowError):
        why = "impossible"
    reason = _WHY[spoken][why]
    raise UnreadableDate(
        _MESSAGES[spoken].format(text=text.strip()[:40], why=reason, examples=_EXAMPLES[spoken])
    )


def _plain(text: str) -> str:
    """Lower case, without accents, single spaces: ``" Mañana "`` -> ``"manana"``."""
    folded = unicodedata.normalize("NFKD", text[:80]).lower()
    return " ".join("".join(mark for mark in folded if not unicodedata.combining(mark)).split())


def _word(text: str, as_of: date, spoken: str, _tag: str) -> date | None:
    if text in _WORDS[spoken]:
        return as_of + timedelta(days=_WORDS[spoken][text])
    if text in _MONTH_ENDS[spoken]:
        return last_of_month(as_of)
    if text in _MONTH_HALVES[spoken]:
        return as_of.replace(day=15) if as_of.day <= 15 else last_of_month(as_of)
    return None


def _weekday(text: str, as_of: date, spoken: str, _tag: str) -> date | None:
    name = text.removesuffix(".").removesuffix("-feira").removesuffix(" feira")
    matches = [at for at, full in enumerate(_WEEKDAYS[spoken]) if len(name) >= 3 and full.startswith(name)]
    if len(matches) != 1:
        return None
    return as_of + timedelta(days=(matches[0] - as_of.weekday() - 1) % 7 + 1)


def _in_some_time(text: str, as_of: date, spoken: str, _tag: str) -> date | None:
    match = _IN.fullmatch(text)
    if match is None or match[2] not in _UNITS[spoken]:
        return None
    count = _ONE.get(match[1]) or int(match[1])
    days = _UNITS[spoken][match[2]]
    if count * days > 3660:
        raise _Refusal("far")
    return add_months(as_of, count) if days == 30 else as_of + timedelta(days=count * days)


def _iso(text: str, _as_of: date, _spoken: str, _tag: str) -> date | None:
    match = _ISO.fullmatch(text)
    return date(int(match[1]), int(match[2]), int(match[3])) if match else None


def _numeric(text: str, as_of: date, spoken: str, tag: str) -> date | None:
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return None
    day, month = _day_and_month(int(match[1]), int(match[2]), spoken, tag)
    return _with_year(day, month, match[3], as_of)


def _day_and_month(first: int, second: int, spoken: str, tag: str) -> tuple[int, int]:
    if spoken != "en":
        return first, second
    region = tag.replace("_", "-").upper().partition("-")[2]
    if region == "US":
        return second, first
    if region or first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    raise _Refusal("ambiguous")


def _with_year(day: int, month: int, year: str | None, as_of: date) -> date:
    if year is not None:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    # 29 February may be up to eight years away; other days that do not exist never come.
    for ahead in range(9):
        try:
            found = date(as_of.year + ahead, month, day)
        except ValueError:
            continue
        if found >= as_of:
            return found
    raise _Refusal("impossible")


def _named_month(text: str, as_of: date, spoken: str, _tag: str) -> date | None:
    if match := _DAY_MONTH.fullmatch(text):
        day, name, year = match[1], match[2], match[3]
    elif match := _MONTH_DAY.fullmatch(text):
        name, day, year = match[1], match[2], match[3]
    else:
        return None
    short = {"set": "septiembre", "setiembre": "septiembre"} if spoken == "es" else {"sept": "september"}
    name = short.get(name, name)
    months = [at for at, full in enumerate(_MONTHS[spoken], start=1) if full.startswith(name)]
    return _with_year(int(day), months[0], year, as_of) if len(months) == 1 else None


def _day_of_month(text: str, as_of: date, _spoken: str, _tag: str) -> date | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    day = int(match[1])
    if not 1 <= day <= 31:
        raise _Refusal("impossible")
    first = as_of.replace(day=1)
    options = [add_months(first, ahead) for ahead in range(3)]
    fitting = [month.replace(day=day) for month in options if day <= last_of_month(month).day]
    return next(found for found in fitting if found >= as_of)


_Reader = Callable[[str, date, str, str], date | None]
_READERS: tuple[_Reader, ...] = (_word, _weekday, _in_some_time, _iso, _numeric, _named_month, _day_of_month)
