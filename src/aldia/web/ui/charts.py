"""What a chart says, in our words, and the same as the page takes it to draw it (`frontend/charts.js`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Value = float | None


@dataclass(frozen=True)
class Series:
    """One row of figures, one per column; None draws nothing. `spread` widens a forecast to its band.

    `colour` is its place in the palette of charts, 1 to 5.
    """

    name: str
    values: Sequence[Value]
    kind: Literal["bar", "line"] = "line"
    colour: int = 1
    is_expected: bool = False
    spread: Sequence[Value] = ()


@dataclass(frozen=True)
class Chart:
    """Columns with a name each, and the series over them. `today` is the column after which nothing has happened yet."""

    names: Sequence[str]
    series: Sequence[Series]
    today: int | None = None


def drawn(chart: Chart) -> dict[str, Any]:
    """Return the chart as the page draws it: names of columns, series with their figures, and the column of today."""
    return {
        "names": list(chart.names),
        "today": chart.today,
        "series": [_series(one) for one in chart.series],
    }


def _series(one: Series) -> dict[str, Any]:
    told = {
        "name": one.name, "kind": one.kind, "colour": one.colour, "expected": one.is_expected, "values": list(one.values)
    }  # fmt: skip
    if not one.spread:
        return told
    reach = [(value, spread or 0) for value, spread in zip(one.values, one.spread, strict=True)]
    low = [None if value is None else round(value - spread, 3) for value, spread in reach]
    high = [None if value is None else round(value + spread, 3) for value, spread in reach]
    return told | {"low": low, "high": high}
