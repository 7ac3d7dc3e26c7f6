"""What an electronic document can have wrong on its way to being a debt: stable code, severity, and how to repair it."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from aldia.intake.checking.problems import ERROR, FOUND_CHARACTERS, SCHEMA, WARNING, Meaning

FILED: dict[str, Any] = {**SCHEMA, "file": pl.String}
"""The columns of a problem, and the file that has it."""

LABELS = {
    "uuid": _("UUID o clave"), "number": _("Número"), "type": _("Tipo"), "state": _("Estado"), "issuer_id": _("Quien emite"),
    "receiver_id": _("Quien recibe"), "issued_on": _("Emisión"), "due_on": _("Vencimiento"), "currency": _("Moneda"),
    "total": _("Total"), "payable": _("A pagar"), "instalments": _("Cuotas"), "settles": _("Documentos que nombra"),
}  # fmt: skip
"""What a problem is about, in the words of the screen."""

_WHOLE = _("Pide a quien lo emitió el documento corregido y vuelve a cargarlo.")

MEANINGS: dict[str, Meaning] = {
    "no_identity": Meaning(
        ERROR, _("Un UUID, o una serie y un folio."), _("Sin eso no se sabe si ya entró. Carga el documento timbrado.")
    ),
    "other_issuer": Meaning(
        ERROR,
        _("Un documento que emitió %(expected)s."),
        _("Es una compra, o es de otro acreedor: cárgalo en la cartera de quien lo emitió."),
    ),
    "no_receiver": Meaning(ERROR, _("La identificación fiscal o el nombre de quien recibe."), _WHOLE),
    "no_date": Meaning(ERROR, _("La fecha de emisión."), _WHOLE),
    "no_currency": Meaning(ERROR, _("Un código de moneda como MXN o EUR."), _WHOLE),
    "amount_too_fine": Meaning(
        ERROR, _("Un importe con los decimales de su moneda."), _("Carga con --round half_up o --round half_even.")
    ),
    "no_terms": Meaning(
        ERROR,
        _("Que diga si se paga al emitir (PUE) o después (PPD)."),
        _("No se inventa una deuda: cárgala desde una planilla si es a crédito."),
    ),
    "no_due_date": Meaning(
        ERROR,
        _("Un vencimiento, o los días de pago de la cartera."),
        _("Di los días con --payment-days, o en Ajustes → Carteras, y carga otra vez."),
    ),
    "due_by_rule": Meaning(
        WARNING, _("Un vencimiento en el archivo."), _("Se contaron los días de pago desde la emisión.")
    ),
    "parts_mismatch": Meaning(ERROR, _("Cuotas que suman %(expected)s."), _WHOLE),
    "total_mismatch": Meaning(ERROR, _("Sus partes suman otra cosa."), _WHOLE),
    "test_document": Meaning(
        ERROR, _("Un documento del ambiente de producción."), _("No lo cobres: pide el verdadero a quien lo emitió.")
    ),
    "test_taken": Meaning(
        WARNING, _("Un documento del ambiente de producción."), _("Entró porque esta organización es de prueba.")
    ),
    "duplicate_same": Meaning(
        WARNING, _("Cada documento una sola vez."), _("Viene igual en dos archivos y se cuenta una sola vez.")
    ),
    "duplicate_different": Meaning(
        ERROR, _("Cada documento una sola vez."), _("Viene en dos archivos con datos distintos; deja el correcto.")
    ),
    "known_different": Meaning(
        ERROR,
        _("El mismo importe que ya está: %(expected)s."),
        _("Un documento fiscal no cambia: si se corrigió, carga su nota de crédito o su anulación."),
    ),
    "known_elsewhere": Meaning(
        ERROR, _("Cada documento en una sola cartera."), _("Ya está en la cartera «%(portfolio)s».")
    ),
    "known_cancelled": Meaning(
        WARNING, _("Un documento vigente."), _("Aquí figura anulado y sigue así.")
    ),
    "known_by_rows": Meaning(
        WARNING, _("Un documento nuevo."), _("Ya estaba por otro camino, con el mismo número e importe: no se cuenta dos veces.")
    ),
    "paid_at_issue": Meaning(WARNING, _("Un documento a crédito."), _("Se pagó al emitirlo: no es una deuda.")),
    "not_a_debt": Meaning(WARNING, _("Una factura, nota o complemento de pago."), _("No es una deuda y no entró.")),
    "not_valid": Meaning(WARNING, _("Un documento autorizado."), _("Está anulado o rechazado y no entró.")),
    "replaces": Meaning(
        WARNING, _("Un documento que no reemplaza a otro."), _("El reemplazado se dio por anulado: no se deben los dos.")
    ),
    "replaced": Meaning(
        WARNING, _("Un documento vigente."), _("Otro que ya está aquí lo reemplaza: no entró.")
    ),
    "cancels_nothing": Meaning(
        WARNING, _("La anulación de un documento que esté aquí."), _("Ese documento no está: no cambia nada.")
    ),
    "pays_unknown": Meaning(
        ERROR,
        _("El pago de un documento que esté aquí."),
        _("Carga primero esa factura y después este complemento otra vez."),
    ),
    "already_received": Meaning(
        WARNING,
        _("Un pago de %(name)s que no estuviera cobrado."),
        _("Es el dinero que ya entró por otro camino, con el mismo importe y fecha: no se contó dos veces."),
    ),
    "pays_too_much": Meaning(
        WARNING,
        _("Un pago de hasta lo que se debe de %(name)s: %(expected)s."),
        _("Lo demás ya estaba cobrado y no se contó dos veces."),
    ),
    "lowers_unknown": Meaning(
        WARNING,
        _("El documento que la nota nombra: %(name)s."),
        _("La nota entró como saldo a favor; se aplica sola cuando llegue ese documento."),
    ),
    "lowers_nothing": Meaning(
        WARNING, _("El documento al que se aplica."), _("La nota entró como saldo a favor; aplícala en el caso.")
    ),
}  # fmt: skip


def is_error(code: str) -> bool:
    """Return whether a document with this oddity stays out."""
    return MEANINGS[code].severity == ERROR


def oddity(row: int, file: str, field: str, code: str, found: object, **facts: object) -> dict[str, Any]:
    """Return one problem in words, with the columns of FILED."""
    meaning = MEANINGS[code]
    return {
        "row": row, "field": field, "found": str(found or "")[:FOUND_CHARACTERS], "expected": str(meaning.expected) % facts,
        "hint": str(meaning.hint) % facts, "severity": meaning.severity, "code": code, "file": file,
    }  # fmt: skip
