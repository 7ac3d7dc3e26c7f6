"""The dashboard as a workbook."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact.papers.workbook import Rows, Sheet, workbook_of
from aldia.domain import formulas
from aldia.domain.measures import Unit
from aldia.domain.money import to_major
from aldia.kpi.dashboard import Dashboard, DashboardQuery, dashboard
from aldia.kpi.tiles import tiles
from aldia.outcomes import selectors as outcomes


def export_xlsx(*, actor: Actor, query: DashboardQuery, language: str, data_at: datetime) -> bytes:
    """Return the workbook: indicators with formula and inputs, days, channels, outcomes and people. Raises NotAllowed."""
    actor.check(Permission.EXPORT)
    board = dashboard(actor, query)
    labels = outcomes.outcome_labels(actor, language)
    return workbook_of(_sheets(board, language, labels, data_at))


def _sheets(board: Dashboard, language: str, labels: dict[str, str], data_at: datetime) -> list[Sheet]:
    acts = (_("Gestiones"), _("Contactos"), _("Con titular"))
    money = (_("Por cobrar"), _("Vencido"), _("Facturado"), _("Cobrado"))
    return [
        (_("Indicadores"), (_("Indicador"), _("Valor"), _("Unidad"), _("Fórmula"), _("Desde"), _("Hasta"), _("Datos de")),
         _indicators(board, language, data_at)),
        (_("Por día"), (_("Día"), _("Moneda"), *money), _days(board)),
        (_("Canales"), (_("Canal"), *acts, _("Avisos automáticos")),
         [(channel, n["attempts"], n["contacts"], n["right_party"], n["messages"]) for channel, n in board.by_channel.items()]),
        (_("Resultados"), (_("Resultado"), acts[0]), [(labels.get(key, key), total) for key, total in board.by_outcome.items()]),
        (_("Personas"), (_("Persona"), *acts, _("Promesas"), _("Prometido"), _("Cumplidas"), _("Moneda")),
         [(row["name"], row["attempts"], row["contacts"], row["right_party"], row["made"],
           to_major(row["made_minor"], board.query.currency), row["kept"], board.query.currency) for row in board.by_collector]),
    ]  # fmt: skip


def _indicators(board: Dashboard, language: str, data_at: datetime) -> Rows:
    units = {Unit.DAYS: _("días"), Unit.PERCENT: "%", Unit.MONEY: board.query.currency, Unit.COUNT: ""}
    for tile in tiles(board).values():
        unit = tile.measure.unit
        yield (
            tile.measure.label.of(language), _cell(tile.value, unit, board.query.currency), units[unit],
            tile.measure.formula.of(language), board.query.period.start, board.query.last_on, data_at,
        )  # fmt: skip


def _days(board: Dashboard) -> Rows:
    currency = board.query.currency
    for point in board.points:
        minors = (point.total_minor, point.overdue_minor, point.billed_minor, point.received_minor)
        yield (point.on, currency, *(to_major(minor, currency) for minor in minors))


def _cell(value: Fraction | int | None, unit: Unit, currency: str) -> Any:
    if value is None:
        return None
    if unit is Unit.MONEY:
        return to_major(int(value), currency)
    return int(value) if unit is Unit.COUNT else formulas.rounded(Fraction(value))
