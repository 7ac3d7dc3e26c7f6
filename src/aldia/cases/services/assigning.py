"""Who answers for a case: by hand, by rule, by hand-over. An absent holder keeps his cases; his stand-in works them."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases.models import Case, StageChange
from aldia.cases.services.placing import hand_over_placements, left_by_people, place
from aldia.cases.totals import among, fold, moving
from aldia.db.frames import read_frame, slices, update_from_frame, write_frame
from aldia.domain.assignment import Member, NobodyAvailable, assign_all
from aldia.domain.periods import Period
from aldia.ledger import selectors as ledger

WORKING_ROLES: Final = frozenset({"COLLECTOR", "SUPERVISOR"})
_BY_RULE: Final = ("COLLECTOR", "SUPERVISOR", "ADMINISTRATOR")
"""Who is given cases by rule: the first of these roles that the house has. Whoever begins alone does everything."""
SETTING: Final = "assignment"
OWN_TEAM: Final = "own"
_HELD: Final = {"account_id": pl.Int64, "holder_id": pl.Int64, "team_id": pl.Int64}


class NotAHolder(ValueError):
    """Nobody, or somebody who is not an active member, cannot hold a case."""


@transaction.atomic
def assign(
    *,
    actor: Actor,
    case_ids: Iterable[int],
    user_id: int | None,
    team_id: int | None,
    as_of: date,
    now: datetime,
    reason: str = "",
) -> int:
    """Give cases to a person, a team or a person within a team; return how many changed hands.

    Without team the case stays in its team; from an agency it comes back to the person's own. Given to an agency with a
    person, that person answers for it in the house. Raises NotAHolder, NotAllowed.
    """
    actor.check(Permission.ASSIGN_CASES)
    _check_holder(actor, user_id, team_id)
    held = _held(actor.organisation_id, among("account_id", case_ids))
    after = held.with_columns(
        new_holder=pl.lit(user_id, pl.Int64),
        new_team=pl.coalesce(pl.lit(team_id, pl.Int64), _brought_back(actor, user_id), "team_id"),
    )
    return _change_hands(actor, after, as_of, now, reason)


@transaction.atomic
def hand_over(*, actor: Actor, from_user_id: int, to_user_id: int, as_of: date, now: datetime) -> int:
    """Give every open case of one person to another for good; return how many. Raises NotAHolder, NotAllowed."""
    rows = Case.objects.of(actor.organisation_id).filter(holder_id=from_user_id, is_open=True)
    case_ids = list(rows.values_list("pk", flat=True))
    placed = hand_over_placements(actor=actor, from_user_id=from_user_id, to_user_id=to_user_id)
    return placed + assign(
        actor=actor,
        case_ids=case_ids,
        user_id=to_user_id,
        team_id=None,
        as_of=as_of,
        now=now,
        reason=_("Traspaso de cartera"),
    )


def assign_by_rule(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Give a holder to every open overdue case without one, or whose holder left; return how many changed hands.

    Each portfolio's `settings["assignment"]` says {"is_on": false} to stay with the team, or {"users": [ids]} to choose among
    some; otherwise the collectors of the case's team share them by their capacity; where the house has none, its supervisors, or
    else whoever administers it. An absent holder with a stand-in keeps his cases (the stand-in sees them); without one they
    are shared out.
    """
    actor.check(Permission.ASSIGN_CASES)
    members = list(access.members(actor))
    held = _held(actor.organisation_id, "is_open AND oldest_due_on IS NOT NULL", "portfolio_id")
    outside = [team.pk for team in access.outside_teams(actor)]
    held = held.filter(
        ~pl.col("team_id").is_in(outside).fill_null(value=False)
    )  # placed: its owner is in the placement
    settings = {row.pk: row.settings.get(SETTING, {}) for row in ledger.portfolios(actor)}
    parts = []
    for (portfolio_id, team_id), group in held.group_by(["portfolio_id", "team_id"]):
        setting = settings.get(portfolio_id, {})
        chosen = _candidates(members, setting, team_id)
        if setting.get("is_on", True) and chosen:
            parts.append(_shared(group, chosen, as_of))
    moved = 0
    for part in slices(pl.concat(parts)) if parts else ():
        with transaction.atomic():
            moved += _change_hands(actor, part, as_of, now, _("Reparto por regla"))
    if moved:
        fold(actor.organisation_id)
    return moved


def _brought_back(actor: Actor, user_id: int | None) -> pl.Expr:
    """The team to which a case placed outside comes back with that person; null for every other case."""
    own = [team.pk for team in access.teams(actor) if team.kind == OWN_TEAM]
    theirs = next((row.team_id for row in access.members(actor) if row.user_id == user_id), None)
    home = theirs if theirs in own else min(own, default=None)
    return pl.when(pl.col("team_id").is_in(own).not_()).then(pl.lit(home, pl.Int64))


def _candidates(members: Sequence[Any], setting: dict[str, Any], team_id: int | None) -> list[Any]:
    if users := setting.get("users"):
        return [row for row in members if row.user_id in users and row.role in WORKING_ROLES]
    for role in _BY_RULE:
        if able := [row for row in members if row.role == role]:
            return [row for row in able if row.team_id == team_id] or able
    return []


def _shared(group: pl.DataFrame, rows: Sequence[Any], as_of: date) -> pl.DataFrame:
    """Those of the group that change hands, with new_holder: present holders stay, covered ones too, the rest by rule."""
    members = _domain_members(rows)
    present = {member.key for member in members if member.is_present(as_of)}
    keep = [int(member.key) for member in members if member.key in present or member.stand_in in present]
    free = group.filter(pl.col("holder_id").is_null() | ~pl.col("holder_id").is_in(keep)).drop("portfolio_id")
    try:
        chosen = assign_all((str(pk) for pk in free["account_id"]), members, as_of)
    except NobodyAvailable:
        chosen = ()  # everybody is away: the team keeps the cases
    schema = {"account_id": pl.Int64, "new_holder": pl.Int64}
    found = pl.DataFrame(
        [(int(each.case_key), int(each.member)) for each in chosen], schema=schema, orient="row"
    )
    return free.join(found, on="account_id").with_columns(new_team="team_id")


def _domain_members(rows: Sequence[Any]) -> list[Member]:
    """Capacities become small weights in the same proportion; who stands in for others is among the candidates."""
    step = math.gcd(*(row.capacity for row in rows)) or 1
    users = {row.pk: row.user_id for row in rows}
    largest = max((row.capacity // step for row in rows), default=1)
    scale = max(math.ceil(largest / 20), 1)
    return [
        Member(
            str(row.user_id),
            weight=max(row.capacity // step // scale, 1) if row.capacity else 0,
            absences=(Period(row.absent_from_on, row.absent_until_on),) if row.absent_from_on else (),
            stand_in=str(users[row.stand_in_id]) if row.stand_in_id in users else None,
        )
        for row in rows
    ]


class HandOvers:
    """Cases that strategies give to others, in the order of `parties`, ready to be written part after part."""

    def __init__(self, *, actor: Actor, given: pl.DataFrame, as_of: date, now: datetime, reason: str) -> None:
        """`given`: party_id, case_id and to whom, user_id or team_id."""
        self.parties = given["party_id"]
        self._given, self._actor, self._as_of, self._now, self._reason = given, actor, as_of, now, reason

    def ready(self, begin: int, length: int) -> None:
        """Nothing is ready before it is known in whose hands they are."""

    def write(self, begin: int, length: int) -> None:
        """Give so many of them; a case in the hands of a person of another team leaves that person."""
        part = self._given.slice(begin, length).select("user_id", "team_id", account_id="case_id")
        held = _held(self._actor.organisation_id, among("account_id", part["account_id"].to_list()))
        after = held.join(part.rename({"team_id": "to_team"}), on="account_id").with_columns(
            new_holder="user_id", new_team=pl.coalesce("to_team", "team_id")
        )
        _change_hands(self._actor, after.drop("user_id", "to_team"), self._as_of, self._now, self._reason)


def _held(organisation_id: int, where: str, *more: str) -> pl.DataFrame:
    schema = {**_HELD, **dict.fromkeys(more, pl.Int64)}
    sql = f"SELECT {', '.join(schema)} FROM cases_case WHERE organisation_id = %s AND {where} ORDER BY account_id"
    return read_frame(sql, [organisation_id], schema)


def _change_hands(actor: Actor, after: pl.DataFrame, as_of: date, now: datetime, reason: str) -> int:
    """Write the holders that differ (account_id, holder_id, team_id, new_holder, new_team) with their history."""
    after = left_by_people(actor, after)
    moved = after.filter(
        pl.col("holder_id").ne_missing(pl.col("new_holder"))
        | pl.col("team_id").ne_missing(pl.col("new_team"))
    )
    if moved.is_empty():
        return 0
    with moving(actor.organisation_id, moved["account_id"].to_list()):
        frame = moved.select("account_id", holder_id="new_holder", team_id="new_team")
        update_from_frame(Case, frame, key="account_id", columns=["holder_id", "team_id"])
    place(actor=actor, moved=moved, as_of=as_of)
    write_frame(
        StageChange,
        moved.select(
            case_id="account_id",
            field=pl.lit("holder"),
            before=_holder_text("holder_id", "team_id"),
            after=_holder_text("new_holder", "new_team"),
            organisation_id=pl.lit(actor.organisation_id, pl.Int64),
            on=pl.lit(as_of),
            at=pl.lit(now),
            actor=pl.lit(actor.label),
            reason=pl.lit(reason[:200]),
        ),
    )
    audit.record(actor=actor, verb="cases.case.assign", object_type="case",
                 object_id=moved["account_id"][0] if moved.height == 1 else "many", now=now,
                 data={"cases": moved.height, "holders": moved["new_holder"].unique().to_list()})  # fmt: skip
    return moved.height


def _holder_text(holder: str, team: str) -> pl.Expr:
    user = pl.lit("user:") + pl.col(holder).cast(pl.String)
    return pl.coalesce(user, pl.lit("team:") + pl.col(team).cast(pl.String), pl.lit(""))


def _check_holder(actor: Actor, user_id: int | None, team_id: int | None) -> None:
    if user_id is None and team_id is None:
        raise NotAHolder(_("Elige una persona o un equipo: un caso abierto siempre tiene responsable."))
    if user_id is not None and not access.is_member(actor, user_id):
        raise NotAHolder(_("Esa persona no trabaja en esta organización."))
    if team_id is not None and team_id not in {team.pk for team in access.teams(actor)}:
        raise NotAHolder(_("Ese equipo no existe en esta organización."))
