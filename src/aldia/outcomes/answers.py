"""What a form sends, read and checked against what the outcome asks: typed answers, or one message for each field.

Every outcome also takes, unasked: note, who (the person reached), reason, expected_on (when the customer thinks to pay),
place, photo and position (of a visit), and the currency of an amount.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.core import UnknownLocaleError
from babel.numbers import NumberFormatError, parse_decimal
from django.utils.translation import gettext as _

from aldia.domain.labels import Label
from aldia.domain.money import MoneyError, currency_code, to_minor
from aldia.domain.outcomes import Field, FieldType, Outcome
from aldia.domain.spoken_dates import UnreadableDate, read_date
from aldia.domain.visits import BadPosition, read_position

MEANS: Final = ("transfer", "cheque", "link", "cash", "card", "debit")
FARTHEST_DAYS: Final = 5 * 366
_PAST_ONLY: Final = frozenset({"paid_on"})
_PLAIN_AMOUNT: Final = re.compile(r"\d+(\.\d{1,2})?")
_HOUR: Final = re.compile(r"(?:^|\s|T)(?:a las? )?(\d{1,2})(?::(\d{2}))?\s*(?:h|hs)?$", re.IGNORECASE)
_ISO_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_MORNING: Final = time(9, 0)
_COMMON: Final = {
    "note": FieldType.TEXT, "who": FieldType.TEXT, "reason": FieldType.CHOICE, "expected_on": FieldType.DATE,
    "place": FieldType.TEXT, "photo": FieldType.FILE, "position": FieldType.POSITION, "currency": FieldType.TEXT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What answers are read against: the day, the zone and words of the organisation, and what the case really has."""

    as_of: date
    zone: ZoneInfo
    language: str
    locale: str
    currency: str
    document_ids: frozenset[int] = frozenset()
    point_ids: frozenset[int] = frozenset()
    file_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Answers:
    """The typed answers, and what is wrong with the others: field -> message."""

    values: dict[str, Any]
    problems: dict[str, str]


class _Wrong(ValueError):
    """One answer that cannot be used; the text is for the person who wrote it."""


def read_answers(outcome: Outcome, given: Mapping[str, Any], context: AnswerContext) -> Answers:
    """Return the answers as values: amounts in minor units, dates, instants in UTC, ids as integers.

    An amount is an integer of minor units or a text in major units as the organisation writes them; a date or instant is
    a value or a text (ISO, or as people say it: «mañana 10:30»). Empty answers count as not given.
    """
    known = {field.key: field for field in outcome.fields}
    common = [
        Field(key, kind, Label(key, key, key), is_required=False)
        for key, kind in _COMMON.items()
        if key not in known
    ]
    values: dict[str, Any] = {}
    problems = {
        key: _("No se pregunta en este resultado.")
        for key in given
        if key not in known and key not in _COMMON
    }
    context = _in_currency(given, context, problems)
    for field in (*outcome.fields, *common):
        raw = given.get(field.key)
        if raw in (None, "", [], ()):
            if field.is_required:
                problems[field.key] = _("Falta: %(label)s.") % {"label": field.label.of(context.language)}
            continue
        try:
            values[field.key] = _READERS[field.type](raw, field, outcome, context)
        except _Wrong as wrong:
            problems[field.key] = str(wrong)
    return Answers(values, problems)


def as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as plain JSON values."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}


def _in_currency(given: Mapping[str, Any], context: AnswerContext, problems: dict[str, str]) -> AnswerContext:
    asked = str(given.get("currency") or context.currency)
    try:
        code = currency_code(asked)
    except MoneyError:
        problems["currency"] = _("«%(found)s» no es una moneda: usa su código, como USD.") % {
            "found": asked[:20]
        }
        return context
    return AnswerContext(
        context.as_of, context.zone, context.language, context.locale, code, context.document_ids, context.point_ids,
        context.file_ids,
    )  # fmt: skip


def _money(raw: Any, _field: Field, _outcome: Outcome, context: AnswerContext) -> int:
    minor = raw if isinstance(raw, int) and not isinstance(raw, bool) else _amount_in_words(str(raw), context)
    if minor <= 0:
        raise _Wrong(_("El importe tiene que ser mayor que cero."))
    return minor


def _amount_in_words(text: str, context: AnswerContext) -> int:
    text = text.strip().replace("\u00a0", "").replace(" ", "")
    try:
        amount = (
            Decimal(text)
            if _PLAIN_AMOUNT.fullmatch(text)
            else parse_decimal(text, locale=context.locale, strict=True)
        )
        return to_minor(amount, context.currency, rounding=None)
    except (NumberFormatError, InvalidOperation, UnknownLocaleError, MoneyError) as problem:
        raise _Wrong(
            _("No entendemos el importe «%(found)s»: escríbelo como 1200 o 1200.50.") % {"found": text[:30]}
        ) from problem


def _date(raw: Any, field: Field, _outcome: Outcome, context: AnswerContext) -> date:
    on = raw.date() if isinstance(raw, datetime) else raw
    if not isinstance(on, date):
        try:
            on = read_date(str(raw), as_of=context.as_of, language=context.language)
        except UnreadableDate as problem:
            raise _Wrong(str(problem)) from problem
    if field.key in _PAST_ONLY and on > context.as_of:
        raise _Wrong(_("Esa fecha todavía no llegó."))
    if field.key not in _PAST_ONLY and on < context.as_of:
        raise _Wrong(_("Esa fecha ya pasó."))
    if abs((on - context.as_of).days) > FARTHEST_DAYS:
        raise _Wrong(_("Esa fecha queda demasiado lejos."))
    return on


def _instant(raw: Any, field: Field, outcome: Outcome, context: AnswerContext) -> datetime:
    """A day without an hour means nine in the morning of the organisation."""
    if isinstance(raw, datetime):
        at = raw if raw.tzinfo else raw.replace(tzinfo=context.zone)
    elif isinstance(raw, str) and _ISO_INSTANT.fullmatch(raw.strip()):
        try:
            at = datetime.fromisoformat(raw.strip())
        except ValueError as problem:
            raise _Wrong(
                _("No entendemos «%(found)s»: escribe por ejemplo «mañana 10:30».") % {"found": raw[:30]}
            ) from problem
        at = at if at.tzinfo else at.replace(tzinfo=context.zone)
    else:
        day, hour = _day_and_hour(raw, context)
        at = datetime.combine(_date(day, field, outcome, context), hour, context.zone)
    local = at.astimezone(context.zone)
    _date(local.date(), field, outcome, context)
    return at.astimezone(UTC)


def _day_and_hour(raw: Any, context: AnswerContext) -> tuple[Any, time]:
    """«mañana 10» is ten o'clock; «15» alone, or after words that are no day by themselves, belongs to the date."""
    if not isinstance(raw, str):
        return raw, _MORNING
    match = _HOUR.search(raw.strip())
    if match is None:
        return raw, _MORNING
    is_bare = match[2] is None and not raw.strip().lower().endswith(("h", "hs"))
    if is_bare and (_reads(raw, context) or not _reads(raw.strip()[: match.start()], context)):
        return raw, _MORNING
    hour, minute = int(match[1]), int(match[2] or 0)
    if hour > 23 or minute > 59:
        raise _Wrong(_("«%(found)s» no es una hora: escríbela como 10:30.") % {"found": match[0].strip()})
    return raw.strip()[: match.start()].strip() or "hoy", time(hour, minute)


def _reads(text: str, context: AnswerContext) -> bool:
    try:
        read_date(text, as_of=context.as_of, language=context.language)
    except UnreadableDate:
        return False
    return True


def _text(raw: Any, _field: Field, _outcome: Outcome, _context: AnswerContext) -> str:
    return str(raw).strip()[:4000]


def _count(raw: Any, _field: Field, _outcome: Outcome, _context: AnswerContext) -> int:
    try:
        count = int(raw)
    except (TypeError, ValueError) as problem:
        raise _Wrong(_("Se esperaba un número, y dice «%(found)s».") % {"found": str(raw)[:30]}) from problem
    if not 1 <= count <= 120:
        raise _Wrong(_("Tiene que estar entre 1 y 120, y dice %(found)s.") % {"found": count})
    return count


def _choice(raw: Any, field: Field, outcome: Outcome, context: AnswerContext) -> str:
    options = MEANS if field.key == "means" else tuple(reason.key for reason in outcome.reasons)
    if options and str(raw) not in options:
        raise _Wrong(_("«%(found)s» no está entre las opciones: %(options)s.")
                     % {"found": str(raw)[:40], "options": ", ".join(options)})  # fmt: skip
    return str(raw)[:60]


def _listed(raw: Any, allowed: frozenset[int], message: str) -> list[int]:
    items = raw if isinstance(raw, list | tuple | set | frozenset) else str(raw).split(",")
    try:
        ids = sorted({int(item) for item in items})
    except (TypeError, ValueError) as problem:
        raise _Wrong(message) from problem
    if not set(ids) <= allowed:
        raise _Wrong(message)
    return ids


def _documents(raw: Any, _field: Field, _outcome: Outcome, context: AnswerContext) -> list[int]:
    return _listed(raw, context.document_ids, _("Alguno de esos documentos no es de este caso."))


def _point(raw: Any, _field: Field, _outcome: Outcome, context: AnswerContext) -> int:
    return _one(_listed([raw], context.point_ids, _("Ese dato de contacto no es de este cliente.")))


def _file(raw: Any, _field: Field, _outcome: Outcome, context: AnswerContext) -> int:
    return _one(_listed([raw], context.file_ids, _("Ese archivo no está guardado: súbelo otra vez.")))


def _position(raw: Any, _field: Field, _outcome: Outcome, context: AnswerContext) -> dict[str, Any]:
    """A place is kept as plain values, its instant in UTC: a draft may say one of hours ago, none says one of tomorrow."""
    try:
        found = read_position(str(raw))
    except BadPosition as problem:
        raise _Wrong(_("No entendemos la posición: tómala otra vez.")) from problem
    if found.at.astimezone(context.zone).date() > context.as_of:
        raise _Wrong(_("La hora de la posición todavía no llegó: revisa el reloj del teléfono."))
    return asdict(found) | {"at": found.at.isoformat()}


def _one(ids: list[int]) -> int:
    return ids[0]


_Reader = Callable[[Any, Field, Outcome, AnswerContext], Any]
_READERS: Final[dict[FieldType, _Reader]] = {
    FieldType.MONEY: _money, FieldType.DATE: _date, FieldType.INSTANT: _instant, FieldType.TEXT: _text,
    FieldType.COUNT: _count, FieldType.CHOICE: _choice, FieldType.DOCUMENTS: _documents,
    FieldType.CONTACT_POINT: _point, FieldType.FILE: _file, FieldType.POSITION: _position,
}  # fmt: skip
