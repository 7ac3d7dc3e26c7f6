"""Segments: saved by name, and who is in each, kept night after night as the days on which a case came and went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.db.frames import read_queryset, slices, write_frame
from aldia.engine.rules import RuleError, check
from aldia.strategy.complaints import pointed
from aldia.strategy.matching import matches
from aldia.strategy.models import Segment, SegmentMember, SegmentSize
from aldia.strategy.own_facts import own_facts
from aldia.strategy.selectors.segments import read_rule

_IDS_AT_ONCE: Final = 900


class SegmentRefused(ValueError):
    """A segment whose rule cannot be read; `at` is the column of the word that is wrong."""

    def __init__(self, text: str, at: int) -> None:
        self.at = at
        super().__init__(text)


class UnknownSegment(LookupError):
    """There is no such segment in this organisation."""


@transaction.atomic
def save_segment(*, actor: Actor, key: str, name: str, rule: str, clock: Clock) -> Segment:
    """Return the segment, new or changed by its key, with its members of the day. Raises SegmentRefused, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    try:
        check(rule, own=own_facts(actor.organisation_id))
    except RuleError as refusal:
        raise SegmentRefused(pointed(refusal.remark), refusal.remark.at) from refusal
    segment: Segment
    segment, _made = Segment.objects.of(actor.organisation_id).update_or_create(
        organisation_id=actor.organisation_id, key=key, defaults={"name": name, "rule": rule}
    )
    _record(actor, "strategy.segment.save", segment, clock.now)
    _keep(actor.organisation_id, [segment], clock.as_of)
    return segment


@transaction.atomic
def delete_segment(*, actor: Actor, key: str, now: datetime) -> None:
    """Forget a segment and who was in it. Raises UnknownSegment, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    segment = Segment.objects.of(actor.organisation_id).filter(key=key).first()
    if segment is None:
        raise UnknownSegment(_("Ese segmento no existe."))
    _record(actor, "strategy.segment.delete", segment, now)
    segment.delete()


@transaction.atomic
def keep_segments(*, actor: Actor, as_of: date) -> int:
    """Note who is in each segment at the end of a day, and return how many segments there are. Again changes nothing."""
    rows = list(Segment.objects.of(actor.organisation_id).order_by("id"))
    _keep(actor.organisation_id, rows, as_of)
    return len(rows)


def _keep(organisation_id: int, rows: Sequence[Segment], as_of: date) -> None:
    """Only what changed is written. A segment whose rule no longer reads keeps its members as they were."""
    own = own_facts(organisation_id) if rows else {}
    rules = {row.pk: rule for row in rows if (rule := read_rule(row.rule, own)) is not None}
    if not rules:
        return
    found: dict[int, list[pl.Series]] = {key: [] for key in rules}
    for frame in matches(organisation_id, rules, as_of=as_of):
        for key, parts in found.items():
            parts.append(frame.filter(pl.col(str(key)))["case_id"])
    for row in (row for row in rows if row.pk in rules):
        now = pl.concat(found[row.pk]) if found[row.pk] else pl.Series([], dtype=pl.Int64)
        _change_members(row, now, as_of)
        SegmentSize.objects.of(organisation_id).update_or_create(
            organisation_id=organisation_id, segment=row, on=as_of, defaults={"cases": len(now)}
        )


def _change_members(segment: Segment, now: pl.Series, as_of: date) -> None:
    stays = SegmentMember.objects.of(segment.organisation_id).filter(segment=segment, left_on=None)
    before = read_queryset(stays, {"case_id": pl.Int64})["case_id"]
    gone = before.filter(~before.is_in(now.implode()))
    for start in range(0, len(gone), _IDS_AT_ONCE):
        leaving = stays.filter(case_id__in=gone[start : start + _IDS_AT_ONCE].to_list())
        leaving.filter(entered_on__gte=as_of).delete()  # came and went on one day: was never there at night
        leaving.update(left_on=as_of)
    come = pl.DataFrame({"case_id": now.filter(~now.is_in(before.implode()))})
    rows = come.with_columns(
        organisation_id=pl.lit(segment.organisation_id),
        segment_id=pl.lit(segment.pk),
        entered_on=pl.lit(as_of),
    )
    for part in slices(rows):
        write_frame(SegmentMember, part)


def _record(actor: Actor, verb: str, segment: Segment, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="segment", object_id=segment.pk, now=now,
        data={"key": segment.key, "name": segment.name, "rule": segment.rule},
    )  # fmt: skip
