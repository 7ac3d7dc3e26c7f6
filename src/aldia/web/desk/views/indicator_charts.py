"""The charts of the indicators as plain data: options for the drawing, and the same figures for the table beside it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from aldia.domain.money import to_major
from aldia.web.desk.views import words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.kpi.selectors import Dashboard

_AXIS: Final = {"trigger": "axis"}


def scale_of(minors: list[int], currency: str) -> tuple[int, str]:
    """Return by how much to divide a chart's money so that its axis reads, and how to say it."""
    top = max((abs(to_major(minor, currency)) for minor in minors), default=0)
    if top >= 1_000_000:
        return 1_000_000, _("millones de %(currency)s") % {"currency": currency}
    return (1000, _("miles de %(currency)s") % {"currency": currency}) if top >= 10_000 else (1, currency)


def _scaled(minor: int, currency: str, scale: int) -> float:
    return round(float(to_major(minor, currency)) / scale, 3)


def ageing_buckets(board: Dashboard) -> list[dict[str, Any]]:
    """Return the buckets of the last day as the ageing bar draws them."""
    last = board.latest
    if last is None:
        return []
    total = sum(max(minor, 0) for _documents, minor in last.buckets.values())
    return [
        {
            "label": label, "step": step, "minor": last.buckets[key][1], "count": last.buckets[key][0],
            "share": max(last.buckets[key][1], 0) / total if total else 0,
        }
        for key in last.buckets
        for _key, label, step in [words.bucket_of(key)]
    ]  # fmt: skip


def cash_chart(board: Dashboard, regional: formats.Regional) -> dict[str, Any]:
    """Return what was billed and received by week."""
    weeks: dict[date, Counter[str]] = {}
    for point in board.points:
        monday = point.on - timedelta(days=point.on.weekday())
        weeks.setdefault(monday, Counter()).update(billed=point.billed_minor, received=point.received_minor)
    names = [formats.day(week, regional.today, weekday=False) for week in weeks]
    currency = board.query.currency
    scale, unit = scale_of([total for week in weeks.values() for total in week.values()], currency)
    received, billed = (
        [_scaled(week[key], currency, scale) for week in weeks.values()] for key in ("received", "billed")
    )
    option = {
        "tooltip": _AXIS, "legend": {"top": 0, "right": 0}, "grid": {"top": 36}, "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value"},
        "series": [
            {"type": "bar", "name": _("Cobrado"), "data": received, "barMaxWidth": 28},
            {"type": "bar", "name": _("Facturado"), "data": billed, "barMaxWidth": 28},
        ],
    }  # fmt: skip
    rows = [
        (name, week["received"], week["billed"]) for name, week in zip(names, weeks.values(), strict=True)
    ]
    return {"option": option, "rows": rows, "unit": unit}


def debt_chart(board: Dashboard, regional: formats.Regional) -> dict[str, Any]:
    """Return what was open and what was overdue at the end of each day."""
    names = [formats.day(point.on, regional.today, weekday=False) for point in board.points]
    currency = board.query.currency
    scale, unit = scale_of([point.total_minor for point in board.points], currency)
    series = [
        {"type": "line", "name": name, "data": [_scaled(getattr(point, field), currency, scale) for point in board.points],
         "showSymbol": len(names) < 2}
        for name, field in ((_("Por cobrar"), "total_minor"), (_("Vencido"), "overdue_minor"))
    ]  # fmt: skip
    option = {
        "tooltip": _AXIS, "legend": {"top": 0, "right": 0}, "grid": {"top": 36}, "yAxis": {"type": "value"},
        "xAxis": {"type": "category", "boundaryGap": len(names) < 2, "data": names}, "series": series,
    }  # fmt: skip
    rows = [
        (name, point.total_minor, point.overdue_minor)
        for name, point in zip(names, board.points, strict=True)
    ]
    return {"option": option, "rows": list(reversed(rows)), "unit": unit}


def channels_chart(board: Dashboard) -> dict[str, Any]:
    """Return by channel what people tried, whom they reached, and what the machine sent."""
    names = [words.channel(channel)[0] for channel in board.by_channel]
    parts = (
        (_("Avisos automáticos"), "messages"),
        (_("Gestiones"), "attempts"),
        (_("Contactos"), "contacts"),
    )
    series = [
        {
            "type": "bar",
            "name": name,
            "data": [counts[field] for counts in board.by_channel.values()],
            "barMaxWidth": 18,
        }
        for name, field in parts
    ]
    option = {
        "tooltip": _AXIS, "legend": {"top": 0, "right": 0}, "grid": {"top": 36}, "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "inverse": True, "data": names}, "series": series,
    }  # fmt: skip
    rows = [
        (name, counts["messages"], counts["attempts"], counts["contacts"], counts["right_party"])
        for name, counts in zip(names, board.by_channel.values(), strict=True)
    ]
    return {"option": option, "rows": rows}


def funnel(board: Dashboard) -> list[dict[str, Any]]:
    """Return the way from an attempt to money: each step with its share of the one before."""
    acts, promises = board.contacts, board.promises
    steps = (
        (_("Gestiones"), acts["attempts"]), (_("Con respuesta"), acts["contacts"]), (_("Con titular"), acts["right_party"]),
        (_("Prometieron"), promises["made"]), (_("Cumplieron"), promises["kept"]),
    )  # fmt: skip
    top = max((count for _name, count in steps), default=0) or 1
    before = [None, *(count for _name, count in steps[:-1])]
    return [
        {
            "name": name,
            "count": count,
            "width": count / top,
            "share": count / prior if prior and count <= prior else None,
        }
        for (name, count), prior in zip(steps, before, strict=True)
    ]
