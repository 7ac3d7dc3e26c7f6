"""The words of the reconciliation desk: why a client comes into question, why a line is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy

from aldia.domain import matching as m
from aldia.web.ui.formats import Regional, day_long, money

REASONS: Final = {
    m.MARK: gettext_lazy("Trae un código que es solo suyo %(text)s"),
    m.NAMED: gettext_lazy("Nombra %(text)s"),
    m.NAMED_TAIL: gettext_lazy("Trae las cifras de %(text)s"),
    m.TAX_ID: gettext_lazy("Trae su identificación fiscal"),
    m.SAME_ACCOUNT: gettext_lazy("De esa cuenta ya pagó antes"),
    m.SAME_PAYER: gettext_lazy("Con ese nombre ya pagó antes"),
    m.NAME: gettext_lazy("Es su nombre"),
    m.NAME_PARTLY: gettext_lazy("El nombre se parece"),
    m.NAME_WORD: gettext_lazy("Lleva «%(text)s», que pocos clientes llevan"),
    m.RECEIVED: gettext_lazy("Es un cobro que ya está aquí, de %(text)s"),
    m.CLOSES_NAMED: gettext_lazy("Es justo el importe de lo que nombra"),
    m.CLOSES_ONE: gettext_lazy("Es justo el importe de %(text)s"),
    m.CLOSES_ALL: gettext_lazy("Es justo todo lo que debe"),
    m.CLOSES_OLDEST: gettext_lazy("Es justo lo más antiguo que debe"),
    m.CLOSES_SOME: gettext_lazy("Es la suma de varios documentos"),
    m.NEARLY: gettext_lazy("Faltan %(minor)s: puede ser un gasto del banco"),
    m.WITHHELD: gettext_lazy("Faltan %(minor)s: puede ser una retención"),
    m.PART: gettext_lazy("Es una parte: quedan %(minor)s"),
    m.MORE: gettext_lazy("Sobran %(minor)s"),
    m.RIVALS: gettext_lazy("Otro cliente también puede ser"),
}
IGNORED: Final = (
    ("own", gettext_lazy("Transferencia propia")),
    ("interest", gettext_lazy("Interés del banco")),
    ("charge", gettext_lazy("Gasto o comisión")),
    ("other", gettext_lazy("No es una cobranza")),
)
OUT: Final = gettext_lazy("Salida de dinero")
VIEWS: Final = (
    ("waiting", gettext_lazy("Por decidir"), "flag"),
    ("automatic", gettext_lazy("Aplicados solos"), "sparkles"),
    ("applied", gettext_lazy("Aplicados"), "check"),
    ("unidentified", gettext_lazy("Sin identificar"), "help"),
    ("returned", gettext_lazy("Devueltos"), "undo"),
    ("ignored", gettext_lazy("Apartados"), "skip"),
)


def reasons(told: Iterable[Mapping[str, Any]], currency: str, regional: Regional) -> list[str]:
    """Return each reason as a sentence."""
    return [
        str(REASONS[reason["code"]])
        % {"text": _named(reason), "minor": money(reason["minor"], currency, regional.locale)}
        for reason in told
        if reason["code"] in REASONS
    ]


def _named(reason: Mapping[str, Any]) -> str:
    """What a reason names: a document or a client; the day of money that is here already."""
    told = str(reason["text"])
    return day_long(date.fromisoformat(told)) if reason["code"] == m.RECEIVED else told


def set_aside(reason: str) -> str:
    """Return why a line was set aside."""
    return str(dict(IGNORED).get(reason, OUT if reason == "out" else reason))
