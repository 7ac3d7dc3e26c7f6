"""What the keypad says: as sounds of the exchange, by name, and the same in words, to be recorded once in each language."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.keypad import Line, Say

PAUSE: Final = "sound:silence/5"  # seconds in which a key may still be pressed
ASKED_FOR_A_PERSON: Final = gettext_lazy("Llamar: lo pidió por teléfono")
WORDS: Final = {
    Say.OPENING: gettext_lazy("Hola. Esta es una llamada automática."),
    Say.MENU: gettext_lazy(
        "Para recibir cómo pagar, marca 1. Para elegir una fecha, marca 2. Para hablar con una persona, marca 3. "
        "Si no eres la persona que buscamos o no quieres más llamadas, marca 9."
    ),
    Say.CHECK: gettext_lazy("Marca los últimos cuatro números de tu documento."),
    Say.CHECK_WRONG: gettext_lazy("No coinciden con lo que tenemos."),
    Say.LINK_SENT: gettext_lazy("Te lo enviamos por escrito. Gracias."),
    Say.LINK_FAILED: gettext_lazy("No tenemos dónde escribirte. Te llamará una persona."),
    Say.SOMEBODY_CALLS: gettext_lazy("Te llamará una persona. Gracias."),
    Say.STOPPED: gettext_lazy("Anotado: no te llamaremos más. Gracias."),
    Say.NOT_UNDERSTOOD: gettext_lazy("Esa tecla no sirve aquí."),
    Say.GOODBYE: gettext_lazy("Gracias. Hasta luego."),
    Say.BALANCE: gettext_lazy("Esto es lo que tienes pendiente:"),
    Say.DAYS: gettext_lazy("Marca en cuántos días puedes pagar. Como mucho:"),
    Say.DAYS_FAR: gettext_lazy("Es demasiado lejos. El plazo más largo, en días, es:"),
    Say.CONFIRM: gettext_lazy("Para confirmar, marca 1. Para elegir otra fecha, marca 2. Días elegidos:"),
    Say.PROMISED: gettext_lazy("Anotado. Días para pagar:"),
    Say.NOTHING_OWED: gettext_lazy("No tienes nada pendiente. Gracias."),
}
"""Where a number follows, the exchange says it after the words, in its own voice."""


def sounds(line: Line, language: str) -> list[str]:
    """Return the sounds of a line: its words in the language of the call (`sound:aldia/es/menu`), and its number."""
    words = f"sound:aldia/{language}/{line.say}"
    return [words] if line.number is None else [words, f"number:{line.number}"]


def link_text(address: str) -> str:
    """Return what is written to whoever asked by telephone how to pay."""
    return _("Aquí ves cómo pagar, como pediste por teléfono: %(address)s") % {"address": address}
