"""What a chart says, in our words, and the same as options of the library that draws it (`frontend/charts.js`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Value = float | None
_COLOURS: Final = (
    "accent",
    "c2",
    "c3",
    "c4",
    "c5",
)  # tokens of the style sheet; the page gives them their colour


@dataclass(frozen=True)
class Series:
    """One row of figures, one per column; None draws nothing. `spread` widens a forecast to its band."""

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

    @property
    def has_bars(self) -> bool:
        """Whether a column has a width, or is a point."""
        return any(one.kind == "bar" for one in self.series)


def options(chart: Chart) -> dict[str, Any]:
    """Return the chart as ECharts takes it; a colour is written `ald:token`."""
    columns = {
        "type": "category",
        "data": list(chart.names),
        "boundaryGap": chart.has_bars or len(chart.names) < 2,
    }
    series = [part for one in chart.series for part in (_band(one) if one.spread else []) + [_drawn(one)]]
    if chart.today is None:
        return {"xAxis": columns, "series": series}
    # The line of today stands on an axis of numbers, so that it can pass beside the bars of its column.
    edge = 0.5 if chart.has_bars else 0.0
    places = {"type": "value", "show": False, "min": -edge, "max": len(chart.names) - 1 + edge}
    now = {"type": "line", "xAxisIndex": 1, "data": [], "markLine": {"data": [{"xAxis": chart.today + edge}]}}
    return {"xAxis": [columns, places], "series": [*series, now]}


def _drawn(one: Series) -> dict[str, Any]:
    colour = f"ald:{_COLOURS[one.colour - 1]}"
    drawn = {"type": one.kind, "name": one.name, "data": list(one.values), "color": colour}
    if not one.is_expected:
        return drawn
    if one.kind == "line":
        return drawn | {"lineStyle": {"type": "dotted"}}
    dashed = {"color": "transparent", "borderColor": colour, "borderType": "dashed", "borderWidth": 1.5}
    return drawn | {"itemStyle": dashed}


def _band(one: Series) -> list[dict[str, Any]]:
    """Two lines that nobody sees, one upon the other, with the place between them filled. Without name: no reading."""
    reach = [(value, spread or 0) for value, spread in zip(one.values, one.spread, strict=True)]
    low = [None if value is None else round(value - spread, 3) for value, spread in reach]
    high = [None if value is None else round(2 * spread, 3) for value, spread in reach]
    unseen = {"type": "line", "stack": f"band of {one.name}", "lineStyle": {"opacity": 0}, "silent": True}
    filled = {"areaStyle": {"opacity": 0.16, "color": f"ald:{_COLOURS[one.colour - 1]}"}}
    return [{**unseen, "data": low}, {**unseen, **filled, "data": high}]
