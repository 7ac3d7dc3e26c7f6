"""The figures of a dashboard, each with its formula, the numbers put in, and how it moved since the period before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aldia.domain import formulas
from aldia.domain.measures import MEASURES, Measure, Unit
from aldia.kpi.dashboard import Dashboard, Point

Text = str | Promise


@dataclass(frozen=True)
class Input:
    """One number that enters a formula. Money in minor units."""

    label: Text
    value: int | Fraction
    unit: Unit


@dataclass(frozen=True)
class Tile:
    """A figure as shown. `value` is None where there is nothing to divide by; `change` is against the period before."""

    measure: Measure
    sentence: Text
    value: Fraction | int | None
    inputs: tuple[Input, ...]
    before: Fraction | int | None
    trend: tuple[float, ...] = ()

    @property
    def key(self) -> str:
        return self.measure.key

    @property
    def change(self) -> Fraction | int | None:
        """How much it moved, in its own unit."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def is_good(self) -> bool | None:
        """Whether the change is for the better; None when it did not move or neither direction is good."""
        if not self.change or self.measure.is_better_high is None:
            return None
        return (self.change > 0) == self.measure.is_better_high


OVERDUE: Final = "overdue"
MONEY: Final = (
    OVERDUE,
    "recovered",
    "dso_simple",
    "dso_countback",
    "best_possible_dso",
    "add",
    "cei",
    "delinquency_ratio",
)
PEOPLE: Final = (
    "promises_made", "promise_kept_count", "promise_kept_amount", "attempts", "contactability", "rpc_rate", "promise_rate",
)  # fmt: skip
SENTENCES: Final[dict[str, Text]] = {
    OVERDUE: _("Lo que ya venció y sigue impago al cierre del último día."),
    "recovered": _("Lo que entró en el período, menos lo que se revirtió."),
    "dso_simple": _("Cuántos días de venta hay por cobrar, al ritmo de venta del período."),
    "dso_countback": _("Cuántos días de las últimas ventas hacen falta para juntar lo que hay por cobrar."),
    "best_possible_dso": _("El DSO que habría si nada estuviera vencido."),
    "add": _("Los días de DSO que se deben solo al atraso."),
    "cei": _("De lo que se podía cobrar en el período, cuánto se cobró."),
    "delinquency_ratio": _("Qué parte de lo pendiente está vencida."),
    "promises_made": _("Promesas que los clientes hicieron en el período."),
    "promise_kept_count": _("De las promesas que ya se decidieron, cuántas se cumplieron."),
    "promise_kept_amount": _("De lo prometido que ya se decidió, cuánto se pagó."),
    "attempts": _("Gestiones que hizo el equipo; los avisos automáticos van aparte."),
    "contactability": _("De las gestiones del equipo, en cuántas alguien respondió."),
    "rpc_rate": _("De las gestiones del equipo, en cuántas respondió el titular."),
    "promise_rate": _("De cada cien charlas con el titular, cuántas terminan en promesa."),
}  # fmt: skip
_TREND_POINTS: Final = 30


def tiles(board: Dashboard, before: Dashboard | None = None) -> dict[str, Tile]:
    """Return every figure of a dashboard by key, compared with the same of the period before."""
    now, then = _values(board), _values(before) if before else {}
    inputs = _inputs(board)
    return {
        key: Tile(
            MEASURES[key],
            SENTENCES[key],
            value,
            tuple(inputs.get(key, ())),
            then.get(key),
            _trend(board, key),
        )
        for key, value in now.items()
    }


def _values(board: Dashboard) -> dict[str, Fraction | int | None]:
    return {**_money_values(board), **_people_values(board)}


def _people_values(board: Dashboard) -> dict[str, Fraction | int | None]:
    promises, acts = board.promises, board.contacts
    return {
        "promises_made": promises["made"],
        "promise_kept_count": formulas.promise_kept_count(promises["kept"], promises["fallen_due"]),
        "promise_kept_amount": formulas.promise_kept_amount(
            promises["kept_minor"], promises["fallen_due_minor"]
        ),
        "attempts": acts["attempts"],
        "contactability": formulas.contactability(acts["contacts"], acts["attempts"]),
        "rpc_rate": formulas.rpc_rate(acts["right_party"], acts["attempts"]),
        "promise_rate": formulas.promise_rate(promises["made"], acts["right_party"]),
    }


def _money_values(board: Dashboard) -> dict[str, Fraction | int | None]:
    last, days = board.latest, board.query.period.days or 1
    if last is None:
        return {"recovered": board.recovered_minor}
    billed, total, current, opening = (
        board.billed_minor,
        last.total_minor,
        last.current_minor,
        _opening(board),
    )
    return {
        OVERDUE: last.overdue_minor,
        "recovered": board.recovered_minor,
        "dso_simple": formulas.dso_simple(total, billed, days),
        "dso_countback": formulas.dso_countback(total, board.sales_by_month, last.on),
        "best_possible_dso": formulas.best_possible_dso(current, billed, days),
        "add": formulas.add(total, current, billed, days),
        "cei": formulas.cei(opening.total_minor, billed, total, current) if opening else None,
        "delinquency_ratio": formulas.delinquency_ratio(last.overdue_minor, total),
    }  # fmt: skip


def _opening(board: Dashboard) -> Point | None:
    """The beginning balance, when it is that of the eve: one of another day would count other sales."""
    eve = board.query.period.start - timedelta(days=1)
    return board.opening if board.opening and board.opening.on == eve else None


def _inputs(board: Dashboard) -> dict[str, Sequence[Input]]:
    promises, acts, days = board.promises, board.contacts, board.query.period.days or 1
    people: dict[str, Sequence[Input]] = {
        "promise_kept_count": (_count(_("cumplidas"), promises["kept"]), _count(_("decididas"), promises["fallen_due"])),
        "promise_kept_amount": (
            _money(_("pagado"), promises["kept_minor"]), _money(_("prometido"), promises["fallen_due_minor"]),
        ),
        "contactability": (_count(_("contactos"), acts["contacts"]), _count(_("gestiones"), acts["attempts"])),
        "rpc_rate": (_count(_("con titular"), acts["right_party"]), _count(_("gestiones"), acts["attempts"])),
        "promise_rate": (_count(_("promesas"), promises["made"]), _count(_("con titular"), acts["right_party"])),
        "attempts": (_count(_("avisos automáticos, aparte"), acts["messages"]),),
    }  # fmt: skip
    last = board.latest
    return people if last is None else {**people, **_money_inputs(board, last, days)}


def _money_inputs(board: Dashboard, last: Point, days: int) -> dict[str, Sequence[Input]]:
    total, current = _money(_("por cobrar"), last.total_minor), _money(_("sin vencer"), last.current_minor)
    sales, length = _money(_("ventas"), board.billed_minor), Input(_("días"), days, Unit.DAYS)
    opening = _opening(board)
    eve = (_money(_("saldo inicial"), opening.total_minor),) if opening else ()
    return {
        "dso_simple": (total, length, sales),
        "dso_countback": (total, sales),
        "best_possible_dso": (current, length, sales),
        "add": (total, current, length, sales),
        "cei": (*eve, sales, total, current),
        "delinquency_ratio": (_money(_("vencido"), last.overdue_minor), total),
    }


def _count(label: Text, value: int) -> Input:
    return Input(label, value, Unit.COUNT)


def _money(label: Text, value: int) -> Input:
    return Input(label, value, Unit.MONEY)


_TRENDS: Final[dict[str, Callable[[Point], float]]] = {
    OVERDUE: lambda point: float(point.overdue_minor),
    "recovered": lambda point: float(point.received_minor),
    "dso_simple": lambda point: float(point.total_minor),
    "delinquency_ratio": lambda point: float(formulas.delinquency_ratio(point.overdue_minor, point.total_minor) or 0),
}  # fmt: skip


def _trend(board: Dashboard, key: str) -> tuple[float, ...]:
    read = _TRENDS.get(key)
    return () if read is None else tuple(read(point) for point in board.points[-_TREND_POINTS:])
