"""The first person of an organisation, and the links by which the others choose their password."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aldia.access import entering, services
from aldia.access.actors import system
from aldia.access.models import Membership, Organisation
from aldia.access.permissions import NotAllowed, permissions_of
from tests.rooms.access.test_people import NOW, make_house

pytestmark = pytest.mark.django_db
MARTA = {"name": "Marta Ríos", "email": "marta@sol.example", "password": "lapacho-azul-9"}


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def joins(house: Organisation, email: str, role: str = "COLLECTOR") -> Membership:
    return services.add_member(actor=system(house.pk), email=email, name=email, role=role, now=NOW)


@pytest.mark.usefixtures("dist")
def test_the_first_person_makes_its_account_and_is_in_and_the_link_is_spent(client: Client) -> None:
    house = make_house()
    first = path_of(entering.first_link(house))
    page = client.get(first)
    assert page.status_code == 200
    assert house.name in page.content.decode()
    answer = client.post(first, MARTA)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    row = Membership.objects.of(house).get()
    assert (row.role, row.user.email) == ("ADMINISTRATOR", MARTA["email"])
    assert client.get("/ajustes/personas/").status_code == 200
    assert Client().get(first).status_code == 410
    assert entering.waiting() == []


@pytest.mark.usefixtures("dist")
@pytest.mark.parametrize("changed", [{"password": "corta"}, {"email": "marta"}, {"name": ""}])
def test_what_cannot_be_is_told_and_nobody_is_made(client: Client, changed: dict[str, str]) -> None:
    house = make_house()
    assert client.post(path_of(entering.first_link(house)), MARTA | changed).status_code == 422
    assert not Membership.objects.of(house).exists()


def test_a_link_of_another_key_or_of_long_ago_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    token = entering.first_link(make_house()).rstrip("/").rpartition("/")[2]
    with pytest.raises(entering.DoorClosed):
        entering.awaiting(token[:-2])
    monkeypatch.setattr(entering, "LIVES", timedelta(seconds=-1))
    with pytest.raises(entering.DoorClosed):
        entering.awaiting(token)


def test_an_account_of_another_house_opens_this_one_only_with_its_own_password() -> None:
    old, new = make_house("vieja"), make_house("nueva")
    told: dict[str, Any] = {**MARTA, "now": NOW}
    services.enter_first(token=_token(old), **told)
    with pytest.raises(services.UnableToAdd):
        services.enter_first(token=_token(new), **told | {"password": "otra-clave-9"})
    assert services.enter_first(token=_token(new), **told).memberships.count() == 2


def _token(house: Organisation) -> str:
    return entering.first_link(house).rstrip("/").rpartition("/")[2]


@pytest.mark.usefixtures("dist")
def test_a_member_chooses_its_password_by_its_link_once(client: Client) -> None:
    house = make_house()
    row = joins(house, "ana@sol.example")
    link = path_of(services.link_for(actor=system(house.pk), membership=row, now=NOW))
    form = client.get(link, follow=True)
    chosen = {"password1": "lapacho-verde-7", "password2": "lapacho-verde-7"}
    client.post(form.redirect_chain[-1][0], chosen)
    row.user.refresh_from_db()
    assert row.user.check_password("lapacho-verde-7")
    assert "ya no sirve" in Client().get(link, follow=True).content.decode()


def test_nobody_opens_by_it_the_door_of_another_house_nor_without_the_permission() -> None:
    mine, theirs = make_house("mia"), make_house("suya")
    joins(theirs, "ana@sol.example", "ADMINISTRATOR")
    row = joins(mine, "ana@sol.example")
    with pytest.raises(services.UnableToAdd):
        services.link_for(actor=system(mine.pk), membership=row, now=NOW)
    alone = joins(mine, "bruno@sol.example")
    collector = system(mine.pk).__class__(mine.pk, "ana", permissions=permissions_of("COLLECTOR"))
    with pytest.raises(NotAllowed):
        services.link_for(actor=collector, membership=alone, now=NOW)
