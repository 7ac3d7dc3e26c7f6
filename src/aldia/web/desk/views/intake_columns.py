"""The second step of an import: what each column is, how the file is read, and what it leaves open, as questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.intake import selectors as intake
from aldia.intake.mapping.mapping import MappingNeeded
from aldia.intake.readers.refusals import FileRefused, Refused
from aldia.web.desk.doors import StaffRequest
from aldia.web.desk.forms import intake as drafts

STEPS: Final = (
    gettext_lazy("Archivo"),
    gettext_lazy("Columnas"),
    gettext_lazy("Revisar"),
    gettext_lazy("Importar"),
)
ORDERS: Final = {
    "dmy": gettext_lazy("día/mes/año"),
    "mdy": gettext_lazy("mes/día/año"),
    "ymd": gettext_lazy("año-mes-día"),
}
DECIMALS: Final = {"comma": "1.234,56", "dot": "1,234.56"}


@dataclass(frozen=True)
class Question:
    """What the file does not say by itself: asked with its options, one of which goes on."""

    title: str
    text: str
    name: str
    options: list[tuple[str, str]]
    is_select: bool = False
    is_final: bool = False


def question_of(draft: drafts.Draft, refusal: Refused) -> Question:
    """What to ask when a file leaves something open, with its answers; a file that cannot be read ends there."""
    found, expected = str(refusal.found), str(refusal.expected)
    if asked := _about_values(refusal.code, found):
        return asked
    if tables := getattr(refusal, "tables", None):
        return Question(_("¿Qué hoja traigo?"), found, "sheet", [_sheet_option(table) for table in tables])
    if refusal.code.startswith("refresh_"):
        only_add = [("no", _("Importarlo sin reemplazar: solo agrega y actualiza"))]
        return Question(
            _("No puede reemplazar lo que hay"), f"{found} {expected}", "is_full_refresh", only_add
        )
    if isinstance(refusal, MappingNeeded):
        tied = found if refusal.code == "mapping_tie" else ""
        return Question(_("Dinos qué columna es"), f"{expected} {tied}".strip(), "", [])
    why = f"{found} {expected} {refusal.hint}".strip()
    is_final = isinstance(refusal, FileRefused)
    return Question(_("No podemos leer este archivo"), why, "", [], is_final=is_final)


def _about_values(code: str, found: str) -> Question | None:
    """How dates, decimals or money are written, when the cells alone do not tell."""
    if code.startswith(("dates_", "date_order")):
        orders = [
            ("dmy", _("El día: 25/11/26")),
            ("mdy", _("El mes: 11/25/26")),
            ("ymd", _("El año: 26/11/25")),
        ]
        return Question(_("¿Qué va primero en las fechas?"), found, "date_order", orders)
    if code.startswith("decimals_"):
        marks = [("comma", _("Con coma: 1.234,56")), ("dot", _("Con punto: 1,234.56"))]
        return Question(_("¿Cómo se escriben los decimales?"), found, "decimal", marks)
    if code.startswith("currency"):
        question = _("¿En qué moneda están los importes?")
        return Question(question, found, "currency", drafts.currencies(), is_select=True)
    return None


def _sheet_option(table: dict[str, Any]) -> tuple[str, str]:
    told = {"name": table["sheet"], "rows": table["rows"]}
    return table["sheet"], _("%(name)s, %(rows)s filas") % told


def columns_context(
    request: StaffRequest,
    draft: drafts.Draft,
    sheet: intake.Sheet | None,
    *,
    checked: Any = None,
    question: Question | None = None,
    problem: str = "",
) -> dict[str, Any]:
    mapping = checked.mapping if checked else (sheet.proposed if sheet else None)
    fields = intake.fields_of(draft.request.kind)
    field_of = {column: name for name, column in mapping.columns.items()} if mapping else {}
    needed = {name for name, _label, is_needed in fields if is_needed}
    lines = []
    for position, column in enumerate(sheet.columns if sheet else ()):
        given = request.POST.get(f"columna-{position}") if problem else None
        name = given if given is not None else field_of.get(column.name, "")
        sure = mapping.confidence.get(name, 0) if mapping else 0
        lines.append(
            {
                "id": f"columna-{position}",
                "name": column.name,
                "samples": column.samples,
                "field": name,
                "sure": round(sure * 100),
                "reason": _why(draft, mapping, name),
                "is_needed": name in needed,
            }
        )
    return {
        "draft": draft,
        "sheet": sheet,
        "lines": lines,
        "fields": [(name, label) for name, label, _needed in fields],
        "missing": [label for name, label, is_needed in fields if is_needed and name not in field_of.values()]
        if question
        else [],
        "checked": checked,
        "reading": _reading(checked) if checked else [],
        "question": question,
        "problem": problem,
        "steps": STEPS,
        "current": 2,
        "is_contacts": draft.request.kind == "contacts",
    }


def _why(draft: drafts.Draft, mapping: Any, name: str) -> str:
    """Why a column is what it is said to be: chosen by the person, else what the proposal saw."""
    if not mapping or not name:
        return ""
    if (draft.request.mapping or {}).get("columns", {}).get(name):
        return _("elegida por ti")
    return str(mapping.reasons.get(name, ""))


def _reading(checked: Any) -> list[tuple[str, str]]:
    """How the file is read, in words."""
    told = checked.conventions
    return [
        (_("Fechas"), str(ORDERS.get(told.date_order, told.date_order))),
        (_("Decimales"), DECIMALS.get(told.decimal, told.decimal)),
        (_("Moneda"), told.currency or _("la de cada fila")),
    ]
