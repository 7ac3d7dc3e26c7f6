"""Takes what an agency did, from a file or a call: each activity checked, logged once for ever, and a bad one told with its repair."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import NOBODY
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.domain.outcomes import FieldType, UnknownOutcome
from aldia.intake.models import ActivityFile
from aldia.intake.readers.refusals import Refused
from aldia.intake.readers.table import read_table
from aldia.intake.requests import MOST_PROBLEMS, LoadResult
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcome_reads
from aldia.outcomes import services as outcomes

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock

COLUMNS: Final = {
    "case": ("caso", "case", "id_caso"),
    "document": ("documento", "document", "comprobante", "factura", "invoice", "fatura"),
    "at": ("fecha", "date", "data", "fecha_y_hora", "when"),
    "channel": ("canal", "channel"),
    "outcome": ("resultado", "outcome", "codigo", "código"),
    "amount": ("importe", "amount", "valor"),
    "on": ("fecha_de_compromiso", "compromiso", "promise_date", "data_da_promessa"),
    "note": ("nota", "note", "observacion", "observación", "observação"),
}
"""The columns of the file, by the words that name them; the first is the one of the published layout."""
REQUIRED: Final = ("at", "channel", "outcome")
MOST_ROWS: Final = 5_000
_DAYS: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
)
_DAYS_ALONE: Final = ("%Y-%m-%d", "%d/%m/%Y")
_DATES: Final = frozenset({FieldType.DATE, FieldType.INSTANT})


class ActivitiesRefused(Refused):
    """A file without the columns of activities, or with too many rows."""


class _Bad(ValueError):
    """One cell that cannot be used."""

    def __init__(self, field: str, expected: str, hint: str = "") -> None:
        super().__init__(expected)
        self.field, self.expected, self.hint = field, expected, hint


def load_activities(*, actor: Actor, path: Path, name: str, is_dry_run: bool, clock: Clock) -> LoadResult:
    """Return how many activities of a file are new, known and rejected; kept with its rejected rows, unless it is a dry run.

    Raises ActivitiesRefused, FileRefused, NotAllowed.
    """
    actor.check(Permission.WORK_PLACED)
    table = read_table(path)
    try:
        if table.rows > MOST_ROWS:
            raise _refused(
                _("%(rows)s filas.") % {"rows": table.rows},
                _("Hasta %(most)s filas por archivo.") % {"most": MOST_ROWS},
                "",
            )
        named = _named(table.columns)
        raw = [row for chunk in table.chunks() for row in chunk.iter_rows(named=True)]
    finally:
        table.close()
    told = [
        (int(row["_row"]), {field: (row[column] or "").strip() for field, column in named.items()})
        for row in raw
    ]
    with transaction.atomic():
        result = take_activities(actor=actor, rows=told, clock=clock)
        if is_dry_run:
            transaction.set_rollback(True)
            return result
        kept = _keep(actor, name, result, list(table.columns), raw, clock)
    return replace(result, load_id=kept.pk)


@transaction.atomic
def take_activities(
    *, actor: Actor, rows: Iterable[tuple[int, Mapping[str, Any]]], clock: Clock
) -> LoadResult:
    """Return how many of the activities (number, what it tells by the names of `COLUMNS`) are new, known and rejected.

    Amounts are texts in major units or integers in minor ones; the oldest go first, so that the last word is the newest.
    Raises NotAllowed.
    """
    actor.check(Permission.WORK_PLACED)
    problems: list[dict[str, Any]] = []
    read: list[tuple[int, Mapping[str, Any], outcomes.Activity]] = []
    zone, total = ZoneInfo(access.organisation_of(actor).timezone), 0
    for number, told in rows:
        total += 1
        try:
            read.append((number, told, _activity(actor, told, zone)))
        except _Bad as bad:
            problems.append(_problem(number, bad.field, told, bad.expected, bad.hint))
    new = 0
    for number, told, activity in sorted(read, key=lambda each: each[2].at):
        try:
            with transaction.atomic():
                new += outcomes.log_activity(actor=actor, activity=activity, clock=clock)[1]
        except outcomes.OutcomeRefused as refusal:
            problems += [
                _problem(number, _column_of(field), told, text, "") for field, text in refusal.fields.items()
            ]
        except cases.UnknownCase as refusal:
            problems.append(_problem(number, "case", told, str(refusal), ""))
    rejected = len({problem["row"] for problem in problems})
    return LoadResult(
        rows=total, new=new, changed=0, same=total - new - rejected, rejected=rejected, receipts=0,
        problems=sorted(problems, key=lambda each: each["row"]), problems_total=len(problems),
    )  # fmt: skip


def _activity(actor: Actor, told: Mapping[str, Any], zone: ZoneInfo) -> outcomes.Activity:
    for field in REQUIRED:
        if not told.get(field):
            raise _Bad(field, _("Un valor en «%(name)s».") % {"name": COLUMNS[field][0]})
    case_id, at = _case(actor, told), _instant(told["at"], zone)
    return outcomes.Activity(
        case_id=case_id, at=at, channel=str(told["channel"]), type_key=str(told["outcome"]), answers=_answers(actor, told),
        client_id=_identity(actor, case_id, at, told),
    )  # fmt: skip


def _case(actor: Actor, told: Mapping[str, Any]) -> int:
    """The case that a row names, by aldia's own number or by a document of it; always one placed with the agency."""
    if case := str(told.get("case") or ""):
        if not case.isdecimal() or len(case) > 18 or not cases.is_seen(actor, int(case)):
            raise _Bad("case", _("El número de un caso que tu agencia tiene entregado."))
        return int(case)
    number = str(told.get("document") or "")
    found = (
        [key for key in ledger.cases_with_number(actor, number) if cases.is_seen(actor, key)]
        if number
        else []
    )
    if len(found) != 1:
        raise _Bad(
            "document", _("El número de un documento de un solo caso entregado a tu agencia."),
            _("Escribe el número del caso en la columna «caso».") if found else "",
        )  # fmt: skip
    return found[0]


def _instant(told: Any, zone: ZoneInfo) -> datetime:
    if isinstance(told, datetime):
        return told if told.tzinfo else told.replace(tzinfo=zone)
    for pattern in (*_DAYS, *_DAYS_ALONE):
        try:
            found = datetime.strptime(str(told), pattern).replace(tzinfo=zone)
        except ValueError:
            continue
        return found if pattern in _DAYS else datetime.combine(found, time(12), zone)
    raise _Bad("at", _("Un día y una hora como 2026-11-22 15:30."))


def _answers(actor: Actor, told: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of the outcome: the amount, and its day under the name that this outcome gives it."""
    try:
        kind = outcome_reads.outcome_tree(actor).get(str(told["outcome"]))
    except UnknownOutcome as unknown:
        raise _Bad(
            "outcome",
            _("Un código de la lista de resultados."),
            _("Mira la lista en la página de actividades."),
        ) from unknown
    dated = next((field.key for field in kind.fields if field.type in _DATES), "on")
    given = {"amount": told.get("amount"), dated: told.get("on"), "note": told.get("note")}
    return {key: value for key, value in given.items() if value not in (None, "")}


def _identity(actor: Actor, case_id: int, at: datetime, told: Mapping[str, Any]) -> str:
    words = [
        actor.agency_id,
        case_id,
        at.isoformat(),
        *(told.get(name) or "" for name in ("channel", "outcome", "amount", "on", "note")),
    ]
    return "act-" + hashlib.sha256("\x1f".join(map(str, words)).encode()).hexdigest()[:48]


def _column_of(field: str) -> str:
    return {"type_key": "outcome", "amount": "amount", "note": "note", "channel": "channel", "at": "at"}.get(
        field, "on"
    )


def _problem(number: int, field: str, told: Mapping[str, Any], expected: str, hint: str) -> dict[str, Any]:
    return {
        "row": number, "field": field, "code": f"activity_{field}", "severity": "error", "found": str(told.get(field) or ""),
        "expected": expected, "hint": hint or _("Corrige la celda y vuelve a subir el archivo: lo que ya entró no se repite."),
    }  # fmt: skip


def _named(columns: list[str]) -> dict[str, str]:
    plain = {column.strip().lower().replace(" ", "_"): column for column in columns}
    found = {
        field: next((plain[word] for word in words if word in plain), None)
        for field, words in COLUMNS.items()
    }
    lost = [COLUMNS[field][0] for field in REQUIRED if found[field] is None]
    if not (found["case"] or found["document"]):
        lost.insert(0, COLUMNS["case"][0])
    if lost:
        raise _refused(
            _("Columnas del archivo: %(columns)s.") % {"columns": ", ".join(columns)},
            _("Las columnas caso (o documento), fecha, canal y resultado."), _("Falta: %(names)s.") % {"names": ", ".join(lost)},
        )  # fmt: skip
    return {field: column for field, column in found.items() if column is not None}


def _refused(found: str, expected: str, hint: str) -> ActivitiesRefused:
    return ActivitiesRefused("activities", found=found, expected=expected, hint=hint, field="case")


def _keep(
    actor: Actor, name: str, result: LoadResult, columns: list[str], raw: list[dict[str, Any]], clock: Clock
) -> ActivityFile:
    told: dict[int, str] = {}
    for problem in result.problems:
        said = " ".join(filter(None, (problem["expected"], problem["hint"])))
        told[problem["row"]] = f"{told[problem['row']]} {said}" if problem["row"] in told else said
    rejected = [
        [row["_row"], [row[column] or "" for column in columns], told[row["_row"]]]
        for row in raw
        if row["_row"] in told
    ]
    kept: ActivityFile = ActivityFile.objects.create(
        organisation_id=actor.organisation_id, team_id=actor.agency_id or NOBODY, name=name[:200], made_at=clock.now, made_by=actor.label,
        result={**result.as_data(), "problems": result.problems[:MOST_PROBLEMS]}, columns=columns, rejected=rejected,
    )  # fmt: skip
    return kept
