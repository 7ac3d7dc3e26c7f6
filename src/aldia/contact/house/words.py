"""What a rule of the house says, in the three languages, for people and for the proofs."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from aldia.domain.compliance.packs import CHANNELS, ContactWindow, DayRanges, FrequencyCap
from aldia.domain.compliance.texts import DAY_NAMES
from aldia.domain.labels import LANGUAGES, Label

_CHANNELS: Final = {
    "call": Label("llamadas", "calls", "ligações"), "sms": Label("SMS", "SMS", "SMS"),
    "whatsapp": Label("WhatsApp", "WhatsApp", "WhatsApp"), "email": Label("correo", "e-mail", "e-mail"),
    "visit": Label("visitas", "visits", "visitas"), "letter": Label("cartas", "letters", "cartas"),
}  # fmt: skip
_ALL: Final = Label("todos los canales", "all channels", "todos os canais")
_WINDOW: Final = Label("{channels}: solo {hours}.", "{channels}: only {hours}.", "{channels}: só {hours}.")
_UNITS: Final = {
    "attempts": Label("intentos", "attempts", "tentativas"),
    "contacts": Label("contactos", "contacts", "contatos"),
}
_CAP: Final = Label(
    "{channels}: como mucho {maximum} {unit} por persona en {days} días.",
    "{channels}: at most {maximum} {unit} per person in {days} days.",
    "{channels}: no máximo {maximum} {unit} por pessoa em {days} dias.",
)
_HOUR: Final = 60


def summary_of(rule: ContactWindow | FrequencyCap) -> Label:
    """Return the sentence of a window or of a cap."""
    return Label(*(_told(rule, language) for language in LANGUAGES))


def _told(rule: ContactWindow | FrequencyCap, language: str) -> str:
    channels = _named(rule.channels, language)
    if isinstance(rule, ContactWindow):
        return _WINDOW.of(language).format(channels=channels, hours=_hours(rule, language))
    return _CAP.of(language).format(
        channels=channels, maximum=rule.maximum, days=rule.period.length, unit=_UNITS[rule.unit].of(language)
    )


def _named(channels: Iterable[str], language: str) -> str:
    named = [channel for channel in CHANNELS if channel in set(channels)]
    text = ", ".join(_CHANNELS[channel].of(language) for channel in named)
    text = _ALL.of(language) if len(named) == len(CHANNELS) else text
    return text[:1].upper() + text[1:]


def _hours(rule: ContactWindow, language: str) -> str:
    """The days with the same hours in one span: `lun–vie 9:00–18:00`."""
    names, spans = DAY_NAMES[language], []
    for ranges, run in groupby(range(len(rule.week)), key=lambda at: rule.week[at]):
        days = list(run)
        if ranges:
            name = names[days[0]] if len(days) == 1 else f"{names[days[0]]}–{names[days[-1]]}"
            spans.append(f"{name} {_clock(ranges)}")
    return ", ".join(spans)


def _clock(ranges: DayRanges) -> str:
    return ", ".join("–".join(f"{bound // _HOUR}:{bound % _HOUR:02}" for bound in one) for one in ranges)
