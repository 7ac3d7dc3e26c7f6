"""The digest of the morning: what changed in the cases of each person, under the bell and by mail, at that person's hour."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.access.phrases import Phrase, counted
from aldia.cases import facts as cases
from aldia.contact import services as contact
from aldia.contact.layout import Door, html_of, text_of
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.outcomes import facts as outcomes
from aldia.outcomes import selectors as outcome_selectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from aldia.access.models import Membership

_FIGURES: Final = ("entered", "worsened", "cured", "promised", "broken")
_ADDRESS: Final = "/clientes/?sort=priority"


def send_digest(*, actor: Actor, as_of: date, now: datetime, real_now: datetime) -> int:
    """Tell everyone whose hour has come what changed that day, once; return how many were told something.

    Who sees the whole team is told of every case, a collector of his own. Worse: the oldest debt crossed an ageing edge today.
    """
    house = access.organisation_of(actor)
    hour = now.astimezone(ZoneInfo(house.timezone)).hour
    if not access.digests_due(actor, as_of=as_of, hour=hour):
        return 0
    changed = _changes(
        actor.organisation_id, as_of
    )  # outside the transaction: writing must not wait for reading
    key = f"digest:{house.pk}:{as_of.isoformat()}"
    with transaction.atomic():
        due = access_services.take_digests(actor=actor, as_of=as_of, hour=hour)
        tellings = [one for member in due if (one := _telling(member, changed, as_of, key))]
        mails = [mail for _news, mail in tellings]
        contact.write_to_staff(actor=actor, mails=mails, now=now, real_now=real_now)
        return sum(
            access_services.notify(actor=actor, user_ids=[mail.user_id], now=now, news=news)
            for news, mail in tellings
        )


def _telling(
    member: Membership, changed: pl.DataFrame, as_of: date, key: str
) -> tuple[access_services.News, contact.StaffMailDraft] | None:
    """What one person is told, in that person's language; nothing when nothing happened."""
    figures = _figures_of(member, changed, as_of)
    if not any(figures.values()):
        return None
    title, body = _told(figures)
    news = access_services.News("digest", title, body=body, key=key, url=_ADDRESS)
    language = member.user.language
    said = news.said(language)
    with override(language):
        return news, _mail(member, key, said["title"], said["body"])


def _figures_of(member: Membership, changed: pl.DataFrame, as_of: date) -> dict[str, int]:
    """What happened in the cases that the person is told about; nothing for who works none."""
    who = access.actor_of(member)
    if not (who.may(Permission.SEE_TEAM) or who.may(Permission.WORK_CASES)):
        return {}
    sees_all = who.may(Permission.SEE_TEAM)
    mine = changed if sees_all else changed.filter(pl.col("holder_id") == member.user_id)
    ringing = outcome_selectors.AlarmFilter(
        state="open", owner_id=None if sees_all else member.user_id, as_of=as_of
    )
    return {
        **{name: int(mine[name].sum()) for name in _FIGURES},
        "alarms": sum(outcome_selectors.alarm_counts(who, ringing).values()),
    }


def _told(figures: dict[str, int]) -> tuple[tuple[Phrase, ...], tuple[Phrase, ...]]:
    """The line, and what stands under it one a line; what did not happen is not told."""
    moved = _phrases(
        figures,
        entered=lambda n: ngettext("%(count)s entró en mora", "%(count)s entraron en mora", n),
        worsened=lambda n: ngettext("%(count)s empeoró", "%(count)s empeoraron", n),
        cured=lambda _n: _("%(count)s al día"),
    )
    rest = _phrases(
        figures,
        promised=lambda n: ngettext("%(count)s promesa vence hoy", "%(count)s promesas vencen hoy", n),
        broken=lambda n: ngettext("%(count)s promesa no llegó ayer", "%(count)s promesas no llegaron ayer", n),
        alarms=lambda n: ngettext("%(count)s alarma abierta", "%(count)s alarmas abiertas", n),
    )  # fmt: skip
    return (moved, rest) if moved else (rest[:1], rest[1:])


def _phrases(figures: dict[str, int], **texts: Callable[[int], str]) -> tuple[Phrase, ...]:
    """The phrases of what did happen."""
    return tuple(counted(text, figures[name]) for name, text in texts.items() if figures[name])


def _mail(member: Membership, key: str, title: str, body: str) -> contact.StaffMailDraft:
    text = "\n\n".join(part for part in (title.replace(" · ", "\n"), body) if part)
    door = [Door(_("Abrir mi lista"), settings.PUBLIC_URL.rstrip("/") + _ADDRESS)]
    foot = [_("Puedes apagar este resumen o cambiar su hora en Novedades.")]
    return contact.StaffMailDraft(
        user_id=member.user_id, key=key, recipient=member.user.email,
        subject=f"{member.organisation.name}: {title}"[:250], text=text_of(text, [], door, foot),
        html=html_of(title, text, [], door, foot, language=member.user.language),
    )  # fmt: skip


def _changes(organisation_id: int, as_of: date) -> pl.DataFrame:
    """Per case in which something happened that day: holder_id and the flags."""
    tomorrow = as_of + timedelta(days=1)
    changes = cases.change_frame(organisation_id, from_on=as_of, to_on=tomorrow)
    due = outcomes.expected_frame(organisation_id, from_on=as_of, to_on=tomorrow)
    decided = outcomes.promise_frame(organisation_id, from_on=as_of, to_on=tomorrow)
    happened = {
        "entered": changes.filter(pl.col("field") == "cycle"),
        "cured": changes.filter(pl.col("reason") == "cured"),
        "promised": due.filter(pl.col("source") == "promise"),
        "broken": decided.filter((pl.col("decided_on") == as_of) & pl.col("state").is_in(["broken", "partial"])),
    }  # fmt: skip
    rows = cases.case_frame(organisation_id, as_of=as_of).select("case_id", "holder_id", "dpd")
    for name, those in happened.items():
        flagged = those.select("case_id").unique().with_columns(pl.lit(True).alias(name))
        rows = rows.join(flagged, on="case_id", how="full", coalesce=True)
    edges = [row.last + 1 for row in DEFAULT_BUCKETS.rows if row.last is not None and row.last > 0]
    flags = rows.with_columns(
        pl.col(*happened).fill_null(False),
        worsened=pl.col("dpd").is_in(edges).fill_null(False) & ~pl.col("entered").fill_null(False),
    )  # fmt: skip
    return flags.filter(pl.any_horizontal(_FIGURES))
