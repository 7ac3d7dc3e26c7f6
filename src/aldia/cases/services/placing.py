"""Cases placed with an agency, law firm or insurer: since when, how much, and who in the house still answers for each."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.cases.models import Case, Placement
from aldia.cases.refusals import UnknownCase

if TYPE_CHECKING:
    from aldia.access.actors import Actor


def left_by_people(actor: Actor, after: pl.DataFrame) -> pl.DataFrame:
    """Return who holds each case next (holder_id, new_holder, new_team), with `owner_id`: outside nobody of the house works it,
    and whoever was named with the agency, else held the case, goes on answering for it."""
    outside = [team.pk for team in access.outside_teams(actor)]
    is_out = pl.col("new_team").is_in(outside).fill_null(value=False)
    return after.with_columns(
        owner_id=pl.coalesce("new_holder", "holder_id"),
        new_holder=pl.when(is_out).then(None).otherwise(pl.col("new_holder")),
    )


def place(*, actor: Actor, moved: pl.DataFrame, as_of: date) -> None:
    """End the placements of cases that changed hands (account_id, team_id, new_team, owner_id) and begin those that went outside.

    Call it inside the transaction that moves them. No case is outside without an owner: where its own left the house, the
    agency's answers.
    """
    agencies: dict[int, Any] = {team.pk: team for team in access.outside_teams(actor)}
    changed = moved.filter(pl.col("team_id").ne_missing(pl.col("new_team")))
    if not agencies or changed.is_empty():
        return
    mine = Placement.objects.of(actor.organisation_id)
    mine.filter(case_id__in=changed["account_id"].to_list(), ended_on__isnull=True).update(ended_on=as_of)
    gone = changed.filter(pl.col("new_team").is_in(list(agencies)))
    cases = Case.objects.of(actor.organisation_id).in_bulk(gone["account_id"].to_list())
    rows: list[Placement] = []
    for case_id, team_id, owner_id in gone.select("account_id", "new_team", "owner_id").iter_rows():
        case, agency = cases[case_id], agencies[team_id]
        owner = owner_id if owner_id is not None and access.is_member(actor, owner_id) else agency.owner_id
        rows.append(
            Placement(
                organisation_id=actor.organisation_id, case_id=case_id, team_id=team_id,
                owner_id=owner, placed_on=as_of, currency=case.currency,
                placed_minor=case.overdue_minor, commission_hundredths=agency.commission_hundredths,
            )
        )  # fmt: skip
    Placement.objects.bulk_create(rows, batch_size=2_000)


def placed_with(*, actor: Actor, case_id: int) -> int:
    """Return the agency with which a case is placed, the actor's own. Raises UnknownCase where it is not with that one."""
    return int(_placed_with_actor(actor, case_id).team_id)


def record_activity(*, actor: Actor, case_id: int, at: datetime) -> None:
    """Note that the actor's agency did something in a case placed with it. For the rooms above, inside their own transaction.
    Raises UnknownCase."""
    row = _placed_with_actor(actor, case_id)
    row.activities += 1
    row.last_activity_at = max(at, row.last_activity_at or at)
    row.save(update_fields=["activities", "last_activity_at"])


def _placed_with_actor(actor: Actor, case_id: int) -> Placement:
    rows = Placement.objects.of(actor.organisation_id).filter(case_id=case_id, ended_on__isnull=True)
    row: Placement | None = None
    if actor.agency_id is not None:
        row = rows.filter(team_id=actor.agency_id).select_for_update().first()
    if row is None:
        raise UnknownCase(_("Ese caso no está entregado a tu agencia."))
    return row


def hand_over_placements(*, actor: Actor, from_user_id: int, to_user_id: int) -> int:
    """Give what one person answers for outside to another; return how many cases."""
    mine = Placement.objects.of(actor.organisation_id).filter(owner_id=from_user_id, ended_on__isnull=True)
    return int(mine.update(owner_id=to_user_id))
