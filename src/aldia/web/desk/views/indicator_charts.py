"""The charts of the indicators: what to draw, and the same figures for the table beside it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from aldia.domain.money import to_major
from aldia.web.desk.views import words
from aldia.web.ui import formats
from aldia.web.ui.charts import Chart, Series

if TYPE_CHECKING:
    from aldia.kpi.selectors import Dashboard


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
    """Return what was billed and received by week, and what clients promised for the weeks to come."""
    weeks: dict[date, Counter[str]] = {}
    for point in board.points:
        weeks.setdefault(_monday(point.on), Counter()).update(
            billed=point.billed_minor, received=point.received_minor
        )
    lived = len(weeks)
    for on, minor in board.promised_minor.items():
        weeks.setdefault(_monday(on), Counter())["promised"] += minor
    weeks = dict(sorted(weeks.items()))
    currency = board.query.currency
    scale, unit = scale_of([total for week in weeks.values() for total in week.values()], currency)
    parts = [("received", _("Cobrado"), 1), ("billed", _("Facturado"), 2)]
    if board.promised_minor:
        parts.append(("promised", _("Prometido"), 1))
    series = [
        Series(name, [_scaled(week[key], currency, scale) if week[key] else None for week in weeks.values()], "bar", colour,
               is_expected=key == "promised")
        for key, name, colour in parts
    ]  # fmt: skip
    names = [formats.day(week, regional.today, weekday=False) for week in weeks]
    chart = Chart(names, series, today=lived - 1 if board.promised_minor and lived else None)
    rows = [
        (name, week["received"], week["billed"], week["promised"])
        for name, week in zip(names, weeks.values(), strict=True)
    ]
    return {"chart": chart, "rows": rows, "unit": unit}


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def debt_chart(board: Dashboard, regional: formats.Regional) -> dict[str, Any]:
    """Return what was open and what was overdue at the end of each day."""
    names = [formats.day(point.on, regional.today, weekday=False) for point in board.points]
    currency = board.query.currency
    scale, unit = scale_of([point.total_minor for point in board.points], currency)
    series = [
        Series(
            name, [_scaled(getattr(point, field), currency, scale) for point in board.points], colour=colour
        )
        for name, field, colour in ((_("Por cobrar"), "total_minor", 1), (_("Vencido"), "overdue_minor", 3))
    ]
    rows = [
        (name, point.total_minor, point.overdue_minor)
        for name, point in zip(names, board.points, strict=True)
    ]
    return {"chart": Chart(names, series), "rows": list(reversed(rows)), "unit": unit}


def by_channel(board: Dashboard) -> list[dict[str, Any]]:
    """Return by channel what the machine sent, what people tried and whom they reached; `percent` is of the busiest."""
    top = (
        max((max(counts["messages"], counts["attempts"]) for counts in board.by_channel.values()), default=0)
        or 1
    )
    return [
        {
            "word": words.channel(channel), "messages": counts["messages"], "attempts": counts["attempts"],
            "contacts": counts["contacts"], "right_party": counts["right_party"], "percent": 100 * max(counts["messages"], counts["attempts"]) / top,
        }
        for channel, counts in board.by_channel.items()
    ]  # fmt: skip


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
