"""What the bot says, in words: short, calm, in the reader's language. The dialogue chooses what; here is how."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aldia.access import formats
from aldia.domain.chat.talk import Line, PlanOption, Say
from aldia.domain.labels import base_language
from aldia.domain.outcome_tree import DISPUTE_REASONS

_PLAIN: Final = {
    Say.ASK_IDENTITY: gettext_lazy(
        "Antes de seguir cuidamos tus datos. Escribe los últimos 4 números de tu documento."
    ),
    Say.IDENTITY_WRONG: gettext_lazy("No coincide con lo que tenemos. Revisa los números y prueba otra vez."),
    Say.WHO: gettext_lazy(
        "Soy un asistente automático, no una persona. Respondo mensajes de cuentas. Para hablar con alguien escribe «persona»."
    ),
    Say.STOPPED: gettext_lazy("Listo: no te escribimos más. Si cambias de idea, escríbenos tú."),
    Say.SORRY_WRONG_PERSON: gettext_lazy("Gracias por avisar. No te escribimos más por aquí y lo revisamos."),
    Say.VOICE: gettext_lazy("Todavía no escucho audios. Escríbelo, por favor, o pide «persona»."),
    Say.HANDED_NOW: gettext_lazy("Te paso con una persona del equipo. Te contesta por aquí."),
    Say.HANDED_LATER: gettext_lazy(
        "Te contesta una persona del equipo el próximo día de trabajo. No hace falta que repitas nada."
    ),
    Say.HANDED_CARE: gettext_lazy(
        "Gracias por contarlo. Esto lo sigue una persona, con calma. Si hay peligro, llama ya a emergencias."
    ),
    Say.WELCOME: gettext_lazy("Gracias, ya sé que eres tú."),
    Say.MENU: gettext_lazy(
        "¿Qué te sirve?\n1. Cuánto debo\n2. Pagar\n3. Elegir una fecha\n4. Pagar en cuotas\n5. Ya pagué\n6. Hay un error\n"
        "7. Una persona"
    ),
    Say.NOT_UNDERSTOOD: gettext_lazy("No te entendí. Escribe un número del 1 al 7, o «persona»."),
    Say.UP_TO_DATE: gettext_lazy("No tienes nada pendiente. Gracias."),
    Say.DATE_PAST: gettext_lazy("Ese día ya pasó. ¿Qué día puedes pagar?"),
    Say.PLAN_NONE: gettext_lazy(
        "No tengo cuotas para ofrecerte por aquí. Puedes elegir una fecha (3) o hablar con una persona (7)."
    ),
    Say.ASK_PAID_AMOUNT: gettext_lazy("¿Cuánto pagaste?"),
    Say.ASK_PAID_DATE: gettext_lazy("¿Qué día pagaste?"),
    Say.PAID_IN_FUTURE: gettext_lazy("Ese día todavía no llegó. ¿Qué día pagaste?"),
    Say.ASK_PROOF: gettext_lazy("Si tienes el comprobante, mándalo. Si no, escribe «no»."),
    Say.DISPUTE_TAKEN: gettext_lazy("Lo anotamos y lo revisamos. Mientras tanto no te avisamos por eso."),
    Say.DROPPED: gettext_lazy("Está bien, no anoté nada."),
    Say.REFUSED: gettext_lazy("No pude guardarlo, y no cambié nada."),
}
TITLES: Final = {
    "promise": gettext_lazy("anotó una promesa"), "plan": gettext_lazy("dejó un plan para leer"),
    "payment": gettext_lazy("tomó un pago informado"), "dispute": gettext_lazy("abrió una disputa"),
    "stop": gettext_lazy("guardó que no quiere mensajes"), "identity": gettext_lazy("miró quién escribe"),
}  # fmt: skip
"""What the bot did, for the history of a case."""
WHYS: Final = {
    "asked": gettext_lazy("Pidió hablar con una persona"), "misunderstood": gettext_lazy("El asistente no le entendió dos veces"),
    "hostile": gettext_lazy("Escribió enojado"), "care": gettext_lazy("Contó algo delicado: contesta con calma"),
    "lawyer": gettext_lazy("Habló de un abogado o una denuncia"), "deceased": gettext_lazy("Dice que la persona falleció"),
    "wrong_person": gettext_lazy("Dice que no es la persona"), "identity": gettext_lazy("No pudo mostrar quién es"),
    "refused": gettext_lazy("Algo no se pudo guardar"), "file": gettext_lazy("Mandó un archivo: ábrelo en el canal"),
    "limits": gettext_lazy("Pidió algo que el asistente no puede dar"),
    "flood": gettext_lazy("Escribió demasiados mensajes seguidos"),
    "taken": gettext_lazy("La tomó alguien del equipo"),
}  # fmt: skip
"""Why a person goes on, for who goes on."""
_PAGE: Final = re.compile(r"\.\./([a-z-]+)/")


def page(name: str) -> str:
    """Return how a text names a page of the debtor's door: without the secret of the link, which no table keeps."""
    return f"../{name}/"


def with_pages(text: str, address: Callable[[str], str]) -> str:
    """Return a text whose pages are written as addresses."""
    return _PAGE.sub(lambda found: address(found[1]), text)


def for_staff(text: str) -> str:
    """Return a text as the team reads it: the client's page is the client's."""
    return with_pages(text, lambda _name: _("(enlace a su página)"))


@dataclass(frozen=True, slots=True)
class Voice:
    """How lines are written: the reader's formats and the business day."""

    locale: str
    language: str
    as_of: date

    def money(self, amount: tuple[int, str]) -> str:
        """An amount with its sign of money."""
        return formats.money(amount[0], amount[1], self.locale)

    def day(self, on: date) -> str:
        """A day with its name: `martes 24 de noviembre`."""
        return formats.day_words(on, self.as_of, weekday=True)


def told(line: Line, voice: Voice) -> str:
    """Return a line in the language in force."""
    if line.say in _PLAIN:
        return str(_PLAIN[line.say])
    return _WRITTEN[line.say](line.values, voice)


def _balance(values: Mapping[str, Any], voice: Voice) -> str:
    amounts = " + ".join(voice.money((minor, currency)) for currency, minor in values["totals"])
    pattern = (
        _("Hoy tienes pendiente %(amount)s. Lo más antiguo venció el %(day)s.")
        if values["is_overdue"]
        else _("Hoy tienes pendiente %(amount)s. Vence el %(day)s.")
    )
    return pattern % {"amount": amounts, "day": voice.day(values["oldest_on"])}


def _amount_and_day(values: Mapping[str, Any], voice: Voice) -> dict[str, str]:
    return {"amount": voice.money(values["amount"]), "day": voice.day(values["on"])}


def _options(values: Mapping[str, Any], voice: Voice) -> str:
    rows = [
        f"{number}. {_plan(option, values['currency'], voice)}"
        for number, option in enumerate(values["plans"], 1)
    ]
    return "\n".join([_("Puedo ofrecerte esto. Escribe el número:"), *rows])


def _plan(option: PlanOption, currency: str, voice: Voice) -> str:
    parts = ngettext("%(parts)s pago de %(each)s", "%(parts)s cuotas de %(each)s", option.parts) % {
        "parts": option.parts, "each": voice.money((option.each_minor, currency)),
    }  # fmt: skip
    if option.down_minor:
        parts = _("%(down)s al empezar y %(parts)s") % {
            "down": voice.money((option.down_minor, currency)),
            "parts": parts,
        }
    if option.discount_minor:
        parts += _(", con %(discount)s de descuento") % {
            "discount": voice.money((option.discount_minor, currency))
        }
    return parts


def _confirm_plan(values: Mapping[str, Any], voice: Voice) -> str:
    option = values["plan"]
    return _(
        "Serían %(plan)s, desde el %(day)s. En total %(total)s. ¿Te dejo el acuerdo para leerlo? (sí o no)"
    ) % {
        "plan": _plan(option, values["currency"], voice), "day": voice.day(option.first_on),
        "total": voice.money((option.total_minor, values["currency"])),
    }  # fmt: skip


def _ask_reason(values: Mapping[str, Any], voice: Voice) -> str:
    labels = {reason.key: reason.label.of(base_language(voice.language)) for reason in DISPUTE_REASONS}
    rows = [f"{number}. {labels.get(key, key)}" for number, key in enumerate(values["reasons"], 1)]
    return "\n".join([_("¿Qué no está bien? Escribe el número o cuéntalo:"), *rows])


_WRITTEN: Final[Mapping[Say, Callable[[Mapping[str, Any], Voice], str]]] = {
    Say.BALANCE: _balance,
    Say.PROMISE_OPEN: lambda values, voice: (
        _("Quedamos en %(amount)s para el %(day)s.") % _amount_and_day(values, voice)
    ),
    Say.AGREEMENT_RUNNING: lambda _values, voice: (
        _("Tu acuerdo de pago está en marcha. Tus cuotas: %(link)s") % {"link": page("acuerdo")}
    ),
    Say.PAY: lambda values, voice: (
        _("Puedes pagar todo (%(amount)s) o una parte aquí: %(link)s")
        % {"amount": voice.money(values["amount"]), "link": page("pagar")}
    ),
    Say.ASK_AMOUNT: lambda values, voice: (
        _("¿Cuánto puedes pagar? Todo es %(amount)s.") % {"amount": voice.money(values["amount"])}
    ),
    Say.AMOUNT_LIMITS: lambda values, voice: (
        _("Puedo anotar de %(least)s a %(most)s. ¿Cuánto puedes pagar?")
        % {"least": voice.money(values["least"]), "most": voice.money(values["most"])}
    ),
    Say.ASK_DATE: lambda values, voice: (
        _("¿Qué día puedes pagar? Hasta el %(day)s.") % {"day": voice.day(values["last_on"])}
    ),
    Say.DATE_FAR: lambda values, voice: (
        _("Puedo anotar hasta el %(day)s. ¿Qué día antes puedes pagar?")
        % {"day": voice.day(values["last_on"])}
    ),
    Say.DATE_MOVED: lambda values, voice: (
        _("El %(day)s no es uno de tus días de pago.") % {"day": voice.day(values["asked"])}
    ),
    Say.CONFIRM_PROMISE: lambda values, voice: (
        _("¿Anoto que pagas %(amount)s el %(day)s? (sí o no)") % _amount_and_day(values, voice)
    ),
    Say.PROMISE_MADE: lambda values, voice: (
        _("Anotado: %(amount)s el %(day)s. Hasta ese día no te avisamos más. Gracias.")
        % _amount_and_day(values, voice)
    ),
    Say.PLAN_OPTIONS: _options,
    Say.CONFIRM_PLAN: _confirm_plan,
    Say.PLAN_OFFERED: lambda _values, voice: (
        _("Léelo y decide aquí, sin apuro: %(link)s") % {"link": page("acuerdo")}
    ),
    Say.PAID_TAKEN: lambda values, voice: (
        _(
            "Gracias. Anotamos que pagaste %(amount)s el %(day)s. Lo verificamos y no te avisamos mientras tanto."
        )
        % _amount_and_day(values, voice)
    ),
    Say.ASK_REASON: _ask_reason,
}
