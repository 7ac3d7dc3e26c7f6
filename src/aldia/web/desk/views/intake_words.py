"""A load in words: its state, its fields, what to repair, how much it moves."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.intake import selectors as intake

STATES: Final = {
    "previewed": (gettext_lazy("Sin importar"), "neutral", "clock"),
    "merging": (gettext_lazy("Importando"), "info", "refresh"),
    "merged": (gettext_lazy("Importado"), "ok", "check"),
    "refused": (gettext_lazy("Rechazado"), "bad", "close"),
    "undone": (gettext_lazy("Deshecho"), "neutral", "undo"),
}
_HINTS: Final = {
    "amount_too_fine": gettext_lazy(
        "Corrige el importe en el archivo, o vuelve a elegirlo y redondéalo al revisar."
    ),
    "currency_missing": gettext_lazy(
        "Completa la celda, o vuelve a Columnas y di la moneda de todo el archivo."
    ),
    "phone_no_country": gettext_lazy("Añade el prefijo, o vuelve al primer paso y di el país."),
}
_ROUND_HERE: Final = gettext_lazy("Corrige el importe en el archivo, o redondéalos aquí.")


def labels(load: Any) -> dict[str, str]:
    """What each field of a load is called on screen, and the row itself, of which some problems speak."""
    return {"row": _("Fila"), **{name: label for name, label, _needed in intake.fields_of(load.kind)}}


def hint(code: str, hint: str, *, can_round: bool = False) -> str:
    """A repair in the words of the screen: the command's options mean nothing here."""
    if code == "amount_too_fine" and can_round:
        return str(_ROUND_HERE)
    return str(_HINTS.get(code, hint.partition(" (--")[0] if "--" in hint else hint))


def parts(counts: dict[str, Any]) -> list[tuple[str, int]]:
    """The strip of created, changed, same and left out: the share of each in percent, at least 1 when there is any."""
    tones = (
        ("", "new"),
        ("ald-meter--c2", "changed"),
        ("ald-meter--c5", "same"),
        ("ald-meter--bad", "rejected"),
    )
    total = sum(counts.get(name, 0) for _tone, name in tones) or 1
    return [(tone, max(counts[name] * 100 // total, 1)) for tone, name in tones if counts.get(name)]


def moved(load: Any) -> list[tuple[str, int]]:
    """What a load moves in each currency, in minor units; those that stay the same are left out."""
    return [(currency, minor) for currency, minor in load.counts.get("moved_minor", {}).items() if minor]
