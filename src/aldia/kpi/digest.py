"""The digest of the morning: who fell into arrears, who got worse and who is up to date again, told to each person."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor
from aldia.access.permissions import Permission, permissions_of
from aldia.cases import facts as cases
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.outcomes import facts as outcomes

_FIGURES = ("entered", "worsened", "cured", "promised")


def send_digest(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Put one line under the bell of everyone whose cases changed that day; return how many were told something new.

    Who sees the whole team is told of every case, a collector of his own. Worse: the oldest debt crossed an ageing edge today.
    """
    changed = _changes(actor.organisation_id, as_of)
    told = 0
    for member in access.members(actor):
        may = permissions_of(member.role)
        if Permission.SEE_TEAM not in may and Permission.WORK_CASES not in may:
            continue
        mine = (
            changed if Permission.SEE_TEAM in may else changed.filter(pl.col("holder_id") == member.user_id)
        )
        figures = {name: int(mine[name].sum()) for name in _FIGURES}
        if not any(figures.values()):
            continue
        with override(member.user.language):
            title, body = _told(figures)
        told += access_services.notify(
            actor=actor, user_ids=[member.user_id], now=now,
            news=access_services.News("digest", title, body=body, key=f"digest:{as_of.isoformat()}", url="/clientes/?sort=priority"),
        )  # fmt: skip
    return told


def _told(figures: dict[str, int]) -> tuple[str, str]:
    """The line and what stands under it; what did not happen is not told."""
    entered, worsened, cured, promised = (figures[name] for name in _FIGURES)
    moved = [
        entered and ngettext("%(count)s entró en mora", "%(count)s entraron en mora", entered) % {"count": entered},
        worsened and ngettext("%(count)s empeoró", "%(count)s empeoraron", worsened) % {"count": worsened},
        cured and _("%(count)s al día") % {"count": cured},
    ]  # fmt: skip
    due = ngettext("%(count)s promesa vence hoy", "%(count)s promesas vencen hoy", promised) % {
        "count": promised
    }
    title = " · ".join(part for part in moved if part)
    return (title, due if promised else "") if title else (due, "")


def _changes(organisation_id: int, as_of: date) -> pl.DataFrame:
    """Per case that changed or promised to pay today: holder_id and the flags."""
    open_cases = cases.case_frame(organisation_id, as_of=as_of).select("case_id", "holder_id", "dpd")
    changes = cases.change_frame(organisation_id, from_on=as_of, to_on=as_of + timedelta(days=1))
    entered = (
        changes.filter(pl.col("field") == "cycle")
        .select("case_id")
        .unique()
        .with_columns(entered=pl.lit(True))
    )
    cured = (
        changes.filter(pl.col("reason") == "cured")
        .select("case_id")
        .unique()
        .with_columns(cured=pl.lit(True))
    )
    due = outcomes.expected_frame(organisation_id, from_on=as_of, to_on=as_of + timedelta(days=1))
    promised = (
        due.filter(pl.col("source") == "promise")
        .select("case_id")
        .unique()
        .with_columns(promised=pl.lit(True))
    )
    edges = [
        bucket.last + 1 for bucket in DEFAULT_BUCKETS.rows if bucket.last is not None and bucket.last > 0
    ]
    rows = open_cases
    for told in (entered, cured, promised):
        rows = rows.join(told, on="case_id", how="full", coalesce=True)
    flags = rows.with_columns(
        pl.col("entered", "cured", "promised").fill_null(False),
        worsened=pl.col("dpd").is_in(edges).fill_null(False) & ~pl.col("entered").fill_null(False),
    )  # fmt: skip
    return flags.filter(pl.any_horizontal(_FIGURES))
