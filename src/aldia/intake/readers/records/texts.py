"""The words for what a record file has wrong: refusals of a whole file, and oddities of one that was read."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_ASK_BANK = _("Pide el archivo otra vez a quien te lo dio y vuelve a cargarlo.")
_SUSPECT = _("El archivo no se abrió por seguridad.")
_WHOLE_XML = _("Un XML completo y bien formado.")

REFUSALS: dict[str, tuple[Text, Text, Text]] = {
    "record_file_too_big": (
        _("El archivo pesa %(found)s."),
        _("Como máximo %(limit)s."),
        _("Pide un período más corto o divide el archivo, y carga las partes."),
    ),
    "not_a_record_file": (
        _("No es un extracto ni una factura electrónica."),
        _("Uno de los formatos que la guía nombra."),
        _("Revisa que sea el archivo correcto."),
    ),
    "xml_entities": (_("Declara entidades o una DTD."), _("Un XML sin DTD ni entidades."), _SUSPECT),
    "xml_encoding": (
        _("La línea %(line)s no está en la codificación que el XML declara."),
        _("Todo el archivo en la codificación de su primera línea."),
        _ASK_BANK,
    ),
    "xml_truncated": (_("El XML se corta en la línea %(line)s."), _WHOLE_XML, _ASK_BANK),
    "xml_damaged": (_("El XML está mal formado en la línea %(line)s."), _WHOLE_XML, _ASK_BANK),
    "xml_unknown": (
        _("Es un XML «%(name)s», que no sabemos leer."),
        _("Un extracto camt.05x, un pain.002 o una factura electrónica de las que la guía nombra."),
        _("Pide otro formato, o exporta los datos como CSV o XLSX."),
    ),
    "truncated_file": (_("El archivo se corta antes del final."), _("Un archivo completo."), _ASK_BANK),
    "no_document": (
        _("No trae ningún documento."),
        _("Al menos una factura, nota o recibo, con su total."),
        _("Revisa que sea el documento y no su acuse, y cárgalo otra vez."),
    ),
    "no_statement": (
        _("No trae ningún extracto."),
        _("Al menos una cuenta con su extracto."),
        _("Revisa que la descarga no haya salido vacía y pídela otra vez."),
    ),
    "fragment": (
        _("Es un pedazo de extracto: falta la cuenta, o sus saldos y movimientos."),
        _("Un extracto entero, con su cuenta."),
        _ASK_BANK,
    ),
    "outgoing_file": (
        _("Es un archivo de remesa: va hacia el banco."),
        _("El archivo de retorno, que viene del banco."),
        _("Descarga el retorno y vuelve a cargarlo."),
    ),
    "other_service": (
        _("Es un retorno de otro servicio del banco: no trae títulos ni extracto."),
        _("El retorno de la cobranza, o un extracto."),
        _("Descarga el retorno de la cobranza y vuelve a cargarlo."),
    ),
    "bad_amount": (
        _("«%(found)s» no es un importe."),
        _("Un número como el formato lo escribe."),
        _("No se leyó nada, para no dejar el extracto por la mitad. Pide el archivo corregido."),
    ),
    "bad_line": (
        _("La línea %(line)s no se entiende: «%(found)s»."),
        _("Un movimiento como el formato lo escribe."),
        _("No se leyó nada, para no dejar el extracto por la mitad. Pide el archivo corregido."),
    ),
}

NOTES: dict[str, tuple[Text, Text, Text]] = {
    "balance_mismatch": (
        _("La cuenta %(account)s termina en %(found)s."),
        _("Con su saldo inicial y sus movimientos da %(expected)s."),
        _("Compáralo con el banco antes de usarlo: puede faltar un movimiento."),
    ),
    "mixed_currencies": (
        _("La cuenta %(account)s mezcla monedas: %(found)s."),
        _("Saldos y movimientos en una moneda."),
        _("Sus saldos no se pueden comprobar; revísalos con el banco."),
    ),
    "no_closing": (
        _("A la cuenta %(account)s le falta su cierre."),
        _("Un archivo completo."),
        _("Compáralo con el banco antes de usarlo: puede faltar un movimiento."),
    ),
    "trailer_mismatch": (
        _("Las sumas que el banco escribe al cerrar la cuenta %(account)s no son las de sus movimientos."),
        _("Las mismas sumas."),
        _("Compáralo con el banco antes de usarlo: puede faltar un movimiento."),
    ),
    "unknown_bank": (
        _("No sabemos dónde escribe su número propio el banco %(bank)s."),
        _("Un banco de los que la guía nombra."),
        _("Los títulos se leyeron sin ese número: se reconocen por el documento."),
    ),
    "no_date": (
        _("Un movimiento de %(amount)s no trae fecha."),
        _("Una fecha del calendario."),
        _("Quedó sin esa fecha; complétala al revisarlo."),
    ),
    "date_order": (
        _("Ninguna fecha aclara si primero va el día o el mes."),
        _("Al menos un día mayor que 12."),
        _("Se leyó primero el mes, como escribe este formato. Compruébalo."),
    ),
    "total_mismatch": (
        _("El documento %(number)s dice %(found)s."),
        _("Sus partes suman %(expected)s."),
        _("Pide a quien lo emitió que lo corrija antes de cobrarlo."),
    ),
    "test_document": (
        _("El documento %(number)s es de prueba, sin valor fiscal."),
        _("Un documento del ambiente de producción."),
        _("No lo cobres: pide el verdadero a quien lo emitió."),
    ),
    "impossible_date": (
        _("«%(found)s» no existe en el calendario."),
        _("Una fecha del calendario."),
        _("Quedó sin esa fecha; complétala al revisarlo."),
    ),
}


def note(found: dict[str, Any]) -> dict[str, Any]:
    """The oddity in the shape of a row problem, ready for JSON."""
    facts = found["facts"]
    if found["code"] == "member_refused":
        told = [str(text) % facts["facts"] for text in REFUSALS.get(facts["code"], _OTHER)]
        severity = "error"
    else:
        told = [str(text) % facts for text in NOTES[found["code"]]]
        severity = "warning"
    return {
        "row": found["row"],
        "field": facts.get("member", "file"),
        **({"number": facts["number"]} if "number" in facts else {}),
        "found": told[0],
        "expected": told[1],
        "hint": told[2],
        "severity": severity,
        "code": facts["code"] if severity == "error" else found["code"],
    }


_OTHER = (_("No se pudo leer."), _("Un archivo completo de los formatos que la guía nombra."), _ASK_BANK)
