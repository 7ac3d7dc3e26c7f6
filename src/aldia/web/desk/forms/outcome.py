"""The panel of an outcome: the questions its type asks, as fields, and «Al guardar» in words with its dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aldia.access import selectors as access
from aldia.contact import selectors as contact
from aldia.domain.calendars import Calendar, UnknownCountry, country_calendar
from aldia.domain.labels import Label
from aldia.domain.outcomes import Field, FieldType, OutcomeEffect
from aldia.domain.promises import Every, split_plan
from aldia.domain.spoken_dates import UnreadableDate, read_date
from aldia.ledger import services as ledger
from aldia.payments.customer_terms import next_payment_day
from aldia.web.desk.forms.payments import read_amount
from aldia.web.desk.views import words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict

    from aldia.domain.outcomes import Outcome
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

_QUESTIONS: Final = {
    "due_on": gettext_lazy("¿Cuándo paga?"),
    "means": gettext_lazy("¿Cómo paga?"),
    "parts": gettext_lazy("¿En cuántas cuotas?"),
    "first_on": gettext_lazy("¿Cuándo paga la primera?"),
    "paid_on": gettext_lazy("¿Cuándo pagó?"),
    "until_on": gettext_lazy("¿Hasta cuándo?"),
    "call_at": gettext_lazy("¿Cuándo lo llamas?"),
    "who": gettext_lazy("¿Quién atendió?"),
}
"""What a person is asked, where the tree's own label is the short name of a field."""
_EXAMPLES: Final = {
    FieldType.DATE: gettext_lazy("Escribe «mañana», «vie», «fin de mes» o 27/11."),
    FieldType.INSTANT: gettext_lazy("Escribe «mañana 10:30» o «vie 15:00»."),
}  # fmt: skip
_PAST: Final = gettext_lazy("Escribe «hoy», «ayer» o 20/11.")
_LARGEST_FILE: Final = 15 * 1024 * 1024
MOST_SHOWN: Final = 36
_PHOTOS: Final = (b"\xff\xd8\xff", b"\x89PNG")
_OF_VISIT: Final = (
    Field("photo", FieldType.FILE, Label("Foto", "Photo", "Foto"), is_required=False),
    Field("position", FieldType.POSITION, Label("Posición", "Position", "Posição"), is_required=False),
)
"""What a visit may add to any outcome."""


@dataclass
class Question:
    """One field of the panel, with what was answered and what is wrong with it."""

    key: str
    type: str
    label: str
    is_required: bool
    value: Any = ""
    error: str = ""
    help: str = ""
    options: list[tuple[str, str]] | None = None
    reading: str = ""


@dataclass
class OutcomePanel:
    """A panel ready to be drawn. `client_id` makes two clicks one outcome."""

    outcome: Outcome
    title: str
    who: str
    questions: list[Question]
    effects: list[dict[str, str]]
    client_id: str
    currency: str
    channel: str
    note: str = ""
    reason_options: list[tuple[str, str]] | None = None
    problems: list[tuple[str, str]] | None = None

    @property
    def is_promise(self) -> bool:
        return self.outcome.effect is OutcomeEffect.MAKE_PROMISE

    @property
    def has_file(self) -> bool:
        return any(question.type == "file" for question in self.questions)


def panel_of(
    sheet: CaseSheet, outcome: Outcome, given: QueryDict | None = None, problems: dict[str, str] | None = None
) -> OutcomePanel:
    """Return the panel of an outcome for a case, filled with what was given, else with what is most likely."""
    told: Any = given or {}
    wrong = problems or {}
    questions = [
        _question(sheet, outcome, field, told, wrong)
        for field in asked(sheet, outcome)
        if field.key != "note"
    ]
    reasons = [(reason.key, reason.label.of(words.language())) for reason in outcome.reasons]
    asks_reason = any(field.key == "reason" for field in outcome.fields)
    known = {question.key for question in questions}
    likely = "visit" if sheet.visit_id else "whatsapp" if outcome.key == "whatsapp" else "call"
    call = next((row for row in sheet.points if row.kind == "PHONE" and row.state == "ACTIVE"), None)
    return OutcomePanel(
        outcome=outcome, title=_title(outcome), who=(call.label if call and call.label else sheet.card.name), questions=questions,
        effects=effects_of(sheet, outcome, told), client_id=str(told.get("client_id") or uuid4().hex),
        currency=str(told.get("currency") or sheet.card.currency),
        channel=str(told.get("channel") or likely), note=str(told.get("note", "")),
        reason_options=None if asks_reason or not reasons else [("", _("Sin decir")), *reasons],
        problems=[(key if key in known else "resultado", text) for key, text in wrong.items()],
    )  # fmt: skip


def asked(sheet: CaseSheet, outcome: Outcome) -> tuple[Field, ...]:
    """Return the fields of an outcome for a case: what its type asks, and after a visit the photo and the position too."""
    known = {field.key for field in outcome.fields}
    more = _OF_VISIT if sheet.visit_id else ()
    return (*outcome.fields, *(field for field in more if field.key not in known))


def _title(outcome: Outcome) -> str:
    is_short = outcome.effect is OutcomeEffect.MAKE_PROMISE and outcome.label.es == "Promesa"
    return _("Promesa de pago") if is_short else outcome.label.of(words.language())


def _question(sheet: CaseSheet, outcome: Outcome, field: Field, told: Any, wrong: dict[str, str]) -> Question:
    label = _QUESTIONS.get(field.key) or field.label.of(words.language())
    value = told.getlist(field.key) if field.type is FieldType.DOCUMENTS and told else told.get(field.key, "")
    question = Question(
        field.key,
        field.type.value,
        str(label),
        field.is_required,
        value,
        wrong.get(field.key, ""),
        str(_PAST if field.key == "paid_on" else _EXAMPLES.get(field.type, "")),
    )
    if field.type is FieldType.MONEY and not told:
        question.value = sheet.overdue_text
    elif field.type is FieldType.CHOICE:
        question.options = words.options(words.MEANS[:3]) if field.key == "means" else _reasons(outcome)
    elif field.type is FieldType.CONTACT_POINT:
        question.options = [
            (str(row["point"].pk), row["text"]) for row in sheet.point_rows if row["point"].state == "ACTIVE"
        ]
    elif field.type in (FieldType.DATE, FieldType.INSTANT):
        if field.key in ("due_on", "first_on") and not told:
            question.value = payment_day_text(sheet)
        question.reading = reading_of(sheet.request, str(question.value))
    return question


def payment_day_text(sheet: CaseSheet) -> str:
    """Return the client's next payment day as a field shows it; nothing for who has none."""
    on = next_payment_day(sheet.request.actor, sheet.case_id, as_of=sheet.request.clock.as_of)
    return formats.day(on, sheet.request.clock.as_of, commit=True, weekday=False) if on else ""


def _reasons(outcome: Outcome) -> list[tuple[str, str]]:
    return [(reason.key, reason.label.of(words.language())) for reason in outcome.reasons]


def reading_of(request: StaffRequest, text: str) -> str:
    """Return how a date was understood, `viernes 27 nov 2026`, or nothing while it is not one."""
    on = day_of(request, text)
    return formats.day_long(on) if on else ""


def day_of(request: StaffRequest, text: str) -> date | None:
    """Return the day that a text says, or None."""
    try:
        return read_date(text, as_of=request.clock.as_of, language=words.language()) if text.strip() else None
    except UnreadableDate:
        return _day_with_hour(request, text)


def _day_with_hour(request: StaffRequest, text: str) -> date | None:
    """«mañana 10:30»: the words before the hour are the day."""
    before, _space, hour = text.strip().rpartition(" ")
    if not before or not hour[:1].isdigit():
        return None
    try:
        return read_date(before, as_of=request.clock.as_of, language=words.language())
    except UnreadableDate:
        return None


def effects_of(sheet: CaseSheet, outcome: Outcome, told: Any) -> list[dict[str, str]]:
    """Return what saving will do, each with its icon: notices that wait, the next step and its day."""
    answers = {
        key: day_of(sheet.request, str(told.get(key, "")))
        for key in ("due_on", "first_on", "call_at", "until_on")
    }
    rows = [
        _schedule(sheet, outcome, told),
        _pauses(sheet, outcome, answers),
        _next_step(sheet, outcome, answers),
    ]
    if outcome.effect is OutcomeEffect.RETIRE_CONTACT_POINT:
        rows.insert(0, {"icon": "forbidden", "text": _("Ese dato deja de usarse.")})
    if outcome.effect is OutcomeEffect.OPEN_DISPUTE:
        rows.insert(0, {"icon": "dispute", "text": _("Va al sector que la responde, con fecha límite.")})
    if (
        sheet.promise
        and sheet.promise.state == "open"
        and outcome.effect in (OutcomeEffect.MAKE_PROMISE, OutcomeEffect.MAKE_PLAN)
    ):
        rows.append({"icon": "promise", "text": _("Reemplaza la promesa que estaba vigente.")})
    return [row for row in rows if row]


def _schedule(sheet: CaseSheet, outcome: Outcome, told: Any) -> dict[str, str]:
    """The instalments of a plan before it is agreed: how much, which days, and that they add up."""
    first_on = day_of(sheet.request, str(told.get("first_on", "")))
    if outcome.effect is not OutcomeEffect.MAKE_PLAN or first_on is None:
        return {}
    currency, locale = str(told.get("currency") or sheet.card.currency), sheet.regional.locale
    try:
        total = read_amount(str(told.get("amount", "")), currency, locale)
        lines = split_plan(total, min(int(told.get("parts", "")), MOST_SHOWN), first_on, Every.MONTH)
    except (ValueError, ValidationError):  # half written: it will be told once it can be read
        return {}
    text = _("%(parts)s de %(amount)s: %(days)s. Suman %(total)s.") % {
        "parts": ngettext("%(count)s cuota", "%(count)s cuotas", len(lines)) % {"count": len(lines)},
        "amount": formats.money(lines[-1].amount_minor, currency, locale),
        "days": ", ".join(formats.day(line.due_on, sheet.regional.today, weekday=False) for line in lines),
        "total": formats.money(sum(line.amount_minor for line in lines), currency, locale),
    }
    return {"icon": "plan", "text": text}


def _pauses(sheet: CaseSheet, outcome: Outcome, answers: dict[str, date | None]) -> dict[str, str]:
    pausing = {
        OutcomeEffect.MAKE_PROMISE: "due_on", OutcomeEffect.MAKE_PLAN: "first_on", OutcomeEffect.PAUSE: "until_on",
        OutcomeEffect.OPEN_DISPUTE: "", OutcomeEffect.HOLD: "", OutcomeEffect.REPORT_PAYMENT: "",
    }  # fmt: skip
    if outcome.effect not in pausing:
        return {}
    queued = [
        row for row in contact.orders_of_case(sheet.request.actor, sheet.case_id) if row.state == "queued"
    ]
    waiting = ngettext("%(count)s aviso queda en pausa", "%(count)s avisos quedan en pausa", len(queued)) % {
        "count": len(queued)
    }
    start = waiting if queued else _("Los avisos quedan en pausa")
    on = answers.get(pausing[outcome.effect])
    if on is None:
        return {"icon": "pause", "text": f"{start}."}
    return {
        "icon": "pause",
        "text": _("%(start)s hasta el %(on)s.")
        % {"start": start, "on": formats.day(on, sheet.regional.today)},
    }


def _next_step(sheet: CaseSheet, outcome: Outcome, answers: dict[str, date | None]) -> dict[str, str]:
    if outcome.next_step.counts_from and answers.get(outcome.next_step.counts_from) is None:
        return {"icon": "alarm", "text": _("El próximo paso queda para el día que digas.")}
    on = outcome.next_on(
        sheet.request.clock.as_of, _calendar(sheet), {key: value for key, value in answers.items() if value}
    )
    day = formats.day(on, sheet.regional.today)
    if outcome.effect in (OutcomeEffect.MAKE_PROMISE, OutcomeEffect.MAKE_PLAN):
        return {"icon": "alarm", "text": _("Si no llega, vuelve a tu cola el %(on)s.") % {"on": day}}
    return {"icon": "alarm", "text": _("Vuelve a tu cola el %(on)s.") % {"on": day}}


def _calendar(sheet: CaseSheet) -> Calendar:
    own, day = access.holidays(sheet.request.actor.organisation_id), sheet.request.clock.as_of
    country = sheet.card.country or sheet.request.organisation.country
    try:
        return country_calendar(country, [day.year, (day + timedelta(days=60)).year], extra=own)
    except UnknownCountry:
        return Calendar(holidays=own)


def answers_of(request: StaffRequest, fields: Iterable[Field]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the form says, its files kept, and what is wrong with the files: ready for `log_outcome`."""
    answers: dict[str, Any] = {"note": request.POST.get("note", ""), "reason": request.POST.get("reason", "")}
    problems: dict[str, str] = {}
    for field in fields:
        if field.type is FieldType.DOCUMENTS:
            answers[field.key] = request.POST.getlist(field.key)
        elif field.type is FieldType.FILE:
            answers[field.key] = stored_file(request, field.key, problems)
        else:
            answers[field.key] = request.POST.get(field.key, "")
        if field.type is FieldType.MONEY:
            answers["currency"] = request.POST.get("currency", "")
    return {key: value for key, value in answers.items() if value not in ("", None, [])}, problems


def stored_file(request: StaffRequest, key: str, problems: dict[str, str]) -> int | None:
    """Return the key of an uploaded file once it is kept, or None; a file that cannot be kept is told in `problems`."""
    upload = request.FILES.get(key)
    if upload is None:
        return None
    if not upload.size or upload.size > _LARGEST_FILE:
        problems[key] = _("El archivo tiene que tener algo y pesar hasta 15 MB.")
        return None
    if key == "photo" and not _is_photo(upload):
        problems[key] = _("La foto tiene que ser JPG o PNG.")
        return None
    kept = ledger.store_file(
        actor=request.actor, name=upload.name or key, content_type=upload.content_type or "application/octet-stream",
        content=upload.read(), now=request.clock.now,
    )  # fmt: skip
    return int(kept.pk)


def _is_photo(upload: UploadedFile) -> bool:
    """Known by its first bytes, not by its name."""
    head = upload.read(8)
    upload.seek(0)
    return bool(head.startswith(_PHOTOS))
