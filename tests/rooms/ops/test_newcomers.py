"""The commands of who begins: an organisation of its own, its people, and their links."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aldia.access.models import Membership, Organisation
from aldia.ops import newcomers

pytestmark = pytest.mark.django_db


def run(*words: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*words, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def founded() -> dict[str, Any]:
    return run("organisation", "Distribuidora  Sol", "--country", "cl", "--currency", "clp")


def test_an_organisation_is_made_whole_and_its_first_link_is_told_until_somebody_enters() -> None:
    made = founded()
    assert (made["key"], made["name"]) == ("distribuidora-sol", "Distribuidora Sol")
    row = Organisation.objects.get()
    assert (row.country, row.currency, row.timezone, row.is_sandbox) == (
        "CL",
        "CLP",
        "America/Santiago",
        True,
    )
    (listed,) = run("organisation")["organisations"]
    assert "/primera-vez/" in made["first_link"] and "/primera-vez/" in listed["first_link"]
    run("user", "ana@sol.example")
    assert run("organisation")["organisations"][0]["first_link"] is None


@pytest.mark.parametrize(
    ("country", "home"),
    [("AR", ("es_AR", "America/Argentina/Buenos_Aires")), ("PT", ("pt_PT", "Europe/Lisbon")), ("HN", ("es_HN", "America/Tegucigalpa")),
     ("IT", ("it_IT", "Europe/Rome")), ("XX", None), ("", None)],
)  # fmt: skip
def test_each_country_has_its_formats_and_its_hour(country: str, home: tuple[str, str] | None) -> None:
    assert newcomers.home_of(country) == home


@pytest.mark.parametrize(
    "words",
    [("Sol",), ("Sol", "--country", "XX", "--currency", "USD"), ("Sol", "--country", "AR", "--currency", "pesos?"),
     ("Distribuidora Sol", "--country", "AR", "--currency", "ARS"), ("¡!", "--country", "AR", "--currency", "ARS")],
)  # fmt: skip
def test_what_is_missing_is_named_and_nothing_is_made(words: tuple[str, ...]) -> None:
    founded()
    with pytest.raises(CommandError, match="--"):
        run("organisation", *words)
    assert Organisation.objects.count() == 1


def test_a_person_is_added_once_and_gets_a_link_each_time() -> None:
    founded()
    first = run("user", "Ana@Sol.example", "--name", "Ana Paz", "--role", "COLLECTOR")
    again = run("user", "ana@sol.example")
    assert [first["is_new"], again["is_new"], again["role"]] == [True, False, "COLLECTOR"]
    assert "/cuenta/password/reset/key/" in again["link"]
    assert Membership.objects.across_organisations().get().user.name == "Ana Paz"
    with pytest.raises(CommandError, match="correo"):
        run("user", "ana")


def test_who_works_elsewhere_too_is_added_and_keeps_its_password() -> None:
    founded()
    run("user", "ana@sol.example")
    run("organisation", "Sur", "--country", "AR", "--currency", "ARS")
    told = run("user", "ana@sol.example", "--organisation", "sur")
    assert (told["is_new"], told["link"]) == (True, None)
    assert Membership.objects.across_organisations().count() == 2
