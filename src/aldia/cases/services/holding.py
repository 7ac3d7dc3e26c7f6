"""Holds: pauses of the strategy over half-open periods, placed by whoever makes the reason for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.cases.models import Case, Hold, HoldKind
from aldia.cases.refusals import UnknownCase
from aldia.domain.periods import EmptyPeriod


class UnknownHold(LookupError):
    """No such hold in force in this organisation."""


@dataclass(frozen=True)
class HoldDraft:
    """A pause over [starts_on, ends_on), for the whole case or one document; without end it lasts until released.

    Raises EmptyPeriod, ValueError for a kind that does not exist.
    """

    kind: str
    starts_on: date
    ends_on: date | None = None
    reason: str = ""
    source: str = ""
    document_id: int | None = None

    def __post_init__(self) -> None:
        HoldKind(self.kind)
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            raise EmptyPeriod(
                _("La pausa termina el %(end)s, antes de empezar el %(start)s.")
                % {"end": self.ends_on, "start": self.starts_on}
            )


def place_hold(*, actor: Actor, case_id: int, hold: HoldDraft, now: datetime) -> Hold:
    """Return a new pause of one case. Raises UnknownCase."""
    return place_holds(actor=actor, holds={case_id: hold}, now=now)[0]


@transaction.atomic
def place_holds(*, actor: Actor, holds: Mapping[int, HoldDraft], now: datetime) -> list[Hold]:
    """Return the new pauses (case id -> draft), in that order. Raises UnknownCase when one is not of this organisation."""
    known = set(
        Case.objects.of(actor.organisation_id).filter(pk__in=list(holds)).values_list("pk", flat=True)
    )
    if strange := sorted(set(holds) - known):
        raise UnknownCase(_("Ese caso no existe en esta organización.") + f" ({strange[0]})")
    rows: list[Hold] = Hold.objects.bulk_create(
        Hold(
            organisation_id=actor.organisation_id, case_id=case_id, document_id=draft.document_id, kind=draft.kind,
            reason=draft.reason[:200], starts_on=draft.starts_on, ends_on=draft.ends_on, source=draft.source[:60],
            placed_by=actor.label, placed_at=now,
        )
        for case_id, draft in holds.items()
    )  # fmt: skip
    for row in rows[:1]:
        audit.record(actor=actor, verb="cases.hold.place", object_type="case", object_id=row.case_id, now=now,
                     data={"cases": len(rows), "kind": row.kind, "source": row.source})  # fmt: skip
    return rows


@transaction.atomic
def release_hold(*, actor: Actor, hold_id: int, now: datetime) -> Hold:
    """End one pause now. Raises UnknownHold."""
    hold: Hold | None = (
        Hold.objects.of(actor.organisation_id)
        .select_for_update()
        .filter(pk=hold_id, released_at__isnull=True)
        .first()
    )
    if hold is None:
        raise UnknownHold(_("Esa pausa no existe o ya terminó."))
    hold.released_at = now
    hold.save(update_fields=["released_at"])
    audit.record(
        actor=actor,
        verb="cases.hold.release",
        object_type="case",
        object_id=hold.case_id,
        now=now,
        data={"hold": hold_id},
    )
    return hold


@transaction.atomic
def release_holds_of(*, actor: Actor, source: str, now: datetime) -> int:
    """End the pauses that a promise, dispute or gesture placed (`promise:12`); return how many were in force."""
    rows = Hold.objects.of(actor.organisation_id).filter(source=source, released_at__isnull=True)
    released = int(rows.update(released_at=now))
    if released:
        audit.record(actor=actor, verb="cases.hold.release", object_type="source", object_id=source[:40], now=now,
                     data={"holds": released})  # fmt: skip
    return released
