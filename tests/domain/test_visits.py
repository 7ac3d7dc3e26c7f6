"""A day on foot: what an address says, the order of a walk, and where a phone was."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.visits import BadPosition, Place, kind_of_place, place_of, read_position, walking_order


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("Av. Sabattini 2140, X5000 Córdoba", Place("X5000", "CORDOBA", "AV SABATTINI", 2140)),
        ("Rua das Flores 12, 80020-190 Curitiba", Place("80020-190", "CURITIBA", "RUA DAS FLORES", 12)),
        ("Plaza Mayor s/n, 28012 Madrid", Place("28012", "MADRID", "PLAZA MAYOR S N", 0)),
        ("Ruta 9", Place("", "", "RUTA", 9)),
        ("", Place("", "", "", 0)),
    ],
)
def test_an_address_says_its_postal_code_town_street_and_number(address: str, place: Place) -> None:
    assert place_of(address) == place


def test_one_walks_a_street_by_its_numbers_before_the_next_street() -> None:
    doors = [
        ("AR-X", "Mitre 900, 5000 X"),
        ("AR-C", "Z 1"),
        ("AR-X", ""),
        ("AR-X", "mitré 20, 5000 X"),
        ("AR-X", "Alem 5, 5000 X"),
    ]
    assert walking_order(doors, where=lambda door: door) == [doors[1], doors[4], doors[3], doors[0], doors[2]]


def test_a_position_is_read_with_its_instant_in_utc() -> None:
    found = read_position("-31.4167 -64.1833 12 2026-11-24T09:40:00-03:00")
    assert (found.latitude, found.accuracy_m, found.at) == (
        -31.4167,
        12,
        datetime(2026, 11, 24, 12, 40, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Su casa", "home"),
        ("Residência", "home"),
        ("Vivienda", "home"),
        ("Trabajo", "workplace"),
        ("Negocio", "workplace"),
        ("Local comercial", "workplace"),
        ("Fábrica", "workplace"),
        ("Loja do centro", "workplace"),
        ("Employer", "workplace"),
        ("Casa y negocio", "workplace"),  # both: the stricter of the two
        ("Pagos", None),
        ("", None),
    ],
)
def test_the_label_of_an_address_says_what_place_it_is(label: str, kind: str | None) -> None:
    assert kind_of_place(label) == kind


NOWHERE = (
    "nan 0 1 2026-11-24T00:00Z",
    "0 181 1 2026-11-24T00:00Z",
    "0 0 1 2026-11-24",
    "0 0 -1 2026-11-24T00:00Z",
)


@given(st.text(max_size=60) | st.sampled_from(NOWHERE))
def test_what_is_no_position_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(BadPosition):
        read_position(text)
