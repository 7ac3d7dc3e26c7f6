"""Every problem a row can have: stable code, severity, what was expected and how to repair it."""

from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ERROR, WARNING = "error", "warning"
FOUND_CHARACTERS = 200
SCHEMA: dict[str, Any] = {
    "row": pl.Int64,
    "field": pl.String,
    "found": pl.String,
    "expected": pl.String,
    "hint": pl.String,
    "severity": pl.String,
    "code": pl.String,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """Severity and texts of a code; an error keeps its row out, a warning does not."""

    severity: str
    expected: str | Promise
    hint: str | Promise


_FIX = _("Corrige la celda y vuelve a cargar el archivo.")
_FILL = _("Completa la celda y vuelve a cargar el archivo.")
_REVIEW = _("La fila se cargó; conviene revisarla.")

MEANINGS: dict[str, Meaning] = {
    "row_quotes": Meaning(
        ERROR,
        _("Comillas cerradas y separadas del resto de la celda."),
        _("Corrige las comillas de la fila."),
    ),
    "row_long": Meaning(
        ERROR,
        _("%(width)s celdas por fila."),
        _("Si un texto lleva el separador «%(separator)s», ponlo entre comillas."),
    ),
    "row_short": Meaning(
        WARNING,
        _("%(width)s celdas por fila."),
        _("Las celdas que faltan se tomaron como vacías; revisa la fila."),
    ),
    "row_total": Meaning(
        WARNING, _("Una fila por documento."), _("Parece un total o un título y no se cargó.")
    ),
    "cell_too_long": Meaning(
        ERROR,
        _("Un texto de hasta %(limit)s caracteres."),
        _("Acorta el texto; si sobra una comilla, corrígela."),
    ),
    "text_cleaned": Meaning(
        WARNING,
        _("Texto sin caracteres de control ni marcas invisibles."),
        _("Se quitaron esos caracteres; revisa el texto."),
    ),
    "text_damaged": Meaning(
        WARNING,
        _("Texto legible, con sus acentos."),
        _("Parece guardado con otra codificación; expórtalo de nuevo como UTF-8."),
    ),
    "text_formula": Meaning(
        WARNING,
        _("Un texto, no una fórmula."),
        _("Se guardó como texto y nunca se calcula; revisa el origen."),
    ),
    "missing": Meaning(ERROR, _("Un valor: es obligatorio."), _FILL),
    "missing_customer": Meaning(ERROR, _("Código, identificación fiscal o nombre del cliente."), _FILL),
    "missing_reach": Meaning(ERROR, _("Al menos un dato de contacto."), _FILL),
    "date_unreadable": Meaning(ERROR, _("Una fecha como %(example)s."), _FIX),
    "date_impossible": Meaning(ERROR, _("Un día que exista, escrito como %(example)s."), _FIX),
    "date_far": Meaning(ERROR, _("Una fecha entre 1950 y 2100."), _FIX),
    "amount_unreadable": Meaning(ERROR, _("Un importe como %(example)s."), _FIX),
    "amount_grouping": Meaning(
        ERROR,
        _("Un importe como %(example)s."),
        _("Revisa los puntos y las comas: los miles van de tres en tres."),
    ),
    "amount_scientific": Meaning(
        ERROR,
        _("Todas las cifras, sin notación científica."),
        _("Da formato de número a la columna y exporta de nuevo."),
    ),
    "amount_too_fine": Meaning(
        ERROR,
        _("Como máximo %(decimals)s decimales en %(currency)s."),
        _("Corrige el importe, o carga con --round half_up o --round half_even."),
    ),
    "amount_too_big": Meaning(ERROR, _("Un importe de hasta 15 cifras enteras."), _FIX),
    "amount_negative": Meaning(
        ERROR,
        _("Un importe positivo."),
        _(
            "Si es una nota de crédito, dilo en la columna de tipo de documento; si es un cobro, cárgalo como cobro."
        ),
    ),
    "amount_credit": Meaning(
        WARNING,
        _("El tipo de documento, cuando el importe es negativo."),
        _("Se tomó como nota de crédito; si no lo es, corrígelo o añade la columna de tipo."),
    ),
    "amount_zero": Meaning(WARNING, _("Un importe mayor que cero."), _REVIEW),
    "open_above_amount": Meaning(WARNING, _("Un saldo no mayor que el importe original."), _REVIEW),
    "balance_running": Meaning(
        WARNING,
        _("El saldo de cada documento."),
        _("Esa columna suma las filas: es el saldo de la cuenta. Cada documento entró por su importe."),
    ),
    "refresh_held": Meaning(
        WARNING,
        _("El número del documento de cada fila."),
        _(
            "Sin saber de qué documento habla esta fila, no se dio ninguno por cobrado afuera. Corrígela y vuelve a cargar."
        ),
    ),
    "balance_unread": Meaning(
        WARNING,
        _("Saber qué es esa columna."),
        _(
            "Cada documento entró por su importe. Si es el saldo de cada uno, elígela con --mapping como open_amount."
        ),
    ),
    "settled_above_amount": Meaning(WARNING, _("Un cobro no mayor que el importe original."), _REVIEW),
    "settled_without_date": Meaning(
        WARNING,
        _("La fecha del cobro."),
        _("No se registró como cobro: quedó solo el saldo. Completa la fecha para registrarlo."),
    ),
    "currency_unknown": Meaning(ERROR, _("Un código ISO como USD, ARS o CLP."), _FIX),
    "currency_missing": Meaning(
        ERROR, _("Un código de moneda."), _("Completa la celda, o di la moneda con --currency.")
    ),
    "currency_conflict": Meaning(ERROR, _("La misma moneda en el importe y en su columna."), _FIX),
    "due_before_issue": Meaning(WARNING, _("Un vencimiento igual o posterior a la emisión."), _REVIEW),
    "settled_before_issue": Meaning(WARNING, _("Una cancelación igual o posterior a la emisión."), _REVIEW),
    "settled_after_as_of": Meaning(
        WARNING, _("Una fecha hasta el día de la carga."), _("El cobro cuenta desde su fecha.")
    ),
    "direction_unknown": Meaning(
        ERROR,
        _("Débito o crédito, cargo o abono, D o C."),
        _("Sin el lado no se sabe si el dinero entra o sale; corrige la celda y vuelve a cargar el archivo."),
    ),
    "kind_unknown": Meaning(
        WARNING,
        _("Factura, nota de crédito o débito, pagaré, cheque, cuota o recibo."),
        _("Se tomó como factura; revisa el tipo."),
    ),
    "truth_unreadable": Meaning(WARNING, _("Sí o no."), _("Se tomó como no; revisa la celda.")),
    "consent_unreadable": Meaning(
        WARNING, _("Sí o no."), _("No se tomó en cuenta: sin un sí o un no claros no hay consentimiento.")
    ),
    "tax_id_invalid": Meaning(
        WARNING,
        _("Una identificación fiscal válida en %(country)s."),
        _("Se guardó sin verificar; revisa las cifras y el dígito verificador, o el país (--country)."),
    ),
    "email_invalid": Meaning(
        WARNING,
        _("Un correo como nombre@dominio.com."),
        _("La fila se cargó sin correo; corrígelo para poder escribirle."),
    ),
    "email_several": Meaning(
        WARNING, _("Un solo correo por celda."), _("Se tomó el primero; añade los demás como contactos.")
    ),
    "phone_invalid": Meaning(
        WARNING,
        _("Un teléfono válido, con prefijo internacional si no es de %(country)s."),
        _("Se guardó como está, sin usarlo; corrígelo, o revisa el país (--country)."),
    ),
    "phone_without_country": Meaning(
        WARNING,
        _("Un teléfono con prefijo internacional (+54 …)."),
        _("Añade el prefijo, o di el país con --country."),
    ),
    "language_unknown": Meaning(
        WARNING, _("Un idioma como es, en o pt-BR."), _("Se usará el idioma de la cartera.")
    ),
    "text_too_long": Meaning(ERROR, _("Un texto de hasta %(limit)s caracteres."), _FIX),
    "duplicate_same": Meaning(
        WARNING,
        _("Cada documento una sola vez."),
        _("Es igual a la fila %(first)s y se cuenta una sola vez."),
    ),
    "duplicate_different": Meaning(
        ERROR,
        _("Cada número de documento una sola vez."),
        _(
            "Ya está en la fila %(first)s con otros datos; deja la correcta, o añade la cuota o la serie al número."
        ),
    ),
    "part_different": Meaning(
        ERROR,
        _("La fecha, la moneda, el cliente y el medio de la fila %(first)s, que es el mismo cobro."),
        _(
            "Un cobro puede pagar varios documentos, una fila por cada uno; si son cobros distintos, dales números distintos."
        ),
    ),
    "held_currency": Meaning(
        ERROR,
        _("%(held)s, la moneda con que ese documento entró."),
        _("Un documento no cambia de moneda: corrige la celda, o anúlalo y cárgalo con otro número."),
    ),
    "held_customer": Meaning(
        ERROR,
        _("El cliente con que el documento %(number)s entró."),
        _(
            "Ese número ya es de otro cliente: corrige la celda, o añade la serie al número si son dos documentos."
        ),
    ),
    "receipt_outgoing": Meaning(
        WARNING, _("Un cobro: dinero que entra."), _("Es dinero que sale y no se cargó como cobro.")
    ),
}


class ProblemBook:
    """Collects problems of a set of rows, column by column, and tells which rows have an error."""

    def __init__(self, rows: pl.Series) -> None:
        self.rows = rows
        self._frames: list[pl.DataFrame] = []
        self._bad = pl.repeat(value=False, n=rows.len(), eager=True, dtype=pl.Boolean)

    @property
    def bad(self) -> pl.Series:
        """True for the rows that have an error."""
        return self._bad

    def add(self, code: str, field: str, mask: pl.Series, found: pl.Series | str, **facts: object) -> None:
        """Record `code` for the rows of `mask`. A fact that is a Series is filled in row by row."""
        mask = mask.fill_null(value=False)
        if not mask.any():
            return
        meaning = MEANINGS[code]
        if meaning.severity == ERROR:
            self._bad = self._bad | mask
        varying = {name: value.filter(mask) for name, value in facts.items() if isinstance(value, pl.Series)}
        fixed = {name: "%(" + name + ")s" if name in varying else value for name, value in facts.items()}
        rows = self.rows.filter(mask)
        text = found.filter(mask) if isinstance(found, pl.Series) else pl.Series([found] * rows.len())
        self._frames.append(
            pl.DataFrame(
                {
                    "row": rows,
                    "field": pl.repeat(field, rows.len(), eager=True, dtype=pl.String),
                    "found": text.cast(pl.String).fill_null("").str.slice(0, FOUND_CHARACTERS),
                    "expected": _filled(str(meaning.expected), fixed, varying, rows.len()),
                    "hint": _filled(str(meaning.hint), fixed, varying, rows.len()),
                    "severity": pl.repeat(meaning.severity, rows.len(), eager=True, dtype=pl.String),
                    "code": pl.repeat(code, rows.len(), eager=True, dtype=pl.String),
                },
                schema=SCHEMA,
            )
        )

    def adopt(self, other: "ProblemBook") -> None:
        """Take over the problems of rows that are not among these."""
        self._frames += other._frames

    def finish(self) -> pl.DataFrame:
        """All problems by row, errors before warnings."""
        if not self._frames:
            return pl.DataFrame(schema=SCHEMA)
        return pl.concat(self._frames).sort("row", "severity", "field", maintain_order=True)


def _filled(text: str, fixed: dict[str, object], varying: dict[str, pl.Series], count: int) -> pl.Series:
    text = text % fixed if fixed else text
    filled = pl.repeat(text, count, eager=True, dtype=pl.String)
    for name, values in varying.items():
        mark = "%(" + name + ")s"
        if mark in text:
            pieces = pl.DataFrame({"text": filled, "value": values.cast(pl.String)})
            filled = pieces.select(
                pl.col("text").str.replace(mark, pl.col("value"), literal=True)
            ).to_series()
    return filled
