"""Charts drawn on the server as SVG: nothing to load, both themes by the style sheet, and they print.

Positions along the page are percentages and heights are pixels, so one drawing serves every width and its letters
never stretch. The style sheet gives the colours; the table beside each chart is its alternative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final, Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from aldia.web.ui import formats

_TOP: Final = 12
_HEIGHT: Final = 208  # of the plot, between its highest and its lowest line
_FOOT: Final = 28  # the names of the columns
_NAMES: Final = 8  # as many names as a wide page shows; a phone shows every other one
_PHONE: Final = 220  # pixels that bars may fill on the narrowest page
_LETTER: Final = 6.8
_LINE: Final = 18
_NOTHING: Final = SafeString("")
Value = float | None


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
    def top(self) -> float:
        """The highest figure that has to fit."""
        found = [0.0]
        for one in self.series:
            reach = one.spread or [0.0] * len(one.values)
            found += [v + (r or 0) for v, r in zip(one.values, reach, strict=True) if v is not None]
        return max(found)


def ticks(top: float) -> list[float]:
    """Return round marks from zero to at least `top`, four to six of them."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / 5
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    return [round(step * at, 6) for at in range(ceil(round(top / step, 6)) + 1)]


def draw(chart: Chart, locale: str) -> SafeString:
    """Return the drawing: the marks at the left, the plot at the right, a reading for each column under the pointer."""
    marks = ticks(chart.top)
    scale = _HEIGHT / marks[-1]
    digits = 0 if all(mark == int(mark) for mark in marks) else 1
    words = [(formats.number(mark, locale, digits=digits), _y(mark, scale)) for mark in marks]
    width = round(max(len(word) for word, _place in words) * _LETTER) + 10
    rules = format_html_join(
        "", '<line class="ald-chart__rule" x1="0" x2="100%" y1="{0}" y2="{0}"/>', ((y,) for _word, y in words)
    )
    return format_html(
        '<svg class="ald-chart__marks" width="{0}" height="{1}" aria-hidden="true">{2}</svg>'
        '<svg class="ald-chart__plot" width="100%" height="{1}" aria-hidden="true">{3}{4}{5}{6}{7}{8}</svg>',
        width, _TOP + _HEIGHT + _FOOT,
        format_html_join("", '<text x="{}" y="{}">{}</text>', ((width - 10, y + 4, word) for word, y in words)),
        rules, _names(chart), _bars(chart, scale), _lines(chart, scale), _now(chart), _readings(chart, locale),
    )  # fmt: skip


def _y(value: float, scale: float) -> float:
    return round(_TOP + _HEIGHT - value * scale, 1)


def _x(chart: Chart, at: float) -> float:
    """The middle of a column, per cent."""
    return round((at + 0.5) * 100 / len(chart.names), 3)


def _names(chart: Chart) -> SafeString:
    step = ceil(len(chart.names) / _NAMES)
    last = len(chart.names) - 1
    shown = [
        (at, "" if (last - at) // step % 2 == 0 else " ald-wide")
        for at in range(last + 1)
        if (last - at) % step == 0
    ]
    return format_html_join(
        "", '<text class="ald-chart__name{}" x="{}%" y="{}">{}</text>',
        ((wide, _x(chart, at), _TOP + _HEIGHT + 20, chart.names[at]) for at, wide in shown),
    )  # fmt: skip


def _bars(chart: Chart, scale: float) -> SafeString:
    bars = [one for one in chart.series if one.kind == "bar"]
    if not bars:
        return _NOTHING
    wide = max(2, min(24, floor(_PHONE / len(chart.names) / len(bars)) - 1))
    drawn = []
    for at in range(len(chart.names)):
        left = -(wide + 1) * len(bars) / 2
        rects = [
            (f"is-{one.colour}{' is-expected' if one.is_expected else ''}", left + number * (wide + 1) + 0.5, _y(value, scale), wide,
             max(round(value * scale, 1), 1), min(3, wide / 2))
            for number, one in enumerate(bars) if (value := one.values[at])
        ]  # fmt: skip
        drawn.append(
            (
                _x(chart, at),
                format_html_join(
                    "", '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>', rects
                ),
            )
        )
    return format_html_join("", '<svg x="{}%" overflow="visible">{}</svg>', drawn)


def _lines(chart: Chart, scale: float) -> SafeString:
    """Lines live in a stretched square of 100 units: their stroke keeps its width, their points follow the page."""
    drawn = [shape for one in chart.series if one.kind == "line" for shape in _line(chart, one, scale)]
    if not drawn:
        return _NOTHING
    shapes = format_html_join("", '<{} class="{}" points="{}"/>', drawn)
    height = _TOP + _HEIGHT
    return format_html(
        '<svg viewBox="0 0 100 {0}" width="100%" height="{0}" preserveAspectRatio="none">{1}</svg>',
        height,
        shapes,
    )


def _line(chart: Chart, one: Series, scale: float) -> Iterable[tuple[str, str, str]]:
    places = [(_x(chart, at), value, at) for at, value in enumerate(one.values) if value is not None]
    look = f"is-{one.colour}{' is-expected' if one.is_expected else ''}"
    if one.spread:
        reach = [(x, value, one.spread[at] or 0) for x, value, at in places]
        over = [f"{x},{_y(value + spread, scale)}" for x, value, spread in reach]
        under = [f"{x},{_y(value - spread, scale)}" for x, value, spread in reversed(reach)]
        yield "polygon", look, " ".join(over + under)
    yield "polyline", look, " ".join(f"{x},{_y(value, scale)}" for x, value, _at in places)


def _now(chart: Chart) -> SafeString:
    if chart.today is None:
        return _NOTHING
    edge = 0.5 if any(one.kind == "bar" for one in chart.series) else 0  # never across the bars of the column
    x = _x(chart, chart.today + edge)
    return format_html(
        '<line class="ald-chart__now" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>', x, 0, _TOP + _HEIGHT
    )


def _readings(chart: Chart, locale: str) -> SafeString:
    """One invisible strip per column; under the pointer it shows a small card with the figures."""
    step = 100 / len(chart.names)
    return format_html_join(
        "", '<g class="ald-chart__at"><rect x="{}%" y="0" width="{}%" height="{}"/>{}</g>',
        ((round(at * step, 3), round(step, 3), _TOP + _HEIGHT, _reading(chart, at, locale)) for at in range(len(chart.names))),
    )  # fmt: skip


def _reading(chart: Chart, at: int, locale: str) -> SafeString:
    figures = [(one, one.values[at]) for one in chart.series]
    texts = [chart.names[at]] + [
        f"{one.name}  {formats.number(value, locale, digits=0 if value == int(value) else 1)}" for one, value in figures if value is not None
    ]  # fmt: skip
    wide = round(max(len(text) for text in texts) * _LETTER) + 24
    left = 10 if at < len(chart.names) / 2 else -10 - wide
    rows = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((left + 12, 22 + number * _LINE, text) for number, text in enumerate(texts)),
    )
    return format_html(
        '<svg class="ald-chart__card" x="{}%" overflow="visible"><rect x="{}" y="4" width="{}" height="{}" rx="6"/>{}</svg>',
        _x(chart, at), left, wide, len(texts) * _LINE + 12, rows,
    )  # fmt: skip
