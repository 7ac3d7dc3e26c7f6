"""A date inside what somebody writes: «pago 200 el viernes», «dia 15», «in two weeks». What is left is read for amounts."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from aldia.domain.replies import folded
from aldia.domain.spoken_dates import UnreadableDate, read_date

_MONTHS: Final = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|setiembre|octubre|noviembre|diciembre|"
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|"
    "ene|feb|mar|abr|ago|sep|oct|nov|dic|jan|apr|jun|jul|aug|dec|fev|set|out|dez"
)
_WEEKDAYS: Final = (
    r"(?:segunda|terca|quarta|quinta|sexta)(?:[- ]feira)?|lunes|martes|miercoles|jueves|viernes|sabado|domingo|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_PHRASE: Final = re.compile(
    r"(?<![\w/-])(?:"
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})(?![\d-])|(?P<numeric>\d{1,2}[/-]\d{1,2}(?:[/-](?:\d{4}|\d{2}))?)(?![\d/-])|"
    rf"(?P<named>(?:el (?:dia )?|dia |on the |on |no dia )?\d{{1,2}}(?:st|nd|rd|th)? (?:de |of )?(?:{_MONTHS})\b(?: (?:de |del |of )?20\d\d)?"
    rf"|(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b)|"
    r"(?P<next_week>(?:la )?semana que vi?en?e?m?\b|(?:la |a )?proxima semana|next week)|"
    r"(?P<ahead>(?:en|in|em|dentro de|daqui a) (?:\d{1,4}|un|una|a|one|um|uma) (?:dias?|days?|semanas?|weeks?|mes(?:es)?|months?)\b)|"
    r"(?P<end>(?:a )?(?:fin(?:es)?|fim|final) d(?:e|el|o) mes|end of (?:the )?month|eom\b)|(?P<half>(?:la |a )?(?:quincena|quinzena)\b)|"
    r"(?P<word>pasado manana|day after tomorrow|depois de amanha|anteayer|anteontem|hoy|manana|ayer|today|tomorrow|yesterday|"
    r"hoje|amanha|ontem)\b|"
    rf"(?P<weekday>{_WEEKDAYS})\b|"
    r"(?:el(?: dia)?|dia|on the|by the|no dia|ate o dia|para el|ate dia|pro dia) (?P<day>\d{1,2})(?:st|nd|rd|th)?"
    r"(?![\d.,/-]*\d)(?! ?(?:mil|k|pesos|reais|usd))"
    r")"
)  # fmt: skip
_NEXT_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date, whether it was said as a day of the week, and the text without it."""

    on: date
    is_weekday: bool
    rest: str

    def looking_back(self, as_of: date) -> date:
        """The same day for somebody who tells what is past: «el viernes» is the last one."""
        return self.on - _NEXT_WEEK if self.is_weekday and self.on > as_of else self.on


def find_date(text: str, *, as_of: date, language: str) -> FoundDate | None:
    """The first date that a text names, in any of the three languages, the reader's own first; None where it names none."""
    said = folded(text)
    for match in _PHRASE.finditer(said):
        on = as_of + _NEXT_WEEK if match["next_week"] else _read(_phrase(match), as_of, language)
        if on is not None:
            rest = f"{said[: match.start()]} {said[match.end() :]}"
            return FoundDate(on, bool(match["weekday"]), " ".join(rest.split()))
    return None


def bare_day(text: str, *, as_of: date, language: str) -> date | None:
    """The date of an answer that is nothing but a date: «15», «vie», «27 nov»; None for anything else."""
    return _read(folded(text).strip(" .!"), as_of, language)


def _phrase(match: re.Match[str]) -> str:
    return match["day"] or match[0]


def _read(phrase: str, as_of: date, language: str) -> date | None:
    for spoken in dict.fromkeys((language, "es", "en-GB", "pt")):
        try:
            return read_date(phrase, as_of=as_of, language=spoken)
        except UnreadableDate:
            continue
    return None
