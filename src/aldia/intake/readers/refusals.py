"""Refusals of a whole file: what was found, what was expected, how to repair it, and the option that settles it."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aldia.intake.readers.records.texts import REFUSALS

Text = str | Promise


class Refused(Exception):
    """A file or a choice that cannot be taken as it is. `code` is stable; the texts are for people."""

    def __init__(
        self,
        code: str,
        *,
        found: Text = "",
        expected: Text = "",
        hint: Text = "",
        field: str = "",
        row: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.field, self.row = code, field, row
        self.found, self.expected, self.hint = found, expected, hint

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.expected, self.found, self.hint) if str(part))

    def as_problem(self) -> dict[str, Any]:
        """The refusal in the shape of a row problem, ready for JSON."""
        return {
            "row": self.row,
            "field": self.field,
            "found": str(self.found),
            "expected": str(self.expected),
            "hint": str(self.hint),
            "severity": "error",
            "code": self.code,
        }


class FileRefused(Refused):
    """The file itself cannot be read: too big, damaged, hostile, unknown."""


class SheetNeeded(FileRefused):
    """Several sheets hold a table; `tables` lists name, columns and rows of each."""

    def __init__(self, tables: list[dict[str, Any]]) -> None:
        names = ", ".join(f"«{table['sheet']}»" for table in tables)
        found, expected, hint = TEXTS["sheet_needed"]
        super().__init__(
            "sheet_needed", found=_fill(found, {"sheets": names}), expected=expected, hint=hint, field="sheet"
        )
        self.tables = tables


def refusal(code: str, facts: Mapping[str, object]) -> FileRefused:
    """The exception for a code of the child process, its texts filled with the facts."""
    if code == "sheet_needed":
        tables: Any = facts["tables"]
        return SheetNeeded(tables)
    found, expected, hint = TEXTS[code]
    readable = {name: _readable(code, name, value) for name, value in facts.items()}
    line = facts.get("line")
    return FileRefused(
        code,
        found=_fill(found, readable),
        expected=_fill(expected, readable),
        hint=_fill(hint, readable),
        field="file",
        row=line if isinstance(line, int) else None,
    )


def _fill(text: Text, facts: Mapping[str, object]) -> str:
    return str(text) % facts if facts else str(text)


def _readable(code: str, name: str, value: object) -> object:
    if code in {"file_too_big", "unpacks_too_big", "record_file_too_big"} and isinstance(value, int):
        return f"{value / 1048576:.1f} MB"
    if isinstance(value, list):
        return ", ".join(f"«{item}»" for item in value)
    return value


_SAVE_CSV = _("Guarda la hoja como CSV (UTF-8) y vuelve a cargarla, o divide el archivo en partes.")
_SAVE_UTF8 = _(
    "Guarda el archivo como «CSV UTF-8» y vuelve a cargarlo, o di la codificación en el archivo de correspondencias: "
    '{"encoding": "cp1252"}.'
)
_SAVE_AGAIN = _("Ábrelo en tu hoja de cálculo, guárdalo de nuevo como XLSX o CSV y vuelve a cargarlo.")
_SUSPECT = _("El archivo no se abrió por seguridad.")

TEXTS: dict[str, tuple[Text, Text, Text]] = {
    "not_found": (
        _("No hay ningún archivo en %(path)s."),
        _("La ruta de un archivo que exista."),
        _("Revisa la ruta."),
    ),
    "empty_file": (
        _("El archivo está vacío."),
        _("Una fila de títulos y al menos una fila de datos."),
        _SAVE_AGAIN,
    ),
    "no_rows": (
        _("Solo hay títulos, ninguna fila de datos."),
        _("Al menos una fila debajo de los títulos."),
        _("Revisa que la exportación no haya salido vacía."),
    ),
    "file_too_big": (_("El archivo pesa %(found)s."), _("Como máximo %(limit)s."), _SAVE_CSV),
    "unpacks_too_big": (
        _("Descomprimido ocupa %(found)s o más."),
        _("Como máximo %(limit)s descomprimido."),
        _SAVE_CSV,
    ),
    "ratio_too_high": (
        _("Al descomprimirlo crece %(found)s veces o más."),
        _("Un libro crece como máximo %(limit)s veces."),
        _SUSPECT,
    ),
    "too_many_members": (_("El libro contiene %(found)s piezas."), _("Como máximo %(limit)s."), _SUSPECT),
    "too_many_rows": (
        _("La hoja tiene más de %(limit)s filas."),
        _("Como máximo %(limit)s filas por libro."),
        _SAVE_CSV,
    ),
    "too_many_columns": (
        _("El archivo tiene %(found)s columnas."),
        _("Como máximo %(limit)s columnas."),
        _("Deja solo las columnas que necesitas y vuelve a cargarlo."),
    ),
    "nested_archive": (
        _("Hay otro archivo comprimido dentro (%(member)s)."),
        _("Un libro sin comprimidos dentro."),
        _SUSPECT,
    ),
    "entities": (_("Declara entidades XML (%(member)s)."), _("Un libro sin DTD ni entidades."), _SUSPECT),
    "damaged_file": (
        _("El archivo está dañado o incompleto."),
        _("Un XLSX, XLS, ODS o CSV completo."),
        _SAVE_AGAIN,
    ),
    "password_protected": (
        _("El archivo tiene contraseña."),
        _("Un archivo sin contraseña."),
        _("Quita la contraseña y vuelve a cargarlo."),
    ),
    "unsupported_format": (
        _("Parece un archivo %(kind)s."),
        _("Un CSV, XLSX, XLS u ODS."),
        _("Exporta los datos como CSV o XLSX y vuelve a cargarlos."),
    ),
    "binary_file": (
        _("El contenido no es texto ni un libro conocido."),
        _("Un CSV, XLSX, XLS u ODS."),
        _SAVE_AGAIN,
    ),
    "wrong_encoding": (
        _("La línea %(line)s no se puede leer como %(encoding)s."),
        _("Todo el archivo en una misma codificación."),
        _SAVE_UTF8,
    ),
    "mixed_encoding": (
        _("La línea %(line)s mezcla UTF-8 con otra codificación."),
        _("Todo el archivo en una misma codificación."),
        _SAVE_UTF8,
    ),
    "unknown_encoding": (
        _("No sabemos en qué codificación está escrita la línea %(line)s."),
        _("UTF-8, o una codificación conocida como cp1252."),
        _SAVE_UTF8,
    ),
    "no_such_encoding": (
        _("No conocemos la codificación «%(encoding)s»."),
        _("Un nombre como utf-8, cp1252 o latin-1."),
        _("Corrige «encoding» en el archivo de correspondencias."),
    ),
    "unclosed_quote": (
        _("Unas comillas se abren en la línea %(line)s y no se cierran."),
        _('Cada comilla abierta tiene su cierre; dentro de un texto se escribe doble («""»).'),
        _("Corrige las comillas de esa línea y vuelve a cargar el archivo."),
    ),
    "no_such_header_row": (
        _("No hay una fila %(header_row)s donde buscar los títulos."),
        _("Un número entre las primeras filas."),
        _("Corrige «header_row» en el archivo de correspondencias."),
    ),
    "no_such_sheet": (
        _("No hay una hoja «%(sheet)s»."),
        _("Una de estas: %(sheets)s."),
        _("Corrige «sheet» en el archivo de correspondencias."),
    ),
    "sheet_needed": (
        _("Hay varias hojas con datos: %(sheets)s."),
        _("Saber cuál cargar."),
        _('Di la hoja en el archivo de correspondencias (--mapping): {"sheet": "…"}, o deja solo una.'),
    ),
    "too_much_memory": (
        _("Leerlo necesita más memoria de la permitida."),
        _("Un archivo más pequeño."),
        _SAVE_CSV,
    ),
    "too_slow": (_("Leerlo tarda más de lo permitido."), _("Un archivo más pequeño."), _SAVE_CSV),
} | REFUSALS
