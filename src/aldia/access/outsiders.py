"""People and teams from outside: agencies with their terms and owner, and where each person may come in."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit, selectors
from aldia.access.actors import Actor
from aldia.access.models import Team, TeamKind
from aldia.access.permissions import Permission, Role


class UnableToAdd(Exception):
    """Raised when a person cannot become a member; says why."""


def check_place(actor: Actor, role: str, team_id: int | None, creditor_id: int | None) -> None:
    """One from outside is of an agency or of a creditor, and nobody else is. Raises UnableToAdd."""
    outside = {team.pk for team in selectors.outside_teams(actor)}
    if (role == Role.AGENCY) != (team_id in outside):
        raise UnableToAdd(_("Quien es de una agencia o estudio lleva el rol de agencia, y nadie más."))
    if (role == Role.CREDITOR) != (creditor_id is not None):
        raise UnableToAdd(_("Quien entra por un acreedor lleva el rol de acreedor, y dice de cuál es."))


def check_owns_nothing(actor: Actor, user_id: int) -> None:
    """Refuse to let go of somebody who answers for an agency. Raises UnableToAdd."""
    if owned := [team.name for team in selectors.outside_teams(actor) if team.owner_id == user_id]:
        raise UnableToAdd(
            _("Responde por lo entregado a %(name)s: elige antes a otra persona.") % {"name": owned[0]}
        )


@dataclass(frozen=True)
class OutsideTeam:
    """An agency, law firm or insurer: who in the house answers for what is placed with it, what it keeps of what it recovers
    (hundredths of a percent), and after how many days without activity it rings."""

    kind: str
    owner_id: int
    commission_hundredths: int = 0
    silent_days: int = 7


@transaction.atomic
def set_outside_team(*, actor: Actor, key: str, name: str, terms: OutsideTeam, now: datetime) -> Team:
    """Return the agency of that key, made or changed. Raises UnableToAdd without an owner of the house, NotAllowed."""
    actor.check(Permission.EDIT_PEOPLE)
    if terms.kind not in set(TeamKind.values) - {TeamKind.OWN}:
        raise UnableToAdd(_("Elige si es una agencia, un estudio o una aseguradora."))
    if not selectors.is_member(actor, terms.owner_id):
        raise UnableToAdd(_("Elige quién responde por esos casos: alguien que trabaja aquí."))
    mine = Team.objects.of(actor.organisation_id).filter(key=key)
    if mine.filter(kind=TeamKind.OWN).exists():
        raise UnableToAdd(_("«%(key)s» es un equipo propio: usa otra clave.") % {"key": key})
    team, _made = Team.objects.update_or_create(
        organisation_id=actor.organisation_id, key=key, defaults={"name": name, **dataclasses.asdict(terms)}
    )
    audit.record(
        actor=actor, verb="access.agency.set", object_type="team", object_id=team.pk, now=now,
        data=dataclasses.asdict(terms),
    )  # fmt: skip
    return team
