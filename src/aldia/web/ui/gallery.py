"""Every component in every state on one page, for who builds screens; invented people and figures."""

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from aldia.access.permissions import Permission
from aldia.web.ui import charts
from aldia.web.ui.context import Shell
from aldia.web.ui.formats import Regional

_NOW = datetime(2026, 11, 24, 10, 12, tzinfo=ZoneInfo("America/Argentina/Buenos_Aires"))
_WEEKS = "5 oct,12 oct,19 oct,26 oct,2 nov,9 nov,hoy,23 nov,30 nov,7 dic,14 dic,21 dic,28 dic".split(",")
_PAID = (25.2, 27.8, 26.3, 31.4, 29.0, 30.6, 28.7)
_EXPECTED = (28.7, 30.2, 33.5, 32.1, 34.4, 30.8, 27.2)


def components(request: HttpRequest) -> HttpResponse:
    """Show the gallery to an administrator, and to anybody where DEBUG is on."""
    if settings.DEBUG:
        return _gallery(request)
    return _for_administrators(request)


@login_required
def _for_administrators(request: HttpRequest) -> HttpResponse:
    actor = getattr(request, "actor", None)
    if actor is None or not actor.may(Permission.EDIT_SETTINGS):
        raise Http404
    return _gallery(request)


class _ArgentineShell(Shell):
    """The figures of the examples are Argentine, whoever looks at them."""

    @cached_property
    def regional(self) -> Regional:
        return Regional("es_AR", "America/Argentina/Buenos_Aires", _NOW.date(), _NOW, "ARS")


def _gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/gallery.html", {**_examples(), "shell": _ArgentineShell(request)})


def _examples() -> dict[str, Any]:
    return {
        "today": _NOW.date(),
        "friday": date(2026, 11, 27),
        "earlier": _NOW - timedelta(minutes=22),
        "buckets": _buckets(),
        "ramp": _ramp(),
        "reasons": [
            {"text": "Promesa de $ 186.400,00 venció el vie", "weight": 100},
            {"text": "Contesta de 9:30 a 11:00 (7 de 9)", "weight": 71},
            {"text": "Supera el umbral de $ 400.000", "weight": 46},
        ],
        "tabs": [
            {"label": "Todos", "href": "#", "count": "10.000+", "is_on": False},
            {"label": "Mora 8–60", "href": "#", "count": "1.284", "is_on": True},
            {"label": "Promesas rotas", "href": "#", "count": "214", "is_on": False},
        ],
        "crumbs": [("Estrategias", "#"), ("Consumo, mora temprana", "")],
        "steps": ["Archivo", "Columnas", "Revisar", "Importar"],
        "methods": [("transfer", "Transferencia"), ("cheque", "Cheque"), ("link", "Enlace")],
        "problems": [("cuando-mal", "La fecha ya pasó")],
        "paces": [57, 56, 57, 53, 52, 53, 51, 50, 51, 49, 48, 47.2],
        "gains": [71, 72, 71.6, 73, 73.2, 72.8, 75, 75.2, 74.9, 76, 77.6, 78.4],
        "documents": _documents(),
        "customers": _customers(),
        "forecast": _forecast(),
    }


def _ramp() -> list[dict[str, Any]]:
    labels = ("Al día", "1–7", "8–30", "31–60", "61–90", "91+")
    days = (None, 4, 26, 52, 77, 143)
    return [{"step": step, "label": label, "days": days[step]} for step, label in enumerate(labels)]


def _buckets() -> list[dict[str, Any]]:
    rows = (
        ("Al día", 0, 412_600_000, 0.643, 10_000),
        ("1–7", 1, 86_300_000, 0.134, 2914),
        ("8–30", 2, 61_900_000, 0.096, 841),
        ("31–60", 3, 38_200_000, 0.059, 443),
        ("61–90", 4, 19_700_000, 0.031, 206),
        ("91 o más", 5, 23_400_000, 0.036, 512),
    )
    return [
        {
            "label": label,
            "step": step,
            "minor": major * 100,
            "share": share,
            "count": count,
            "href": "#",
            "is_on": step in (2, 3),
        }
        for label, step, major, share, count in rows
    ]


def _documents() -> list[dict[str, Any]]:
    rows = (
        ("FC A 0003-00018842", 2, "8–30", 18_640_000, "ARS", False), ("FC A 0003-00018907", 2, "8–30", 21_435_000, "ARS", True),
        ("NC A 0003-00000412", 0, "", -1_280_000, "ARS", False), ("Pagaré 1077", 4, "61–90", 325_000, "USD", False),
    )  # fmt: skip
    return [
        {
            "name": name,
            "step": step,
            "label": label,
            "minor": minor,
            "currency": currency,
            "is_chosen": is_chosen,
        }
        for name, step, label, minor, currency, is_chosen in rows
    ]


def _customers() -> list[dict[str, Any]]:
    rows = (
        ("Transportes Cauquén S.A.", "30684521754", 3, "31–60", 52, 128_460_000, "Llamada, sin respuesta"),
        ("Ferretería El Algarrobo S.R.L.", "30712233482", 2, "8–30", 26, 48_625_000, "Promesa no cumplida"),
        ("Panificadora Doña Herminia", "20141112215", 2, "8–30", 19, 31_248_050, "WhatsApp leído"),
    )
    names = ("name", "document", "step", "label", "days", "minor", "last")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _forecast() -> charts.Chart:
    before = [None] * (len(_PAID) - 1)
    reach = [0, 2.0, 3.2, 3.8, 4.7, 5.2, 5.9]
    paid = charts.Series("Cobrado", [*_PAID, *[None] * 6])
    expected = charts.Series("Previsto", [*before, *_EXPECTED], is_expected=True, spread=[*before, *reach])
    return charts.Chart(_WEEKS, [paid, expected], today=len(_PAID) - 1)
