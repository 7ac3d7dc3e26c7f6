"""What is wrong with a rule or a strategy, in the reader's words: where, what was found, what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aldia.domain.labels import base_language
from aldia.engine.vocabulary import FACTS

if TYPE_CHECKING:
    from aldia.engine.rules import Remark
    from aldia.engine.strategy import Problem

_TYPES: Final = {
    "int": _("un número entero"), "money": _("dinero"), "text": _("un texto"), "bool": _("un sí o no"),
    "date": _("una fecha"), "number": _("un número"),
}  # fmt: skip

RULE_TEXTS: Final[Mapping[str, Any]] = {
    "empty": _("La regla está vacía. Escribe una condición, como dpd > 30, o TRUE para todos."),
    "too_long": _("La regla tiene más de %(limit)s letras. Divídela."),
    "invisible_character": _("Hay un carácter que no se ve (%(found)s). Bórralo."),
    "open_quote": _("Falta cerrar un texto. Ponle ' al principio y al final."),
    "too_many_words": _("La regla tiene más de %(limit)s palabras. Divídela."),
    "foreign_text": _("«%(found)s» no es parte del lenguaje. Los comentarios no se admiten; para restar un número negativo, súmalo."),
    "too_many_brackets": _("Hay más de %(limit)s paréntesis abiertos. Simplifica la regla."),
    "broken_text": _("El texto %(found)s tiene un salto de línea o un tabulador. Escríbelo en una sola línea."),
    "not_a_number": _("«%(found)s» no es un número. Escribe cifras y punto decimal, como 1500.50."),
    "foreign_symbol": _("«%(found)s» no es parte del lenguaje. Los textos van entre comillas simples, los datos sin comillas."),
    "double_equals": _("Para comparar se escribe un solo =."),
    "division": _("No se puede dividir. Multiplica el otro lado."),
    "remainder": _("No hay restos de división. Compara el dato entero."),
    "several_conditions": _("Una regla es una sola condición. Quita el punto y coma."),
    "joined_texts": _("Los textos no se unen. Compara cada dato por separado."),
    "like": _("LIKE no existe aquí. Escribe contains(dato, 'texto') o starts_with(dato, 'texto')."),
    "query": _("Una regla es una condición, no una consulta. Escribe, por ejemplo, dpd > 30."),
    "case_when": _("CASE no existe aquí. Escribe las condiciones con AND y OR."),
    "clock": _("Una regla no lee el reloj. Usa un dato en días, como dpd o days_since_contact."),
    "near_word": _("No existe «%(found)s». ¿Quisiste escribir %(near)s?"),
    "unknown_word": _("No existe el dato «%(found)s». Elige uno de la lista de datos."),
    "too_deep": _("La regla tiene demasiados niveles. Simplifícala."),
    "unreadable": _("Aquí no se entiende la condición. Escribe dato, comparación y valor; únelas con AND, OR o NOT."),
    "not_a_condition": _("«%(found)s» no es una condición. Compáralo con un valor, como dpd > 30."),
    "between_symmetric": _("BETWEEN SYMMETRIC no existe aquí. Escribe primero el valor menor."),
    "empty_list": _("IN necesita una lista de valores. Escribe IN ('a', 'b')."),
    "long_list": _("La lista tiene más de %(limit)s valores. Divídela en dos, con OR."),
    "null_in_list": _("NULL no va en una lista. Añade OR dato IS NULL."),
    "list_of_values": _("En una lista solo hay valores. Escribe IN ('a', 'b')."),
    "is_null_only": _("IS va solo con NULL. Escribe dato IS NULL, dato IS NOT NULL o dato = TRUE."),
    "quoted_fact": _("Un dato es una sola palabra. Escríbelo sin comillas dobles ni puntos."),
    "match_arguments": _("%(kind)s lleva un dato y un texto. Escribe %(kind)s(number, 'A-')."),
    "empty_match": _("El texto que se busca está vacío. Escribe al menos una letra."),
    "segment_arguments": _("segment lleva la clave de un segmento. Escribe segment('clave')."),
    "near_segment": _("No existe el segmento «%(found)s». ¿Quisiste escribir %(near)s?"),
    "unknown_segment": _("No existe el segmento «%(found)s». Crea uno en Segmentos o quita esta parte."),
    "broken_segment": _("La regla del segmento «%(found)s» no se entiende. Corrígela en Segmentos."),
    "equals_null": _("Nada es igual a NULL. Escribe dato IS NULL o dato IS NOT NULL."),
    "not_a_value": _("«%(found)s» no sirve de valor. Usa un dato, un número, un 'texto' o DATE '2026-01-31'."),
    "conversion": _("No se convierten valores. Escribe las fechas así: DATE '2026-01-31'."),
    "not_a_date": _("«%(found)s» no es una fecha. Escribe año, mes y día: DATE '2026-01-31'."),
    "too_fine": _("%(found)s tiene demasiados decimales para esta moneda. Escribe como mucho %(decimals)s."),
    "never_between": _("BETWEEN no se cumple nunca: %(found)s es mayor que el segundo valor. Escribe primero el menor."),
    "not_yes_no": _("«%(fact)s» es %(type)s, no un sí o no. Compáralo: %(key)s = %(sample)s."),
    "match_needs_text": _("«%(fact)s» es %(type)s y %(kind)s busca en un texto. Compáralo con =, < o >."),
    "no_fact": _("La comparación no nombra ningún dato. Compara un dato con un valor."),
    "yes_no_order": _("Un sí o no se compara solo con =. Escribe dato = TRUE."),
    "text_order": _("Los textos no tienen mayor ni menor. Usa =, <>, IN, starts_with o contains."),
    "sum_without_fact": _("La cuenta no nombra ningún dato. Escribe el resultado."),
    "sum_of": _("No se hacen cuentas con %(type)s. Usa números e importes."),
    "product": _("Solo se multiplica un dato por un número. Escribe, por ejemplo, 2 * overdue."),
    "broken_factor": _("Se multiplica por un número entero y aquí hay %(found)s. Multiplica el otro lado: 2 * overdue > total."),
    "too_large_result": _("El resultado puede ser demasiado grande para ser exacto. Usa un número menor."),
    "types_differ": _("«%(fact)s» es %(type)s y se compara con %(other)s. Escribe %(sample)s."),
    "sum_differs": _("La cuenta da %(type)s y se compara con %(other)s. Escribe %(sample)s."),
    "whole_number": _("Aquí va un número entero y hay %(found)s. Escribe, por ejemplo, 30."),
    "too_large_number": _("%(found)s es demasiado grande. El máximo tiene quince cifras."),
    "not_a_code": _("«%(fact)s» nunca vale «%(found)s». Escribe uno de estos: %(codes)s."),
    "may_be_empty": _("«%(fact)s» puede estar vacío, y un vacío nunca cumple <>. Si también deben entrar, añade OR %(key)s IS NULL."),
}  # fmt: skip
"""A text for each code of `engine.rules`."""

STRATEGY_TEXTS: Final[Mapping[str, Any]] = {
    "not_this": _("Dice %(found)s. Escribe %(wanted)s."),
    "missing": _("Falta. Añádelo."),
    "not_known": _("Eso no va aquí. Se admite: %(options)s."),
    "not_an_object": _("Aquí va un objeto y hay %(found)s. Escríbelo entre { y }."),
    "not_a_list": _("Aquí va una lista y hay %(found)s. Escríbela entre [ y ]."),
    "empty_list": _("La lista está vacía. Añade al menos uno."),
    "not_a_key": _("%(found)s no sirve de clave. Usa minúsculas, cifras y _; 60 como mucho, y empieza con una letra."),
    "not_an_option": _("%(found)s no existe. Escribe uno de estos: %(options)s."),
    "not_in_span": _("Dice %(found)s. Escribe un número entero de %(low)s a %(high)s."),
    "not_a_label": _("Faltan sus textos. Escribe {\"es\": …, \"en\": …, \"pt\": …}."),
    "not_a_text": _("Aquí va una regla y hay %(found)s. Escríbela entre comillas."),
    "not_true_or_false": _("Dice %(found)s. Escribe true o false."),
    "not_segments": _("Los segmentos son claves con su regla. Escribe {\"clave\": \"dpd > 30\"}."),
    "not_an_own_fact": _("Un dato propio está mal escrito. Decláralo otra vez en Vocabulario."),
    "repeated_value": _("Hay un valor repetido. Escribe cada uno una vez."),
    "no_channel": _("No tiene ningún canal. Escribe al menos uno: %(options)s."),
    "repeated_stage": _("Hay %(times)s etapas con la clave «%(key)s». Dale a cada una la suya."),
    "repeated_step": _("Hay %(times)s pasos con la clave «%(key)s». Dale a cada uno la suya."),
    "unknown_stage": _("No existe la etapa %(found)s. Escribe una de estas: %(options)s."),
    "unknown_template": _("No hay una plantilla publicada %(found)s. Publícala, o usa una de estas: %(options)s."),
    "anchor_of_document": _("Un documento no tiene %(found)s. Cuenta desde due_on, o haz el paso por cliente (case)."),
    "before_anchor": _("%(days)s días antes de %(anchor)s todavía no se sabe esa fecha. Escribe 0 o más."),
    "stage_of_document": _("Eso se le hace a un cliente, no a un documento. Haz el paso por cliente (case)."),
    "after_anchor": _("%(days)s días después del próximo vencimiento ya hay otro próximo. Escribe 0 o menos, o cuenta desde due_on."),
    "not_a_holder": _("%(found)s no nombra a nadie. Escribe la clave de un equipo, o el correo de una persona."),
    "unknown_holder": _("No existe %(found)s. Escribe uno de estos: %(options)s."),
    "unknown_offer": _("No hay una política de negociación activa %(found)s. Usa una de estas, o créala en Ajustes, Negociación: %(options)s."),
    "bureau_wait": _("La norma %(rule)s pide esperar %(days)s días desde el preaviso. Escribe ese plazo."),
    "bureau_notice": _("La norma %(rule)s pide más de un preaviso (%(days)s). Agrega otro paso antes."),
    "no_price": _("No dijiste cuánto cuesta un mensaje por %(channel)s: no se sabe si pasa el tope. Escríbelo en el laboratorio, Costos y tiempos."),
    "over_ceiling": _("Los mensajes de un cliente podrían costar %(found)s, y el tope es %(ceiling)s. Quita un paso o un canal, o sube el tope."),
    "no_webhook": _("Todavía no dijiste a qué dirección se avisa: quedará esperando. Escríbela en Ajustes, Avisos a sistemas."),
    "mixed_units": _("Los pasos que se cuentan desde %(anchor)s usan %(wanted)s y este %(found)s. Usa la misma clase de días en todos."),
    "unordered": _("El día %(found)s va después del %(before)s del paso «%(step)s». Ordena los pasos por día."),
    "never_true": _("La condición no se cumple nunca. Escribe otra, o quita esta parte."),
    "nobody_stays": _("Ningún cliente se queda aquí: la etapa «%(stage)s», que sigue, los toma a todos. Dale una condición de entrada."),
    "other_stage": _("La condición pide otra etapa. Mueve el paso, o quita esa parte de la condición."),
    "long_stage_key": _("La clave tiene %(found)s letras. Usa como mucho %(limit)s."),
    "taken_key": _("Ya hay una estrategia con la clave %(found)s. Elige otra."),
    "other_key": _("Dice %(found)s. Una estrategia conserva su clave: escribe %(wanted)s."),
    "overlap": _("El mismo día pueden recibir también «%(step)s». Cambia el día, o haz que las condiciones se excluyan."),
    "dead_end": _("Después de este aviso no pasa nada más. Añade una tarea o una alarma, para que alguien mire el caso."),
    "empty_stage": _("La etapa no tiene ningún paso. Añade uno, o quita la etapa."),
    "channel_without_template": _("%(template)s no tiene texto publicado para %(channel)s: por ahí no saldrá nada. Publícalo, o quita el canal."),
    "law_closes": _("La norma de %(country)s cierra %(channel)s los siete días: siempre quedará retenido. Quita ese canal."),
}  # fmt: skip
"""A text for each code of the engine's strategies and of the checks of this room."""

FIELDS: Final[Mapping[str, Any]] = {
    "action": _("qué hace"), "alarm": _("alarma"), "always": _("en todas las etapas"), "anchor": _("desde cuándo se cuenta"),
    "attach": _("adjuntos"), "attempts": _("intentos"), "by_reach": _("primero por donde contesta"),
    "channels": _("canales"), "cost_ceiling": _("tope de costo"), "condition": _("condición"),
    "days": _("plazo"), "description": _("descripción"), "event": _("aviso"), "entry": _("cuándo se entra"), "exit": _("cuándo se sale"),
    "facts": _("datos propios"),
    "format": _("formato"), "grain": _("por cada qué"), "holder": _("a quién"), "is_on": _("encendido"), "key": _("clave"), "kind": _("tipo"),
    "lateness": _("cuánto vale"), "name": _("nombre"), "offset": _("día"), "percent": _("porcentaje"), "policy": _("política"),
    "priority": _("prioridad"),
    "promise": _("por la promesa"), "receipt": _("por el pago"), "segments": _("segmentos"), "service": _("servicio"), "stage": _("etapa"),
    "stages": _("etapas"), "steps": _("pasos"), "task": _("tarea"), "template": _("plantilla"),
    "thanks": _("agradecimiento"), "through_holds": _("pausas que no lo detienen"), "title": _("título"),
    "to": _("etapa de destino"), "unit": _("clase de días"), "version": _("versión"),
}  # fmt: skip


@dataclass(frozen=True)
class ProblemView:
    """One thing wrong with a strategy: `place` in words, `text` what was found and the repair."""

    place: str
    text: str


def problem_views(document: Mapping[str, Any], problems: Sequence[Problem]) -> tuple[ProblemView, ...]:
    """Return the problems of a document in the reader's words, in the same order."""
    return tuple(ProblemView(_place(document, problem), _text(document, problem)) for problem in problems)


def remark_text(remark: Remark) -> str:
    """Return what is wrong with a rule and its repair, in the reader's words, without the column."""
    told: dict[str, Any] = {"found": remark.found, **remark.told}
    if told.get("fact"):
        told["key"], told["fact"] = told["fact"], _fact(str(told["fact"]))
    for name in ("type", "other"):
        if name in told:
            told[name] = _TYPES[told[name]]
    return str(RULE_TEXTS[remark.code]) % told


def pointed(remark: Remark) -> str:
    """Return a remark with its column: «Columna 14: …»."""
    return str(_("Columna %(column)s: %(text)s")) % {"column": remark.at, "text": remark_text(remark)}


def field_name(key: str) -> str:
    """Return the name of a part of the document for people; an unknown one is shown as its key."""
    return str(FIELDS.get(key, key))


def _fact(key: str) -> str:
    return FACTS[key].label.of(get_language() or "es") if key in FACTS else key


def _text(document: Mapping[str, Any], problem: Problem) -> str:
    if problem.rule is not None:
        return remark_text(problem.rule)
    told = {name: _plain(value) for name, value in problem.told.items()}
    if "step" in told:
        told["step"] = _step_name(document, str(told["step"]))
    return str(STRATEGY_TEXTS[problem.code]) % told


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value))
    return f"«{value}»"[:80] if isinstance(value, str) and not value.isidentifier() else str(value)[:80]


def _place(document: Mapping[str, Any], problem: Problem) -> str:
    """«Etapa «Temprana», paso «Llamar», condición, columna 14»."""
    told: list[str] = []
    here: Any = document
    before: str | int = ""
    for part in problem.place:
        here = _inside(here, part)
        if isinstance(part, int):
            told.append(_nth(str(before), part, here))
        elif part not in ("stages", "steps") or part == problem.place[-1]:
            told.append(field_name(part))
        before = part
    if problem.rule is not None:
        told.append(str(_("columna %(column)s")) % {"column": problem.rule.at})
    text = ", ".join(told) or str(_("la estrategia"))
    return text[:1].upper() + text[1:]


def _inside(here: Any, part: str | int) -> Any:
    try:
        return here[part]
    except (KeyError, IndexError, TypeError):
        return None


def _nth(of: str, index: int, here: Any) -> str:
    if of == "stages":
        return str(_("etapa «%(name)s»")) % {"name": _named(here, index)}
    if of in ("steps", "always"):
        return str(_("paso «%(name)s»")) % {"name": _named(here, index)}
    return str(_("el n.º %(number)s")) % {"number": index + 1}


def _named(part: Any, index: int) -> str:
    """The name of a stage or step in the reader's language, else its key, else its ordinal."""
    if not isinstance(part, Mapping):
        return str(index + 1)
    name = part.get("name")
    told = name.get(base_language(get_language() or "es")) if isinstance(name, Mapping) else None
    return str(told or part.get("key") or index + 1)


def _step_name(document: Mapping[str, Any], key: str) -> str:
    groups = [document.get("always", []), *(stage.get("steps", []) for stage in document.get("stages", []))]
    for step in (step for group in groups for step in group):
        if step.get("key") == key:
            return _named(step, 0)
    return key
