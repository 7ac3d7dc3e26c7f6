"""Two people never get the same next case, on a database where both really commit."""

import threading

import pytest
from django.db import connections

from aldia.access import services as access
from aldia.access.actors import Actor, member
from aldia.cases import services
from tests.rooms.cases.conftest import NOW, Room, make_room

pytestmark = pytest.mark.usefixtures("own_database")
PEOPLE = 6


@pytest.mark.covers("S3-23", "S3-56")
def test_people_who_ask_at_once_never_get_the_same_case() -> None:
    room = make_room("turnos")
    for number in range(PEOPLE * 2):
        room.owes(f"c{number}", 1_000_00, days_late=20)
    room.refresh()
    taken: list[int | None] = []
    start = threading.Barrier(PEOPLE)

    def work(actor: Actor) -> None:
        try:
            start.wait()
            for _turn in range(2):
                case_id = services.take_next(actor=actor, clock=room.clock())
                taken.append(case_id)
                services.set_next_step(
                    actor=actor,
                    case_id=case_id or 0,
                    text="Volver a llamar",
                    on=room.clock().as_of.replace(day=30),
                    now=NOW,
                )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(_collector(room, number),)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == PEOPLE * 2
    assert None not in taken


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
