"""Two people never get the same next case, on a database where both really commit."""

import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, member
from aldia.cases import services
from tests.rooms.cases.conftest import NOW, Room, make_room
from tests.waiting import at_once

pytestmark = pytest.mark.usefixtures("own_database")
PEOPLE = 6


@pytest.mark.covers("S3-23", "S3-56")
def test_people_who_ask_at_once_never_get_the_same_case() -> None:
    room = make_room("turnos")
    for number in range(PEOPLE * 2):
        room.owes(f"c{number}", 1_000_00, days_late=20)
    room.refresh()
    people = [_collector(room, number) for number in range(PEOPLE)]

    def take_two(number: int) -> list[int | None]:
        return [_take(room, people[number]), _take(room, people[number])]

    taken = [case_id for two in at_once(take_two, PEOPLE) for case_id in two]
    assert len(taken) == len(set(taken)) == PEOPLE * 2
    assert None not in taken


def _take(room: Room, actor: Actor) -> int | None:
    """Take the next case and put it off, so that another comes next."""
    case_id = services.take_next(actor=actor, clock=room.clock())
    services.set_next_step(
        actor=actor,
        case_id=case_id or 0,
        text="Volver a llamar",
        on=room.clock().as_of.replace(day=30),
        now=NOW,
    )
    return case_id


def _collector(room: Room, number: int) -> Actor:
    row = access.add_member(
        actor=room.system,
        email=f"p{number}@turnos.test",
        name=f"P{number}",
        role="COLLECTOR",
        team_id=room.ana.team_id,
        now=NOW,
    )
    return member(row.organisation_id, user_id=row.user_id, role=row.role, team_id=row.team_id)
